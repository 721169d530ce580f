#include "agents/deep/actor_critic.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "agents/core/action_masks.h"
#include "agents/deep/feature_layout.h"
#include "base/format.h"
#include "envs/core/env.h"
#include "nn/core/flat_parameters.h"
#include "nn/core/gradient_step.h"
#include "nn/core/init.h"
#include "nn/core/optimizer.h"
#include "nn/core/tensor_io.h"
#include "nn/model/exported_policy.h"
#include "nn/networks/actor_critic.h"

namespace ludus::agents {
namespace {

nn::ActorCriticOptions network_options(const ActorCriticConfig& config, const EnvSignature& facts,
                                       const nn::ActionOptions& actions, std::string_view algorithm) {
  nn::MlpOptions mlp = config.mlp();
  mlp.initialisation = config.orthogonal_init ? nn::Initialisation::kOrthogonal : nn::Initialisation::kUniform;
  return {.features = feature_layout(*facts.observation_space, algorithm),
          .mlp = std::move(mlp),
          .critic_hidden = config.critic_hidden.value_or(config.hidden),
          .actions = actions,
          .log_std = config.log_std_init,
          .state_dependent_noise = config.use_sde,
          .full_std = config.sde_full_std};
}

}  // namespace

void ActorCriticConfig::check() const {
  if (use_sde && hidden.empty()) {
    throw InvalidArgument("use_sde needs a hidden layer, for its noise is made of the last one");
  }
}

ActorCriticAgent::ActorCriticAgent(std::string_view algorithm, const ActorCriticConfig& config,
                                   const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : shared_(config),
      actions_(action_layout(facts, algorithm)),
      observation_size_(facts.observation_size),
      action_size_(static_cast<std::size_t>(actions_.options.count)),
      mask_size_(config.mask_actions ? action_mask_size(*facts.action_space) : 0),
      num_envs_(facts.num_envs),
      generator_(seed),
      algorithm_(algorithm),
      eval_generator_(seed) {
  const auto fits = [&](bool holds, const std::string& sentence) {
    if (!holds) throw NotApplicable(algorithm_ + ": " + sentence + ", and those of " + facts.spec.id + " are not");
  };
  fits(!config.use_sde || !actions_.low.empty(), "use_sde is for actions that are real numbers");
  fits(!config.mask_actions || mask_size_ > 0, "mask_actions is for actions that are Discrete or MultiDiscrete");

  const nn::ActorCriticOptions options = network_options(config, facts, actions_.options, algorithm);
  if (config.normalize_observations) {
    fits(options.features.is_plain(), "normalize_observations is for observations that are plain numbers");
    observations_ = std::make_unique<ObservationNormalizer>(observation_size_, config.clip_observation);
  }
  if (config.normalize_rewards)
    rewards_ = std::make_unique<RewardNormalizer>(num_envs_, config.discount, config.clip_reward);

  at::Generator init = nn::make_generator(generator_.next_uint64());
  networks_ = std::make_unique<nn::ActorCritic>(options, init);
  parameters_ = std::make_unique<nn::FlatParameters>(*networks_);
  parameters_->to(nn::parse_device(device));
}

ActorCriticAgent::~ActorCriticAgent() = default;

void ActorCriticAgent::draw_noise(Generator& generator, std::span<float> noise) const {
  const bool normal = actions_.options.kind == nn::ActionOptions::Kind::kGaussian;
  for (float& number : noise) number = normal ? generator.standard_normal_float32() : generator.random_float32();
}

std::size_t ActorCriticAgent::matrix_numbers() const {
  if (!shared_.use_sde) return 0;
  return num_envs_ * static_cast<std::size_t>(networks_->latent_size()) * action_size_;
}

// gSDE: μ(s) + zᵀ Θ, with Θ sampled at the start of each rollout and every sde_sample_freq steps
void ActorCriticAgent::explore(std::span<float> actions) {
  if (steps_since_resample_ == 0 || steps_since_resample_ == shared_.sde_sample_freq) {
    exploration_matrices_.resize(matrix_numbers());
    draw_noise(generator_, exploration_matrices_);
    networks_->scale_to_matrices(exploration_matrices_);
    steps_since_resample_ = 0;
  }
  ++steps_since_resample_;
  networks_->act_with_exploration(rows_, num_envs_, exploration_matrices_, actions);
}

void ActorCriticAgent::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  rows_.assign(batch.rows.begin(), batch.rows.end());
  if (observations_) {
    observations_->learn(batch.rows);
    observations_->apply(batch.rows, rows_);
  }

  action_rows_.resize(num_envs_ * action_size_);
  if (shared_.use_sde) {
    explore(action_rows_);
  } else {
    noise_.resize(action_rows_.size());
    draw_noise(generator_, noise_);
    networks_->act(rows_, num_envs_, batch.masks, noise_, action_rows_);
  }
  actions_.to_actions(action_rows_, actions);
}

// log π refers to the actions as sampled, not to those clipped to the bounds. An experience that is not a result of the
// last act(), such as a recorded one, has only its actions.
std::span<const float> ActorCriticAgent::sampled_actions(const envs::ActionBatch& taken) {
  actions_.to_actions(action_rows_, last_actions_);
  if (last_actions_.discrete != taken.discrete || last_actions_.continuous != taken.continuous) {
    actions_.to_rows(taken, action_rows_);
  }
  return action_rows_;
}

void ActorCriticAgent::observe(const Experience& experience) {
  rows_.assign(experience.observations.begin(), experience.observations.end());
  if (observations_) observations_->apply(experience.observations, rows_);
  // includes the last observation of a finished episode, from which the update may bootstrap
  next_rows_.assign(experience.next_observations.begin(), experience.next_observations.end());
  if (observations_) observations_->apply(experience.next_observations, next_rows_);

  step_rewards_.assign(experience.rewards.begin(), experience.rewards.end());
  if (rewards_) {
    rewards_->learn_and_apply(experience.rewards, experience.terminated, experience.truncated, step_rewards_);
  }

  remember({.observations = rows_,
            .actions = sampled_actions(*experience.actions),
            .masks = mask_size_ > 0 ? experience.masks : std::span<const std::uint8_t>(),
            .rewards = step_rewards_,
            .next_observations = next_rows_,
            .terminated = experience.terminated,
            .truncated = experience.truncated});
  steps_ += static_cast<std::int64_t>(num_envs_);
}

void ActorCriticAgent::predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) {
  std::vector<float> rows(batch.rows.begin(), batch.rows.end()), action_rows(batch.size * action_size_), noise;
  if (observations_) observations_->apply(batch.rows, rows);
  if (!deterministic) {
    noise.resize(action_rows.size());
    const std::lock_guard lock(eval_mutex_);
    draw_noise(eval_generator_, noise);
  }
  networks_->act(rows, batch.size, batch.masks, noise, action_rows);
  actions_.to_actions(action_rows, actions);
}

nn::ExportedPolicy ActorCriticAgent::export_policy() const {
  if (shared_.mask_actions) {
    throw NotApplicable(formatted(
        "{}: a policy with mask_actions cannot be exported, because its actions depend on info[\"action_mask\"]",
        algorithm_));
  }
  const NamedArrays state = parameters_->state();
  nn::PolicyGraph graph(networks_->options().features, state);
  std::string node = graph.add_features("features.");
  if (shared_.use_sde) {
    node = graph.add_mlp("actor.", shared_.activation, shared_.activation, node);
    node = graph.add_mlp("head.", shared_.activation, nn::Activation::kNone, node);
  } else {
    node = graph.add_mlp("actor.", shared_.activation, nn::Activation::kNone, node);
  }
  nn::ExportedPolicy policy = graph.finish(node, actions_.decoder());
  if (observations_) policy.scaling = observations_->scaling();
  return policy;
}

void ActorCriticAgent::seed(std::uint64_t seed) {
  eval_generator_ = Generator(seed);
}

void ActorCriticAgent::restart_episodes() {
  if (rewards_) rewards_->restart_episodes();
  steps_since_resample_ = 0;
}

std::vector<float> ActorCriticAgent::values_of(std::span<const float> rows) const {
  std::vector<float> values(rows.size() / observation_size_);
  networks_->values(rows, values.size(), values);
  return values;
}

replay::StepSizes ActorCriticAgent::step_sizes() const {
  return {.observation = observation_size_, .action = action_size_, .mask = mask_size_};
}

void ActorCriticAgent::estimate(replay::Trajectory& steps, std::size_t stride, double gae_lambda) const {
  const std::vector<float> values = values_of(steps.observations());
  const std::vector<float> bootstrap_values = values_of(steps.bootstrap_observations());
  steps.estimate(values, bootstrap_values, stride, {.discount = shared_.discount, .gae_lambda = gae_lambda});
}

std::vector<float> ActorCriticAgent::state_values(std::span<const float> observations, std::size_t n) const {
  std::vector<float> rows(observations.begin(),
                          observations.begin() + static_cast<std::ptrdiff_t>(n * observation_size_));
  if (observations_) observations_->apply(observations, rows);
  return values_of(rows);
}

at::Tensor ActorCriticAgent::tensor(std::span<const float> numbers) const {
  return nn::view_of(numbers, {static_cast<std::int64_t>(numbers.size())}, parameters_->device());
}

at::Tensor ActorCriticAgent::tensor(std::span<const float> numbers, std::size_t width) const {
  return tensor(numbers).view({-1, static_cast<std::int64_t>(width)});
}

at::Tensor ActorCriticAgent::mask_tensor(std::span<const std::uint8_t> masks) const {
  if (masks.empty()) return {};
  const std::size_t rows = masks.size() / mask_size_;
  return nn::view_of(masks, {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(mask_size_)},
                     parameters_->device());
}

double ActorCriticAgent::gradient_step(const at::Tensor& loss) {
  return nn::gradient_step(
      *parameters_, *optimizer_, loss,
      {.learning_rate = now(shared_.learning_rate), .max_gradient_norm = shared_.max_gradient_norm});
}

// The policy gradient theorem: ∇J = E[w ∇ log π(a|s)] (Williams 1992; Sutton et al. 2000), for any w that equals the
// return in expectation, up to a function of the state. w and R are constants: no gradient flows through the weights.
UpdateMetrics ActorCriticAgent::policy_gradient_step(const replay::Trajectory& steps, std::span<const float> weights) {
  const auto [log_prob, entropy, value] =
      networks_->evaluate_actions(tensor(steps.observations(), observation_size_),
                                  tensor(steps.actions(), action_size_), mask_tensor(steps.masks()));
  const at::Tensor w = shared_.normalize_advantages ? standardised(tensor(weights)) : tensor(weights);

  const at::Tensor policy_loss = -(w * log_prob).mean();
  const at::Tensor entropy_loss = -entropy.mean();
  const at::Tensor value_loss = at::mse_loss(value, tensor(steps.returns()));
  const double loss = gradient_step(policy_loss + now(shared_.entropy_coefficient) * entropy_loss +
                                    now(shared_.value_coefficient) * value_loss);
  ++updates_;
  return {.loss = loss,
          .policy_gradient_loss = policy_loss.item<double>(),
          .entropy_loss = entropy_loss.item<double>(),
          .value_loss = value_loss.item<double>()};
}

void ActorCriticAgent::complete(UpdateMetrics& metrics, const replay::Trajectory& steps) {
  metrics.explained_variance = explained_variance(steps.values(), steps.returns());
  metrics.learning_rate = optimizer_->learning_rate();
  metrics.n_updates = static_cast<double>(updates_);
  metrics.std = networks_->mean_std();
  steps_since_resample_ = 0;
}

std::vector<std::string> ActorCriticAgent::metric_names() const {
  return runs::tags_of<UpdateMetrics>();
}

Metrics ActorCriticAgent::metrics() {
  return std::exchange(last_metrics_, {});
}

template <class Self, class Visit>
void ActorCriticAgent::policy_state(Self& self, Visit&& visit) {
  visit("networks", *self.parameters_);
  visit("observations", self.observations_);
}

template <class Self, class Visit>
void ActorCriticAgent::state(Self& self, Visit&& visit) {
  policy_state(self, visit);
  visit("optimizer", *self.optimizer_);
  visit("rewards", self.rewards_);
  visit("generator", self.generator_);
  visit("steps", self.steps_);
  visit("updates", self.updates_);
  visit("exploration/matrices", self.exploration_matrices_, AnyLength{});
  visit("exploration/age", self.steps_since_resample_);
  visit("metrics", self.last_metrics_);
  visit.check([&self] {
    const std::size_t size = self.matrix_numbers();
    if (self.exploration_matrices_.empty() || self.exploration_matrices_.size() == size) return;
    throw TypeMismatch(
        formatted("exploration/matrices must have {} numbers, got {}", size, self.exploration_matrices_.size()));
  });
}

void ActorCriticAgent::write_policy(StateWriter& visit) const {
  policy_state(*this, visit);
}

void ActorCriticAgent::read_policy(StateReader& visit) {
  policy_state(*this, visit);
}

void ActorCriticAgent::write_state(StateWriter& visit) const {
  state(*this, visit);
}

void ActorCriticAgent::read_state(StateReader& visit) {
  state(*this, visit);
}

at::Tensor standardised(const at::Tensor& numbers) {
  if (numbers.size(0) < 2) return numbers;
  return (numbers - numbers.mean()) / (numbers.std() + 1e-8);
}

std::optional<double> explained_variance(std::span<const float> values, std::span<const float> returns) {
  // Var(x) = E[x²] − E[x]², in the two-pass form
  const auto variance = [&](auto&& number) {
    double mean = 0, sum = 0;
    const auto n = static_cast<double>(returns.size());
    for (std::size_t i = 0; i < returns.size(); ++i) mean += number(i) / n;
    for (std::size_t i = 0; i < returns.size(); ++i) sum += (number(i) - mean) * (number(i) - mean);
    return sum / n;
  };
  const double of_returns = variance([&](std::size_t i) { return static_cast<double>(returns[i]); });
  if (!(of_returns > 0)) return {};
  const double of_errors =
      variance([&](std::size_t i) { return static_cast<double>(returns[i]) - static_cast<double>(values[i]); });
  return 1.0 - of_errors / of_returns;
}

}  // namespace ludus::agents
