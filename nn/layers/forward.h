// What the forward functions of layers work on.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

#include "nn/layers/layer_parts.h"

namespace ludus::nn {

struct ForwardArguments {
  std::span<const at::Tensor> inputs;      // each (batch x shape of an example)
  std::span<const at::Tensor> parameters;  // of the layer, in the order of its parameters()
  Mode mode = Mode::kInfer;
  Generator* random = nullptr;  // for layers that sample in training; never null in Mode::kTrain

  const at::Tensor& x() const { return inputs.front(); }
  bool training() const { return mode == Mode::kTrain; }
};

}  // namespace ludus::nn
