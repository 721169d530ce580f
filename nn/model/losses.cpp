#include "nn/model/losses.h"

#include <ATen/ATen.h>

#include "base/format.h"
#include "nn/layers/layer_parts.h"

namespace ludus::nn {
namespace {

std::string sizes_text(const at::Tensor& tensor) {
  return c10::str(tensor.sizes());
}

bool is_classes(const at::Tensor& targets) {
  return at::isIntegralType(targets.scalar_type(), /*includeBool=*/false);
}

void require_sizes(const char* what, const at::Tensor& tensor, at::IntArrayRef sizes) {
  if (tensor.sizes() != sizes) {
    throw ShapeMismatch(formatted("loss: {} must have shape {}, got {}", what, c10::str(sizes), sizes_text(tensor)));
  }
}

// On a GPU the check would wait for the device in every step; torch's kernels assert there.
void require_on_cpu(bool (*holds)(const at::Tensor&), const at::Tensor& tensor, const char* rule) {
  if (tensor.device().is_cpu() && tensor.numel() > 0 && !holds(tensor)) {
    throw InvalidArgument(formatted("loss: {}", rule));
  }
}

void require_classes(const at::Tensor& targets, std::int64_t classes) {
  if (!targets.device().is_cpu() || targets.numel() == 0) return;
  const std::int64_t low = targets.min().item<std::int64_t>(), high = targets.max().item<std::int64_t>();
  if (low < 0 || high >= classes) {
    throw InvalidArgument(formatted("loss: a class must be in [0, {}], got {}", classes - 1, low < 0 ? low : high));
  }
}

// Undefined for no weights.
at::Tensor weights_tensor(const char* name, const std::vector<double>& weights, std::int64_t count,
                          const at::Tensor& like) {
  if (weights.empty()) return {};
  if (static_cast<std::int64_t>(weights.size()) != count) {
    throw InvalidArgument(formatted("loss: {} must have {} values, got {}", name, count, weights.size()));
  }
  return at::tensor(weights, at::kDouble).to(like.options().requires_grad(false));
}

// The example weights with dimensions of 1 behind, to multiply `losses`.
at::Tensor beside(const at::Tensor& example_weights, const at::Tensor& losses) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(losses.dim()), 1);
  sizes[0] = losses.size(0);
  return example_weights.to(losses.options().requires_grad(false)).view(sizes);
}

// Σ w l / Σ w, with l the mean over an example's elements.
at::Tensor mean_over_examples(const at::Tensor& losses, const at::Tensor& example_weights) {
  if (!example_weights.defined()) return losses.mean();
  return (losses * beside(example_weights, losses)).sum() /
         (example_weights.sum().to(losses.options().requires_grad(false)) *
          (losses.numel() / std::max<std::int64_t>(losses.size(0), 1)));
}

at::Tensor cross_entropy(const LossOptions& options, const at::Tensor& z, const at::Tensor& targets,
                         const at::Tensor& example_weights) {
  if (z.dim() < 2) throw ShapeMismatch(formatted("loss: outputs must be (batch, classes, …), got {}", sizes_text(z)));
  const at::Tensor class_weights = weights_tensor("class_weights", options.class_weights, z.size(1), z);
  if (!is_classes(targets)) {
    require_sizes("targets", targets, z.sizes());
    return mean_over_examples(at::cross_entropy_loss(z, targets.to(z.scalar_type()), class_weights, at::Reduction::None,
                                                     -100, options.label_smoothing),
                              example_weights);
  }

  std::vector<std::int64_t> positions = z.sizes().vec();
  positions.erase(positions.begin() + 1);
  require_sizes("targets", targets, positions);
  require_classes(targets, z.size(1));
  const at::Tensor classes = targets.to(at::kLong);
  const at::Tensor losses =
      at::cross_entropy_loss(z, classes, class_weights, at::Reduction::None, -100, options.label_smoothing);
  if (!class_weights.defined()) return mean_over_examples(losses, example_weights);

  // as in torch, a weighted mean: the losses hold the weight of their class already
  at::Tensor share = class_weights.index_select(0, classes.reshape({-1})).view(classes.sizes());
  if (!example_weights.defined()) return losses.sum() / share.sum();
  const at::Tensor w = beside(example_weights, losses);
  return (losses * w).sum() / (share * w).sum();
}

at::Tensor binary_cross_entropy(const LossOptions& options, const at::Tensor& z, const at::Tensor& targets) {
  require_sizes("targets", targets, z.sizes());
  require_on_cpu([](const at::Tensor& t) { return t.ge(0).logical_and(t.le(1)).all().item<bool>(); }, targets,
                 "a target of binary_cross_entropy must be in [0, 1]");
  const std::int64_t labels = z.size(-1);
  const double smoothing = options.label_smoothing;
  at::Tensor t = targets.to(z.scalar_type());
  if (smoothing > 0.0) t = t * (1.0 - smoothing) + smoothing / 2.0;
  return at::binary_cross_entropy_with_logits(z, t, weights_tensor("class_weights", options.class_weights, labels, z),
                                              weights_tensor("positive_weights", options.positive_weights, labels, z),
                                              at::Reduction::None);
}

at::Tensor hinge(const LossOptions& options, const at::Tensor& z, const at::Tensor& targets) {
  if (is_classes(targets) && z.dim() == 2 && targets.dim() == 1) {
    require_sizes("targets", targets, z.sizes().slice(0, 1));
    require_classes(targets, z.size(1));
    return at::multi_margin_loss(z, targets.to(at::kLong), 1, 1,
                                 weights_tensor("class_weights", options.class_weights, z.size(1), z),
                                 at::Reduction::None);
  }
  require_sizes("targets", targets, z.sizes());
  require_on_cpu([](const at::Tensor& t) { return t.abs().eq(1).all().item<bool>(); }, targets,
                 "a target of hinge must be -1 or 1");
  const at::Tensor losses = (1.0 - targets.to(z.scalar_type()) * z).clamp_min(0.0);
  const at::Tensor weights = weights_tensor("class_weights", options.class_weights, z.size(-1), z);
  return weights.defined() ? losses * weights : losses;
}

}  // namespace

at::Tensor compute_loss(const LossOptions& options, const at::Tensor& outputs, const at::Tensor& targets,
                        const at::Tensor& example_weights) {
  options.check();
  if (outputs.dim() < 1 || !targets.defined()) {
    throw ShapeMismatch(formatted("loss: outputs must be (batch, …), got {}", sizes_text(outputs)));
  }
  if (example_weights.defined()) {
    require_sizes("example_weights", example_weights, outputs.sizes().slice(0, 1));
    require_on_cpu([](const at::Tensor& w) { return w.ge(0).all().item<bool>() && w.sum().item<double>() > 0; },
                   example_weights, "example_weights must be 0 or more, and not all 0");
  }
  const auto same_sizes = [&] {
    require_sizes("targets", targets, outputs.sizes());
    return targets.to(outputs.scalar_type());
  };

  switch (options.kind) {
    case LossKind::kCrossEntropy: return cross_entropy(options, outputs, targets, example_weights);
    case LossKind::kBinaryCrossEntropy:
      return mean_over_examples(binary_cross_entropy(options, outputs, targets), example_weights);
    case LossKind::kMeanSquaredError:
      return mean_over_examples(at::mse_loss(outputs, same_sizes(), at::Reduction::None), example_weights);
    case LossKind::kMeanAbsoluteError:
      return mean_over_examples(at::l1_loss(outputs, same_sizes(), at::Reduction::None), example_weights);
    case LossKind::kHuber:
      return mean_over_examples(at::huber_loss(outputs, same_sizes(), at::Reduction::None, options.delta),
                                example_weights);
    case LossKind::kHinge: return mean_over_examples(hinge(options, outputs, targets), example_weights);
    case LossKind::kKlDivergence: break;
  }
  if (outputs.dim() < 2) {
    throw ShapeMismatch(formatted("loss: outputs must be (batch, classes, …), got {}", sizes_text(outputs)));
  }
  return mean_over_examples(at::kl_div(at::log_softmax(outputs, 1), same_sizes(), at::Reduction::None).sum(1),
                            example_weights);
}

at::Tensor total_loss(std::span<const LossOptions> options, std::span<const at::Tensor> outputs,
                      std::span<const at::Tensor> targets, const at::Tensor& example_weights) {
  if (options.empty() || options.size() != outputs.size() || targets.size() != outputs.size()) {
    throw InvalidArgument(
        formatted("loss: every output must have a loss and a target, got {} losses, {} outputs and {} targets",
                  options.size(), outputs.size(), targets.size()));
  }
  at::Tensor total;
  for (std::size_t k = 0; k < options.size(); ++k) {
    try {
      const at::Tensor term = options[k].weight * compute_loss(options[k], outputs[k], targets[k], example_weights);
      total = total.defined() ? total + term : term;
    } catch (Error& error) {
      error.prepend(formatted("output {}", k));
      throw;
    }
  }
  return total;
}

}  // namespace ludus::nn
