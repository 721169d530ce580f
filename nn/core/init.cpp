#include "nn/core/init.h"

#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <c10/core/GradMode.h>

#include <string>

#include "base/error.h"

namespace ludus::nn {

at::Generator make_generator(std::uint64_t seed) {
  return at::make_generator<at::CPUGeneratorImpl>(seed);
}

void init_uniform(at::Tensor tensor, double bound, at::Generator& generator) {
  const c10::NoGradGuard no_gradient;
  at::Tensor numbers = at::empty(tensor.sizes(), tensor.options().device(at::kCPU).requires_grad(false));
  numbers.uniform_(-bound, bound, generator);
  tensor.copy_(numbers);
}

void init_orthogonal(at::Tensor tensor, double gain, at::Generator& generator) {
  if (tensor.dim() < 2) {
    throw InvalidArgument("orthogonal weights need 2 dimensions or more, and this tensor has " +
                          std::to_string(tensor.dim()));
  }
  const c10::NoGradGuard no_gradient;
  const std::int64_t rows = tensor.size(0);
  const std::int64_t columns = rows == 0 ? 0 : tensor.numel() / rows;
  const bool wide = rows < columns;

  // the decomposition wants at least as many rows as columns
  at::Tensor normal = at::empty({rows, columns}, tensor.options().device(at::kCPU).requires_grad(false));
  normal.normal_(0.0, 1.0, generator);
  const auto [q, r] = at::linalg_qr(wide ? normal.t() : normal);

  const at::Tensor uniform = q * r.diagonal().sign();
  tensor.copy_((wide ? uniform.t() : uniform).mul(gain).view_as(tensor));
}

}  // namespace ludus::nn
