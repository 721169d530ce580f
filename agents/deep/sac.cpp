#include "agents/deep/sac.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "nn/core/init.h"
#include "nn/core/trainable_module.h"
#include "nn/model/exported_policy.h"
#include "nn/networks/critics.h"
#include "nn/networks/squashed_policy.h"
#include "nn/networks/transitions.h"

namespace ludus::agents {
namespace {

constexpr const char* kTemperature = "train/ent_coef";
constexpr const char* kTemperatureLoss = "train/ent_coef_loss";

// V(s) = min_i Q⁻_i(s, ã) − α log π(ã|s), from one ã ~ π(·|s)                          Haarnoja et al. 2018, equation 3
at::Tensor soft_value(const at::Tensor& values, const at::Tensor& log_prob, double alpha) {
  return values - alpha * log_prob;
}

// J_Q = ½ Σ_i mean (Q_i(s, a) − y)²                                                     equation 5
at::Tensor critic_loss(const std::vector<at::Tensor>& values, const at::Tensor& target) {
  return 0.5 * nn::squared_error(values, target);
}

// J_π = mean (α log π(ã|s) − min_i Q_i(s, ã)), with ã reparameterised                       equation 9
at::Tensor policy_loss(const at::Tensor& log_prob, const at::Tensor& values, double alpha) {
  return (alpha * log_prob - values).mean();
}

// J_α = −log α · mean (log π(ã|s) + H̄): α rises while the entropy is below its target     equation 18, of log α
double temperature_slope(double mean_log_prob, double target_entropy) {
  return -(mean_log_prob + target_entropy);
}

// Returns rows 0 to count − 1 of a weight or bias.
Array first_rows(const Array& rows, std::int64_t count) {
  std::vector<std::int64_t> extents(rows.shape().begin(), rows.shape().end());
  extents[0] = count;
  const Shape shape(extents);
  return Array::of(rows.data<float>().first(shape.elements()), shape);
}

struct Temperature : torch::nn::Module {
  explicit Temperature(double alpha)
      : log_alpha(register_parameter("log_alpha", at::full({1}, std::log(alpha), at::kFloat))) {}
  at::Tensor log_alpha;
};

std::unique_ptr<nn::SquashedPolicy> make_policy(const Sac::Config& config, const nn::NetworkOptions& options,
                                                std::int64_t actions, at::Generator& init) {
  if (config.use_sde) return std::make_unique<nn::GsdePolicy>(options, actions, config.log_std_init, init);
  return std::make_unique<nn::GaussianPolicy>(options, actions, init);
}

}  // namespace

void Sac::Config::check() const {
  ContinuousConfig::check();
  if (entropy_coefficient.automatic && entropy_coefficient.number && entropy_coefficient.number->initial() == 0) {
    throw InvalidArgument("entropy_coefficient must begin above 0 if it is learnt, got 0");
  }
  if (target_entropy.automatic && target_entropy.number) {
    throw InvalidArgument("target_entropy must be a number, or \"auto\" alone");
  }
  if (use_sde && hidden.empty()) {
    throw InvalidArgument("use_sde needs a hidden layer, whose outputs the noise is made of");
  }
}

struct Sac::Networks {
  Networks(const Config& config, const nn::NetworkOptions& policy_options, const nn::NetworkOptions& critic_options,
           std::uint64_t seed, const nn::Device& device)
      : init(nn::make_generator(seed)),
        policy(make_policy(config, policy_options, critic_options.extra_inputs, init)),
        critics(critic_options, 2, init),
        target_critics(critic_options, 2, init),
        temperature(config.entropy_coefficient.number.value_or(1).initial()),
        smooth(dynamic_cast<nn::GsdePolicy*>(policy.get())),
        policy_learner(*policy, device),
        critic_learner(critics, device),
        target_critic_parameters(target_critics, device, critic_learner) {
    if (config.entropy_coefficient.automatic) temperature_learner.emplace(temperature, nn::Device{});
  }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("policy", self.policy_learner.parameters);
    visit("policy_optimizer", self.policy_learner.optimizer);
    visit("critics", self.critic_learner.parameters);
    visit("critics_target", self.target_critic_parameters);
    visit("critics_optimizer", self.critic_learner.optimizer);
    if (self.temperature_learner) {
      visit("temperature", self.temperature_learner->parameters);
      visit("temperature_optimizer", self.temperature_learner->optimizer);
    }
    visit("exploration/matrices", self.matrices, AnyLength{});
    visit.check([&self] {
      const std::size_t size = self.smooth ? self.num_envs * self.smooth->matrix_size() : 0;
      if (self.matrices.empty() || self.matrices.size() == size) return;
      throw TypeMismatch(formatted("exploration/matrices must have {} numbers, got {}", size, self.matrices.size()));
    });
  }

  at::Generator init;
  std::unique_ptr<nn::SquashedPolicy> policy;
  nn::Critics critics, target_critics;
  Temperature temperature;
  nn::GsdePolicy* smooth;  // the policy, if exploration depends on the state
  nn::TrainableModule policy_learner, critic_learner;
  nn::TargetParameters target_critic_parameters;
  std::optional<nn::TrainableModule> temperature_learner;  // none: α is not learnt

  std::size_t num_envs = 0;
  std::vector<float> matrices;  // Θ of each environment's exploration
};

Sac::Sac(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : ContinuousAgent("sac", checked(config, "sac"), fields_as_dict(config),
                      config.entropy_coefficient.automatic
                          ? std::vector<std::string>{kActorLoss, kCriticLoss, kTemperature, kTemperatureLoss}
                          : std::vector<std::string>{kActorLoss, kCriticLoss, kTemperature},
                      facts, seed, device),
      config_(config) {
  const auto actions = static_cast<std::int64_t>(action_size());
  networks_ = std::make_unique<Networks>(config_, network_options(actions, 0), network_options(1, actions), draw_seed(),
                                         this->device());
  networks_->num_envs = num_envs();
}

Sac::~Sac() = default;

double Sac::entropy_coefficient() const {
  if (!config_.entropy_coefficient.automatic) return now(*config_.entropy_coefficient.number);
  return std::exp(networks_->temperature.log_alpha.item<double>());
}

double Sac::target_entropy() const {
  const AutoSchedule& wanted = config_.target_entropy;
  return wanted.number ? now(*wanted.number) : -static_cast<double>(action_size());
}

void Sac::choose(std::span<const float> observations, std::size_t n, std::span<const float> noise,
                 std::span<float> actions) const {
  networks_->policy->act(observations, n, noise, actions);
}

// With gSDE each environment has a separate exploration matrix Θ, which is resampled periodically.
void Sac::explore(std::span<const float> observations, std::span<float> actions) {
  Networks& own = *networks_;
  if (!own.smooth) return ContinuousAgent::explore(observations, actions);
  const std::int64_t since = calls() % config_.train_freq;  // steps since the round of learning
  if (own.matrices.empty() || since == 0 || (config_.sde_sample_freq > 0 && since % config_.sde_sample_freq == 0)) {
    own.matrices.resize(num_envs() * own.smooth->matrix_size());
    for (float& number : own.matrices) number = generator().standard_normal_float32();
    own.smooth->scale_to_matrices(own.matrices);
  }
  own.smooth->act_with_exploration(observations, num_envs(), own.matrices, actions);
}

// Haarnoja et al. 2018 (1812.05905), algorithm 1:
//   ã, ã' ~ π(·|s), π(·|s')
//   y = r + γ (1 − terminated) (min_i Q⁻_i(s', ã') − α log π(ã'|s'))    the critics' target
//   J_Q = ½ Σ_i mean (Q_i(s, a) − y)²                                  which the critics descend
//   J_π = mean (α log π(ã|s) − min_i Q_i(s, ã))                         which the policy descends
//   J_α = −log α · mean (log π(ã|s) + H̄)                                which the temperature descends
//   θ⁻ ← (1 − τ) θ⁻ + τ θ                                               for the targets
void Sac::learn(const nn::TransitionBatch& batch, double learning_rate) {
  Networks& own = *networks_;
  const nn::GradientStepOptions step{.learning_rate = learning_rate};
  const double alpha = entropy_coefficient();
  record(kTemperature, alpha);

  // noise for s and for s', sampled together: the first half is used until the policy step
  std::vector<std::int64_t> sizes = own.policy->noise_sizes(batch.observations.size(0));
  sizes.insert(sizes.begin(), 2);
  const at::Tensor noise = normals(sizes);
  const auto [action, log_prob] = own.policy->sample(batch.observations, noise[0]);

  at::Tensor target;
  {
    const at::NoGradGuard no_grad;
    const auto [next_action, next_log_prob] = own.policy->sample(batch.next_observations, noise[1]);
    const at::Tensor next_values = nn::min_q(own.target_critics.forward(batch.next_observations, next_action));
    target = nn::bellman_target(batch.rewards, batch.discounts, batch.terminated,
                                soft_value(next_values, next_log_prob, alpha));
  }
  const auto values = own.critics.forward(batch.observations, batch.actions);
  record(kCriticLoss, own.critic_learner.gradient_step(critic_loss(values, target), step));

  const at::Tensor own_values = nn::min_q(own.critics.forward(batch.observations, action));
  record(kActorLoss, own.policy_learner.gradient_step(policy_loss(log_prob, own_values, alpha), step));

  if (own.temperature_learner) {
    const double slope = temperature_slope(log_prob.detach().mean().item<double>(), target_entropy());
    const at::Tensor log_alpha = own.temperature.log_alpha.view({1});
    record(kTemperatureLoss, own.temperature_learner->gradient_step(log_alpha, at::full({1}, slope, at::kFloat),
                                                                    slope * std::log(alpha), step));
  }
  if (updates() % config_.target_update_interval == 0) {
    own.target_critic_parameters.lerp_from(own.critic_learner.parameters, config_.polyak_tau);
  }
}

// tanh of the mean. With gSDE the mean is first clipped to ±c, as c · hard_tanh(mean / c) with c = 2, which is exact.
std::string Sac::add_actor(nn::PolicyGraph& graph) const {
  const auto k = static_cast<std::int64_t>(action_size());
  const nn::Activation activation = config_.activation;
  if (!networks_->smooth) {
    // the rows of the mean, without those of log σ
    const auto keep_means = [&](auto&... arrays) { ((arrays = first_rows(arrays, k)), ...); };
    return graph.add_mlp("network.mlp.", activation, nn::Activation::kTanh, graph.add_features("network.features."),
                         keep_means);
  }
  const std::string latents = graph.add_mlp("body.mlp.", activation, activation, graph.add_features("body.features."));
  const auto halve = [](auto&... arrays) {
    const auto scale = [](Array& array) {
      for (float& number : array.data<float>()) number /= nn::kLargestGsdeMean;
    };
    (scale(arrays), ...);
  };
  const std::string clipped = graph.add_mlp("mean.", nn::Activation::kNone, nn::Activation::kHardTanh, latents, halve);
  Array back(DType::kFloat32, Shape{k, k});
  for (std::int64_t i = 0; i < k; ++i) back.data<float>()[static_cast<std::size_t>(i * k + i)] = nn::kLargestGsdeMean;
  return graph.add_dense("clip", std::move(back), {}, nn::Activation::kTanh, clipped);
}

NamedArrays Sac::actor_parameters() const {
  return networks_->policy_learner.parameters.state();
}

const nn::Critics& Sac::critics() const {
  return networks_->critics;
}

void Sac::policy_state(StateWriter& visit) const {
  visit("policy", networks_->policy_learner.parameters);
}

void Sac::policy_state(StateReader& visit) {
  visit("policy", networks_->policy_learner.parameters);
}

void Sac::network_state(StateWriter& visit) const {
  Networks::state(*networks_, visit);
}

void Sac::network_state(StateReader& visit) {
  Networks::state(*networks_, visit);
}

}  // namespace ludus::agents
