#include <ATen/ATen.h>

#include "nn/core/init.h"
#include "nn/layers/dropout.h"
#include "nn/layers/forward.h"

namespace ludus::nn::layers {

at::Tensor forward(const Dropout& layer, const ForwardArguments& a) {
  if (!a.training() || layer.rate == 0.0) return a.x();
  // sampled on the CPU, so that a seed drops the same elements on every device
  at::Generator generator = make_generator(a.random->next_uint64());
  const at::Tensor mask = at::empty(a.x().sizes(), a.x().options().device(at::kCPU).requires_grad(false))
                              .bernoulli_(1.0 - layer.rate, generator);
  return a.x() * mask.div_(1.0 - layer.rate).to(a.x().device());
}

}  // namespace ludus::nn::layers
