#include "nn/vision/style/style.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <utility>

#include "base/checkpoint.h"
#include "base/crc32c.h"
#include "base/format.h"
#include "nn/core/gradient_step.h"
#include "nn/core/tensor_io.h"
#include "nn/core/torch_compat.h"

namespace ludus::vision {
namespace {

// One example without fields for each step.
data::Dataset steps_of(const StyleConfig& config) {
  config.check();
  return data::from_index(
             1, [](std::uint64_t) { return data::Example(); }, "steps")
      .repeat();
}

// Returns what a resumed transfer must find unchanged: checksums of the images and of the weights.
std::string checksums_of(const Array& content, const Array& style, const nn::Model& network) {
  std::uint32_t weights = 0;
  for (const auto& [name, array] : network.state()) weights = crc32c(array.bytes(), crc32c(name, weights));
  return formatted("content {:08x}, style {:08x}, weights {:08x}", crc32c(content.bytes()), crc32c(style.bytes()),
                   weights);
}

// Uniform noise around mid-grey, (1, 3, height, width).
at::Tensor noise_like(const at::Tensor& image, std::uint64_t seed) {
  constexpr double kAmplitude = 20.0 / 255;
  Generator random(seed);
  at::Tensor noise = at::empty(image.sizes(), at::kFloat);
  const std::span<float> numbers(noise.data_ptr<float>(), static_cast<std::size_t>(noise.numel()));
  for (float& number : numbers) number = static_cast<float>(random.uniform(0.5 - kAmplitude, 0.5 + kAmplitude));
  return noise.to(image.device());
}

// (1, 3, height, width) in [0, 1]
at::Tensor pixels_of(const Array& image, const at::Device& device) {
  const Array colour = to_float(with_channels(image, 3));
  return nn::to_tensor(colour).permute({2, 0, 1}).unsqueeze(0).contiguous().to(device);
}

}  // namespace

at::Tensor gram_matrix(const at::Tensor& features) {
  const at::Tensor rows = features.flatten(2).squeeze(0);
  return rows.matmul(rows.t()) / static_cast<double>(rows.size(1));
}

at::Tensor content_loss(const at::Tensor& features, const at::Tensor& content) {
  return (features - content).square().sum() / (4.0 * static_cast<double>(features.numel()));
}

at::Tensor style_loss(const at::Tensor& gram, const at::Tensor& style) {
  return (gram - style).square().sum() / (4.0 * static_cast<double>(gram.numel()));
}

at::Tensor total_variation(const at::Tensor& images) {
  const std::int64_t height = images.size(2), width = images.size(3);
  const at::Tensor down = (images.narrow(2, 1, height - 1) - images.narrow(2, 0, height - 1)).square();
  const at::Tensor right = (images.narrow(3, 1, width - 1) - images.narrow(3, 0, width - 1)).square();
  return (down.sum() + right.sum()) / static_cast<double>(down.numel() + right.numel());
}

struct StyleTransfer::Pixels : torch::nn::Module {
  explicit Pixels(at::Tensor start) : image(register_parameter("image", std::move(start))) {}
  at::Tensor image;  // (1, 3, height, width), range [0, 1]
};

StyleTransfer::StyleTransfer(nn::Model& network, StyleNetwork description, const Array& content, const Array& style,
                             const StyleConfig& config, std::function<double()> clock)
    : EpochTraining(
          "style", steps_of(config),
          {.epochs = config.style.steps / config.style.image_every, .steps_per_epoch = config.style.image_every},
          std::move(clock)),
      network_(network),
      description_(std::move(description)),
      config_(config),
      inputs_(checksums_of(content, style, network)) {
  const StyleSettings& settings = config_.style;
  network_.freeze("*");
  const at::Device device = nn::to_torch(network_.parameters().device());
  const at::Tensor photograph = pixels_of(content, device);
  {
    const at::NoGradGuard no_grad;
    content_ = features(photograph);
    content_.resize(description_.content_weights.size());
    std::vector<at::Tensor> of_style = features(pixels_of(style, device));
    for (std::size_t k = description_.content_weights.size(); k < of_style.size(); ++k) {
      style_.push_back(gram_matrix(of_style[k]));
    }
  }

  at::Tensor start = photograph.clone();
  if (settings.start != "content") {
    const double share = settings.start == "noise" ? 1.0 : settings.noise;
    start = share * noise_like(photograph, config_.seed) + (1 - share) * photograph;
  }
  pixels_ = std::make_unique<Pixels>(start);
  parameters_ = std::make_unique<nn::FlatParameters>(*pixels_);
  if (config_.optimizer.name == nn::kLbfgs) {
    // a step is one iteration, so that images and checkpoints come at any step
    lbfgs_ = std::make_unique<nn::Lbfgs>(*parameters_, nn::LbfgsOptions{.learning_rate = config_.learning_rate.at(0, 1),
                                                                        .max_iterations = 1,
                                                                        .max_evaluations = 25,
                                                                        .gradient_tolerance = 0,
                                                                        .change_tolerance = 0,
                                                                        .history_size = 20,
                                                                        .strong_wolfe = true,
                                                                        .reuse_evaluation = true});
  } else {
    optimizer_ = nn::make_optimizer(config_.optimizer, *parameters_, config_.learning_rate.at(0, 1));
  }
}

StyleTransfer::~StyleTransfer() = default;

// The outputs of the network for pixels in [0, 1], with the preprocessing of its manifest but for the size.
std::vector<at::Tensor> StyleTransfer::features(const at::Tensor& image) const {
  const Manifest& manifest = description_.manifest;
  const auto constant = [&](const std::vector<double>& numbers) {
    return at::tensor(at::ArrayRef<double>(numbers), image.options().requires_grad(false))
        .view({1, static_cast<std::int64_t>(numbers.size()), 1, 1});
  };
  at::Tensor ordered = image;
  if (manifest.channel_order == "bgr") ordered = image.flip({1});
  if (manifest.channel_order == "grey") {
    ordered = (image * constant({0.2989, 0.587, 0.114})).sum({1}, /*keepdim=*/true);
  }
  const at::Tensor input = (manifest.scale * ordered - constant(manifest.mean)) / constant(manifest.std);
  return network_.forward(at::TensorList{input}, nn::Mode::kInfer);
}

StyleTransfer::Losses StyleTransfer::losses() const {
  const StyleSettings& settings = config_.style;
  const std::vector<at::Tensor> present = features(pixels_->image);
  Losses losses;
  const auto add = [](at::Tensor& sum, const at::Tensor& loss) { sum = sum.defined() ? sum + loss : loss; };
  const std::size_t contents = content_.size();
  if (settings.content_weight > 0) {
    for (std::size_t k = 0; k < contents; ++k) {
      add(losses.content,
          settings.content_weight * description_.content_weights[k] * content_loss(present[k], content_[k]));
    }
    add(losses.total, losses.content);
  }
  if (settings.style_weight > 0) {
    for (std::size_t k = 0; k < style_.size(); ++k) {
      add(losses.style, settings.style_weight * description_.style_weights[k] *
                            style_loss(gram_matrix(present[contents + k]), style_[k]));
    }
    add(losses.total, losses.style);
  }
  if (settings.total_variation > 0) {
    losses.variation = settings.total_variation * total_variation(pixels_->image);
    add(losses.total, losses.variation);
  }
  return losses;
}

void StyleTransfer::make_step(const data::Batch&, bool) {
  std::vector<Losses> evaluated;  // without their graphs; L-BFGS evaluates several images
  const auto compute = [&] {
    Losses present = losses();
    const at::Tensor total = present.total;
    for (at::Tensor* loss : {&present.content, &present.style, &present.variation, &present.total}) {
      if (loss->defined()) *loss = loss->detach();
    }
    evaluated.push_back(std::move(present));
    return total;
  };
  const double rate = config_.learning_rate.at(step(), progress().total);
  double total = 0;
  Losses before;  // of the image before this step
  if (lbfgs_) {
    lbfgs_->set_learning_rate(rate);
    total = lbfgs_->step(compute);
    before = last_losses_ ? *last_losses_ : evaluated.at(0);
    last_losses_ = lbfgs_->accepted() < 0 ? before : evaluated.at(static_cast<std::size_t>(lbfgs_->accepted()));
  } else {
    total = nn::gradient_step(*parameters_, *optimizer_, compute(), {.learning_rate = rate});
    before = evaluated.at(0);
  }
  for (Means* means : {&epoch_means_, &recent_means_}) {
    means->total.add(total, 1);
    if (before.content.defined()) means->content.add(before.content.item<double>(), 1);
    if (before.style.defined()) means->style.add(before.style.item<double>(), 1);
    if (before.variation.defined()) means->variation.add(before.variation.item<double>(), 1);
  }
}

Array StyleTransfer::image() const {
  const at::Tensor pixels = pixels_->image.detach().to(at::kCPU).squeeze(0).permute({1, 2, 0}).contiguous();
  return to_uint8(nn::to_array(pixels));
}

runs::Metrics StyleTransfer::values(const Means& means) const {
  runs::Metrics metrics;
  const auto add = [&](const char* tag, const nn::WeightedMean& mean) {
    if (mean.weight > 0) metrics[tag] = mean.value();
  };
  add("train/loss", means.total);
  add("train/content_loss", means.content);
  add("train/style_loss", means.style);
  add("train/total_variation", means.variation);
  return metrics;
}

runs::Metrics StyleTransfer::epoch_metrics() const {
  return values(epoch_means_);
}

runs::Metrics StyleTransfer::end_epoch() {
  return values(std::exchange(epoch_means_, {}));
}

runs::Metrics StyleTransfer::metrics() {
  runs::Metrics metrics = take_epoch_row();
  for (const auto& [tag, value] : values(std::exchange(recent_means_, {}))) metrics[tag] = value;
  return metrics;
}

std::vector<std::string> StyleTransfer::metric_names() const {
  std::vector<std::string> names{"train/loss"};
  if (config_.style.content_weight > 0) names.emplace_back("train/content_loss");
  if (config_.style.style_weight > 0) names.emplace_back("train/style_loss");
  if (config_.style.total_variation > 0) names.emplace_back("train/total_variation");
  return names;
}

void StyleTransfer::save_model(const std::filesystem::path& file) const {
  Checkpoint checkpoint;
  checkpoint.put("image", nn::to_array(pixels_->image.detach()));
  checkpoint.save(file);
}

template <class Self, class Visit>
void StyleTransfer::state(Self& self, Visit&& visit) {
  visit("pixels", *self.parameters_);
  visit("optimizer", self.optimizer_);
  visit("lbfgs", self.lbfgs_);
  visit("epoch_means", self.epoch_means_);
  visit("recent_means", self.recent_means_);
}

void StyleTransfer::write_state(StateWriter& visit) const {
  visit("inputs", inputs_);
  state(*this, visit);
}

void StyleTransfer::read_state(StateReader& visit) {
  const auto inputs = visit.get<std::string>("inputs");
  visit.check([&] {
    if (inputs == inputs_) return;
    throw InvalidArgument(formatted(
        "style: images and weights must be those of the run's start, {}, got {}; restore the files", inputs, inputs_));
  });
  state(*this, visit);
  visit.at_commit([this] { last_losses_.reset(); });
}

}  // namespace ludus::vision
