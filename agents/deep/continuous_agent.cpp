#include "agents/deep/continuous_agent.h"

#include <ATen/ATen.h>

#include "nn/core/tensor_io.h"
#include "nn/model/exported_policy.h"
#include "nn/networks/critics.h"
#include "nn/networks/network.h"

namespace ludus::agents {

ContinuousAgent::ContinuousAgent(std::string_view algorithm, const ContinuousConfig& config, Dict config_dict,
                                 std::vector<std::string> recorded, const EnvSignature& facts, std::uint64_t seed,
                                 const std::string& device)
    : OffPolicyAgent({.algorithm = std::string(algorithm),
                      .config = std::move(config_dict),
                      .recorded = std::move(recorded),
                      .action_size = facts.action_size},
                     config, facts, seed, device),
      action_size_(facts.action_size),
      scale_(facts, algorithm),
      noise_(config.noise, facts.num_envs, facts.action_size) {}

nn::NetworkOptions ContinuousAgent::network_options(std::int64_t outputs, std::int64_t extra_inputs) const {
  nn::NetworkOptions options;
  options.features = features();
  options.extra_inputs = extra_inputs;
  options.mlp = settings().mlp();
  options.mlp.outputs = outputs;
  return options;
}

void ContinuousAgent::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  actions.discrete.clear();
  actions.continuous.resize(num_envs() * action_size_);
  if (is_warming_up() && warms_up_at_random()) {
    for (float& action : actions.continuous) action = static_cast<float>(generator().uniform(-1, 1));
  } else {
    explore(batch.rows, actions.continuous);
    noise_.add_to(actions.continuous, remaining(), generator());
  }
  scale_.from_unit(actions.continuous);
}

void ContinuousAgent::explore(std::span<const float> observations, std::span<float> actions) {
  std::vector<float> noise(num_envs() * noise_size());
  for (float& number : noise) number = generator().standard_normal_float32();
  choose(observations, num_envs(), noise, actions);
}

void ContinuousAgent::predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) {
  actions.discrete.clear();
  actions.continuous.resize(batch.size * action_size_);
  std::vector<float> noise(deterministic ? 0 : batch.size * noise_size());
  if (!noise.empty()) {
    draw_for_prediction([&](Generator& generator) {
      for (float& number : noise) number = generator.standard_normal_float32();
    });
  }
  choose(batch.rows, batch.size, noise, actions.continuous);
  scale_.from_unit(actions.continuous);
}

nn::ExportedPolicy ContinuousAgent::export_policy() const {
  const NamedArrays state = actor_parameters();
  nn::PolicyGraph graph(features(), state);
  return graph.finish(add_actor(graph),
                      {.kind = nn::ActionDecoder::Kind::kRescale, .low = scale_.low(), .high = scale_.high()});
}

void ContinuousAgent::encode_actions(const envs::ActionBatch& actions, std::vector<float>& rows) const {
  rows = actions.continuous;
  scale_.to_unit(rows);
}

void ContinuousAgent::after_observe(const Experience& experience) {
  for (std::size_t env = 0; env < num_envs(); ++env) {
    if (experience.terminated[env] || experience.truncated[env]) noise_.reset(env);
  }
}

void ContinuousAgent::restart_episodes() {
  OffPolicyAgent::restart_episodes();
  for (std::size_t env = 0; env < num_envs(); ++env) noise_.reset(env);
}

std::vector<float> ContinuousAgent::action_values(std::span<const float> observations, std::span<const float> actions,
                                                  std::size_t n) const {
  std::vector<float> rows(observations.begin(), observations.end()), unit_actions(actions.begin(), actions.end());
  scale_.to_unit(unit_actions);
  const auto count = static_cast<std::int64_t>(n);
  const at::NoGradGuard no_grad;
  const at::Tensor values =
      critics()
          .q1(nn::view_of(rows, {count, static_cast<std::int64_t>(observation_size())}, device()),
              nn::view_of(unit_actions, {count, static_cast<std::int64_t>(action_size_)}, device()))
          .to(at::kCPU)
          .contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + n};
}

void ContinuousAgent::learning_state(StateWriter& visit) const {
  network_state(visit);
  visit("noise", noise_);
}

void ContinuousAgent::learning_state(StateReader& visit) {
  network_state(visit);
  visit("noise", noise_);
}

}  // namespace ludus::agents
