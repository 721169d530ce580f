// Observations stored as rows of floats.
#pragma once

#include <vector>

#include "replay/observation_store.h"

namespace ludus::replay {

class RowStore final : public ObservationStore {
 public:
  /// Allocates everything at once.
  RowStore(std::size_t capacity, std::size_t observation_size);

  /// Returns the bytes that such a store allocates.
  static double bytes(std::size_t capacity, std::size_t observation_size);

  bool put(std::size_t slot, std::span<const float> observation, std::span<const float> next_observation) override;
  void release(std::size_t) override {}  // a row is simply overwritten
  void get(std::size_t slot, std::span<float> observation, std::span<float> next_observation) const override;
  void write_state(const Slots& slots, StateWriter& state) const override;
  void read_state(const Slots& slots, StateReader& state) override;

 private:
  Shape shape(std::size_t rows) const;  // (rows x width)

  std::size_t width_;                                    // numbers in an observation
  std::vector<float> observations_, next_observations_;  // (capacity x width)
};

}  // namespace ludus::replay
