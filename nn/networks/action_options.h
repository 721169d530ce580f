// Conversion of the outputs of a policy network to actions. This header does not include torch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace ludus::nn {

/// An action is a row of k floats: class indices from 0, binary values 0 and 1, or continuous numbers.
struct ActionOptions {
  enum class Kind : std::uint8_t {
    kCategorical,  // k choices, choice j with classes[j] classes; the network outputs their logits, concatenated
    kBernoulli,    // k binary actions; the network outputs the logit of each being 1
    kGaussian,     // k normally distributed numbers; the network outputs their means
  };
  Kind kind = Kind::kCategorical;
  std::int64_t count = 0;             // k
  std::vector<std::int64_t> classes;  // kCategorical: k counts

  static ActionOptions categorical(std::vector<std::int64_t> classes);
  static ActionOptions bernoulli(std::int64_t count);
  static ActionOptions gaussian(std::int64_t count);

  std::int64_t outputs() const;  ///< number of network outputs per action

  /// Throws InvalidArgument unless k is positive, and every choice has at least one class.
  void validate() const;
};

// Inference without torch; nn/core/distributions.h is the equivalent for training. `outputs` is (n x outputs()),
// `actions` (n x k), and `masks` (n x outputs()) of 0 and 1, with 0 for forbidden classes, or empty (only categorical
// actions support masks). The caller must pass spans of these lengths.

/// Writes the mode of each row's distribution.
void deterministic_actions(const ActionOptions& options, std::span<const float> outputs,
                           std::span<const std::uint8_t> masks, std::span<float> actions);

/// Samples with `noise` (n x k): uniform in [0, 1) for categorical and Bernoulli actions, as Categorical::sample and
/// Bernoulli::sample; standard normal for Gaussian actions. `sigma`: σ of Gaussian actions, (k) or (n x k); else empty.
void sample_actions(const ActionOptions& options, std::span<const float> outputs, std::span<const std::uint8_t> masks,
                    std::span<const float> sigma, std::span<const float> noise, std::span<float> actions);

}  // namespace ludus::nn
