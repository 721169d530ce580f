// How the numbers that a policy network gives become actions. This header does not include torch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace ludus::nn {

// An action is a row of k numbers, as floats: the indices of classes counted from 0, switches of 0 and 1, or reals.
struct ActionOptions {
  enum class Kind : std::uint8_t {
    kCategorical,  // k choices, number j one of classes[j]; the network gives their logits, one choice after another
    kBernoulli,    // k switches; the network gives the logit of each being 1
    kGaussian,     // k normal numbers; the network gives their means
  };
  Kind kind = Kind::kCategorical;
  std::int64_t count = 0;             // k
  std::vector<std::int64_t> classes;  // kCategorical: k counts

  static ActionOptions categorical(std::vector<std::int64_t> classes);
  static ActionOptions bernoulli(std::int64_t count);
  static ActionOptions gaussian(std::int64_t count);

  std::int64_t outputs() const;  // numbers that the network gives for an action

  // Throws InvalidArgument unless there is a number, and one class or more to every choice.
  void validate() const;
};

// What follows are the loops that act, without torch; nn/core/distributions.h has the same for learning. `outputs` is
// (n x outputs()), `masks` (n x outputs()) of 0 and 1 with 0 for what is forbidden, or empty (categories alone take
// any), `actions` (n x k). Memory of other lengths is the caller's mistake.

// Of each row the most probable action.
void most_probable_actions(const ActionOptions& options, std::span<const float> outputs,
                           std::span<const std::uint8_t> masks, std::span<float> actions);

// Drawn by `noise` (n x k): uniform in [0, 1) for categories and switches, as Categorical::sample and
// Bernoulli::sample; standard normal for reals. `deviations`: σ of the reals, (k), or (n x k); else empty.
void draw_actions(const ActionOptions& options, std::span<const float> outputs, std::span<const std::uint8_t> masks,
                  std::span<const float> deviations, std::span<const float> noise, std::span<float> actions);

}  // namespace ludus::nn
