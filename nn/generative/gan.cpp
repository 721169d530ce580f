#include "nn/generative/gan.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "nn/core/gradient_step.h"
#include "nn/core/tensor_io.h"
#include "nn/generative/latents.h"
#include "nn/layers/layer_parts.h"
#include "nn/model/restore.h"

namespace ludus::nn {
namespace {

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels) {
  return at::binary_cross_entropy_with_logits(logits, labels);
}

bool is_critic(GanLoss loss) {
  return loss == GanLoss::kHinge || loss == GanLoss::kWasserstein;
}

// The form that gan_networks.h describes.
void check_networks(const Description& generator, const Description& discriminator) {
  const auto require = [](bool holds, const Description& network, std::string_view form) {
    if (!holds) throw InvalidArgument(formatted("gan: network \"{}\" must {}", network.name, form));
  };
  const auto has_label = [](const Description& network) {
    return network.inputs.size() == 2 && network.inputs[1].dtype == DType::kInt64 &&
           network.inputs[1].shape.rank() == 0;
  };
  require(!generator.inputs.empty() && generator.inputs[0].shape.rank() == 1 &&
              (generator.inputs.size() == 1 || has_label(generator)),
          generator, "take latent vectors of rank 1 and, after them, at most a label, an int64");
  require(!discriminator.inputs.empty() && (discriminator.inputs.size() == 1 || has_label(discriminator)),
          discriminator, "take images and, after them, at most a label, an int64");
  require(generator.inputs.size() == discriminator.inputs.size(), discriminator,
          "take a label if the generator takes one, and only then");
  require(generator.outputs.size() == 1, generator, "have one output, the images");
  const std::vector<Shape> logits = output_shapes(discriminator);
  require(logits.size() == 1 && logits[0].elements() == 1, discriminator, "have one output, the logit of an image");
  const Shape image = output_shapes(generator)[0];
  if (image == discriminator.inputs[0].shape) return;
  throw ShapeMismatch(formatted("gan: the generator's images must have the shape of the discriminator's, {}, got {}",
                                discriminator.inputs[0].shape.to_string(), image.to_string()));
}

// The running statistics of batch normalisation, in the order of the description.
std::vector<at::Tensor> floating_buffers(const Model& model) {
  std::vector<at::Tensor> buffers;
  for (const NetworkParameter& parameter : network_parameters(model.description())) {
    if (!parameter.spec.buffer) continue;
    const at::Tensor buffer = model.parameter(parameter.name);
    if (buffer.is_floating_point()) buffers.push_back(buffer);
  }
  return buffers;
}

}  // namespace

at::Tensor discriminator_loss(GanLoss loss, const at::Tensor& real, const at::Tensor& generated,
                              const at::Tensor& real_labels, const at::Tensor& generated_labels) {
  switch (loss) {
    case GanLoss::kNonSaturating:
    case GanLoss::kMinimax: return cross_entropy(real, real_labels) + cross_entropy(generated, generated_labels);
    case GanLoss::kLeastSquares:
      return ((real - real_labels).square().mean() + (generated - generated_labels).square().mean()) / 2;
    case GanLoss::kHinge: return at::relu(1 - real).mean() + at::relu(1 + generated).mean();
    case GanLoss::kWasserstein: break;
  }
  return generated.mean() - real.mean();
}

at::Tensor generator_loss(GanLoss loss, const at::Tensor& generated) {
  switch (loss) {
    case GanLoss::kNonSaturating: return cross_entropy(generated, at::ones_like(generated));
    case GanLoss::kMinimax: return -cross_entropy(generated, at::zeros_like(generated));
    case GanLoss::kLeastSquares: return (generated - 1).square().mean() / 2;
    case GanLoss::kHinge:
    case GanLoss::kWasserstein: break;
  }
  return -generated.mean();
}

at::Tensor gradient_penalty(Model& discriminator, const at::Tensor& real, const at::Tensor& generated,
                            const at::Tensor& epsilon, const std::vector<at::Tensor>& labels) {
  std::vector<std::int64_t> broadcast(static_cast<std::size_t>(real.dim()), 1);
  broadcast[0] = real.size(0);
  const at::Tensor weight = epsilon.view(broadcast);
  at::Tensor between = (weight * real + (1 - weight) * generated).detach().requires_grad_(true);
  std::vector<at::Tensor> inputs{between};
  inputs.insert(inputs.end(), labels.begin(), labels.end());
  const at::Tensor logits = discriminator.forward(inputs, Mode::kTrain)[0];
  const at::Tensor gradients = torch::autograd::grad({logits.sum()}, {between}, /*grad_outputs=*/{},
                                                     /*retain_graph=*/true, /*create_graph=*/true)[0];
  // the root has no derivative at 0; torch's norm gives it a subgradient of 0
  return (gradients.flatten(1).norm(2, {1}) - 1).square().mean();
}

Gan::Gan(Model& generator, Model& discriminator, data::Dataset train, GanOptions options, std::function<double()> clock)
    : EpochTraining("gan", std::move(train), {.epochs = options.epochs, .steps_per_epoch = options.steps_per_epoch},
                    std::move(clock)),
      generator_(generator),
      discriminator_(discriminator),
      options_(std::move(options)),
      random_(options_.seed) {
  options_.check();
  check_networks(generator.description(), discriminator.description());
  if (steps_per_epoch() == 0 &&
      (options_.generator_learning_rate.needs_total() || options_.discriminator_learning_rate.needs_total())) {
    throw InvalidArgument(
        "gan: a learning rate depends on the length of the training, which is unknown, because the size of the "
        "dataset is unknown; set steps_per_epoch or decay_steps");
  }
  generator_optimizer_ =
      make_optimizer(options_.generator_optimizer, generator_.parameters(), options_.generator_learning_rate.at(0, 1));
  discriminator_optimizer_ = make_optimizer(options_.discriminator_optimizer, discriminator_.parameters(),
                                            options_.discriminator_learning_rate.at(0, 1));
  if (options_.average_decay) {
    average_ =
        std::make_unique<MovingAverage>(generator_.parameters(), *options_.average_decay, floating_buffers(generator_));
  }
}

Gan::~Gan() = default;

at::Tensor Gan::sample(at::TensorList inputs) {
  const MovingAverage::Applied averaged(average_.get());
  return generator_.predict(inputs)[0];
}

at::Tensor Gan::latents(std::int64_t count) {
  const Array vectors = latent_vectors(count, generator_.description().inputs[0].shape[0], options_.latent, random_);
  return to_tensor(vectors).to(generator_.parameters().values().device());
}

// Labels of the discriminator for a batch; undefined for a loss without labels.
at::Tensor Gan::drawn_labels(const std::vector<double>& label, const at::Tensor& logits) {
  if (is_critic(options_.loss)) return {};
  if (label.size() == 1) return at::full_like(logits, label[0]).detach();
  at::Tensor drawn = at::empty({logits.numel()}, at::kFloat);
  for (std::int64_t i = 0; i < drawn.numel(); ++i) {
    drawn.data_ptr<float>()[i] = static_cast<float>(random_.uniform(label[0], label[1]));
  }
  return drawn.view(logits.sizes()).to(logits.options());
}

void Gan::make_step(const data::Batch& batch, bool) {
  const at::Device device = discriminator_.parameters().values().device();
  const at::Tensor real = to_tensor(batch.array(options_.images)).to(device);
  std::vector<at::Tensor> labels;
  if (generator_.description().inputs.size() > 1) {
    labels.push_back(to_tensor(batch.array(options_.labels)).to(at::kLong).to(device));
  }
  train_discriminator(real, labels);
  if ((step() + 1) % options_.discriminator_steps == 0) train_generator(real.size(0), labels);
}

void Gan::train_discriminator(const at::Tensor& real, const std::vector<at::Tensor>& labels) {
  const auto with_labels = [&](const at::Tensor& first) {
    std::vector<at::Tensor> inputs{first};
    inputs.insert(inputs.end(), labels.begin(), labels.end());
    return inputs;
  };
  const std::int64_t count = real.size(0);
  at::Tensor generated;
  {
    const at::NoGradGuard no_grad;
    generated = generator_.forward(with_labels(latents(count)), Mode::kTrain)[0];
  }
  // a batch each, so that batch normalisation sees real or generated images alone (Radford et al. 2016, section 3)
  const at::Tensor real_logits = discriminator_.forward(with_labels(real), Mode::kTrain)[0];
  const at::Tensor generated_logits = discriminator_.forward(with_labels(generated), Mode::kTrain)[0];
  const at::Tensor real_labels = drawn_labels(options_.real_label, real_logits);
  const at::Tensor generated_labels = drawn_labels(options_.generated_label, generated_logits);
  at::Tensor loss = discriminator_loss(options_.loss, real_logits, generated_logits, real_labels, generated_labels) +
                    discriminator_.penalty();
  double penalty = 0;
  if (options_.gradient_penalty > 0) {
    at::Tensor epsilon = at::empty({count}, at::kFloat);
    for (std::int64_t i = 0; i < count; ++i) epsilon.data_ptr<float>()[i] = static_cast<float>(random_.random());
    const at::Tensor distance = gradient_penalty(discriminator_, real, generated, epsilon.to(real.options()), labels);
    penalty = distance.item<double>();
    loss = loss + options_.gradient_penalty * distance;
  }
  const double value =
      gradient_step(discriminator_.parameters(), *discriminator_optimizer_, loss,
                    {.learning_rate = options_.discriminator_learning_rate.at(step(), progress().total)});

  const auto mean_output = [&](const at::Tensor& logits) {
    const at::NoGradGuard no_grad;
    return (is_critic(options_.loss) ? logits : logits.sigmoid()).mean().item<double>();
  };
  const double real_output = mean_output(real_logits), generated_output = mean_output(generated_logits);
  for (Means* means : {&epoch_means_, &recent_means_}) {
    means->discriminator_loss.add(value, static_cast<double>(count));
    means->real_output.add(real_output, static_cast<double>(count));
    means->generated_output.add(generated_output, static_cast<double>(count));
    means->penalty.add(penalty, static_cast<double>(count));
  }
}

void Gan::train_generator(std::int64_t count, const std::vector<at::Tensor>& labels) {
  std::vector<at::Tensor> inputs{latents(count)};
  inputs.insert(inputs.end(), labels.begin(), labels.end());
  inputs[0] = generator_.forward(inputs, Mode::kTrain)[0];
  const at::Tensor logits = discriminator_.forward(inputs, Mode::kTrain)[0];
  const at::Tensor loss = generator_loss(options_.loss, logits) + generator_.penalty();
  // the schedule of the generator counts its own steps
  const std::int64_t every = options_.discriminator_steps;
  const double value =
      gradient_step(generator_.parameters(), *generator_optimizer_, loss,
                    {.learning_rate = options_.generator_learning_rate.at(step() / every, progress().total / every)});
  if (average_) average_->update();
  for (Means* means : {&epoch_means_, &recent_means_}) means->generator_loss.add(value, static_cast<double>(count));
}

runs::Metrics Gan::Means::values(bool has_penalty) const {
  runs::Metrics metrics;
  const auto add = [&](const char* tag, const WeightedMean& mean) {
    if (mean.weight > 0) metrics[tag] = mean.value();
  };
  add("train/discriminator_loss", discriminator_loss);
  add("train/generator_loss", generator_loss);
  add("train/real_output", real_output);
  add("train/generated_output", generated_output);
  if (has_penalty) add("train/gradient_penalty", penalty);
  return metrics;
}

runs::Metrics Gan::epoch_metrics() const {
  return epoch_means_.values(options_.gradient_penalty > 0);
}

runs::Metrics Gan::end_epoch() {
  runs::Metrics metrics = epoch_metrics();
  epoch_means_ = {};
  return metrics;
}

runs::Metrics Gan::metrics() {
  runs::Metrics metrics = take_epoch_row();
  for (const auto& [tag, value] : std::exchange(recent_means_, {}).values(options_.gradient_penalty > 0)) {
    metrics[tag] = value;
  }
  metrics["time/epoch"] = static_cast<double>(epoch());
  return metrics;
}

std::vector<std::string> Gan::metric_names() const {
  std::vector<std::string> names{"train/discriminator_loss", "train/generator_loss", "train/real_output",
                                 "train/generated_output"};
  if (options_.gradient_penalty > 0) names.emplace_back("train/gradient_penalty");
  names.emplace_back("time/epoch");
  return names;
}

void Gan::save_model(const std::filesystem::path& file) const {
  const MovingAverage::Applied averaged(average_.get());
  nn::save_model(file, generator_);
}

void Gan::save_discriminator(const std::filesystem::path& file) const {
  nn::save_model(file, discriminator_);
}

template <class Self, class Visit>
void Gan::state(Self& self, Visit&& visit) {
  visit("generator", self.generator_);
  visit("generator_random", self.generator_.random());
  visit("discriminator", self.discriminator_);
  visit("discriminator_random", self.discriminator_.random());
  visit("random", self.random_);
  visit("generator_optimizer", self.generator_optimizer_);
  visit("discriminator_optimizer", self.discriminator_optimizer_);
  visit("average", self.average_);
  visit("epoch_means", self.epoch_means_);
  visit("recent_means", self.recent_means_);
}

void Gan::write_state(StateWriter& visit) const {
  state(*this, visit);
}

void Gan::read_state(StateReader& visit) {
  state(*this, visit);
}

}  // namespace ludus::nn
