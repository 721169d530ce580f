#include "envs/registry/async_pool.h"

#include <algorithm>
#include <numeric>
#include <system_error>

#include "base/format.h"
#include "base/state_fields.h"
#include "envs/vector/action_rows.h"
#include "envs/vector/vector_env_base.h"

namespace ludus::envs {
namespace {

// Copies row 0 of `one`, the info of a vector environment with one environment, to row k of the info of M.
void place_info(Dict& batch, std::size_t m, std::size_t k, const Dict& one) {
  for (const auto& [key, value] : one) {
    Value& entry = batch[key];
    if (value.is_dict()) {
      if (entry.is_null()) entry = Dict();
      place_info(entry.as_dict(), m, k, value.as_dict());
    } else if (value.is_list()) {
      if (entry.is_null()) entry = List(m);
      entry.as_list().at(k) = value.as_list().at(0);
    } else {
      const Array& row = value.as_array();
      if (entry.is_null()) {
        std::vector<std::int64_t> extents(row.shape().begin(), row.shape().end());
        extents.at(0) = static_cast<std::int64_t>(m);
        entry = Array(row.dtype(), Shape(extents));
      }
      place_info_row(entry.as_array(), m, k, row, key);
    }
  }
}

}  // namespace

AsyncPool::AsyncPool(std::vector<VectorEnvPtr> envs, std::size_t batch_size, std::size_t threads)
    : batch_size_(batch_size == 0 ? envs.size() : batch_size), mode_(float_mode()) {
  if (envs.empty()) throw InvalidArgument("AsyncPool: needs at least one environment, got 0");
  if (batch_size_ > envs.size()) {
    throw InvalidArgument(formatted("AsyncPool: batch_size must not exceed the number of environments, {}, got {}",
                                    envs.size(), batch_size_));
  }
  for (const VectorEnvPtr& env : envs) {
    if (env->num_envs() != 1) {
      throw InvalidArgument(
          formatted("AsyncPool: each vector environment must hold one environment, got one with {}", env->num_envs()));
    }
    if (!env->single_observation_space().equals(envs[0]->single_observation_space()) ||
        !env->single_action_space().equals(envs[0]->single_action_space()) ||
        env->autoreset_mode() != envs[0]->autoreset_mode()) {
      throw InvalidArgument(formatted(
          "AsyncPool: all environments must have equal spaces and autoreset modes, those of {} differ from those "
          "of {}",
          env->spec().id, envs[0]->spec().id));
    }
  }

  slots_.resize(envs.size());
  for (std::size_t i = 0; i < envs.size(); ++i) {
    slots_[i].env = std::move(envs[i]);
    slots_[i].discrete.resize(slots_[i].env->action_size());
    slots_[i].continuous.resize(slots_[i].env->action_size());
  }
  all_ids_.resize(slots_.size());
  std::iota(all_ids_.begin(), all_ids_.end(), std::size_t{0});
  scratch_.resize(slots_[0].env->action_size());
  seen_.resize(slots_.size());
  queue_.resize(slots_.size());
  ready_.reserve(slots_.size());

  const std::size_t row = slots_[0].env->observation_size();
  result_.env_ids.resize(batch_size_);
  for (auto* rows : {&result_.observations, &result_.final_observations}) rows->resize(batch_size_ * row);
  result_.rewards.resize(batch_size_);
  for (auto* flags : {&result_.terminated, &result_.truncated, &result_.has_final, &result_.was_reset}) {
    flags->resize(batch_size_);
  }

  if (threads == 0) threads = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  threads = std::min(threads, slots_.size());
  try {
    for (std::size_t k = 0; k < threads; ++k) workers_.emplace_back([this] { run_worker(); });
  } catch (const std::system_error& error) {
    stop_workers();
    throw WorkError(
        formatted("AsyncPool: the system cannot start {} threads ({}); use fewer threads", threads, error.what()));
  }
}

AsyncPool::~AsyncPool() {
  stop_workers();
}

void AsyncPool::stop_workers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_available_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void AsyncPool::async_reset(std::optional<std::uint64_t> seed, const Dict& options) {
  async_reset(all_ids_, seed, options);
}

void AsyncPool::async_reset(std::span<const std::size_t> env_ids, std::optional<std::uint64_t> seed,
                            const Dict& options) {
  check_idle(env_ids);
  if (options.contains("reset_mask")) {
    throw InvalidArgument("async_reset: reset_mask is not supported; select the environments by env_ids");
  }
  for (const std::size_t i : env_ids) {
    Slot& slot = slots_[i];
    slot.call = Call::kReset;
    slot.seed = seed ? std::optional<std::uint64_t>(*seed + i) : std::nullopt;
    slot.options = options;
    slot.started = true;
  }
  enqueue(env_ids);
}

void AsyncPool::send(ActionView actions, std::span<const std::size_t> env_ids) {
  actions.visit([&](auto numbers) { send_rows(numbers, env_ids); });
}

template <class T>
void AsyncPool::send_rows(std::span<const T> actions, std::span<const std::size_t> env_ids) {
  const std::size_t size = scratch_.size();
  check_idle(env_ids);
  if (actions.size() != env_ids.size() * size) {
    throw InvalidAction(formatted("{}: actions for {} environments must have {} numbers, got {}", spec().id,
                                  env_ids.size(), env_ids.size() * size, actions.size()));
  }

  // all actions are checked before any is sent
  for (std::size_t k = 0; k < env_ids.size(); ++k) {
    const Slot& slot = slots_[env_ids[k]];
    const bool ended = slot.env->last().terminated[0] || slot.env->last().truncated[0];
    if (!slot.started) {
      throw ResetNeeded(formatted("environment {} has not been reset; call async_reset() first", env_ids[k]));
    }
    if (autoreset_mode() == AutoresetMode::kDisabled && ended) {
      throw ResetNeeded(formatted(
          "the episode of environment {} has ended and autoreset is disabled; call async_reset() first", env_ids[k]));
    }
    const bool ignored = autoreset_mode() == AutoresetMode::kNextStep && ended;
    if (!ignored && !takes_action(single_action_space(), actions.subspan(k * size, size), scratch_)) {
      throw InvalidAction(formatted("row {} of the batch is not an action of {}; its action space is {}", k, spec().id,
                                    single_action_space().to_string()));
    }
  }

  for (std::size_t k = 0; k < env_ids.size(); ++k) {
    Slot& slot = slots_[env_ids[k]];
    const std::span<const T> row = actions.subspan(k * size, size);
    if constexpr (std::is_same_v<T, float>) {
      slot.call = Call::kContinuous;
      std::copy(row.begin(), row.end(), slot.continuous.begin());
    } else {
      slot.call = Call::kDiscrete;
      std::copy(row.begin(), row.end(), slot.discrete.begin());
    }
  }
  enqueue(env_ids);
}

void AsyncPool::check_idle(std::span<const std::size_t> env_ids) const {
  std::fill(seen_.begin(), seen_.end(), false);
  for (const std::size_t i : env_ids) {
    if (i >= slots_.size()) {
      throw InvalidArgument(formatted("env_ids must be between 0 and {}, got {}", slots_.size() - 1, i));
    }
    if (seen_[i]) throw InvalidArgument(formatted("env_ids must be distinct, got {} twice", i));
    seen_[i] = true;
    if (slots_[i].pending) {
      throw AlreadyPendingCall(formatted("environment {} has a pending call; recv() its result first", i));
    }
  }
}

void AsyncPool::enqueue(std::span<const std::size_t> env_ids) {
  {
    const std::lock_guard lock(mutex_);
    for (const std::size_t i : env_ids) {
      slots_[i].pending = true;
      queue_[(queue_first_ + queue_count_++) % queue_.size()] = i;
    }
  }
  pending_ += env_ids.size();
  for (std::size_t k = 0; k < std::min(env_ids.size(), workers_.size()); ++k) work_available_.notify_one();
}

void AsyncPool::run_worker() {
  set_float_mode(mode_);
  std::unique_lock lock(mutex_);
  for (;;) {
    work_available_.wait(lock, [this] { return stopping_ || queue_count_ > 0; });
    if (stopping_) return;
    const std::size_t i = queue_[queue_first_];
    queue_first_ = (queue_first_ + 1) % queue_.size();
    --queue_count_;

    lock.unlock();
    slots_[i].run_call();
    lock.lock();
    ready_.push_back(i);
    if (ready_.size() >= batch_size_) batch_ready_.notify_one();
  }
}

void AsyncPool::Slot::run_call() noexcept {
  try {
    switch (call) {
      case Call::kReset: env->reset(seed, options); return;
      case Call::kDiscrete: env->step(discrete); return;
      case Call::kContinuous: env->step(continuous); return;
    }
  } catch (...) {
    error = std::current_exception();
  }
}

const PoolStep& AsyncPool::recv() {
  if (pending_ < batch_size_) {
    throw NoAsyncCall(formatted("recv: needs {} pending environments, got {}; send() to more or reduce batch_size",
                                batch_size_, pending_));
  }
  {
    std::unique_lock lock(mutex_);
    batch_ready_.wait(lock, [this] { return ready_.size() >= batch_size_; });
    const auto last = ready_.begin() + static_cast<std::ptrdiff_t>(batch_size_);
    const auto failed =
        std::find_if(ready_.begin(), last, [this](std::size_t i) { return slots_[i].error != nullptr; });
    if (failed != last) {
      const std::size_t i = *failed;
      ready_.erase(failed);
      --pending_;
      slots_[i].pending = false;
      slots_[i].started = false;
      try {
        rethrow_from_slot(slots_.size(), i, std::exchange(slots_[i].error, nullptr));
      } catch (const std::exception& named) {
        throw EnvironmentFailed(i, named.what());
      }
    }
    std::copy(ready_.begin(), last, result_.env_ids.begin());
    ready_.erase(ready_.begin(), last);
  }
  pending_ -= batch_size_;

  // these environments have no pending call, no thread writes to their buffers
  if (!result_.info.empty()) result_.info.clear();
  const std::size_t row = slots_[0].env->observation_size();
  const auto copy_row = [row](const std::vector<float>& from, std::vector<float>& to, std::size_t k) {
    std::copy(from.begin(), from.end(), to.begin() + static_cast<std::ptrdiff_t>(k * row));
  };
  for (std::size_t k = 0; k < batch_size_; ++k) {
    Slot& slot = slots_[result_.env_ids[k]];
    slot.pending = false;
    const VectorStep& one = slot.env->last();
    copy_row(one.observations, result_.observations, k);
    copy_row(one.final_observations, result_.final_observations, k);
    result_.rewards[k] = one.rewards[0];
    result_.terminated[k] = one.terminated[0];
    result_.truncated[k] = one.truncated[0];
    result_.has_final[k] = one.has_final[0];
    result_.was_reset[k] = slot.call == Call::kReset ? 1 : one.was_reset[0];
    if (!one.info.empty()) place_info(result_.info, batch_size_, k, one.info);
  }
  return result_;
}

const VectorStep& AsyncPool::last(std::size_t env_id) const {
  check_idle({&env_id, 1});
  return slots_[env_id].env->last();
}

void AsyncPool::check_none_pending() const {
  if (pending_ == 0) return;
  throw AlreadyPendingCall(formatted(
      "{} environments of the pool have pending calls; recv() them before get_state() or set_state()", pending_));
}

std::vector<std::uint8_t> AsyncPool::started() const {
  std::vector<std::uint8_t> started;
  for (const Slot& slot : slots_) started.push_back(slot.started);
  return started;
}

Value AsyncPool::get_state() const {
  check_none_pending();
  Dict state;
  StateWriter visit(state);
  visit("started", started());
  for (std::size_t i = 0; i < slots_.size(); ++i) visit(formatted("envs/{}", i), *slots_[i].env);
  return state;
}

void AsyncPool::set_state(const Value& state) {
  check_none_pending();
  StateReader visit(state.as_dict());
  visit.property("started", started(), [&](const std::vector<std::uint8_t>& started) {
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].started = started[i] != 0;
  });
  for (std::size_t i = 0; i < slots_.size(); ++i) visit(formatted("envs/{}", i), *slots_[i].env);
  visit.commit();
}

AsyncPool make_pool(std::string_view id, std::size_t num_envs, const PoolOptions& options, const Dict& kwargs) {
  if (options.vector.threads > 1) {
    throw InvalidArgument(formatted("PoolOptions: vector.threads must be 1, got {}; set the threads of the pool",
                                    options.vector.threads));
  }
  VectorOptions one = options.vector;
  std::vector<VectorEnvPtr> envs;
  for (std::size_t i = 0; i < num_envs; ++i) {
    envs.push_back(make_vec(id, 1, one, kwargs));
    one.warn = ignore_warnings;  // warn only once
  }
  return AsyncPool(std::move(envs), options.batch_size, options.threads);
}

}  // namespace ludus::envs
