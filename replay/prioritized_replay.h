// A replay buffer that samples transitions in proportion to a priority, computed from their TD errors.
//
// Source: T. Schaul et al., "Prioritized Experience Replay" (ICLR 2016, arXiv:1511.05952), the proportional variant,
// algorithm 1. Samples are taken from equal strata of the total priority, as in appendix B.2.1.
#pragma once

#include "replay/replay_buffer.h"
#include "replay/sum_tree.h"

namespace ludus::replay {

class PrioritizedReplay final : public ReplayBuffer {
 public:
  /// Throws InvalidArgument as make_replay_buffer, and if the options have no priorities.
  explicit PrioritizedReplay(const ReplayOptions& options);

  /// Sets p = (|δ| + ε)^α for each slot. Throws InvalidArgument if the lengths differ, an error is not finite or a slot
  /// is empty.
  void update_priorities(std::span<const std::size_t> slots, std::span<const float> errors) override;

  /// Sets β, initially 1. Throws InvalidArgument unless β is in [0, 1].
  void set_beta(double beta) override;

  double priority(std::size_t slot) const { return priorities_[slot]; }  // p; 0 for an empty slot
  double total_priority() const { return priorities_.total(); }

 private:
  void draw(std::size_t n, Generator& generator, Batch& out) const override;
  void stored(std::size_t slot) override;
  void forgotten(std::size_t slot) override;
  void write_priorities(const Slots& slots, StateWriter& state) const override;
  void read_priorities(const Slots& slots, StateReader& state) override;

  PriorityOptions options_;
  SumTree priorities_;
  double largest_ = 1;  // maximal priority so far
  double beta_ = 1;
};

}  // namespace ludus::replay
