// N copies of a simulator behind one batched step, without Env objects.
//
// Seeds, episodes and all numbers are those of N single environments (environment i has seed + i), but faster.
#pragma once

#include "envs/core/simulator.h"
#include "envs/vector/vector_env_base.h"

namespace ludus::envs {

template <Simulator S>
class SimulatorVectorEnv final : public VectorEnvBase<SimulatorVectorEnv<S>> {
  using Base = VectorEnvBase<SimulatorVectorEnv<S>>;
  using State = typename S::State;
  using Scalar = typename S::Scalar;

 public:
  static constexpr bool kHasInfo = Informing<S>;

  /// Creates the simulator from the spec's keyword arguments, as make_simulator().
  SimulatorVectorEnv(const EnvSpec& spec, std::size_t n, AutoresetMode mode)
      : SimulatorVectorEnv(make_simulator<S>(spec.kwargs, spec.id), spec, n, mode) {}

  void reset_lane(std::size_t i, std::optional<std::uint64_t> seed, const Dict& options, std::span<float> row) {
    Lane& lane = lanes_[i];
    if (seed) lane.generator.emplace(*seed);
    if (!lane.generator) lane.generator.emplace(entropy_seed());
    lane.state = reset_simulator(sim(i), lane.state, *lane.generator, options);
    lane.elapsed = 0;
    write_row(i, row);
    if constexpr (kHasInfo) sim(i).inform(*lane.state, lane.info);
  }

  template <class T>
  StepResult step_env(std::size_t i, std::span<const T> action, std::span<float> row) {
    Lane& lane = lanes_[i];
    Transition transition;
    if constexpr (DiscreteSimulator<S>) {
      transition = sim(i).step(*lane.state, static_cast<std::int64_t>(action[0]), *lane.generator);
    } else if constexpr (std::is_same_v<T, float>) {
      transition = sim(i).step(*lane.state, action, *lane.generator);
    }
    ++lane.elapsed;
    write_row(i, row);
    if constexpr (kHasInfo) sim(i).inform(*lane.state, lane.info);
    // the time limit: both flags may be true
    return {transition.reward, transition.terminated, max_episode_steps_ > 0 && lane.elapsed >= max_episode_steps_};
  }

  template <class T>
  bool takes(std::span<const T> action) const {
    if constexpr (DiscreteSimulator<S>) {
      return std::is_same_v<T, std::int64_t> && action[0] >= static_cast<T>(first_action_) &&
             action[0] <= static_cast<T>(last_action_);
    } else if constexpr (std::is_same_v<T, float>) {
      return std::all_of(action.begin(), action.end(), [](float number) { return std::isfinite(number); });
    } else {
      return false;  // integers for a continuous action space
    }
  }

  const Dict& lane_info(std::size_t i) const { return lanes_[i].info; }

  Scene render(std::size_t i) const override {
    if constexpr (Drawable<S>) {
      const Lane& lane = lanes_.at(i);
      if (!lane.state)
        throw ResetNeeded("render() was called before the first reset(); call reset() to begin an episode");
      return sim(i).draw(*lane.state);
    } else {
      return VectorEnv::render(i);
    }
  }
  double frames_per_second() const override { return frames_per_second_of<S>(); }

  Value lane_state(std::size_t i) const {
    const Lane& lane = lanes_[i];
    Dict saved{{"state", lane.state ? save_state<S>(*lane.state) : Value()},
               {"generator", lane.generator ? generator_to_value(*lane.generator) : Value()},
               {"elapsed", lane.elapsed},
               {"info", lane.info}};
    if (own_simulators_) saved["config"] = fields_as_dict(sims_[i].config);
    return saved;
  }

  void set_lane_state(std::size_t i, const Value& saved) {
    const Dict& parts = saved.as_dict();
    if (own_simulators_) {
      // sampled parameters of the simulator are stored in its config
      S restored = sims_[i];
      assign_fields(restored.config, parts.at("config").as_dict(), this->spec().id);
      configure_simulator(restored);
      sims_[i] = std::move(restored);
    }
    Lane lane;
    if (!parts.at("state").is_null()) lane.state = restore_state<S>(sim(i), parts.at("state"));
    if (!parts.at("generator").is_null()) lane.generator = generator_from_value(parts.at("generator"));
    lane.elapsed = parts.at("elapsed").as_int();
    lane.info = parts.at("info").as_dict();
    lanes_[i] = std::move(lane);
  }

 private:
  SimulatorVectorEnv(S sim, const EnvSpec& spec, std::size_t n, AutoresetMode mode)
      : Base(n, sim.observation_space(), sim.action_space(), mode, spec), lanes_(n) {
    if constexpr (requires { sim.is_randomized(); }) own_simulators_ = sim.is_randomized();
    sims_.push_back(std::move(sim));
    while (own_simulators_ && sims_.size() < n) sims_.push_back(make_simulator<S>(spec.kwargs, spec.id));
    if (const auto* discrete = dynamic_cast<const Discrete*>(&this->single_action_space())) {
      first_action_ = discrete->start();
      last_action_ = discrete->start() + discrete->n() - 1;
    }
    if constexpr (!std::is_same_v<Scalar, float>) scalars_.resize(n * this->observation_size());
    max_episode_steps_ = spec.max_episode_steps.value_or(0);
  }

  struct Lane {
    std::optional<State> state;
    std::optional<Generator> generator;
    std::int64_t elapsed = 0;  // steps of the current episode
    Dict info;
  };

  const S& sim(std::size_t i) const { return sims_[own_simulators_ ? i : 0]; }

  void write_row(std::size_t i, std::span<float> row) {
    if constexpr (std::is_same_v<Scalar, float>) {
      sim(i).observe(*lanes_[i].state, row);
    } else {
      const std::span<Scalar> scalars = std::span<Scalar>(scalars_).subspan(i * row.size(), row.size());
      sim(i).observe(*lanes_[i].state, scalars);
      for (std::size_t k = 0; k < row.size(); ++k) row[k] = static_cast<float>(scalars[k]);
    }
  }

  bool own_simulators_ = false;  // randomised simulators: one per environment
  std::vector<S> sims_;          // (N) if own_simulators_, else (1)
  std::vector<Lane> lanes_;
  std::vector<Scalar> scalars_;  // (N x observation_size): buffer for observations that are not float
  std::int64_t first_action_ = 0;
  std::int64_t last_action_ = -1;
  std::int64_t max_episode_steps_ = 0;  // 0: no limit
};

}  // namespace ludus::envs
