// Options of an adversarial training. This header does not include torch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "nn/training/learning_rate.h"
#include "nn/training/optimizer_options.h"

namespace ludus::nn {

/// The losses of discriminator and generator, from the logits d = D(x) of real images and d̂ = D(G(z)) of generated
/// ones. t and t̂ are the labels of both for the discriminator, 1 and 0 unless they are smoothed; BCE is the binary
/// cross entropy of a logit and a label.
///
///   non_saturating   BCE(d, t) + BCE(d̂, t̂); BCE(d̂, 1)              Goodfellow et al. 2014, section 3
///   minimax          BCE(d, t) + BCE(d̂, t̂); −BCE(d̂, 0)             arXiv:1406.2661, equation 1
///   least_squares    ((d − t)² + (d̂ − t̂)²) / 2; (d̂ − 1)² / 2       Mao et al. 2017, arXiv:1611.04076, equation 9
///   hinge            max(0, 1 − d) + max(0, 1 + d̂); −d̂             Lim and Ye 2017, arXiv:1705.02894
///   wasserstein      d̂ − d; −d̂                                     Arjovsky et al. 2017, arXiv:1701.07875
enum class GanLoss : std::uint8_t { kNonSaturating, kMinimax, kLeastSquares, kHinge, kWasserstein };

std::string_view name_of(GanLoss loss);
/// Convert the field of a configuration (base/fields.h) from and to its name. read_field() throws InvalidArgument with
/// a list of all names and a suggestion.
void read_field(const Value& value, GanLoss& field);
Value show_field(GanLoss field);

/// How latent vectors are drawn.
enum class Latent : std::uint8_t {
  kUniform,  ///< uniform: every number in [-1, 1)
  kNormal,   ///< normal: mean 0, standard deviation 1
};

std::string_view name_of(Latent latent);
void read_field(const Value& value, Latent& field);
Value show_field(Latent field);

struct GanOptions {
  std::int64_t epochs = 1;
  std::int64_t steps_per_epoch = 0;  ///< batches; 0: all of the dataset
  std::uint64_t seed = 0;            ///< of latent vectors and random labels

  /// Fields of the dataset: real images (channels, height, width) in [-1, 1], and their classes, int64, for networks
  /// that take them.
  std::string images = "image";
  std::string labels = "label";

  GanLoss loss = GanLoss::kNonSaturating;
  Latent latent = Latent::kUniform;
  /// Labels of real and of generated images for the discriminator: one number, or the bounds of a uniform distribution
  /// from which one is drawn for every image (Salimans et al. 2016, arXiv:1606.03498, section 3.4).
  std::vector<double> real_label = {1.0};
  std::vector<double> generated_label = {0.0};
  /// λ of the penalty λ (‖∇D(x̂)‖ − 1)² at points between real and generated images (Gulrajani et al. 2017,
  /// arXiv:1704.00028); 0: none.
  double gradient_penalty = 0.0;
  /// Steps of the discriminator, a batch each, for one step of the generator.
  std::int64_t discriminator_steps = 1;
  /// Decay of a moving average of the generator's parameters and running statistics, which samples and saved models
  /// use.
  std::optional<double> average_decay = {};

  OptimizerOptions generator_optimizer = {};
  OptimizerOptions discriminator_optimizer = {};
  LearningRate generator_learning_rate = {};  ///< of the generator's steps
  LearningRate discriminator_learning_rate = {};

  /// Throws InvalidArgument naming an option out of range, or one that the loss does not have.
  void check() const;
};

}  // namespace ludus::nn
