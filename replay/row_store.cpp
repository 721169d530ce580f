#include "replay/row_store.h"

#include <algorithm>
#include <cstdint>

#include "replay/saved_numbers.h"

namespace ludus::replay {

RowStore::RowStore(std::size_t capacity, std::size_t observation_size)
    : width_(observation_size),
      observations_(capacity * observation_size),
      next_observations_(capacity * observation_size) {}

double RowStore::bytes(std::size_t capacity, std::size_t observation_size) {
  return 2.0 * sizeof(float) * static_cast<double>(capacity) * static_cast<double>(observation_size);
}

bool RowStore::put(std::size_t slot, std::span<const float> observation, std::span<const float> next_observation) {
  std::copy_n(observation.data(), width_, observations_.data() + slot * width_);
  std::copy_n(next_observation.data(), width_, next_observations_.data() + slot * width_);
  return true;
}

void RowStore::get(std::size_t slot, std::span<float> observation, std::span<float> next_observation) const {
  std::copy_n(observations_.data() + slot * width_, width_, observation.data());
  std::copy_n(next_observations_.data() + slot * width_, width_, next_observation.data());
}

void RowStore::save(std::span<const std::size_t> slots, Dict& state) const {
  const Shape shape{static_cast<std::int64_t>(slots.size()), static_cast<std::int64_t>(width_)};
  Array observations(DType::kFloat32, shape), next_observations(DType::kFloat32, shape);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    get(slots[i], observations.data<float>().subspan(i * width_, width_),
        next_observations.data<float>().subspan(i * width_, width_));
  }
  state["observations"] = std::move(observations);
  state["next_observations"] = std::move(next_observations);
}

void RowStore::restore(std::span<const std::size_t> slots, const Dict& state) {
  const auto observations = saved_numbers<float>(state, "observations", slots.size() * width_);
  const auto next_observations = saved_numbers<float>(state, "next_observations", slots.size() * width_);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    put(slots[i], observations.subspan(i * width_, width_), next_observations.subspan(i * width_, width_));
  }
}

}  // namespace ludus::replay
