#include "agents/deep/dqn.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "agents/deep/feature_layout.h"
#include "agents/core/saved_state.h"
#include "envs/core/env.h"
#include "nn/core/init.h"
#include "nn/core/learner.h"
#include "nn/networks/q_network.h"
#include "nn/networks/return_distributions.h"
#include "nn/core/tensor_io.h"
#include "base/checkpoint.h"
#include "replay/n_step.h"
#include "replay/replay_buffer.h"

namespace ludus::agents {

// Transitions as tensors on the network's device.
struct Dqn::Sample {
  at::Tensor observations;       // s: (n x row_size)
  at::Tensor actions;            // a: (n), integers
  at::Tensor rewards;            // r, or the sum of n steps' rewards: (n)
  at::Tensor next_observations;  // s', so many steps later: (n x row_size)
  at::Tensor factors;            // γ^k (1 − terminated): (n)
  at::Tensor weights;            // of importance sampling: (n)
};

// How wrong the network was about each transition.
struct Dqn::Errors {
  at::Tensor losses;  // (n): what is descended
  at::Tensor errors;  // (n): |δ| of values, of distributions the loss itself: what priorities are made of
};

namespace {

// The outputs of the actions taken: (n x actions x K) and (n) to (n x K).
at::Tensor of_actions(const at::Tensor& outputs, const at::Tensor& actions) {
  return outputs.gather(1, actions.view({-1, 1, 1}).expand({-1, 1, outputs.size(2)})).squeeze(1);
}

nn::QNetworkOptions network_options(const Dqn::Config& config, const nn::FeatureOptions& features,
                                    std::int64_t actions) {
  nn::QNetworkOptions options{
      .features = features, .hidden = config.hidden, .actions = actions, .dueling = config.dueling};
  if (config.distribution == "categorical") options.atoms = config.n_atoms;
  if (config.distribution == "quantile") options.atoms = config.n_quantiles;
  if (config.noisy) options.noise = config.noisy_sigma;
  return options;
}

replay::ReplayOptions replay_options(const Dqn::Config& config, const nn::FeatureOptions& features,
                                     std::size_t observation_size) {
  replay::ReplayOptions options{
      .capacity = static_cast<std::size_t>(config.buffer_size), .observation_size = observation_size, .action_size = 1};
  // a picture, or several in a stack: each frame is kept once
  if (features.parts.size() == 1 && features.parts[0].kind == nn::FeaturePart::Kind::kImage) {
    options.frame_size = observation_size / static_cast<std::size_t>(features.parts[0].frames);
  }
  if (config.prioritized) options.priorities = replay::PriorityOptions{.alpha = config.priority_alpha};
  return options;
}

}  // namespace

void Dqn::Config::check(std::string_view algorithm) const {
  ReplaySettings::check(algorithm);
  const auto require = [&](bool holds, const char* sentence) {
    if (!holds) throw InvalidArgument(std::string(algorithm) + ": " + sentence);
  };
  require(adam_epsilon > 0 && std::isfinite(adam_epsilon), "adam_epsilon must be positive");
  require(target_update_interval > 0, "target_update_interval must be positive");
  exploration.check_within("exploration", 0, 1);
  require(!max_gradient_norm || *max_gradient_norm > 0, "max_gradient_norm must be positive, or null");
  require(loss == "huber" || loss == "squared", "loss must be \"huber\" or \"squared\"");
  require(priority_alpha >= 0 && priority_alpha <= 1, "priority_alpha must lie in [0, 1]");
  priority_beta.check_within("priority_beta", 0, 1);
  require(n_steps > 0, "n_steps must be positive");
  require(noisy_sigma > 0 && std::isfinite(noisy_sigma), "noisy_sigma must be positive");
  require(distribution == "none" || distribution == "categorical" || distribution == "quantile",
          "distribution must be \"none\", \"categorical\" or \"quantile\"");
  require(n_atoms >= 2, "n_atoms must be 2 at least");
  require(std::isfinite(v_min) && std::isfinite(v_max) && v_min < v_max, "v_min must be less than v_max");
  require(n_quantiles > 0, "n_quantiles must be positive");
}

struct Dqn::Networks {
  Networks(const Config& config, const nn::QNetworkOptions& options, std::uint64_t seed, const nn::Device& where)
      : device(where),
        generator(seed),
        playing(seed),
        init(nn::make_generator(generator.next_uint64())),
        online(options, init),
        target(options, init),
        learner(online, where, {.learning_rate = config.learning_rate.initial(), .epsilon = config.adam_epsilon}),
        target_parameters(target, where, learner) {
    if (config.distribution == "categorical") {
      support.emplace(config.v_min, config.v_max, config.n_atoms,
                      learner.parameters.values().options().requires_grad(false));
    }
  }

  // Noise for a network's layers, if it has any.
  void renew_noise(nn::QNetwork& network, Generator& source) {
    noise.resize(static_cast<std::size_t>(network.noise_size()));
    for (float& number : noise) number = source.standard_normal_float32();
    network.set_noise(noise);
  }

  nn::Device device;
  Generator generator;  // of exploration, of batches and of noise in learning
  Generator playing;    // of predict(), which must not disturb the training
  at::Generator init;
  nn::QNetwork online, target;
  nn::TrainableModule learner;  // of the online network
  nn::TargetParameters target_parameters;
  std::optional<nn::ValueSupport> support;  // of a categorical distribution

  // taken when the first transition comes: whoever only plays needs none
  std::unique_ptr<replay::ReplayBuffer> replay;
  std::optional<replay::NStep> windows;

  std::int64_t steps = 0;  // of environments, all together
  std::int64_t calls = 0;  // of the vector environment
  double loss_sum = 0;     // since the last metrics()
  std::int64_t loss_count = 0;

  replay::Batch batch;
  std::vector<float> noise, outputs;  // memory used again
};

Dqn::Dqn(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : Dqn("dqn", config, facts, seed, device) {}

Dqn::Dqn(std::string_view algorithm, const Config& config, const EnvSignature& facts, std::uint64_t seed,
         const std::string& device)
    : algorithm_(algorithm),
      config_((config.check(algorithm), config)),
      actions_(facts.discrete_actions(algorithm).n()),
      first_action_(facts.discrete_actions(algorithm).start()),
      features_(feature_layout(*facts.observation_space, algorithm)),
      observation_size_(facts.observation_size),
      num_envs_(facts.num_envs) {
  networks_ = std::make_unique<Networks>(config_, network_options(config_, features_, actions_), seed,
                                         nn::parse_device(device));
}

Dqn::~Dqn() = default;

Dict Dqn::config() const {
  return fields_as_dict(config_);
}

double Dqn::exploration_rate(std::int64_t steps) const {
  return config_.noisy ? 0 : config_.exploration.at(runs::progress_remaining(steps, total_steps()));
}

double Dqn::learning_rate() const {
  return config_.learning_rate.at(runs::progress_remaining(networks_->steps, total_steps()));
}

double Dqn::priority_beta() const {
  return config_.priority_beta.at(runs::progress_remaining(networks_->steps, total_steps()));
}

// Q(s, a) of what the network says of each action: (… x actions x K) to (… x actions).
at::Tensor Dqn::means(const at::Tensor& outputs) const {
  if (networks_->support) return networks_->support->expectation(outputs);
  return outputs.mean(-1);
}

// Q(s, ·) for rows in plain memory, with the noise there is now: (n x actions).
// They stay until the next call.
std::span<const float> Dqn::values(std::span<const float> observations, std::size_t n) const {
  const auto atoms = networks_->online.options().atoms;
  std::vector<float>& outputs = networks_->outputs;
  outputs.resize(n * static_cast<std::size_t>(actions_ * atoms));
  networks_->online.act(observations, n, outputs);
  if (atoms == 1) return outputs;

  const at::NoGradGuard constant;
  const at::Tensor found =
      means(nn::borrowed(outputs, {static_cast<std::int64_t>(n), actions_, atoms}, networks_->device))
          .to(at::kCPU)
          .contiguous();
  outputs.assign(found.data_ptr<float>(), found.data_ptr<float>() + found.numel());
  return outputs;
}

std::vector<float> Dqn::action_values(std::span<const float> observations, std::size_t n) {
  networks_->online.set_noise({});
  const std::span<const float> found = values(observations, n);
  return {found.begin(), found.end()};
}

void Dqn::act_greedily(std::span<const float> observations, std::size_t n, Actions& out) const {
  const std::span<const float> all = values(observations, n);
  out.reals.clear();
  out.integers.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = all.begin() + static_cast<std::ptrdiff_t>(i) * actions_;
    out.integers[i] = first_action_ + (std::max_element(row, row + actions_) - row);
  }
}

// Deterministic: the best action of the network without noise. Else as exploration ends: by noise, or by the last ε.
void Dqn::predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) {
  Networks& own = *networks_;
  own.online.set_noise({});
  if (!deterministic) own.renew_noise(own.online, own.playing);
  act_greedily(observations, n, out);
  if (deterministic || config_.noisy) return;
  for (std::int64_t& action : out.integers) {
    if (own.playing.random() < config_.exploration.final()) action = first_action_ + own.playing.integers(actions_);
  }
}

void Dqn::seed(std::uint64_t seed) {
  networks_->playing = Generator(seed);
}

// ε-greedy: a random action with probability ε, else the best by the online network. Noisy layers draw a network anew for
// each step instead (Fortunato et al. 2018, algorithm 1), the same for all environments.
void Dqn::act(std::span<const float> observations, Actions& out) {
  Networks& own = *networks_;
  own.renew_noise(own.online, own.generator);
  act_greedily(observations, num_envs_, out);
  const double epsilon = own.steps < config_.learning_starts ? 1.0 : exploration_rate(own.steps);
  for (std::int64_t& action : out.integers) {
    if (own.generator.random() < epsilon) action = first_action_ + own.generator.integers(actions_);
  }
}

void Dqn::ensure_replay() {
  Networks& own = *networks_;
  if (own.replay) return;
  own.replay = replay::make_replay_buffer(replay_options(config_, features_, observation_size_));
  own.windows.emplace(static_cast<std::size_t>(config_.n_steps), config_.discount, num_envs_,
                      replay::TransitionSizes{.observation = observation_size_, .action = 1});
}

void Dqn::observe(const Experience& experience) {
  ensure_replay();
  Networks& own = *networks_;
  for (std::size_t i = 0; i < num_envs_; ++i) {
    const float action = static_cast<float>(experience.actions->integers[i] - first_action_);
    own.windows->add(i, experience.observations.subspan(i * observation_size_, observation_size_),
                     std::span<const float>(&action, 1), static_cast<float>(experience.rewards[i]),
                     experience.next_observations.subspan(i * observation_size_, observation_size_),
                     experience.terminated[i] != 0, experience.truncated[i] != 0, *own.replay);
  }
  own.steps += static_cast<std::int64_t>(num_envs_);
  ++own.calls;

  // θ⁻ ← (1 − τ) θ⁻ + τ θ, every so many environment steps
  const auto interval =
      std::max<std::int64_t>(config_.target_update_interval / static_cast<std::int64_t>(num_envs_), 1);
  if (own.calls % interval == 0) own.target_parameters.lerp_from(own.learner.parameters, config_.polyak_tau);
}

void Dqn::update() {
  Networks& own = *networks_;
  const std::int64_t due = config_.gradient_steps_due(own.calls, own.steps, num_envs_);
  if (due == 0 || own.replay->size() == 0) return;
  own.learner.optimizer.set_learning_rate(learning_rate());
  own.replay->set_beta(priority_beta());
  for (std::int64_t k = 0; k < due; ++k) learn_from_batch();
}

// What the target network says of s' and of the action a' that is best there: by itself (Mnih et al. 2015), or by the
// online network (van Hasselt et al. 2016, equation 4). (n x K)
at::Tensor Dqn::next_outputs(const Sample& sample) const {
  const at::Tensor judged = networks_->target.forward(sample.next_observations);
  const at::Tensor chosen_by = config_.double_q ? networks_->online.forward(sample.next_observations) : judged;
  return of_actions(judged, means(chosen_by).argmax(1));
}

Dqn::Errors Dqn::errors(const Sample& sample) const {
  at::Tensor next;
  {
    const at::NoGradGuard constant;
    next = next_outputs(sample);
  }
  const at::Tensor taken = of_actions(networks_->online.forward(sample.observations), sample.actions);

  if (config_.distribution == "categorical") {
    // the distribution of r + γ Z⁻(s', a'), on the support                          Bellemare et al. 2017, algorithm 1
    const at::Tensor target = networks_->support->project(at::softmax(next, 1), sample.rewards, sample.factors);
    const at::Tensor losses = nn::cross_entropies(taken, target);
    return {losses, losses.detach()};
  }
  if (config_.distribution == "quantile") {
    // y_j = r + γ θ⁻_j(s', a')                                                         Dabney et al. 2018, algorithm 1
    const at::Tensor target = sample.rewards.unsqueeze(1) + sample.factors.unsqueeze(1) * next;
    const at::Tensor losses = nn::quantile_huber_losses(taken, target);
    return {losses, losses.detach()};
  }
  // y = r + γ (1 − terminated) Q⁻(s', a'), δ = y − Q(s, a)                               Mnih et al. 2015, algorithm 1
  const at::Tensor target = sample.rewards + sample.factors * next.squeeze(1), value = taken.squeeze(1);
  const at::Tensor losses = config_.loss == "huber" ? at::smooth_l1_loss(value, target, at::Reduction::None)
                                                    : at::mse_loss(value, target, at::Reduction::None);
  return {losses, (target - value).detach().abs()};
}

void Dqn::learn_from_batch() {
  Networks& own = *networks_;
  const std::int64_t n = config_.batch_size, width = static_cast<std::int64_t>(observation_size_);
  replay::Batch& batch = own.batch;
  own.replay->sample(static_cast<std::size_t>(n), own.generator, batch);
  const auto tensor = [&](std::vector<float>& numbers, at::IntArrayRef sizes) {
    return nn::borrowed(numbers, sizes, own.device);
  };
  // an episode that was truncated is not terminated: it was cut, not ended, and is bootstrapped
  const Sample sample{.observations = tensor(batch.observations, {n, width}),
                      .actions = tensor(batch.actions, {n}).to(at::kLong),
                      .rewards = tensor(batch.rewards, {n}),
                      .next_observations = tensor(batch.next_observations, {n, width}),
                      .factors = tensor(batch.discounts, {n}) * (1 - tensor(batch.terminated, {n})),
                      .weights = tensor(batch.weights, {n})};
  own.renew_noise(own.online, own.generator);
  own.renew_noise(own.target, own.generator);

  // L = mean w ℓ                                                                          Schaul et al. 2016, algorithm 1
  const Errors found = errors(sample);
  own.loss_sum += own.learner.gradient_step((sample.weights * found.losses).mean(), config_.max_gradient_norm);
  ++own.loss_count;
  if (config_.prioritized) {
    const at::Tensor numbers = found.errors.to(at::kCPU).contiguous();
    own.replay->update_priorities(batch.slots, {numbers.data_ptr<float>(), static_cast<std::size_t>(n)});
  }
}

double Dqn::memory_bytes() const {
  return replay::replay_bytes(replay_options(config_, features_, observation_size_));
}

std::vector<std::string> Dqn::metric_names() const {
  std::vector<std::string> names{"rollout/exploration_rate", "train/learning_rate", "train/loss", "train/n_updates"};
  if (config_.prioritized) names.emplace_back("train/priority_beta");
  return names;
}

Metrics Dqn::metrics() {
  Networks& own = *networks_;
  Metrics figures{{"rollout/exploration_rate", exploration_rate(own.steps)}};
  if (own.learner.optimizer.steps() > 0) {
    figures["train/learning_rate"] = own.learner.optimizer.learning_rate();
    figures["train/n_updates"] = static_cast<double>(own.learner.optimizer.steps());
    if (config_.prioritized) figures["train/priority_beta"] = priority_beta();
  }
  if (own.loss_count > 0) figures["train/loss"] = own.loss_sum / static_cast<double>(own.loss_count);
  own.loss_sum = 0;
  own.loss_count = 0;
  return figures;
}

void Dqn::save_policy(Checkpoint& checkpoint) const {
  checkpoint.writer("agent/q").put_all(networks_->learner.parameters.state());
}

void Dqn::load_policy(const Checkpoint& checkpoint) {
  Networks& own = *networks_;
  own.learner.parameters.load_state(checkpoint.reader("agent/q").all());
  own.target_parameters.copy_from(own.learner.parameters);
}

void Dqn::save(Checkpoint& checkpoint) const {
  const Networks& own = *networks_;
  checkpoint.writer("agent/q").put_all(own.learner.parameters.state());
  checkpoint.writer("agent/target").put_all(own.target_parameters.state());
  checkpoint.writer("agent/optimizer").put_all(own.learner.optimizer.state());
  if (own.replay) {
    put_dict(checkpoint, "agent/replay", own.replay->state());
    put_dict(checkpoint, "agent/windows", own.windows->state());
  }
  put_generator(checkpoint, "agent/generator", own.generator);
  put_integer(checkpoint, "agent/steps", own.steps);
  put_integer(checkpoint, "agent/calls", own.calls);
  put_real(checkpoint, "agent/loss_sum", own.loss_sum);
  put_integer(checkpoint, "agent/loss_count", own.loss_count);
}

void Dqn::load(const Checkpoint& checkpoint) {
  Networks& own = *networks_;
  own.learner.parameters.load_state(checkpoint.reader("agent/q").all());
  own.target_parameters.load_state(checkpoint.reader("agent/target").all());
  own.learner.optimizer.load_state(checkpoint.reader("agent/optimizer").all());
  own.replay.reset();
  own.windows.reset();
  if (checkpoint.contains_value("agent/replay")) {
    ensure_replay();
    own.replay->restore(take_dict(checkpoint, "agent/replay"));
    own.windows->restore(take_dict(checkpoint, "agent/windows"));
  }
  own.generator = take_generator(checkpoint, "agent/generator");
  own.steps = take_integer(checkpoint, "agent/steps");
  own.calls = take_integer(checkpoint, "agent/calls");
  own.loss_sum = take_real(checkpoint, "agent/loss_sum");
  own.loss_count = take_integer(checkpoint, "agent/loss_count");
}

}  // namespace ludus::agents
