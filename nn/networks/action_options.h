// How the outputs of a policy network become actions. This header does not include torch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace ludus::nn {

/// An action is a row of k floats: class indices counted from 0, switches of 0 and 1, or continuous numbers.
struct ActionOptions {
  enum class Kind : std::uint8_t {
    kCategorical,  // k choices, number j one of classes[j]; the network outputs their logits, one choice after another
    kBernoulli,    // k switches; the network outputs the logit of each being 1
    kGaussian,     // k normal numbers; the network outputs their means
  };
  Kind kind = Kind::kCategorical;
  std::int64_t count = 0;             // k
  std::vector<std::int64_t> classes;  // kCategorical: k counts

  static ActionOptions categorical(std::vector<std::int64_t> classes);
  static ActionOptions bernoulli(std::int64_t count);
  static ActionOptions gaussian(std::int64_t count);

  std::int64_t outputs() const;  ///< outputs of the network for an action

  /// Throws InvalidArgument unless k is positive, and every choice has at least one class.
  void validate() const;
};

// Acting without torch; nn/core/distributions.h has the same for learning. `outputs` is (n x outputs()), `masks` (n x
// outputs()) of 0 and 1, 0 for forbidden classes, or empty (only categorical actions take masks), `actions` (n x k).
// The caller must pass spans of these lengths.

/// Writes the mode of each row's distribution.
void deterministic_actions(const ActionOptions& options, std::span<const float> outputs,
                           std::span<const std::uint8_t> masks, std::span<float> actions);

/// Samples by `noise` (n x k): uniform in [0, 1) for categorical and Bernoulli actions, as Categorical::sample and
/// Bernoulli::sample; standard normal for Gaussian ones. `sigma`: σ of Gaussian actions, (k) or (n x k); else empty.
void sample_actions(const ActionOptions& options, std::span<const float> outputs, std::span<const std::uint8_t> masks,
                    std::span<const float> sigma, std::span<const float> noise, std::span<float> actions);

}  // namespace ludus::nn
