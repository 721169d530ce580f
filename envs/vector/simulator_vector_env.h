// Steps N copies of a simulator in one call, without an Env object for each.
//
// Seeds, episodes and all numbers equal those of N single environments (environment i has seed + i).
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

  /// Constructs the simulator from the spec's keyword arguments, as make_simulator().
  SimulatorVectorEnv(const EnvSpec& spec, std::size_t n, AutoresetMode mode)
      : SimulatorVectorEnv(make_simulator<S>(spec.kwargs, spec.id), spec, n, mode) {}

  void reset_slot(std::size_t i, std::optional<std::uint64_t> seed, const Dict& options, std::span<float> row) {
    Slot& slot = slots_[i];
    if (seed) slot.generator.emplace(*seed);
    if (!slot.generator) slot.generator.emplace(entropy_seed());
    slot.state = reset_simulator(sim(i), slot.state, *slot.generator, options);
    slot.elapsed = 0;
    write_row(i, row);
    if constexpr (kHasInfo) sim(i).inform(*slot.state, slot.info);
  }

  template <class T>
  StepResult step_env(std::size_t i, std::span<const T> action, std::span<float> row) {
    Slot& slot = slots_[i];
    Transition transition;
    if constexpr (DiscreteSimulator<S>) {
      transition = sim(i).step(*slot.state, static_cast<std::int64_t>(action[0]), *slot.generator);
    } else if constexpr (std::is_same_v<T, float>) {
      transition = sim(i).step(*slot.state, action, *slot.generator);
    }
    ++slot.elapsed;
    write_row(i, row);
    if constexpr (kHasInfo) sim(i).inform(*slot.state, slot.info);
    // the time limit: both flags may be true
    return {transition.reward, transition.terminated, max_episode_steps_ > 0 && slot.elapsed >= max_episode_steps_};
  }

  template <class T>
  bool takes(std::span<const T> action) const {
    if constexpr (DiscreteSimulator<S>) {
      return std::is_same_v<T, std::int64_t> && action[0] >= static_cast<T>(first_action_) &&
             action[0] <= static_cast<T>(last_action_);
    } else if constexpr (std::is_same_v<T, float>) {
      return std::all_of(action.begin(), action.end(), [](float number) { return std::isfinite(number); });
    } else {
      return false;  // discrete actions for a continuous action space
    }
  }

  const Dict& slot_info(std::size_t i) const { return slots_[i].info; }

  Scene render(std::size_t i) const override {
    if constexpr (Drawable<S>) {
      const Slot& slot = slots_.at(i);
      if (!slot.state)
        throw ResetNeeded("render() was called before the first reset(); call reset() to begin an episode");
      return sim(i).draw(*slot.state);
    } else {
      return VectorEnv::render(i);
    }
  }
  double frames_per_second() const override { return frames_per_second_of<S>(); }

  Value slot_state(std::size_t i) const {
    const Slot& slot = slots_[i];
    Dict saved{{"state", slot.state ? save_state<S>(*slot.state) : Value()},
               {"generator", slot.generator ? generator_to_value(*slot.generator) : Value()},
               {"elapsed", slot.elapsed},
               {"info", slot.info}};
    if (one_simulator_per_env_) saved["config"] = fields_as_dict(sims_[i].config);
    return saved;
  }

  void set_slot_state(std::size_t i, const Value& saved) {
    const Dict& parts = saved.as_dict();
    if (one_simulator_per_env_) {
      // the config holds what was drawn at construction
      S restored = sims_[i];
      assign_fields(restored.config, parts.at("config").as_dict(), this->spec().id);
      configure_simulator(restored, this->spec().id);
      sims_[i] = std::move(restored);
    }
    Slot slot;
    if (!parts.at("state").is_null()) slot.state = restore_state<S>(sim(i), parts.at("state"));
    if (!parts.at("generator").is_null()) slot.generator = generator_from_value(parts.at("generator"));
    slot.elapsed = parts.at("elapsed").as_int();
    slot.info = parts.at("info").as_dict();
    slots_[i] = std::move(slot);
  }

 private:
  SimulatorVectorEnv(S sim, const EnvSpec& spec, std::size_t n, AutoresetMode mode)
      : Base(n, sim.observation_space(), sim.action_space(), mode, spec), slots_(n) {
    if constexpr (requires { sim.is_randomized(); }) one_simulator_per_env_ = sim.is_randomized();
    sims_.push_back(std::move(sim));
    while (one_simulator_per_env_ && sims_.size() < n) sims_.push_back(make_simulator<S>(spec.kwargs, spec.id));
    if (const auto* discrete = dynamic_cast<const Discrete*>(&this->single_action_space())) {
      first_action_ = discrete->start();
      last_action_ = discrete->start() + discrete->n() - 1;
    }
    if constexpr (!std::is_same_v<Scalar, float>) scalars_.resize(n * this->observation_size());
    max_episode_steps_ = spec.max_episode_steps.value_or(0);
  }

  // The state of one environment between steps.
  struct Slot {
    std::optional<State> state;
    std::optional<Generator> generator;
    std::int64_t elapsed = 0;  // steps of the current episode
    Dict info;
  };

  const S& sim(std::size_t i) const { return sims_[one_simulator_per_env_ ? i : 0]; }

  void write_row(std::size_t i, std::span<float> row) {
    if constexpr (std::is_same_v<Scalar, float>) {
      sim(i).observe(*slots_[i].state, row);
    } else {
      const std::span<Scalar> scalars = std::span<Scalar>(scalars_).subspan(i * row.size(), row.size());
      sim(i).observe(*slots_[i].state, scalars);
      for (std::size_t k = 0; k < row.size(); ++k) row[k] = static_cast<float>(scalars[k]);
    }
  }

  bool one_simulator_per_env_ = false;  // for simulators with a random config
  std::vector<S> sims_;                 // (N) if one_simulator_per_env_, else (1)
  std::vector<Slot> slots_;
  std::vector<Scalar> scalars_;  // (N x observation_size): observations before their conversion to float
  std::int64_t first_action_ = 0;
  std::int64_t last_action_ = -1;
  std::int64_t max_episode_steps_ = 0;  // 0: no time limit
};

}  // namespace ludus::envs
