#include "nn/core/distributions.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "base/error.h"
#include "base/format.h"

namespace ludus::nn {
namespace {

constexpr double kForbidden = -1e8;  // logit of a masked class: probability and gradient are 0 in float
const double kLogRootTwoPi = 0.5 * std::log(2.0 * std::numbers::pi);

}  // namespace

Categorical::Categorical(const at::Tensor& logits, const std::vector<std::int64_t>& classes, const at::Tensor& mask) {
  const at::Tensor allowed = mask.defined() ? logits.masked_fill(mask.eq(0), kForbidden) : logits;
  std::int64_t offset = 0;
  for (const std::int64_t count : classes) {
    log_probabilities_.push_back(at::log_softmax(classes.size() == 1 ? allowed : allowed.narrow(1, offset, count), 1));
    offset += count;
  }
  if (logits.dim() != 2 || logits.size(1) != offset) {
    throw InvalidArgument(
        formatted("categorical: logits must have shape (n, {}), got {}", offset, c10::str(logits.sizes())));
  }
}

// log π(a) = Σ_j log p_j(a_j)
at::Tensor Categorical::log_prob(const at::Tensor& actions) const {
  const at::Tensor index = actions.to(at::kLong);
  at::Tensor sum;
  for (std::size_t j = 0; j < log_probabilities_.size(); ++j) {
    const at::Tensor chosen = index.narrow(1, static_cast<std::int64_t>(j), 1);
    const at::Tensor term = log_probabilities_[j].gather(1, chosen).squeeze(1);
    sum = j == 0 ? term : sum + term;
  }
  return sum;
}

// H = −Σ_j Σ_c p log p; a forbidden class has p = 0 and a finite logarithm: its term is 0
at::Tensor Categorical::entropy() const {
  at::Tensor sum;
  for (std::size_t j = 0; j < log_probabilities_.size(); ++j) {
    const at::Tensor term = (log_probabilities_[j].exp() * log_probabilities_[j]).sum(1);
    sum = j == 0 ? term : sum + term;
  }
  return -sum;
}

at::Tensor Categorical::mode() const {
  std::vector<at::Tensor> best;
  for (const at::Tensor& choice : log_probabilities_) best.push_back(choice.argmax(1, /*keepdim=*/true));
  return at::cat(best, 1);
}

// the first class at which the cumulative probability exceeds the noise
at::Tensor Categorical::sample(const at::Tensor& noise) const {
  std::vector<at::Tensor> drawn;
  for (std::size_t j = 0; j < log_probabilities_.size(); ++j) {
    const at::Tensor cumulative = log_probabilities_[j].exp().cumsum(1);
    // rounding may leave the sum slightly below 1: scaling the noise by the sum never selects a class of probability 0
    const at::Tensor threshold =
        noise.narrow(1, static_cast<std::int64_t>(j), 1) * cumulative.narrow(1, cumulative.size(1) - 1, 1);
    drawn.push_back(cumulative.le(threshold).sum(1, /*keepdim=*/true).clamp_max(cumulative.size(1) - 1));
  }
  return at::cat(drawn, 1);
}

// log p(a) = a log σ(l) + (1 − a) log σ(−l) = −softplus(l) + a l, with σ the logistic function
at::Tensor Bernoulli::log_prob(const at::Tensor& actions) const {
  return (actions.to(logits_.scalar_type()) * logits_ - at::softplus(logits_)).sum(1);
}

// H = softplus(l) − l σ(l)
at::Tensor Bernoulli::entropy() const {
  return (at::softplus(logits_) - logits_ * at::sigmoid(logits_)).sum(1);
}

at::Tensor Bernoulli::mode() const {
  return logits_.gt(0).to(at::kLong);
}

at::Tensor Bernoulli::sample(const at::Tensor& noise) const {
  return noise.lt(at::sigmoid(logits_)).to(at::kLong);
}

DiagonalGaussian::DiagonalGaussian(at::Tensor mean, at::Tensor log_std)
    : mean_(std::move(mean)), log_std_(std::move(log_std)) {}

// log π(a) = Σ_j [ −½ ((a_j − μ_j) / σ_j)² − log σ_j − ½ log 2π ]
at::Tensor DiagonalGaussian::log_prob(const at::Tensor& actions) const {
  const at::Tensor standardised = (actions - mean_) * (-log_std_).exp();
  return (-0.5 * standardised.square() - log_std_ - kLogRootTwoPi).sum(1);
}

// H = Σ_j [ ½ + ½ log 2π + log σ_j ]
at::Tensor DiagonalGaussian::entropy() const {
  return (log_std_.expand_as(mean_) + (0.5 + kLogRootTwoPi)).sum(1);
}

at::Tensor DiagonalGaussian::sample(const at::Tensor& noise) const {
  return mean_ + log_std_.exp() * noise;
}

SquashedGaussian::SquashedGaussian(at::Tensor mean, at::Tensor log_std)
    : normal_(std::move(mean), std::move(log_std)) {}

// log π(a) = log N(u) − Σ_j log(1 − tanh²(u_j)), for da/du = 1 − tanh²(u).  With tanh(u) = 1 − 2 / (e^{2u} + 1),
//   log(1 − tanh²(u)) = 2 (log 2 − u − softplus(−2u)),
// exact also where tanh(u) rounds to ±1, and log(1 − tanh²(u)) would be log 0.
at::Tensor SquashedGaussian::log_prob_of_unsquashed(const at::Tensor& u) const {
  const at::Tensor log_slope = 2.0 * (std::numbers::ln2 - u - at::softplus(-2.0 * u));
  return normal_.log_prob(u) - log_slope.sum(1);
}

SquashedGaussian::Sample SquashedGaussian::sample(const at::Tensor& noise) const {
  const at::Tensor u = normal_.sample(noise);
  return {.action = at::tanh(u), .log_prob = log_prob_of_unsquashed(u)};
}

SquashedGaussian::Sample SquashedGaussian::sample_offset(const at::Tensor& offset) const {
  const at::Tensor u = normal_.mode() + offset;
  return {.action = at::tanh(u), .log_prob = log_prob_of_unsquashed(u)};
}

at::Tensor SquashedGaussian::log_prob(const at::Tensor& actions) const {
  constexpr double kNearest = 1.0 - std::numeric_limits<float>::epsilon();
  return log_prob_of_unsquashed(at::atanh(actions.clamp(-kNearest, kNearest)));
}

at::Tensor SquashedGaussian::mode() const {
  return at::tanh(normal_.mode());
}

}  // namespace ludus::nn
