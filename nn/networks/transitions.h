// A batch of transitions as tensors on a network's device.
#pragma once

#include <ATen/core/Tensor.h>

namespace ludus::nn {

struct Transitions {
  at::Tensor observations;       // s: (n x row_size)
  at::Tensor actions;            // a: (n x action_size)
  at::Tensor rewards;            // r: (n)
  at::Tensor next_observations;  // s': (n x row_size)
  at::Tensor terminated;         // (n) of 0 and 1: nothing follows s'
  at::Tensor discounts;          // (n): what the value of s' counts for: γ, or γ^k where k steps lead to s'
};

}  // namespace ludus::nn
