// A batch of transitions as tensors on the device of the networks.
#pragma once

#include <ATen/core/Tensor.h>

namespace ludus::nn {

struct TransitionBatch {
  at::Tensor observations;       // s: (n x row_size)
  at::Tensor actions;            // a: (n x action_size); integral for discrete actions
  at::Tensor rewards;            // r: (n)
  at::Tensor next_observations;  // s': (n x row_size)
  at::Tensor terminated;         // (n) of 0 and 1; a truncated episode is not terminated
  at::Tensor discounts;          // (n): γ, or γ^k for k-step transitions from s to s'
  at::Tensor weights;            // (n): importance-sampling weights; 1 for a uniform replay buffer
};

}  // namespace ludus::nn
