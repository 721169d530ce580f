#include "replay/replay_buffer.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/format.h"
#include "replay/frame_store.h"
#include "replay/prioritized_replay.h"
#include "replay/row_store.h"
#include "replay/uniform_replay.h"

namespace ludus::replay {
namespace {

const ReplayOptions& checked(const ReplayOptions& options) {
  if (options.capacity == 0 || options.observation_size == 0 || options.action_size == 0) {
    throw InvalidArgument(
        formatted("replay buffer: capacity, observation_size and action_size must be positive, got {}, {} and {}",
                  options.capacity, options.observation_size, options.action_size));
  }
  if (replay_bytes(options) > static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max())) {
    throw InvalidArgument(
        formatted("replay buffer: no machine can hold a capacity of {}; lower the capacity", options.capacity));
  }
  return options;
}

std::unique_ptr<ObservationStore> make_store(const ReplayOptions& options) {
  if (options.frame_size == 0) return std::make_unique<RowStore>(options.capacity, options.observation_size);
  return std::make_unique<FrameStore>(options.capacity, options.observation_size, options.frame_size);
}

// Copies row `from` of one array to row `to` of another.
void copy_row(const std::vector<float>& rows, std::size_t from, std::span<float> others, std::size_t to,
              std::size_t width) {
  std::copy_n(rows.data() + from * width, width, others.data() + to * width);
}

}  // namespace

ReplayBuffer::ReplayBuffer(const ReplayOptions& options)
    : options_(checked(options)),
      observations_(make_store(options)),
      actions_(options.capacity * options.action_size),
      rewards_(options.capacity),
      terminated_(options.capacity),
      discounts_(options.capacity) {}

void ReplayBuffer::add(const Transition& transition) {
  if (transition.observation.size() != options_.observation_size ||
      transition.next_observation.size() != options_.observation_size ||
      transition.action.size() != options_.action_size) {
    throw InvalidArgument(formatted(
        "replay buffer: observation, next_observation and action must have sizes {}, {} and {}, got {}, {} and {}",
        options_.observation_size, options_.observation_size, options_.action_size, transition.observation.size(),
        transition.next_observation.size(), transition.action.size()));
  }
  const std::size_t slot = next_;
  while (!observations_->put(slot, transition.observation, transition.next_observation)) forget_oldest();
  std::ranges::copy(transition.action, actions_.begin() + static_cast<std::ptrdiff_t>(slot * options_.action_size));
  rewards_[slot] = transition.reward;
  terminated_[slot] = transition.terminated ? 1.0f : 0.0f;
  discounts_[slot] = transition.discount;
  next_ = (next_ + 1) % capacity();
  size_ = std::min(size_ + 1, capacity());
  stored(slot);
}

void ReplayBuffer::forget_oldest() {
  assert(size_ > 0);  // a store has room for at least one pair
  const std::size_t slot = slot_of(0);
  observations_->release(slot);
  --size_;
  forgotten(slot);
}

void ReplayBuffer::sample(std::size_t n, Generator& generator, Batch& out) const {
  if (size_ == 0) throw InvalidArgument("replay buffer: must not be empty when sampling; add transitions first");
  const std::size_t width = options_.observation_size;
  out.size = n;
  out.observations.resize(n * width);
  out.next_observations.resize(n * width);
  out.actions.resize(n * options_.action_size);
  for (auto* numbers : {&out.rewards, &out.terminated, &out.discounts, &out.weights}) numbers->resize(n);
  out.slots.resize(n);
  draw(n, generator, out);
  for (std::size_t k = 0; k < n; ++k) {
    const std::size_t slot = out.slots[k];
    observations_->get(slot, std::span<float>(out.observations).subspan(k * width, width),
                       std::span<float>(out.next_observations).subspan(k * width, width));
    copy_row(actions_, slot, out.actions, k, options_.action_size);
    out.rewards[k] = rewards_[slot];
    out.terminated[k] = terminated_[slot];
    out.discounts[k] = discounts_[slot];
  }
}

void ReplayBuffer::update_priorities(std::span<const std::size_t>, std::span<const float>) {}

void ReplayBuffer::set_beta(double) {}

Slots ReplayBuffer::slots(std::size_t size, std::size_t next) const {
  std::vector<std::size_t> slots(size);
  for (std::size_t age = 0; age < size; ++age) slots[age] = (next + capacity() - size + age) % capacity();
  return std::make_shared<const std::vector<std::size_t>>(std::move(slots));
}

void ReplayBuffer::write_state(StateWriter& state) const {
  state("prioritized", options_.priorities.has_value());
  state("capacity", capacity());
  state("size", size_);
  state("next", next_);
  const Slots used = slots(size_, next_);
  const auto write = [&](const char* name, const std::vector<float>& rows, std::size_t width, const Shape& shape) {
    Array saved(DType::kFloat32, shape);
    for (std::size_t i = 0; i < size_; ++i) copy_row(rows, (*used)[i], saved.data<float>(), i, width);
    state(name, std::move(saved));
  };
  const Shape rows{static_cast<std::int64_t>(size_)};
  write("actions", actions_, options_.action_size, rows.appended(static_cast<std::int64_t>(options_.action_size)));
  write("rewards", rewards_, 1, rows);
  write("terminated", terminated_, 1, rows);
  write("discounts", discounts_, 1, rows);
  observations_->write_state(used, state);
  write_priorities(used, state);
}

void ReplayBuffer::read_state(StateReader& state) {
  const bool prioritized = state.get<bool>("prioritized");
  const auto saved_capacity = state.get<std::size_t>("capacity");
  const auto size = state.get<std::size_t>("size"), next = state.get<std::size_t>("next");
  state.check([&] {
    if (prioritized != options_.priorities.has_value()) {
      throw TypeMismatch(formatted("the replay buffer must be {}, got a {} one",
                                   prioritized ? "uniform" : "prioritized", prioritized ? "prioritized" : "uniform"));
    }
    if (saved_capacity != capacity() || size > capacity() || next >= capacity()) {
      throw TypeMismatch(formatted("the replay buffer must have the capacity {}, got {} with {} transitions",
                                   capacity(), saved_capacity, size));
    }
  });
  const Slots used = slots(size, next);
  const auto read = [&](const char* name, std::vector<float>& rows, std::size_t width, const Shape& shape) {
    const auto saved = state.numbers<float>(name, shape);
    state.at_commit([used, saved, width, &rows] {
      for (std::size_t i = 0; i < used->size(); ++i) {
        std::copy_n(saved.data() + i * width, width, rows.data() + (*used)[i] * width);
      }
    });
  };
  const Shape rows{static_cast<std::int64_t>(size)};
  read("actions", actions_, options_.action_size, rows.appended(static_cast<std::int64_t>(options_.action_size)));
  read("rewards", rewards_, 1, rows);
  read("terminated", terminated_, 1, rows);
  read("discounts", discounts_, 1, rows);
  observations_->read_state(used, state);
  read_priorities(used, state);
  state.at_commit([this, size, next] {
    size_ = size;
    next_ = next;
  });
}

std::unique_ptr<ReplayBuffer> make_replay_buffer(const ReplayOptions& options) {
  if (options.priorities) return std::make_unique<PrioritizedReplay>(options);
  return std::make_unique<UniformReplay>(options);
}

double replay_bytes(const ReplayOptions& options) {
  const auto capacity = static_cast<double>(options.capacity);
  const double columns = sizeof(float) * capacity * (static_cast<double>(options.action_size) + 3);
  const double observations = options.frame_size == 0
                                  ? RowStore::bytes(options.capacity, options.observation_size)
                                  : FrameStore::bytes(options.capacity, options.observation_size, options.frame_size);
  return columns + observations + (options.priorities ? SumTree::bytes(options.capacity) : 0.0);
}

}  // namespace ludus::replay
