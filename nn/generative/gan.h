// Trains a generator against a discriminator (Goodfellow et al. 2014, arXiv:1406.2661).
//
//   Generator random(1);
//   const GanNetworks networks = dcgan({.image = {1, 28, 28}});
//   Model generator(networks.generator, random), discriminator(networks.discriminator, random);
//   Gan gan(generator, discriminator, images.shuffle(60000, 1).batch(100), {.epochs = 20});
//   gan.run();
//   const at::Tensor images = gan.sample({to_tensor(latent_vectors(8, 256, Latent::kUniform, random))});
//
// One step is one batch: a step of the discriminator, and, every `discriminator_steps` batches, one of the generator.
// Each network has its flat parameters and optimiser, so that neither changes the other's.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "nn/core/optimizer.h"
#include "nn/generative/gan_options.h"
#include "nn/model/build.h"
#include "nn/training/batch_metrics.h"
#include "nn/training/epoch_training.h"
#include "nn/training/moving_average.h"

namespace ludus::nn {

/// Return the losses for logits (batch) or (batch x 1), scalars; see GanLoss. The labels have the shape of their
/// logits; undefined for losses without labels.
at::Tensor discriminator_loss(GanLoss loss, const at::Tensor& real, const at::Tensor& generated,
                              const at::Tensor& real_labels, const at::Tensor& generated_labels);
at::Tensor generator_loss(GanLoss loss, const at::Tensor& generated);

/// Returns the mean over the batch of (‖∇D(x̂)‖₂ − 1)², x̂ = ε x + (1 − ε) G(z) (Gulrajani et al. 2017, algorithm 1).
/// `epsilon`: (batch), in [0, 1]; `labels`: inputs of the discriminator beside the image. Differentiable in the
/// discriminator's parameters; the discriminator must be built without fused kernels, which have no second derivative.
at::Tensor gradient_penalty(Model& discriminator, const at::Tensor& real, const at::Tensor& generated,
                            const at::Tensor& epsilon, const std::vector<at::Tensor>& labels = {});

class Gan final : public EpochTraining {
 public:
  /// `train` gives batches with the images and, if the networks take them, labels. Both models must outlive this
  /// object. Throws InvalidArgument for options out of range and for networks of another form than those of
  /// nn/generative/gan_networks.h.
  Gan(Model& generator, Model& discriminator, data::Dataset train, GanOptions options,
      std::function<double()> clock = {});
  ~Gan() override;

  Model& generator() { return generator_; }
  Model& discriminator() { return discriminator_; }

  /// Returns images (n, channels, height, width) in [-1, 1] of the generator in inference mode, with its averaged
  /// parameters and running statistics if there are any. `inputs`: latent vectors (n x latent) and, if it takes them,
  /// labels, int64 (n).
  at::Tensor sample(at::TensorList inputs);

  runs::Metrics epoch_metrics() const override;
  /// Returns the means since the last call of "train/discriminator_loss" and "train/generator_loss", and of the
  /// discriminator's outputs for real and generated images, "train/real_output" and "train/generated_output": as
  /// probabilities, or as they are for hinge and wasserstein.
  runs::Metrics metrics() override;
  std::vector<std::string> metric_names() const override;
  /// Writes the generator as save_model() in nn/model/restore.h, with the averaged parameters if there are any.
  void save_model(const std::filesystem::path& file) const override;
  /// Writes the discriminator likewise.
  void save_discriminator(const std::filesystem::path& file) const;

 private:
  struct Means {
    WeightedMean discriminator_loss, generator_loss, real_output, generated_output, penalty;

    runs::Metrics values(bool has_penalty) const;

    template <class Self, class Visit>
    static void state(Self& self, Visit&& visit) {
      visit("discriminator_loss", self.discriminator_loss);
      visit("generator_loss", self.generator_loss);
      visit("real_output", self.real_output);
      visit("generated_output", self.generated_output);
      visit("penalty", self.penalty);
    }
  };

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit);

  void make_step(const data::Batch& batch, bool is_last) override;
  runs::Metrics end_epoch() override;
  void write_state(StateWriter& visit) const override;
  void read_state(StateReader& visit) override;

  at::Tensor latents(std::int64_t count);
  at::Tensor drawn_labels(const std::vector<double>& label, const at::Tensor& logits);
  void train_discriminator(const at::Tensor& real, const std::vector<at::Tensor>& labels);
  void train_generator(std::int64_t count, const std::vector<at::Tensor>& labels);

  Model& generator_;
  Model& discriminator_;
  GanOptions options_;
  Generator random_;
  std::unique_ptr<Optimizer> generator_optimizer_, discriminator_optimizer_;
  std::unique_ptr<MovingAverage> average_;  // of the generator
  Means epoch_means_;
  Means recent_means_;  // since the last metrics()
};

}  // namespace ludus::nn
