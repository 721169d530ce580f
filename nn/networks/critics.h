// Critics: estimates Q(s, a) of what an action is worth, and the formulas by which they learn.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/networks/network.h"

namespace ludus::nn {

// One network Q(s, a), or several that learn the same from different beginnings: Q_1, …, Q_K. Their parameters are
// called "0.mlp.layers.0.weight", "1.mlp.layers.0.weight", …
class Critics : public torch::nn::Module {
 public:
  // `options` of each: its extra inputs are the action; it has one output. Throws InvalidArgument.
  Critics(const NetworkOptions& options, std::int64_t count, at::Generator& generator);

  // Q_1(s, a), …, Q_K(s, a), each (n), for rows (n x row_size) and actions (n x action_size).
  std::vector<at::Tensor> forward(const at::Tensor& rows, const at::Tensor& actions) const;
  // Q_1(s, a) alone: (n).
  at::Tensor first(const at::Tensor& rows, const at::Tensor& actions) const;

 private:
  std::vector<std::shared_ptr<Network>> networks_;
};

// min_i Q_i: (n)
at::Tensor smallest(const std::vector<at::Tensor>& values);

// y = r + γ (1 − terminated) V(s'), a constant                                              Bellman 1957
// An episode that was truncated is not terminated: it was cut, not ended, and V(s') counts. All (n); where k
// steps led to s', r is their discounted sum and γ stands for γ^k.
at::Tensor bellman_target(const at::Tensor& rewards, const at::Tensor& discounts, const at::Tensor& terminated,
                          const at::Tensor& next_values);

// Σ_i mean (Q_i(s, a) − y)²
at::Tensor squared_error(const std::vector<at::Tensor>& values, const at::Tensor& target);

}  // namespace ludus::nn
