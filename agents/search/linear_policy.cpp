#include "agents/search/linear_policy.h"

#include <cmath>

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

}  // namespace ludus::agents
