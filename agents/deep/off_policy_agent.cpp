#include "agents/deep/off_policy_agent.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "agents/deep/feature_layout.h"
#include "envs/core/env.h"
#include "nn/core/tensor_io.h"
#include "nn/networks/transitions.h"

namespace ludus::agents {

OffPolicyAgent::OffPolicyAgent(Options options, const ReplaySettings& settings, const EnvSignature& facts,
                               std::uint64_t seed, const std::string& device)
    : algorithm_(std::move(options.algorithm)),
      config_(std::move(options.config)),
      settings_(settings),
      priorities_(options.priorities),
      priority_beta_(std::move(options.priority_beta)),
      device_(nn::parse_device(device)),
      features_(feature_layout(*facts.observation_space, algorithm_)),
      observation_size_(facts.observation_size),
      action_size_(options.action_size),
      num_envs_(facts.num_envs),
      n_steps_(options.n_steps),
      generator_(seed),
      eval_generator_(seed),
      recorded_(options.recorded) {}

replay::ReplayOptions OffPolicyAgent::replay_options() const {
  replay::ReplayOptions options{.capacity = static_cast<std::size_t>(settings_.buffer_size),
                                .observation_size = observation_size_,
                                .action_size = action_size_,
                                .priorities = priorities_};
  // an image or a stack of images: each frame is stored once
  if (features_.parts.size() == 1 && features_.parts[0].kind == nn::FeaturePart::Kind::kImage) {
    options.frame_size = observation_size_ / static_cast<std::size_t>(features_.parts[0].frames);
  }
  return options;
}

double OffPolicyAgent::memory_bytes() const {
  return replay::replay_bytes(replay_options());
}

void OffPolicyAgent::ensure_replay() {
  if (replay_) return;
  replay_ = replay::make_replay_buffer(replay_options());
  if (n_steps_ > 1) n_step_ = make_n_step();
}

std::unique_ptr<replay::NStep> OffPolicyAgent::make_n_step() const {
  return std::make_unique<replay::NStep>(
      n_steps_, settings_.discount, num_envs_,
      replay::TransitionSizes{.observation = observation_size_, .action = action_size_});
}

void OffPolicyAgent::store(std::size_t env, const Experience& experience) {
  const auto observation = experience.observations.subspan(env * observation_size_, observation_size_);
  const auto next_observation = experience.next_observations.subspan(env * observation_size_, observation_size_);
  const auto action = std::span<const float>(action_rows_).subspan(env * action_size_, action_size_);
  const auto reward = static_cast<float>(experience.rewards[env]);
  const bool terminated = experience.terminated[env] != 0;
  if (n_step_) {
    return n_step_->add(env, observation, action, reward, next_observation, terminated, experience.truncated[env] != 0,
                        *replay_);
  }
  // only terminations are stored: a truncated transition still bootstraps
  replay_->add({.observation = observation,
                .action = action,
                .reward = reward,
                .next_observation = next_observation,
                .terminated = terminated,
                .discount = static_cast<float>(settings_.discount)});
}

void OffPolicyAgent::observe(const Experience& experience) {
  ensure_replay();
  encode_actions(*experience.actions, action_rows_);
  for (std::size_t env = 0; env < num_envs_; ++env) store(env, experience);
  steps_ += static_cast<std::int64_t>(num_envs_);
  ++calls_;
  after_observe(experience);
}

void OffPolicyAgent::restart_episodes() {
  if (n_step_) n_step_ = make_n_step();
}

void OffPolicyAgent::update() {
  const std::int64_t due = settings_.gradient_steps_due(calls_, steps_, num_envs_);
  if (due == 0 || replay_->size() == 0) return;  // n-step returns arrive n − 1 steps late
  if (priority_beta_) replay_->set_beta(now(*priority_beta_));
  for (std::int64_t k = 0; k < due; ++k) learn_from_batch();
}

void OffPolicyAgent::learn_from_batch() {
  const std::int64_t n = settings_.batch_size;
  const auto width = static_cast<std::int64_t>(observation_size_), k = static_cast<std::int64_t>(action_size_);
  replay_->sample(static_cast<std::size_t>(n), generator_, batch_);
  ++updates_;
  learn({.observations = nn::view_of(batch_.observations, {n, width}, device_),
         .actions = nn::view_of(batch_.actions, {n, k}, device_),
         .rewards = nn::view_of(batch_.rewards, {n}, device_),
         .next_observations = nn::view_of(batch_.next_observations, {n, width}, device_),
         .terminated = nn::view_of(batch_.terminated, {n}, device_),
         .discounts = nn::view_of(batch_.discounts, {n}, device_),
         .weights = nn::view_of(batch_.weights, {n}, device_)},
        now(settings_.learning_rate));
}

void OffPolicyAgent::update_priorities(const at::Tensor& td_errors) {
  const at::Tensor errors = td_errors.to(at::kCPU).contiguous();
  replay_->update_priorities(batch_.slots, {errors.data_ptr<float>(), batch_.slots.size()});
}

at::Tensor OffPolicyAgent::normals(std::span<const std::int64_t> sizes) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  normals_.resize(static_cast<std::size_t>(count));
  for (float& number : normals_) number = generator_.standard_normal_float32();
  return nn::view_of(normals_, {sizes.data(), sizes.size()}, device_);
}

void OffPolicyAgent::record(const std::string& tag, double value) {
  recorded_.record(tag, value);
}

Metrics OffPolicyAgent::progress_metrics() const {
  return {{"train/learning_rate", now(settings_.learning_rate)}, {"train/n_updates", static_cast<double>(updates_)}};
}

std::vector<std::string> OffPolicyAgent::metric_names() const {
  std::vector<std::string> names;
  for (const auto& [tag, value] : progress_metrics()) names.push_back(tag);
  for (const std::string& tag : recorded_.tags()) names.push_back(tag);
  for (const auto& [tag, value] : current_metrics()) names.push_back(tag);
  return names;
}

Metrics OffPolicyAgent::metrics() {
  Metrics logged = current_metrics();
  logged.merge(progress_metrics());
  if (updates_ == 0) std::erase_if(logged, [](const auto& metric) { return metric.first.starts_with("train/"); });
  logged.merge(recorded_.take());
  return logged;
}

// --- checkpoints

template <class Self, class Visit>
void OffPolicyAgent::state(Self& self, Visit&& visit) {
  self.learning_state(visit);
  visit("replay", self.replay_, [&self] { return replay::make_replay_buffer(self.replay_options()); });
  visit("n_step", self.n_step_, [&self] { return self.make_n_step(); });
  visit.check([&self] {
    if ((self.n_step_ != nullptr) == (self.replay_ != nullptr && self.n_steps_ > 1)) return;
    throw InvalidArgument(
        formatted("a replay buffer and n-step returns do not belong together with n_steps {}", self.n_steps_));
  });
  visit("generator", self.generator_);
  visit("steps", self.steps_);
  visit("calls", self.calls_);
  visit("updates", self.updates_);
  visit("metrics", self.recorded_);
}

void OffPolicyAgent::write_state(StateWriter& visit) const {
  state(*this, visit);
}

void OffPolicyAgent::read_state(StateReader& visit) {
  state(*this, visit);
}

}  // namespace ludus::agents
