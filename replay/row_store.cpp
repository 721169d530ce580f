#include "replay/row_store.h"

#include <algorithm>
#include <cstdint>

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

void RowStore::write_state(const Slots& slots, StateWriter& state) const {
  const auto write = [&](const char* name, const std::vector<float>& rows) {
    Array saved(DType::kFloat32, shape(slots->size()));
    for (std::size_t i = 0; i < slots->size(); ++i) {
      std::copy_n(rows.data() + (*slots)[i] * width_, width_, saved.data<float>().data() + i * width_);
    }
    state(name, std::move(saved));
  };
  write("observations", observations_);
  write("next_observations", next_observations_);
}

void RowStore::read_state(const Slots& slots, StateReader& state) {
  const auto observations = state.numbers<float>("observations", shape(slots->size()));
  const auto next_observations = state.numbers<float>("next_observations", shape(slots->size()));
  state.at_commit([this, slots, observations, next_observations] {
    for (std::size_t i = 0; i < slots->size(); ++i) {
      put((*slots)[i], observations.subspan(i * width_, width_), next_observations.subspan(i * width_, width_));
    }
  });
}

Shape RowStore::shape(std::size_t rows) const {
  return {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(width_)};
}

}  // namespace ludus::replay
