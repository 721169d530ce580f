// What every learner of continuous actions from a replay memory has in common: settings, exploration, the memory, and when
// it is time to learn.
//
// An algorithm derives from it and says which actions its policy chooses and how one batch is learnt from.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agents/deep/action_noise.h"
#include "agents/deep/action_scale.h"
#include "agents/deep/replay_settings.h"
#include "agents/core/agent.h"
#include "base/rng.h"
#include "nn/core/device.h"
#include "nn/networks/feature_options.h"
#include "base/named_arrays.h"
#include "replay/replay_buffer.h"

namespace at {
class Tensor;
}

namespace ludus::nn {
class Critics;
struct NetworkOptions;
struct Transitions;
}  // namespace ludus::nn

namespace ludus::agents {

struct OffPolicyConfig : ReplaySettings {
  ActionNoise::Options noise = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    ReplaySettings::fields(self, visit);
    ActionNoise::Options::fields(self.noise, visit);
  }
  void check(std::string_view algorithm) const;  // throws InvalidArgument
};

class OffPolicyAgent : public Agent {
 public:
  std::string_view algorithm() const final { return algorithm_; }
  Dict config() const final { return settings_; }
  double memory_bytes() const final;

  void act(std::span<const float> observations, Actions& out) final;
  void observe(const Experience& experience) final;
  void update() final;
  void predict(std::span<const float> observations, std::size_t n, bool deterministic, Actions& out) final;
  void seed(std::uint64_t seed) final { eval_generator_ = Generator(seed); }

  // Q(s, a) of the (first) critic for n observations and actions in the environment's own unit: n numbers.
  std::vector<float> action_values(std::span<const float> observations, std::span<const float> actions,
                                   std::size_t n) const;

  Metrics metrics() final;
  std::vector<std::string> metric_names() const final;

  void save(Checkpoint& checkpoint) const final;
  void load(const Checkpoint& checkpoint) final;
  void save_policy(Checkpoint& checkpoint) const final;
  void load_policy(const Checkpoint& checkpoint) final;

 protected:
  // `settings`: every field of the algorithm's own configuration. `figures`: the tags under which learn() records.
  // Throws InvalidArgument, and NotApplicable unless the actions are a bounded Box of reals.
  OffPolicyAgent(std::string_view algorithm, const OffPolicyConfig& config, Dict settings,
                 std::vector<std::string> figures, const EnvSignature& facts, std::uint64_t seed,
                 const std::string& device);

  // The policy's actions for n observations, (n x action_size) in [-1, 1]; a stochastic policy draws from `generator`
  // unless its most probable action is asked for.
  virtual void choose(std::span<const float> observations, std::size_t n, bool deterministic,
                      Generator& generator, std::span<float> actions) = 0;
  // The same while training, before noise is added: one observation of each environment.
  virtual void explore(std::span<const float> observations, std::span<float> actions) {
    choose(observations, num_envs_, /*deterministic=*/false, generator_, actions);
  }
  // Whether the actions of the warm-up are drawn uniformly; else the policy explores from the first step.
  virtual bool warms_up_at_random() const { return true; }

  // One gradient step of everything, number updates(), counted from 1, with the learning rate as it is now.
  virtual void learn(const nn::Transitions& batch, double learning_rate) = 0;

  virtual const nn::Critics& critics() const = 0;

  // A part of the agent that a checkpoint holds as "agent/NAME". The first of all is the policy.
  struct Part {
    std::string name;
    std::function<NamedArrays()> state;
    std::function<void(const NamedArrays&)> load;
  };
  template <class T>
  static Part part(std::string name, T& owner) {
    return {std::move(name), [&owner] { return owner.state(); },
            [&owner](const NamedArrays& state) { owner.load_state(state); }};
  }
  virtual std::vector<Part> parts() const = 0;

  // Options of a network over the observations, with the configured hidden layers and rectifiers.
  nn::NetworkOptions network_options(std::int64_t outputs, std::int64_t extra_inputs) const;

  // Standard normal numbers for a gradient step, a tensor of those sizes; they stay until the next call.
  at::Tensor normals(std::span<const std::int64_t> sizes);

  // What a schedule is at now.
  double now(const runs::Schedule& schedule) const { return schedule.at(remaining()); }

  // A figure of the learning, whose mean since the last metrics() is shown.
  void record(const std::string& tag, double figure);

  std::size_t action_size() const { return action_size_; }
  std::size_t num_envs() const { return num_envs_; }
  const nn::Device& device() const { return device_; }
  Generator& generator() { return generator_; }
  std::int64_t calls() const { return calls_; }
  std::int64_t updates() const { return updates_; }
  // A number of its own for each network's beginnings.
  std::uint64_t draw_seed() { return generator_.next_uint64(); }

 private:
  replay::ReplayOptions replay_options() const;
  replay::ReplayBuffer& memory();
  bool is_warming_up() const { return steps_ < config_.learning_starts; }
  double remaining() const { return runs::progress_remaining(steps_, total_steps()); }
  void learn_from_batch();

  std::string algorithm_;
  OffPolicyConfig config_;
  Dict settings_;
  nn::Device device_;
  nn::FeatureOptions features_;
  std::size_t observation_size_, action_size_, num_envs_;
  ActionScale scale_;
  ActionNoise noise_;

  Generator generator_;  // of exploration, of batches and of the noise in learning
  Generator eval_generator_;    // of predict(), which must not disturb the training
  std::unique_ptr<replay::ReplayBuffer> replay_;
  std::int64_t steps_ = 0;    // of environments, all together
  std::int64_t calls_ = 0;    // of the vector environment
  std::int64_t updates_ = 0;  // gradient steps

  struct Sum {
    double sum = 0;
    std::int64_t count = 0;
  };
  std::map<std::string, Sum> figures_;  // since the last metrics()

  replay::Batch batch_;
  std::vector<float> actions_, normals_;  // memory used again
};

}  // namespace ludus::agents
