#include <ATen/ATen.h>

#include "base/format.h"
#include "nn/layers/embedding.h"
#include "nn/layers/forward.h"

namespace ludus::nn::layers {

at::Tensor forward(const Embedding& layer, const ForwardArguments& a) {
  const at::Tensor& indices = a.x();
  if (!at::isIntegralType(indices.scalar_type(), /*includeBool=*/false)) {
    throw ShapeMismatch(
        formatted("the input must be indices of an integer type, got {}", c10::toString(indices.scalar_type())));
  }
  // torch reads outside the table on the CPU in some versions and aborts the process on a GPU
  if (indices.numel() > 0) {
    const std::int64_t low = indices.min().item<std::int64_t>(), high = indices.max().item<std::int64_t>();
    if (low < 0 || high >= layer.vocabulary) {
      throw ShapeMismatch(
          formatted("the indices must be in [0, {}], got {}", layer.vocabulary - 1, low < 0 ? low : high));
    }
  }
  return at::embedding(a.parameters[0], indices.to(at::kLong), layer.padding_index.value_or(-1));
}

}  // namespace ludus::nn::layers
