// Critics, which estimate Q(s, a), and their targets and losses.
#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "nn/networks/network.h"

namespace ludus::nn {

/// One or several networks Q_1, …, Q_K of (s, a) with different initial weights. The parameters are
/// "0.mlp.layers.0.weight", "1.mlp.layers.0.weight", …
class Critics : public torch::nn::Module {
 public:
  /// `options` apply to each network; the action is added as extra inputs, and the output is a single number. Throws
  /// InvalidArgument.
  Critics(const NetworkOptions& options, std::int64_t count, at::Generator& generator);

  /// Returns Q_1(s, a), …, Q_K(s, a), each (n), for rows (n x row_size) and actions (n x action_size).
  std::vector<at::Tensor> forward(const at::Tensor& rows, const at::Tensor& actions) const;
  /// Returns Q_1(s, a): (n).
  at::Tensor q1(const at::Tensor& rows, const at::Tensor& actions) const;

 private:
  std::vector<std::shared_ptr<Network>> networks_;
};

/// Returns min_i Q_i: (n).
at::Tensor min_q(const std::vector<at::Tensor>& q_values);

/// Returns y = r + γ (1 − terminated) V(s'), without gradient (Bellman 1957). A truncated episode is not terminated and
/// bootstraps from V(s'). All (n). For k-step transitions, r is the discounted sum of rewards and `discounts` holds
/// γ^k.
at::Tensor bellman_target(const at::Tensor& rewards, const at::Tensor& discounts, const at::Tensor& terminated,
                          const at::Tensor& next_values);

/// Returns Σ_i mean (Q_i(s, a) − y)².
at::Tensor squared_error(const std::vector<at::Tensor>& q_values, const at::Tensor& target);

}  // namespace ludus::nn
