#include "nn/networks/critics.h"

#include <ATen/ATen.h>

#include <string>

#include "base/format.h"

namespace ludus::nn {

Critics::Critics(const NetworkOptions& options, std::int64_t count, at::Generator& generator) {
  if (count < 1 || options.mlp.outputs != 1 || options.extra_inputs < 1) {
    throw InvalidArgument(
        formatted("critics: need at least one network of 1 output and at least 1 action dimension, got {} of {} and {}",
                  count, options.mlp.outputs, options.extra_inputs));
  }
  for (std::int64_t i = 0; i < count; ++i) {
    networks_.push_back(register_module(std::to_string(i), std::make_shared<Network>(options, generator)));
  }
}

std::vector<at::Tensor> Critics::forward(const at::Tensor& rows, const at::Tensor& actions) const {
  std::vector<at::Tensor> q_values;
  q_values.reserve(networks_.size());
  for (const auto& network : networks_) q_values.push_back(network->forward(rows, actions).squeeze(1));
  return q_values;
}

at::Tensor Critics::q1(const at::Tensor& rows, const at::Tensor& actions) const {
  return networks_.front()->forward(rows, actions).squeeze(1);
}

at::Tensor min_q(const std::vector<at::Tensor>& q_values) {
  at::Tensor smallest = q_values.front();
  for (std::size_t i = 1; i < q_values.size(); ++i) smallest = at::minimum(smallest, q_values[i]);
  return smallest;
}

at::Tensor bellman_target(const at::Tensor& rewards, const at::Tensor& discounts, const at::Tensor& terminated,
                          const at::Tensor& next_values) {
  return (rewards + discounts * (1 - terminated) * next_values).detach();
}

at::Tensor squared_error(const std::vector<at::Tensor>& q_values, const at::Tensor& target) {
  at::Tensor sum = at::mse_loss(q_values.front(), target);
  for (std::size_t i = 1; i < q_values.size(); ++i) sum = sum + at::mse_loss(q_values[i], target);
  return sum;
}

}  // namespace ludus::nn
