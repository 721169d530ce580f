#include "replay/replay_buffer.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <limits>
#include <string>

#include "base/error.h"
#include "replay/frame_store.h"
#include "replay/prioritized_replay.h"
#include "replay/row_store.h"
#include "replay/saved_numbers.h"
#include "replay/uniform_replay.h"

namespace ludus::replay {
namespace {

const ReplayOptions& checked(const ReplayOptions& options) {
  if (options.capacity == 0 || options.observation_size == 0 || options.action_size == 0) {
    throw InvalidArgument("a replay memory needs a positive capacity and positive sizes, and was given capacity " +
                          std::to_string(options.capacity) + ", observations of " +
                          std::to_string(options.observation_size) + " numbers and actions of " +
                          std::to_string(options.action_size));
  }
  if (replay_bytes(options) > static_cast<double>(std::numeric_limits<std::ptrdiff_t>::max())) {
    throw InvalidArgument("no machine can hold a replay memory of capacity " + std::to_string(options.capacity) +
                          "; lower the capacity");
  }
  return options;
}

std::unique_ptr<ObservationStore> make_store(const ReplayOptions& options) {
  if (options.frame_size == 0) return std::make_unique<RowStore>(options.capacity, options.observation_size);
  return std::make_unique<FrameStore>(options.capacity, options.observation_size, options.frame_size);
}

// Row `from` of some rows becomes row `to` of others.
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
    throw InvalidArgument("a replay memory for observations of " + std::to_string(options_.observation_size) +
                          " numbers and actions of " + std::to_string(options_.action_size) + " was given " +
                          std::to_string(transition.observation.size()) + ", then " +
                          std::to_string(transition.next_observation.size()) + ", and " +
                          std::to_string(transition.action.size()));
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
  assert(size_ > 0);  // a store has room for one pair at least
  const std::size_t slot = slot_of(0);
  observations_->release(slot);
  --size_;
  forgotten(slot);
}

void ReplayBuffer::sample(std::size_t n, Generator& generator, Batch& out) const {
  if (size_ == 0) throw InvalidArgument("a batch was asked of an empty replay memory");
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

std::vector<std::size_t> ReplayBuffer::used_slots() const {
  std::vector<std::size_t> slots(size_);
  for (std::size_t age = 0; age < size_; ++age) slots[age] = slot_of(age);
  return slots;
}

Dict ReplayBuffer::state() const {
  const std::vector<std::size_t> slots = used_slots();
  Dict state;
  const auto put = [&](const char* name, const std::vector<float>& rows, std::size_t width) {
    Array used(DType::kFloat32, {static_cast<std::int64_t>(size_), static_cast<std::int64_t>(width)});
    for (std::size_t i = 0; i < size_; ++i) copy_row(rows, slots[i], used.data<float>(), i, width);
    state[name] = std::move(used);
  };
  put("actions", actions_, options_.action_size);
  put("rewards", rewards_, 1);
  put("terminated", terminated_, 1);
  put("discounts", discounts_, 1);
  observations_->save(slots, state);
  save(slots, state);
  state["capacity"] = static_cast<std::int64_t>(capacity());
  state["size"] = static_cast<std::int64_t>(size_);
  state["next"] = static_cast<std::int64_t>(next_);
  return state;
}

void ReplayBuffer::restore(const Dict& state) {
  const auto saved_capacity = static_cast<std::size_t>(state.at("capacity").as_int());
  const auto saved_size = static_cast<std::size_t>(state.at("size").as_int());
  const auto saved_next = static_cast<std::size_t>(state.at("next").as_int());
  if (saved_capacity != capacity() || saved_size > capacity() || saved_next >= capacity()) {
    throw TypeMismatch("a saved replay memory of capacity " + std::to_string(saved_capacity) + " with " +
                       std::to_string(saved_size) + " transitions cannot be restored into one of capacity " +
                       std::to_string(capacity()));
  }
  size_ = saved_size;
  next_ = saved_next;
  const std::vector<std::size_t> slots = used_slots();
  const auto take = [&](const char* name, std::vector<float>& rows, std::size_t width) {
    const auto used = saved_numbers<float>(state, name, size_ * width);
    for (std::size_t i = 0; i < size_; ++i) {
      std::copy_n(used.data() + i * width, width, rows.data() + slots[i] * width);
    }
  };
  take("actions", actions_, options_.action_size);
  take("rewards", rewards_, 1);
  take("terminated", terminated_, 1);
  take("discounts", discounts_, 1);
  observations_->restore(slots, state);
  load(slots, state);
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
