/// @file
/// Style transfer: the image whose features have the content of one image and the style of another (Gatys, Ecker and
/// Bethge 2016, "Image Style Transfer Using Convolutional Neural Networks").
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nn/core/lbfgs.h"
#include "nn/core/optimizer.h"
#include "nn/model/build.h"
#include "nn/training/batch_metrics.h"
#include "nn/training/epoch_training.h"
#include "nn/vision/style/style_config.h"

namespace ludus::vision {

/// Returns G = F Fᵀ / M of features (1, N, height, width) with M = height · width positions: (N x N).
at::Tensor gram_matrix(const at::Tensor& features);

/// Returns Σ (F − P)² / (4 N M) of features (1, N, height, width) and those of the content: equation 1 of the paper
/// divided by 2 N M, so that images of two sizes compare.
at::Tensor content_loss(const at::Tensor& features, const at::Tensor& content);

/// Returns Σ (G − A)² / (4 N²) of the Gram matrices (N x N) of the image and of the style. With Gram matrices that are
/// not divided by M this is Σ (G − A)² / (2 N M)², equation 4 of the paper; divided, the style may have another size.
at::Tensor style_loss(const at::Tensor& gram, const at::Tensor& style);

/// Returns the mean squared difference of neighbouring pixels of images (n, channels, height, width) with at least two
/// pixels.
at::Tensor total_variation(const at::Tensor& images);

/// Optimises the pixels of an image: content_weight Σ w content_loss + style_weight Σ w style_loss + total_variation
/// times that of the image. Its epochs are `image_every` steps of the optimiser; a step of L-BFGS is one iteration.
///
/// Noise is uniform in 0.5 ± 20/255. The pixels are not bounded while they are optimised, as in the paper.
class StyleTransfer final : public nn::EpochTraining {
 public:
  /// `network`: that of style_network() with weights, which must outlive this object. `content` has the size of the
  /// result; `style` may have another. Both are images (nn/vision/image.h). `description` is that of the network, whose
  /// outputs are the content layers, then the style layers. Throws InvalidArgument for options out of range, and what
  /// the network throws for images that are too small for it.
  StyleTransfer(nn::Model& network, StyleNetwork description, const Array& content, const Array& style,
                const StyleConfig& config, std::function<double()> clock = {});
  ~StyleTransfer() override;

  /// Returns the image, uint8 (height, width, 3): intensities beyond the range are clipped.
  Array image() const;

  /// The weighted losses of the present image.
  struct Losses {
    at::Tensor content, style, variation;  // scalars; undefined without a weight
    at::Tensor total;
  };
  Losses losses() const;

  runs::Metrics epoch_metrics() const override;
  runs::Metrics metrics() override;
  std::vector<std::string> metric_names() const override;
  /// Writes the pixels as floating-point numbers, "image" (1, 3, height, width) of the range [0, 1].
  void save_model(const std::filesystem::path& file) const override;

 private:
  struct Pixels;
  struct Means {
    nn::WeightedMean total, content, style, variation;

    template <class Self, class Visit>
    static void state(Self& self, Visit&& visit) {
      visit("total", self.total);
      visit("content", self.content);
      visit("style", self.style);
      visit("variation", self.variation);
    }
  };

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit);

  void make_step(const data::Batch& batch, bool is_last) override;
  runs::Metrics end_epoch() override;
  void write_state(StateWriter& visit) const override;
  void read_state(StateReader& visit) override;

  std::vector<at::Tensor> features(const at::Tensor& image) const;
  runs::Metrics values(const Means& means) const;

  nn::Model& network_;
  StyleNetwork description_;
  StyleConfig config_;
  std::unique_ptr<Pixels> pixels_;
  std::unique_ptr<nn::FlatParameters> parameters_;
  std::unique_ptr<nn::Optimizer> optimizer_;  // null for L-BFGS
  std::unique_ptr<nn::Lbfgs> lbfgs_;
  std::vector<at::Tensor> content_, style_;  // features of the content, Gram matrices of the style
  std::string inputs_;                       // checksums of both images and the network's weights
  std::optional<Losses> last_losses_;        // of the present image, if L-BFGS reuses its evaluation
  Means epoch_means_, recent_means_;
};

}  // namespace ludus::vision
