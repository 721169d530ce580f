#include "nn/networks/critics.h"

#include <ATen/ATen.h>

#include <string>

namespace ludus::nn {

Critics::Critics(const NetworkOptions& options, std::int64_t count, at::Generator& generator) {
  if (count < 1 || options.mlp.outputs != 1 || options.extra_inputs < 1) {
    throw InvalidArgument(
        "critics are one network or more of one output each, which take an action of one number or more");
  }
  for (std::int64_t i = 0; i < count; ++i) {
    networks_.push_back(register_module(std::to_string(i), std::make_shared<Network>(options, generator)));
  }
}

std::vector<at::Tensor> Critics::forward(const at::Tensor& rows, const at::Tensor& actions) const {
  std::vector<at::Tensor> values;
  values.reserve(networks_.size());
  for (const auto& network : networks_) values.push_back(network->forward(rows, actions).squeeze(1));
  return values;
}

at::Tensor Critics::first(const at::Tensor& rows, const at::Tensor& actions) const {
  return networks_.front()->forward(rows, actions).squeeze(1);
}

at::Tensor smallest(const std::vector<at::Tensor>& values) {
  at::Tensor least = values.front();
  for (std::size_t i = 1; i < values.size(); ++i) least = at::minimum(least, values[i]);
  return least;
}

at::Tensor bellman_target(const at::Tensor& rewards, const at::Tensor& discounts, const at::Tensor& terminated,
                          const at::Tensor& next_values) {
  return (rewards + discounts * (1 - terminated) * next_values).detach();
}

at::Tensor squared_error(const std::vector<at::Tensor>& values, const at::Tensor& target) {
  at::Tensor sum = at::mse_loss(values.front(), target);
  for (std::size_t i = 1; i < values.size(); ++i) sum = sum + at::mse_loss(values[i], target);
  return sum;
}

}  // namespace ludus::nn
