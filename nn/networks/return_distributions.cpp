#include "nn/networks/return_distributions.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "base/error.h"
#include "base/format.h"
#include "nn/core/quantile_kernels.h"

namespace ludus::nn {
namespace {

// quantile_huber() as an autograd node, over contiguous float tensors on the CPU: quantiles (n x N), constant target (n
// x M).
class QuantileHuber : public torch::autograd::Function<QuantileHuber> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& quantiles,
                            const at::Tensor& target) {
    const auto options = quantiles.options().requires_grad(false);
    const at::Tensor losses = at::empty({quantiles.size(0)}, options),
                     gradients = at::empty(quantiles.sizes(), options);
    quantile_huber(quantiles.data_ptr<float>(), target.data_ptr<float>(), quantiles.size(0), quantiles.size(1),
                   target.size(1), losses.data_ptr<float>(), gradients.data_ptr<float>());
    context->save_for_backward({gradients});
    return losses;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list output_gradients) {
    return {output_gradients[0].unsqueeze(1) * context->get_saved_variables()[0], at::Tensor()};
  }
};

}  // namespace

ValueSupport::ValueSupport(double low, double high, std::int64_t atoms, const at::TensorOptions& like)
    : low_(low), high_(high), spacing_((high - low) / static_cast<double>(atoms - 1)) {
  if (!(low < high) || atoms < 2) {
    throw InvalidArgument(formatted(
        "value support: low must be below high with at least 2 atoms, got {} atoms from {} to {}", atoms, low, high));
  }
  values_ = at::linspace(low, high, atoms, like);
}

at::Tensor ValueSupport::expectation(const at::Tensor& logits) const {
  return (at::softmax(logits, -1) * values_).sum(-1);
}

at::Tensor ValueSupport::project(const at::Tensor& probabilities, const at::Tensor& rewards,
                                 const at::Tensor& factors) const {
  // the position of r + γ z_j on the support, in units of Δz: the fraction `share` of the way from index `lower` to the
  // next
  const at::Tensor moved = (rewards.unsqueeze(1) + factors.unsqueeze(1) * values_).clamp(low_, high_);
  const at::Tensor place = ((moved - low_) / spacing_).clamp(0, static_cast<double>(values_.numel() - 1));
  const at::Tensor lower = place.floor(), share = place - lower;
  const at::Tensor below = lower.to(at::kLong), above = (below + 1).clamp_max(values_.numel() - 1);
  return at::zeros_like(probabilities)
      .scatter_add(1, below, (1 - share) * probabilities)
      .scatter_add(1, above, share * probabilities);
}

at::Tensor cross_entropies(const at::Tensor& logits, const at::Tensor& target) {
  return -(target * at::log_softmax(logits, 1)).sum(1);
}

at::Tensor quantile_huber_losses(const at::Tensor& quantiles, const at::Tensor& target) {
  const bool fused = quantiles.is_cpu() && quantiles.scalar_type() == at::kFloat && target.is_cpu() &&
                     target.scalar_type() == at::kFloat && !target.requires_grad();
  if (fused) return QuantileHuber::apply(quantiles.contiguous(), target.contiguous());

  const std::int64_t n = quantiles.size(1);
  const at::Tensor tau = (at::arange(n, quantiles.options().requires_grad(false)) + 0.5) / static_cast<double>(n);
  const at::Tensor y = target.unsqueeze(1), theta = quantiles.unsqueeze(2);  // (n x 1 x M), (n x N x 1)
  const at::Tensor below = (y < theta).to(tau.scalar_type());                // 1{u < 0}
  const auto [left, right] = std::pair(y.expand({y.size(0), n, y.size(2)}), theta.expand({y.size(0), n, y.size(2)}));
  const at::Tensor huber = at::smooth_l1_loss(right, left, at::Reduction::None);
  return ((tau.view({1, n, 1}) - below).abs() * huber).mean(2).sum(1);
}

}  // namespace ludus::nn
