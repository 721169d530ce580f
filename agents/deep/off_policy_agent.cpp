#include "agents/deep/off_policy_agent.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "agents/deep/feature_layout.h"
#include "agents/core/saved_state.h"
#include "envs/core/env.h"
#include "nn/networks/critics.h"
#include "nn/networks/network.h"
#include "nn/core/tensor_io.h"
#include "nn/networks/transitions.h"
#include "base/checkpoint.h"

namespace ludus::agents {

void OffPolicyConfig::check(std::string_view algorithm) const {
  ReplaySettings::check(algorithm);
  noise.check();
}

OffPolicyAgent::OffPolicyAgent(std::string_view algorithm, const OffPolicyConfig& config, Dict settings,
                               std::vector<std::string> figures, const EnvSignature& facts, std::uint64_t seed,
                               const std::string& device)
    : algorithm_(algorithm),
      config_((config.check(algorithm), config)),
      settings_(std::move(settings)),
      device_(nn::parse_device(device)),
      features_(feature_layout(*facts.observation_space, algorithm)),
      observation_size_(facts.observation_size),
      action_size_(facts.action_size),
      num_envs_(facts.num_envs),
      scale_(facts, algorithm),
      noise_(config.noise, num_envs_, action_size_),
      generator_(seed),
      eval_generator_(seed) {
  for (std::string& tag : figures) figures_.emplace(std::move(tag), Sum{});
}

nn::NetworkOptions OffPolicyAgent::network_options(std::int64_t outputs, std::int64_t extra_inputs) const {
  nn::NetworkOptions options;
  options.features = features_;
  options.extra_inputs = extra_inputs;
  options.mlp.hidden = config_.hidden;
  options.mlp.outputs = outputs;
  return options;
}

replay::ReplayOptions OffPolicyAgent::replay_options() const {
  return {.capacity = static_cast<std::size_t>(config_.buffer_size),
          .observation_size = observation_size_,
          .action_size = action_size_};
}

double OffPolicyAgent::memory_bytes() const {
  return replay::replay_bytes(replay_options());
}

// Taken when the first transition comes: whoever only plays needs none.
replay::ReplayBuffer& OffPolicyAgent::memory() {
  if (!replay_) replay_ = replay::make_replay_buffer(replay_options());
  return *replay_;
}

void OffPolicyAgent::act(std::span<const float> observations, Actions& out) {
  out.integers.clear();
  out.reals.resize(num_envs_ * action_size_);
  if (is_warming_up() && warms_up_at_random()) {
    for (float& action : out.reals) action = static_cast<float>(generator_.uniform(-1, 1));
  } else {
    explore(observations, out.reals);
    noise_.add_to(out.reals, remaining(), generator_);
  }
  scale_.from_unit(out.reals);
}

void OffPolicyAgent::predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) {
  out.integers.clear();
  out.reals.resize(n * action_size_);
  choose(observations, n, deterministic, eval_generator_, out.reals);
  scale_.from_unit(out.reals);
}

void OffPolicyAgent::observe(const Experience& experience) {
  actions_ = experience.actions->reals;
  scale_.to_unit(actions_);
  for (std::size_t i = 0; i < num_envs_; ++i) {
    // what was cut goes on as far as its values are concerned: the memory is told of terminations only
    memory().add({.observation = experience.observations.subspan(i * observation_size_, observation_size_),
                  .action = std::span<const float>(actions_).subspan(i * action_size_, action_size_),
                  .reward = static_cast<float>(experience.rewards[i]),
                  .next_observation = experience.next_observations.subspan(i * observation_size_, observation_size_),
                  .terminated = experience.terminated[i] != 0,
                  .discount = static_cast<float>(config_.discount)});
    if (experience.terminated[i] || experience.truncated[i]) noise_.reset(i);
  }
  steps_ += static_cast<std::int64_t>(num_envs_);
  ++calls_;
}

void OffPolicyAgent::update() {
  for (std::int64_t k = config_.gradient_steps_due(calls_, steps_, num_envs_); k > 0; --k) learn_from_batch();
}

void OffPolicyAgent::learn_from_batch() {
  const std::int64_t n = config_.batch_size;
  const auto width = static_cast<std::int64_t>(observation_size_), k = static_cast<std::int64_t>(action_size_);
  memory().sample(static_cast<std::size_t>(n), generator_, batch_);
  ++updates_;
  learn({.observations = nn::borrowed(batch_.observations, {n, width}, device_),
         .actions = nn::borrowed(batch_.actions, {n, k}, device_),
         .rewards = nn::borrowed(batch_.rewards, {n}, device_),
         .next_observations = nn::borrowed(batch_.next_observations, {n, width}, device_),
         .terminated = nn::borrowed(batch_.terminated, {n}, device_),
         .discounts = nn::borrowed(batch_.discounts, {n}, device_)},
        now(config_.learning_rate));
}

std::vector<float> OffPolicyAgent::action_values(std::span<const float> observations, std::span<const float> actions,
                                                 std::size_t n) const {
  std::vector<float> rows(observations.begin(), observations.end()), units(actions.begin(), actions.end());
  scale_.to_unit(units);
  const auto count = static_cast<std::int64_t>(n);
  const at::NoGradGuard constant;
  const at::Tensor values =
      critics()
          .first(nn::borrowed(rows, {count, static_cast<std::int64_t>(observation_size_)}, device_),
                 nn::borrowed(units, {count, static_cast<std::int64_t>(action_size_)}, device_))
          .to(at::kCPU)
          .contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + n};
}

at::Tensor OffPolicyAgent::normals(std::span<const std::int64_t> sizes) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  normals_.resize(static_cast<std::size_t>(count));
  for (float& number : normals_) number = generator_.standard_normal_float32();
  return nn::borrowed(normals_, {sizes.data(), sizes.size()}, device_);
}

void OffPolicyAgent::record(const std::string& tag, double figure) {
  Sum& sum = figures_.at(tag);
  sum.sum += figure;
  ++sum.count;
}

std::vector<std::string> OffPolicyAgent::metric_names() const {
  std::vector<std::string> names{"train/learning_rate", "train/n_updates"};
  for (const auto& [tag, sum] : figures_) names.push_back(tag);
  return names;
}

Metrics OffPolicyAgent::metrics() {
  Metrics shown;
  if (updates_ > 0) {
    shown["train/learning_rate"] = now(config_.learning_rate);
    shown["train/n_updates"] = static_cast<double>(updates_);
  }
  for (auto& [tag, figure] : figures_) {
    if (figure.count > 0) shown[tag] = figure.sum / static_cast<double>(figure.count);
    figure = {};
  }
  return shown;
}

void OffPolicyAgent::save_policy(Checkpoint& checkpoint) const {
  const Part policy = parts().front();
  checkpoint.writer("agent/" + policy.name).put_all(policy.state());
}

void OffPolicyAgent::load_policy(const Checkpoint& checkpoint) {
  const Part policy = parts().front();
  policy.load(checkpoint.reader("agent/" + policy.name).all());
}

void OffPolicyAgent::save(Checkpoint& checkpoint) const {
  for (const Part& part : parts()) checkpoint.writer("agent/" + part.name).put_all(part.state());
  if (replay_) put_dict(checkpoint, "agent/replay", replay_->state());
  put_generator(checkpoint, "agent/generator", generator_);
  put_integer(checkpoint, "agent/steps", steps_);
  put_integer(checkpoint, "agent/calls", calls_);
  put_integer(checkpoint, "agent/updates", updates_);
  put_numbers(checkpoint, "agent/noise", noise_.process());
  for (const auto& [tag, figure] : figures_) {
    put_real(checkpoint, "agent/sums/" + tag, figure.sum);
    put_integer(checkpoint, "agent/counts/" + tag, figure.count);
  }
}

void OffPolicyAgent::load(const Checkpoint& checkpoint) {
  for (const Part& part : parts()) part.load(checkpoint.reader("agent/" + part.name).all());
  replay_.reset();
  if (checkpoint.contains_value("agent/replay")) memory().restore(take_dict(checkpoint, "agent/replay"));
  generator_ = take_generator(checkpoint, "agent/generator");
  steps_ = take_integer(checkpoint, "agent/steps");
  calls_ = take_integer(checkpoint, "agent/calls");
  updates_ = take_integer(checkpoint, "agent/updates");
  noise_.set_process(take_numbers<double>(checkpoint, "agent/noise"));
  for (auto& [tag, figure] : figures_) {
    figure = {.sum = take_real(checkpoint, "agent/sums/" + tag),
              .count = take_integer(checkpoint, "agent/counts/" + tag)};
  }
}

}  // namespace ludus::agents
