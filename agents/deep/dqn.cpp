#include "agents/deep/dqn.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "envs/core/env.h"
#include "nn/core/init.h"
#include "nn/core/tensor_io.h"
#include "nn/core/trainable_module.h"
#include "nn/model/exported_policy.h"
#include "nn/networks/q_network.h"
#include "nn/networks/return_distributions.h"
#include "nn/networks/transitions.h"

namespace ludus::agents {

// Per-transition quantities of a batch: (n).
struct Dqn::Losses {
  at::Tensor losses;
  at::Tensor td_errors;  // |δ|, or the loss itself for distributional networks: the basis of the priorities
};

namespace {

// Selects the outputs of the actions taken: (n x actions x K) and (n) to (n x K).
at::Tensor gather_actions(const at::Tensor& outputs, const at::Tensor& actions) {
  return outputs.gather(1, actions.view({-1, 1, 1}).expand({-1, 1, outputs.size(2)})).squeeze(1);
}

nn::QNetworkOptions network_options(const Dqn::Config& config, const nn::FeatureOptions& features,
                                    std::int64_t num_actions) {
  nn::QNetworkOptions options{
      .features = features, .mlp = config.mlp(), .actions = num_actions, .dueling = config.dueling};
  if (config.distribution == "categorical") options.atoms = config.n_atoms;
  if (config.distribution == "quantile") options.atoms = config.n_quantiles;
  if (config.noisy) options.noise = config.noisy_sigma;
  return options;
}

// Returns the rows of a weight or bias (K, …), once for each of `count` actions: (count · K, …).
Array repeated_rows(const Array& rows, std::int64_t count) {
  std::vector<std::int64_t> extents(rows.shape().begin(), rows.shape().end());
  extents[0] *= count;
  Array repeated(DType::kFloat32, Shape(extents));
  const auto from = rows.data<float>();
  const auto to = repeated.data<float>();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = from[i % from.size()];
  return repeated;
}

// Subtracts from the rows of a weight or bias (actions · K, …) their mean over the actions, computed in double.
void subtract_mean_over_actions(Array& rows, std::int64_t actions) {
  const auto numbers = rows.data<float>();
  const auto count = static_cast<std::size_t>(actions), stride = numbers.size() / count;
  for (std::size_t i = 0; i < stride; ++i) {
    double sum = 0;
    for (std::size_t a = 0; a < count; ++a) sum += static_cast<double>(numbers[a * stride + i]);
    const double mean = sum / static_cast<double>(count);
    for (std::size_t a = 0; a < count; ++a) {
      float& number = numbers[a * stride + i];
      number = static_cast<float>(static_cast<double>(number) - mean);
    }
  }
}

}  // namespace

void Dqn::Config::check() const {
  if (!(v_min < v_max)) throw InvalidArgument(formatted("v_min must be below v_max, got {} and {}", v_min, v_max));
}

struct Dqn::Networks {
  Networks(const Config& config, const nn::QNetworkOptions& options, std::uint64_t seed, const nn::Device& device)
      : init(nn::make_generator(seed)),
        online(options, init),
        target(options, init),
        online_module(online, device,
                      {.learning_rate = config.learning_rate.initial(), .epsilon = config.adam_epsilon}),
        target_parameters(target, device, online_module) {
    if (config.distribution == "categorical") {
      support.emplace(config.v_min, config.v_max, config.n_atoms,
                      online_module.parameters.values().options().requires_grad(false));
    }
  }

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("q", self.online_module.parameters);
    visit("q_target", self.target_parameters);
    visit("q_optimizer", self.online_module.optimizer);
  }

  // Resamples a network's noisy layers, if it has any.
  void resample_noise(nn::QNetwork& network, Generator& generator) {
    noise.resize(static_cast<std::size_t>(network.noise_size()));
    for (float& number : noise) number = generator.standard_normal_float32();
    network.set_noise(noise);
  }

  at::Generator init;
  nn::QNetwork online, target;
  nn::TrainableModule online_module;
  nn::TargetParameters target_parameters;
  std::optional<nn::ValueSupport> support;  // of a categorical distribution
  std::vector<float> noise;                 // reused
};

Dqn::Dqn(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device,
         std::string_view algorithm)
    : OffPolicyAgent(
          {.algorithm = std::string(algorithm),
           .config = fields_as_dict(config),
           .recorded = {kLoss},
           .n_steps = static_cast<std::size_t>(config.n_steps),
           .priorities = config.prioritized ? std::optional(replay::PriorityOptions{.alpha = config.priority_alpha})
                                            : std::nullopt,
           .priority_beta = config.prioritized ? std::optional(config.priority_beta) : std::nullopt},
          checked(config, algorithm), facts, seed, device),
      config_(config),
      num_actions_(facts.discrete_actions(algorithm).n()),
      first_action_(facts.discrete_actions(algorithm).start()) {
  networks_ = std::make_unique<Networks>(config_, network_options(config_, features(), num_actions_),
                                         generator().next_uint64(), this->device());
}

Dqn::~Dqn() = default;

double Dqn::exploration_rate(std::int64_t steps) const {
  return config_.noisy ? 0 : config_.exploration.at(progress_remaining(steps));
}

double Dqn::present_exploration() const {
  return is_warming_up() ? 1.0 : exploration_rate(steps());
}

std::vector<std::string> Dqn::warnings() const {
  const std::int64_t starts = settings().learning_starts;
  const double last = config_.exploration.final();
  const auto is_over = [&](std::int64_t step) { return std::abs(exploration_rate(step) - last) <= 1e-9; };
  if (config_.noisy || config_.exploration.initial() == last || !is_over(starts)) return {};
  // the first step with the final rate
  std::int64_t before = -1, end = starts;
  while (end - before > 1) {
    const std::int64_t middle = before + (end - before) / 2;
    (is_over(middle) ? end : before) = middle;
  }
  return {
      formatted("warning: {}: exploration should end after learning starts, got its end at step {} and learning_starts "
                "{}: from then on the actions follow a network that has learnt nothing; lower learning_starts, or "
                "lengthen exploration",
                algorithm(), end, starts)};
}

// Q(s, a) from the network's outputs for each action: (… x actions x K) to (… x actions).
at::Tensor Dqn::expected_values(const at::Tensor& outputs) const {
  if (networks_->support) return networks_->support->expectation(outputs);
  return outputs.mean(-1);
}

// Returns Q(s, ·) with the current noise: (n x actions), valid until the next call of this thread.
std::span<const float> Dqn::q_values(std::span<const float> observations, std::size_t n) const {
  const auto atoms = networks_->online.options().atoms;
  thread_local std::vector<float> outputs;  // reused between calls
  outputs.resize(n * static_cast<std::size_t>(num_actions_ * atoms));
  networks_->online.act(observations, n, outputs);
  if (atoms == 1) return outputs;

  const at::NoGradGuard no_grad;
  const at::Tensor values =
      expected_values(nn::view_of(outputs, {static_cast<std::int64_t>(n), num_actions_, atoms}, device()))
          .to(at::kCPU)
          .contiguous();
  outputs.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
  return outputs;
}

std::vector<float> Dqn::action_values(std::span<const float> observations, std::size_t n) {
  if (config_.noisy) networks_->online.set_noise({});
  const std::span<const float> values = q_values(observations, n);
  return {values.begin(), values.end()};
}

void Dqn::act_greedily(std::span<const float> observations, std::size_t n, envs::ActionBatch& out) const {
  const std::span<const float> values = q_values(observations, n);
  out.continuous.clear();
  out.discrete.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = values.begin() + static_cast<std::ptrdiff_t>(i) * num_actions_;
    out.discrete[i] = first_action_ + (std::max_element(row, row + num_actions_) - row);
  }
}

// Deterministic: the greedy action of the network without noise. Otherwise as at the end of exploration: with noise, or
// with the final ε.
void Dqn::predict(const envs::ObservationBatch& batch, bool deterministic, envs::ActionBatch& actions) {
  if (config_.noisy) {
    // the noise is stored in the network: one thread at a time
    return draw_for_prediction([&](Generator& generator) {
      networks_->online.set_noise({});
      if (!deterministic) networks_->resample_noise(networks_->online, generator);
      act_greedily(batch.rows, batch.size, actions);
    });
  }
  act_greedily(batch.rows, batch.size, actions);
  if (deterministic) return;
  draw_for_prediction([&](Generator& generator) {
    for (std::int64_t& action : actions.discrete) {
      if (generator.random() < config_.exploration.final()) action = first_action_ + generator.integers(num_actions_);
    }
  });
}

// The network without noise, whose outputs are Q(s, ·): the streams of a dueling network are added, and distributions
// replaced by their means.
nn::ExportedPolicy Dqn::export_policy() const {
  const nn::QNetworkOptions& options = networks_->online.options();
  const nn::Activation activation = options.mlp.activation;
  const NamedArrays state = networks_->online_module.parameters.state();
  nn::PolicyGraph graph(options.features, state);
  std::string node = graph.add_features("features.");
  const auto has = [&](const char* name) {
    return std::any_of(state.begin(), state.end(), [&](const auto& entry) { return entry.first == name; });
  };
  if (!options.dueling) {
    node = graph.add_mlp("mlp.", activation, nn::Activation::kNone, node);
  } else {
    if (has("torso.layers.0.weight")) node = graph.add_mlp("torso.", activation, activation, node);
    // V + A − mean_a A, as rows of the last layers: V repeated for every action, A less its mean over the actions
    const std::string value = graph.add_mlp("value.", activation, nn::Activation::kNone, node, [&](auto&... arrays) {
      ((arrays = repeated_rows(arrays, options.actions)), ...);
    });
    const std::string advantage =
        graph.add_mlp("advantage.", activation, nn::Activation::kNone, node,
                      [&](auto&... arrays) { (subtract_mean_over_actions(arrays, options.actions), ...); });
    node = graph.add(nn::layers::Add{}, {value, advantage});
  }
  if (options.atoms > 1) {
    node = graph.add(nn::layers::Reshape{.shape = {options.actions, options.atoms}}, {node});
    Array values(DType::kFloat32, Shape{1, options.atoms});
    const auto weights = values.data<float>();
    if (networks_->support) {
      node = graph.add(nn::layers::Softmax{.axis = -1}, {node});
      const at::Tensor support = networks_->support->values().to(at::kCPU).contiguous();
      std::copy_n(support.data_ptr<float>(), weights.size(), weights.begin());
    } else {
      std::fill(weights.begin(), weights.end(), 1.0f / static_cast<float>(options.atoms));
    }
    node = graph.add_dense("expectation", std::move(values), {}, nn::Activation::kNone, node);
    node = graph.add(nn::layers::Flatten{}, {node});
  }
  return graph.finish(node,
                      {.kind = nn::ActionDecoder::Kind::kArgmax, .classes = {num_actions_}, .start = {first_action_}});
}

// ε-greedy: a random action with probability ε, else the greedy one. Noisy layers resample their noise before each step
// instead (Fortunato et al. 2018, algorithm 1), the same for all environments.
void Dqn::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  networks_->resample_noise(networks_->online, generator());
  act_greedily(batch.rows, num_envs(), actions);
  const double epsilon = present_exploration();
  for (std::int64_t& action : actions.discrete) {
    if (generator().random() < epsilon) action = first_action_ + generator().integers(num_actions_);
  }
}

void Dqn::encode_actions(const envs::ActionBatch& actions, std::vector<float>& rows) const {
  rows.resize(actions.discrete.size());
  std::transform(actions.discrete.begin(), actions.discrete.end(), rows.begin(),
                 [&](std::int64_t action) { return static_cast<float>(action - first_action_); });
}

// θ⁻ ← (1 − τ) θ⁻ + τ θ, every target_update_interval environment steps
void Dqn::after_observe(const Experience&) {
  const auto interval =
      std::max<std::int64_t>(config_.target_update_interval / static_cast<std::int64_t>(num_envs()), 1);
  if (calls() % interval == 0) {
    networks_->target_parameters.lerp_from(networks_->online_module.parameters, config_.polyak_tau);
  }
}

// Returns the target network's outputs for s' and the greedy action a', selected by the target network itself (Mnih et
// al. 2015) or by the online network (van Hasselt et al. 2016, equation 4). (n x K)
at::Tensor Dqn::next_outputs(const at::Tensor& next_observations) const {
  const at::Tensor target_outputs = networks_->target.forward(next_observations);
  const at::Tensor selecting_outputs = config_.double_q ? networks_->online.forward(next_observations) : target_outputs;
  return gather_actions(target_outputs, expected_values(selecting_outputs).argmax(1));
}

Dqn::Losses Dqn::losses(const nn::TransitionBatch& batch) const {
  at::Tensor next;
  {
    const at::NoGradGuard no_grad;
    next = next_outputs(batch.next_observations);
  }
  const at::Tensor taken =
      gather_actions(networks_->online.forward(batch.observations), batch.actions.view({-1}).to(at::kLong));
  // γ^k (1 − terminated): a truncated episode is not terminated, so it bootstraps
  const at::Tensor bootstrap_discounts = batch.discounts * (1 - batch.terminated);

  if (config_.distribution == "categorical") {
    // the distribution of r + γ Z⁻(s', a'), on the support                          Bellemare et al. 2017, algorithm 1
    const at::Tensor target = networks_->support->project(at::softmax(next, 1), batch.rewards, bootstrap_discounts);
    const at::Tensor losses = nn::cross_entropies(taken, target);
    return {losses, losses.detach()};
  }
  if (config_.distribution == "quantile") {
    // y_j = r + γ θ⁻_j(s', a')                                                         Dabney et al. 2018, algorithm 1
    const at::Tensor target = batch.rewards.unsqueeze(1) + bootstrap_discounts.unsqueeze(1) * next;
    const at::Tensor losses = nn::quantile_huber_losses(taken, target);
    return {losses, losses.detach()};
  }
  // y = r + γ (1 − terminated) Q⁻(s', a'), δ = y − Q(s, a)                               Mnih et al. 2015, algorithm 1
  const at::Tensor target = batch.rewards + bootstrap_discounts * next.squeeze(1), value = taken.squeeze(1);
  const at::Tensor losses = config_.loss == "huber" ? at::smooth_l1_loss(value, target, at::Reduction::None)
                                                    : at::mse_loss(value, target, at::Reduction::None);
  return {losses, (target - value).detach().abs()};
}

void Dqn::learn(const nn::TransitionBatch& batch, double learning_rate) {
  networks_->resample_noise(networks_->online, generator());
  networks_->resample_noise(networks_->target, generator());

  // L = mean w ℓ                                                                        Schaul et al. 2016, algorithm 1
  const Losses sample = losses(batch);
  record(kLoss, networks_->online_module.gradient_step(
                    (batch.weights * sample.losses).mean(),
                    {.learning_rate = learning_rate, .max_gradient_norm = config_.max_gradient_norm}));
  if (config_.prioritized) update_priorities(sample.td_errors);
}

Metrics Dqn::current_metrics() const {
  Metrics metrics{{"rollout/exploration_rate", present_exploration()}};
  if (config_.prioritized) metrics["train/priority_beta"] = now(config_.priority_beta);
  return metrics;
}

void Dqn::policy_state(StateWriter& visit) const {
  visit("q", networks_->online_module.parameters);
}

void Dqn::policy_state(StateReader& visit) {
  Networks& networks = *networks_;
  visit("q", networks.online_module.parameters);
  visit.at_commit([&networks] { networks.target_parameters.copy_from(networks.online_module.parameters); });
}

void Dqn::learning_state(StateWriter& visit) const {
  Networks::state(*networks_, visit);
}

void Dqn::learning_state(StateReader& visit) {
  Networks::state(*networks_, visit);
}

Dqn::Config c51_config() {
  Dqn::Config config;
  config.distribution = "categorical";
  config.learning_rate = 2.5e-4;
  config.adam_epsilon = 0.01 / 32;
  config.exploration = "lin_1_0.01_0.1";
  config.max_gradient_norm = std::nullopt;
  return config;
}

Dqn::Config qr_dqn_config() {
  Dqn::Config config;
  config.distribution = "quantile";
  config.learning_rate = 5e-5;
  config.adam_epsilon = 0.01 / 32;
  config.exploration = "lin_1_0.01_0.005";
  config.max_gradient_norm = std::nullopt;
  return config;
}

Dqn::Config rainbow_config() {
  Dqn::Config config;
  config.double_q = true;
  config.dueling = true;
  config.prioritized = true;
  config.priority_alpha = 0.5;
  config.n_steps = 3;
  config.noisy = true;
  config.distribution = "categorical";
  config.learning_rate = 6.25e-5;
  config.adam_epsilon = 1.5e-4;
  config.learning_starts = 20000;
  config.target_update_interval = 8000;
  return config;
}

}  // namespace ludus::agents
