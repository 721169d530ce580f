#include "nn/core/init.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

#include "base/error.h"
#include "base/format.h"

namespace ludus::nn {

at::Generator make_generator(std::uint64_t seed) {
  return at::make_generator<at::CPUGeneratorImpl>(seed);
}

void init_uniform(at::Tensor tensor, double bound, at::Generator& generator) {
  const at::NoGradGuard no_grad;
  at::Tensor numbers = at::empty(tensor.sizes(), tensor.options().device(at::kCPU).requires_grad(false));
  numbers.uniform_(-bound, bound, generator);
  tensor.copy_(numbers);
}

void init_orthogonal(at::Tensor tensor, double gain, at::Generator& generator) {
  if (tensor.dim() < 2) {
    throw InvalidArgument(formatted("orthogonal initialisation needs 2 dimensions or more, got {}", tensor.dim()));
  }
  const at::NoGradGuard no_grad;
  const std::int64_t rows = tensor.size(0);
  const std::int64_t columns = rows == 0 ? 0 : tensor.numel() / rows;
  const bool wide = rows < columns;

  // the decomposition needs at least as many rows as columns
  at::Tensor normal = at::empty({rows, columns}, tensor.options().device(at::kCPU).requires_grad(false));
  normal.normal_(0.0, 1.0, generator);
  const auto [q, r] = at::linalg_qr(wide ? normal.t() : normal);

  const at::Tensor uniform = q * r.diagonal().sign();
  tensor.copy_((wide ? uniform.t() : uniform).mul(gain).view_as(tensor));
}

void init_layer(at::Tensor weight, at::Tensor bias, Initialisation initialisation, double gain,
                at::Generator& generator) {
  const at::NoGradGuard no_grad;
  switch (initialisation) {
    case Initialisation::kUniform: {
      // He et al. 2015 with a = sqrt(5): sqrt(6 / ((1 + a²) fan_in)) = 1 / sqrt(fan_in)
      const double bound = 1.0 / std::sqrt(static_cast<double>(weight.numel() / weight.size(0)));
      init_uniform(weight, bound, generator);
      init_uniform(bias, bound, generator);
      return;
    }
    case Initialisation::kOrthogonal:
      init_orthogonal(weight, gain, generator);
      bias.zero_();
      return;
    case Initialisation::kConstant:
      weight.fill_(gain);
      bias.fill_(gain);
      return;
  }
}

}  // namespace ludus::nn
