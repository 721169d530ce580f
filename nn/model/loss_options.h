// Options of the losses in nn/model/losses.h. This header does not include torch.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace ludus::nn {

/// The loss of a network's output. Cross entropies, hinge and KL divergence take logits, not probabilities.
enum class LossKind : std::uint8_t {
  kCrossEntropy,        ///< cross_entropy: −log softmax(z)_c, or −Σ p log softmax(z)
  kBinaryCrossEntropy,  ///< binary_cross_entropy: −t log σ(z) − (1 − t) log(1 − σ(z))
  kMeanSquaredError,    ///< mse: (y − t)²
  kMeanAbsoluteError,   ///< mae: |y − t|
  kHuber,               ///< huber: (y − t)² / 2 up to δ, δ (|y − t| − δ / 2) beyond
  kHinge,               ///< hinge: max(0, 1 − t z) for t = ±1, Σ_{j≠c} max(0, 1 − z_c + z_j) / C for classes
  kKlDivergence,        ///< kl_divergence: Σ p (log p − log softmax(z))
};

std::string_view name_of(LossKind kind);
/// Throws InvalidArgument, with a list of all names and a suggestion, for an unknown name.
LossKind loss_kind_of(std::string_view name);

/// Convert a loss field of a configuration (base/fields.h) from and to its name.
void read_field(const Value& value, LossKind& field);
Value show_field(LossKind field);

struct LossOptions {
  LossKind kind = LossKind::kCrossEntropy;
  double weight = 1.0;                        // of this output in the total loss
  double label_smoothing = 0.0;               // ε: targets t become (1 − ε) t + ε / classes
  double delta = 1.0;                         // δ of the Huber loss
  std::vector<double> class_weights = {};     // one for each class or label; empty: all 1
  std::vector<double> positive_weights = {};  // binary: factor of −t log σ(z), one for each label; empty: all 1

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("kind", self.kind,
          "cross_entropy, binary_cross_entropy, mse, mae, huber, hinge or kl_divergence, from logits where it applies");
    visit("weight", self.weight, "weight of this output in the total loss");
    visit("label_smoothing", self.label_smoothing, "share of every target that is spread over all classes");
    visit("delta", self.delta, "distance at which the Huber loss becomes linear");
    visit("class_weights", self.class_weights, "weight of each class or label; empty: 1");
    visit("positive_weights", self.positive_weights, "binary: weight of each label's positives; empty: 1");
  }

  /// Throws InvalidArgument for an option out of range, or one that the kind does not have.
  void check() const;
};

}  // namespace ludus::nn
