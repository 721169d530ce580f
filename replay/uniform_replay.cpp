#include "replay/uniform_replay.h"

#include <algorithm>

namespace ludus::replay {
namespace {

std::size_t row_floats(std::size_t observation_size, std::size_t action_size) {
  return 2 * observation_size + action_size + 2;
}

}  // namespace

UniformReplay::UniformReplay(std::size_t capacity, std::size_t observation_size, std::size_t action_size)
    : capacity_(capacity), observation_size_(observation_size), action_size_(action_size) {
  if (capacity == 0 || observation_size == 0 || action_size == 0) {
    throw InvalidArgument("a replay memory needs a positive capacity and positive sizes, and was given capacity " +
                          std::to_string(capacity) + ", observations of " + std::to_string(observation_size) +
                          " numbers and actions of " + std::to_string(action_size));
  }
  observations_.resize(capacity * observation_size);
  next_observations_.resize(capacity * observation_size);
  actions_.resize(capacity * action_size);
  rewards_.resize(capacity);
  terminated_.resize(capacity);
}

std::size_t UniformReplay::bytes_for(std::size_t capacity, std::size_t observation_size, std::size_t action_size) {
  return capacity * row_floats(observation_size, action_size) * sizeof(float);
}

void UniformReplay::add(std::span<const float> observation, std::span<const float> action, float reward,
                        std::span<const float> next_observation, bool terminated) {
  const auto put = [&](std::span<const float> row, std::vector<float>& rows) {
    std::copy(row.begin(), row.end(), rows.begin() + static_cast<std::ptrdiff_t>(next_ * row.size()));
  };
  put(observation, observations_);
  put(action, actions_);
  put(next_observation, next_observations_);
  rewards_[next_] = reward;
  terminated_[next_] = terminated ? 1.0f : 0.0f;
  next_ = (next_ + 1) % capacity_;
  size_ = std::min(size_ + 1, capacity_);
}

void UniformReplay::sample(std::size_t n, envs::Generator& generator, Batch& out) const {
  if (size_ == 0) throw InvalidArgument("a batch was asked of an empty replay memory");
  out.size = n;
  out.observations.resize(n * observation_size_);
  out.next_observations.resize(n * observation_size_);
  out.actions.resize(n * action_size_);
  out.rewards.resize(n);
  out.terminated.resize(n);
  for (std::size_t k = 0; k < n; ++k) {
    const auto i = static_cast<std::size_t>(generator.integers(static_cast<std::int64_t>(size_)));
    const auto take = [&](const std::vector<float>& rows, std::vector<float>& to, std::size_t width) {
      std::copy_n(rows.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                  to.begin() + static_cast<std::ptrdiff_t>(k * width));
    };
    take(observations_, out.observations, observation_size_);
    take(next_observations_, out.next_observations, observation_size_);
    take(actions_, out.actions, action_size_);
    out.rewards[k] = rewards_[i];
    out.terminated[k] = terminated_[i];
  }
}

Dict UniformReplay::state() const {
  // only the rows in use: the rest is zeros
  const auto used = [&](const std::vector<float>& rows, std::size_t width) {
    return Array::of(std::span<const float>(rows.data(), size_ * width),
                     Shape{static_cast<std::int64_t>(size_), static_cast<std::int64_t>(width)});
  };
  return {{"observations", used(observations_, observation_size_)},
          {"actions", used(actions_, action_size_)},
          {"rewards", used(rewards_, 1)},
          {"next_observations", used(next_observations_, observation_size_)},
          {"terminated", used(terminated_, 1)},
          {"next", static_cast<std::int64_t>(next_)},
          {"capacity", static_cast<std::int64_t>(capacity_)}};
}

void UniformReplay::restore(const Dict& state) {
  const auto capacity = static_cast<std::size_t>(state.at("capacity").as_int());
  const auto rows = static_cast<std::size_t>(state.at("observations").as_array().shape()[0]);
  const auto next = static_cast<std::size_t>(state.at("next").as_int());
  if (capacity != capacity_ || rows > capacity_ || next >= capacity_ || (rows < capacity_ && next != rows)) {
    throw TypeMismatch("a saved replay memory of capacity " + std::to_string(capacity) +
                       " cannot be restored into one of capacity " + std::to_string(capacity_));
  }
  const auto fill = [&](std::string_view name, std::vector<float>& to, std::size_t width) {
    const auto numbers = state.at(name).as_array().data<float>();
    if (numbers.size() != rows * width) {
      throw TypeMismatch("a saved replay memory has " + std::to_string(numbers.size()) + " numbers of " +
                         std::string(name) + " where " + std::to_string(rows * width) + " are expected");
    }
    std::copy(numbers.begin(), numbers.end(), to.begin());
  };
  fill("observations", observations_, observation_size_);
  fill("actions", actions_, action_size_);
  fill("rewards", rewards_, 1);
  fill("next_observations", next_observations_, observation_size_);
  fill("terminated", terminated_, 1);
  size_ = rows;
  next_ = next;
}

}  // namespace ludus::replay
