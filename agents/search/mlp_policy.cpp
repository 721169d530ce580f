#include "agents/search/mlp_policy.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/size_limit.h"
#include "nn/layers/mlp_kernels.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {

MlpPolicy::MlpPolicy(const EnvSignature& facts, const std::vector<std::int64_t>& hidden, nn::Activation activation,
                     std::string_view algorithm)
    : FlatPolicy(facts, algorithm), activation_(activation) {
  const nn::MlpOptions shape{.inputs = static_cast<std::int64_t>(input_.size()),
                             .hidden = hidden,
                             .outputs = static_cast<std::int64_t>(output_.size())};
  shape.validate();
  for (std::size_t k = 0; k < output_.low().size(); ++k) {
    if (std::isfinite(output_.low()[k]) && std::isfinite(output_.high()[k])) continue;
    throw NotApplicable(formatted("{}: actions must have finite bounds with hidden layers, got {} of {}", algorithm,
                                  facts.action_space->to_string(), facts.spec.id));
  }

  widths_.push_back(shape.inputs);
  widths_.insert(widths_.end(), hidden.begin(), hidden.end());
  widths_.push_back(shape.outputs);
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    SizeLimit::require(sizeof(double) * static_cast<double>(widths_[l]) * static_cast<double>(widths_[l + 1]));
    parameter_count_ += static_cast<std::size_t>((widths_[l] + 1) * widths_[l + 1]);
  }
}

std::vector<double> MlpPolicy::draw(Generator& generator) const {
  std::vector<double> parameters;
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    const double bound = 1.0 / std::sqrt(static_cast<double>(widths_[l]));
    for (std::int64_t k = 0; k < (widths_[l] + 1) * widths_[l + 1]; ++k) {
      parameters.push_back(generator.uniform(-bound, bound));
    }
  }
  return parameters;
}

void MlpPolicy::choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
                       envs::ActionBatch& out) const {
  thread_local std::vector<float> weights, features, results, scratch;
  thread_local std::vector<nn::DenseLayer> layers;
  thread_local std::vector<double> outputs;

  // every environment uses different parameters, so the layers are set to them on each call
  weights.assign(parameters.begin(), parameters.end());
  layers.clear();
  const float* next = weights.data();
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    const bool last = l + 2 == widths_.size();
    layers.push_back({.weight = next,
                      .bias = next + widths_[l] * widths_[l + 1],
                      .inputs = widths_[l],
                      .outputs = widths_[l + 1],
                      .activation = last ? nn::Activation::kNone : activation_});
    next += (widths_[l] + 1) * widths_[l + 1];
  }

  features.assign(input_.size(), 0.0f);
  if (input_.one_hot()) {
    features[input_.hot(observation)] = 1.0f;
  } else {
    std::copy(observation.begin(), observation.end(), features.begin());
  }
  results.resize(output_.size());
  nn::mlp_infer(layers, features.data(), 1, results.data(), scratch);

  outputs.assign(results.begin(), results.end());
  if (output_.is_box()) {
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const double low = static_cast<double>(output_.low()[k]), high = static_cast<double>(output_.high()[k]);
      outputs[k] = low + (high - low) * 0.5 * (1.0 + std::tanh(outputs[k]));
    }
  }
  output_.write(outputs, i, out);
}

nn::ExportedPolicy MlpPolicy::export_policy(std::span<const double> parameters) const {
  NamedArrays state;
  std::size_t next = 0;
  const auto take = [&](Shape shape) {
    Array array(DType::kFloat32, shape);
    for (std::size_t i = 0; i < array.size(); ++i) array.set(i, parameters[next++]);
    return array;
  };
  for (std::size_t l = 0; l + 1 < widths_.size(); ++l) {
    state.emplace_back(formatted("layers.{}.weight", l), take(Shape{widths_[l + 1], widths_[l]}));
    state.emplace_back(formatted("layers.{}.bias", l), take(Shape{widths_[l + 1]}));
  }
  nn::PolicyGraph graph(input_.features(), state);
  const nn::Activation last = output_.is_box() ? nn::Activation::kTanh : nn::Activation::kNone;
  return graph.finish(graph.add_mlp("", activation_, last, graph.add_features("")), output_.decoder(true));
}

}  // namespace ludus::agents
