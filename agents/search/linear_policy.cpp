#include "agents/search/linear_policy.h"

#include <cmath>

#include "nn/model/exported_policy.h"

namespace ludus::agents {

LinearPolicy::LinearPolicy(const EnvSignature& facts, bool bias, std::string_view algorithm)
    : FlatPolicy(facts, algorithm), bias_(bias), features_(input_.size() + (bias ? 1 : 0)) {}

double LinearPolicy::product(std::span<const double> weights, std::span<const float> observation) const {
  double sum = bias_ ? weights.back() : 0.0;
  if (input_.one_hot()) return sum + weights[input_.hot(observation)];
  for (std::size_t k = 0; k < observation.size(); ++k) sum += weights[k] * static_cast<double>(observation[k]);
  return sum;
}

std::vector<double> LinearPolicy::draw(Generator& generator) const {
  const double bound = 1.0 / std::sqrt(static_cast<double>(input_.size()));
  std::vector<double> parameters(parameter_count());
  for (double& number : parameters) number = generator.uniform(-bound, bound);
  return parameters;
}

void LinearPolicy::choose(std::span<const double> parameters, std::span<const float> observation, std::size_t i,
                          envs::ActionBatch& out) const {
  thread_local std::vector<double> outputs;
  outputs.resize(output_.size());
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    outputs[k] = product(parameters.subspan(k * features_, features_), observation);
  }
  output_.write(outputs, i, out);
}

nn::ExportedPolicy LinearPolicy::export_policy(std::span<const double> parameters) const {
  const auto inputs = static_cast<std::int64_t>(input_.size()), outputs = static_cast<std::int64_t>(output_.size());
  Array weight(DType::kFloat32, Shape{outputs, inputs});
  std::optional<Array> bias;
  if (bias_) bias.emplace(DType::kFloat32, Shape{outputs});
  for (std::size_t k = 0; k < output_.size(); ++k) {
    const auto row = parameters.subspan(k * features_, features_);
    for (std::size_t i = 0; i < input_.size(); ++i) weight.set(k * input_.size() + i, row[i]);
    if (bias) bias->set(k, row.back());
  }
  const NamedArrays none;
  nn::PolicyGraph graph(input_.features(), none);
  const std::string input = graph.add_features("");
  return graph.finish(graph.add_dense("linear", std::move(weight), std::move(bias), nn::Activation::kNone, input),
                      output_.decoder(false));
}

}  // namespace ludus::agents
