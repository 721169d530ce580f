#include "agents/deep/dqn.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "agents/runner/checkpoint_dict.h"
#include "envs/core/env.h"
#include "nn/core/flat_parameters.h"
#include "nn/core/init.h"
#include "nn/core/mlp.h"
#include "nn/core/optimizer.h"
#include "nn/io/checkpoint.h"
#include "replay/replay.h"

namespace ludus::agents {
namespace {

// y = r + γ (1 − terminated) max_a' Q⁻(s', a')                                              Mnih et al. 2015, algorithm 1
// The episode that was truncated is not terminated: it was cut, not ended, and is bootstrapped.
at::Tensor td_target(const at::Tensor& rewards, const at::Tensor& terminated, const at::Tensor& next_target_values,
                     double discount) {
  return rewards + discount * (1 - terminated) * next_target_values.amax(1);
}

// y = r + γ (1 − terminated) Q⁻(s', argmax_a' Q(s', a'))                                    van Hasselt et al. 2016, equation 4
at::Tensor double_td_target(const at::Tensor& rewards, const at::Tensor& terminated,
                            const at::Tensor& next_online_values, const at::Tensor& next_target_values,
                            double discount) {
  const at::Tensor chosen = next_online_values.argmax(1, /*keepdim=*/true);
  return rewards + discount * (1 - terminated) * next_target_values.gather(1, chosen).squeeze(1);
}

// L = mean ℓ(Q(s, a) − y); y is a constant
at::Tensor td_loss(const at::Tensor& values, const at::Tensor& actions, const at::Tensor& target, bool huber) {
  const at::Tensor taken = values.gather(1, actions).squeeze(1);
  return huber ? at::smooth_l1_loss(taken, target) : at::mse_loss(taken, target);
}

nn::MlpOptions network_options(const Dqn::Config& config, std::size_t inputs, std::int64_t actions) {
  return {.inputs = static_cast<std::int64_t>(inputs), .hidden = config.hidden, .outputs = actions};
}

replay::ReplayOptions replay_options(const Dqn::Config& config, std::size_t inputs) {
  return {.capacity = static_cast<std::size_t>(config.buffer_size), .observation_size = inputs, .action_size = 1};
}

}  // namespace

void Dqn::Config::check() const {
  const auto require = [](bool holds, const char* sentence) {
    if (!holds) throw InvalidArgument(std::string("dqn: ") + sentence);
  };
  require(learning_rate > 0 && std::isfinite(learning_rate), "learning_rate must be positive");
  require(buffer_size > 0, "buffer_size must be positive");
  require(learning_starts >= 0, "learning_starts must not be negative");
  require(batch_size > 0, "batch_size must be positive");
  require(discount >= 0 && discount <= 1, "discount must lie in [0, 1]");
  require(train_freq > 0, "train_freq must be positive");
  require(gradient_steps > 0 || gradient_steps == -1, "gradient_steps must be positive, or -1");
  require(target_update_interval > 0, "target_update_interval must be positive");
  require(polyak_tau > 0 && polyak_tau <= 1, "polyak_tau must lie in (0, 1]");
  require(exploration_initial >= 0 && exploration_initial <= 1, "exploration_initial must lie in [0, 1]");
  require(exploration_final >= 0 && exploration_final <= 1, "exploration_final must lie in [0, 1]");
  require(exploration_fraction >= 0 && exploration_fraction <= 1, "exploration_fraction must lie in [0, 1]");
  require(std::all_of(hidden.begin(), hidden.end(), [](std::int64_t width) { return width > 0; }),
          "hidden must be widths above 0");
  require(max_gradient_norm > 0, "max_gradient_norm must be positive");
  require(loss == "huber" || loss == "squared", "loss must be \"huber\" or \"squared\"");
}

struct Dqn::Networks {
  Networks(const Config& config, std::size_t inputs, std::int64_t actions, std::uint64_t seed, const nn::Device& device)
      : generator(seed),
        playing(seed),
        init(nn::make_generator(generator.next_uint64())),
        online(network_options(config, inputs, actions), init),
        target(network_options(config, inputs, actions), init),
        online_parameters(online),
        target_parameters(target),
        optimizer((online_parameters.to(device), online_parameters), {.learning_rate = config.learning_rate}),
        where(device.cuda ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index)) : at::Device(at::kCPU)) {
    target_parameters.to(device);
    target_parameters.copy_from(online_parameters);
    memory_options = replay_options(config, inputs);
  }

  // The memory, taken when the first transition comes: whoever only plays needs none.
  replay::Replay& memory() {
    if (!replay) replay = replay::make_replay(memory_options);
    return *replay;
  }

  // A batch's numbers as a tensor on the network's device, without a copy where that is the processor.
  at::Tensor tensor(std::vector<float>& numbers, at::IntArrayRef sizes) const {
    return at::from_blob(numbers.data(), sizes, at::kFloat).to(where);
  }

  envs::Generator generator;  // of exploration and of batches
  envs::Generator playing;    // of predict(), which must not disturb the training
  at::Generator init;
  nn::Mlp online, target;
  nn::FlatParameters online_parameters, target_parameters;
  nn::Adam optimizer;
  at::Device where;
  replay::ReplayOptions memory_options;
  std::unique_ptr<replay::Replay> replay;

  std::int64_t steps = 0;    // of environments, all together
  std::int64_t calls = 0;    // of the vector environment
  std::int64_t updates = 0;  // gradient steps
  double loss_sum = 0;       // since the last metrics()
  std::int64_t loss_count = 0;

  replay::Batch batch;
  std::vector<float> values;  // of act() and predict()
  std::vector<float> action_row;
};

Dqn::Dqn(const Config& config, const EnvFacts& facts, std::uint64_t seed, const std::string& device)
    : config_(config),
      actions_(facts.discrete_actions("dqn").n()),
      first_action_(facts.discrete_actions("dqn").start()),
      observation_size_(facts.observation_size),
      num_envs_(facts.num_envs) {
  config_.check();
  networks_ = std::make_unique<Networks>(config_, observation_size_, actions_, seed, nn::parse_device(device));
}

Dqn::~Dqn() = default;

Dict Dqn::config() const {
  return fields_as_dict(config_);
}

double Dqn::exploration_rate(std::int64_t steps) const {
  const double period = config_.exploration_fraction * static_cast<double>(total_steps());
  const double progress = period > 0 ? std::min(1.0, static_cast<double>(steps) / period) : 1.0;
  return config_.exploration_initial + progress * (config_.exploration_final - config_.exploration_initial);
}

std::vector<float> Dqn::action_values(std::span<const float> observations, std::size_t n) const {
  std::vector<float> values(n * static_cast<std::size_t>(actions_));
  networks_->online.act(observations, n, values);
  return values;
}

void Dqn::predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) {
  envs::Generator& generator = networks_->playing;
  std::vector<float>& values = networks_->values;
  values.resize(n * static_cast<std::size_t>(actions_));
  networks_->online.act(observations, n, values);
  out.reals.clear();
  out.integers.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = values.begin() + static_cast<std::ptrdiff_t>(i) * actions_;
    out.integers[i] = first_action_ + (std::max_element(row, row + actions_) - row);
    if (!deterministic && generator.random() < config_.exploration_final) {
      out.integers[i] = first_action_ + generator.integers(actions_);
    }
  }
}

void Dqn::seed(std::uint64_t seed) {
  networks_->playing = envs::Generator(seed);
}

// ε-greedy: a random action with probability ε, else the best by the online network.
void Dqn::act(std::span<const float> observations, Actions& out) {
  Networks& own = *networks_;
  predict(observations, num_envs_, /*deterministic=*/true, out);
  const double epsilon = own.steps < config_.learning_starts ? 1.0 : exploration_rate(own.steps);
  for (std::int64_t& action : out.integers) {
    if (own.generator.random() < epsilon) action = first_action_ + own.generator.integers(actions_);
  }
}

void Dqn::observe(const Experience& experience) {
  Networks& own = *networks_;
  own.action_row.resize(1);
  for (std::size_t i = 0; i < num_envs_; ++i) {
    own.action_row[0] = static_cast<float>(experience.actions->integers[i] - first_action_);
    own.memory().add(
        {.observation = experience.observations.subspan(i * observation_size_, observation_size_),
         .action = own.action_row,
         .reward = static_cast<float>(experience.rewards[i]),
         .next_observation = experience.next_observations.subspan(i * observation_size_, observation_size_),
         .terminated = experience.terminated[i] != 0,
         .discount = static_cast<float>(config_.discount)});
  }
  own.steps += static_cast<std::int64_t>(num_envs_);
  ++own.calls;

  // θ⁻ ← (1 − τ) θ⁻ + τ θ, every so many environment steps
  const auto interval =
      std::max<std::int64_t>(config_.target_update_interval / static_cast<std::int64_t>(num_envs_), 1);
  if (own.calls % interval == 0) own.target_parameters.lerp_from(own.online_parameters, config_.polyak_tau);
}

void Dqn::update() {
  Networks& own = *networks_;
  if (own.calls % config_.train_freq != 0 || own.steps <= config_.learning_starts) return;
  const std::int64_t rounds =
      config_.gradient_steps > 0 ? config_.gradient_steps : config_.train_freq * static_cast<std::int64_t>(num_envs_);
  for (std::int64_t k = 0; k < rounds; ++k) learn_from_batch();
}

void Dqn::learn_from_batch() {
  Networks& own = *networks_;
  const std::int64_t n = config_.batch_size;
  const auto width = static_cast<std::int64_t>(observation_size_);
  own.memory().sample(static_cast<std::size_t>(n), own.generator, own.batch);
  const at::Tensor observations = own.tensor(own.batch.observations, {n, width});
  const at::Tensor next_observations = own.tensor(own.batch.next_observations, {n, width});
  const at::Tensor actions = own.tensor(own.batch.actions, {n, 1}).to(at::kLong);
  const at::Tensor rewards = own.tensor(own.batch.rewards, {n});
  const at::Tensor terminated = own.tensor(own.batch.terminated, {n});

  at::Tensor target;
  {
    const at::NoGradGuard constant;
    const at::Tensor next_target_values = own.target.forward(next_observations);
    target = config_.double_q ? double_td_target(rewards, terminated, own.online.forward(next_observations),
                                                 next_target_values, config_.discount)
                              : td_target(rewards, terminated, next_target_values, config_.discount);
  }

  const at::Tensor loss = td_loss(own.online.forward(observations), actions, target, config_.loss == "huber");
  own.online_parameters.zero_gradients();
  loss.backward();
  const double norm = own.online_parameters.clip_gradient_norm(config_.max_gradient_norm);
  const double loss_value = loss.item<double>();
  if (!std::isfinite(loss_value) || !std::isfinite(norm)) {
    throw WorkError("dqn diverged at gradient step " + std::to_string(own.updates + 1) +
                    ": the loss is no longer a finite number; lower learning_rate, or look for rewards or observations "
                    "that are not finite");
  }
  own.optimizer.step();
  ++own.updates;
  own.loss_sum += loss_value;
  ++own.loss_count;
}

double Dqn::memory_bytes() const {
  return replay::replay_bytes(replay_options(config_, observation_size_));
}

std::vector<std::string> Dqn::metric_names() const {
  return {"rollout/exploration_rate", "train/learning_rate", "train/loss", "train/n_updates"};
}

Metrics Dqn::metrics() {
  Networks& own = *networks_;
  Metrics figures{{"rollout/exploration_rate", exploration_rate(own.steps)}};
  if (own.updates > 0) {
    figures["train/learning_rate"] = own.optimizer.learning_rate();
    figures["train/n_updates"] = static_cast<double>(own.updates);
  }
  if (own.loss_count > 0) figures["train/loss"] = own.loss_sum / static_cast<double>(own.loss_count);
  own.loss_sum = 0;
  own.loss_count = 0;
  return figures;
}

void Dqn::save_policy(nn::Checkpoint& checkpoint) const {
  checkpoint.writer("agent/q").put_all(networks_->online_parameters.state());
}

void Dqn::load_policy(const nn::Checkpoint& checkpoint) {
  networks_->online_parameters.load_state(checkpoint.reader("agent/q").all());
  networks_->target_parameters.copy_from(networks_->online_parameters);
}

void Dqn::save(nn::Checkpoint& checkpoint) const {
  const Networks& own = *networks_;
  checkpoint.writer("agent/q").put_all(own.online_parameters.state());
  checkpoint.writer("agent/target").put_all(own.target_parameters.state());
  checkpoint.writer("agent/optimizer").put_all(own.optimizer.state());
  if (own.replay) put_dict(checkpoint, "agent/replay", own.replay->state());
  checkpoint.put_value("agent/counters", Dict{{"generator", envs::generator_to_value(own.generator)},
                                              {"steps", own.steps},
                                              {"calls", own.calls},
                                              {"updates", own.updates},
                                              {"loss_sum", own.loss_sum},
                                              {"loss_count", own.loss_count}});
}

void Dqn::load(const nn::Checkpoint& checkpoint) {
  Networks& own = *networks_;
  own.online_parameters.load_state(checkpoint.reader("agent/q").all());
  own.target_parameters.load_state(checkpoint.reader("agent/target").all());
  own.optimizer.load_state(checkpoint.reader("agent/optimizer").all());
  own.replay.reset();
  if (checkpoint.contains_value("agent/replay")) own.memory().restore(take_dict(checkpoint, "agent/replay"));
  const Value counters = checkpoint.value("agent/counters");
  const Dict& parts = counters.as_dict();
  own.generator = envs::generator_from_value(parts.at("generator"));
  own.steps = parts.at("steps").as_int();
  own.calls = parts.at("calls").as_int();
  own.updates = parts.at("updates").as_int();
  own.loss_sum = parts.at("loss_sum").as_double();
  own.loss_count = parts.at("loss_count").as_int();
}

}  // namespace ludus::agents
