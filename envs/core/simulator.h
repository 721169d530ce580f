// The simulator concept, and the environment derived from a simulator.
//
// A simulator is a plain value type that implements only the dynamics: no graphics, no networks, no allocation while
// stepping. Templates derive Env (SimulatorEnv, below), VectorEnv (envs/vector/simulator_vector_env.h), snapshots and
// copies from it. envs/classic_control/cart_pole.h is a good example; see also docs/custom_environments.md.
//
//   struct Walk {
//     using Scalar = float;                              // type of observation elements: float, double, uint8_t, …
//     struct Config { … fields … };                      // keyword arguments, see base/fields.h
//     struct State { … };                                // all that changes; trivially copyable, or see below
//     Config config;
//     SpacePtr observation_space() const;
//     SpacePtr action_space() const;
//     State reset(Generator&, const Dict& options) const;
//     Transition step(State&, std::int64_t action, Generator&) const;    // Discrete actions; or, for Box actions,
//     Transition step(State&, std::span<const float> action, Generator&) const;      // (and optionally of double)
//     void observe(const State&, std::span<Scalar> out) const;           // one row: see Space::to_row
//     Scene draw(const State&) const;                    // optional
//     void inform(const State&, Dict& info) const;       // optional: info of reset and step
//     void configure();                                  // optional: updates derived fields after a change of config
//     bool is_randomized() const;                        // optional: configure() sampled parameters and stored them in
//                                                        // config, so that each simulator is different
//     void check_state(const State&) const;              // optional: throws InvalidArgument for an invalid state
//     std::shared_ptr<const TransitionModel> transition_model() const;   // optional: transition probabilities of step
//     State reset(Generator&, const Dict& options, const State& before) const;    // optional: a reset that depends on
//                                                                        // the previous episode's last state
//     static constexpr double kFramesPerSecond = 50;     // optional
//   };
//
// A State that is not trivially copyable defines  Value save() const  and  static State restore(const Value&).
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "base/fields.h"
#include "envs/core/env.h"

namespace ludus::envs {

struct Transition {
  double reward = 0;
  bool terminated = false;
};

template <class S>
concept DiscreteSimulator = requires(const S& sim, typename S::State& state, Generator& generator) {
  { sim.step(state, std::int64_t{}, generator) } -> std::same_as<Transition>;
};

template <class S>
concept ContinuousSimulator = requires(const S& sim, typename S::State& state, Generator& generator) {
  { sim.step(state, std::span<const float>{}, generator) } -> std::same_as<Transition>;
};

/// A continuous simulator that also accepts double actions, where the precision of the action matters.
template <class S>
concept DoubleSimulator = requires(const S& sim, typename S::State& state, Generator& generator) {
  { sim.step(state, std::span<const double>{}, generator) } -> std::same_as<Transition>;
};

template <class S>
concept Drawable = requires(const S& sim, const typename S::State& state) {
  { sim.draw(state) } -> std::same_as<Scene>;
};

template <class S>
concept Informing = requires(const S& sim, const typename S::State& state, Dict& info) {
  sim.inform(state, info);
};

template <class S>
concept SavesItsState = requires(const typename S::State& state, const Value& saved) {
  { state.save() } -> std::same_as<Value>;
  { S::State::restore(saved) } -> std::same_as<typename S::State>;
};

template <class S>
concept Simulator = HasFields<typename S::Config> &&
                    (DiscreteSimulator<S> !=
                     ContinuousSimulator<S>)&&std::copyable<S>&& std::copyable<typename S::State> &&
                    (std::is_trivially_copyable_v<typename S::State> ||
                     SavesItsState<S>)&&requires(S sim, const S& constant, typename S::State& state,
                                                 Generator& generator, const Dict& options,
                                                 std::span<typename S::Scalar> row) {
  { sim.config } -> std::same_as<typename S::Config&>;
  { constant.observation_space() } -> std::same_as<SpacePtr>;
  { constant.action_space() } -> std::same_as<SpacePtr>;
  { constant.reset(generator, options) } -> std::same_as<typename S::State>;
  constant.observe(state, row);
};

// Errors of the templates below, defined in envs/core/simulator.cpp.

/// Throws TypeMismatch: the bytes of a saved state must be as many as those of the simulator's State.
[[noreturn]] void throw_state_size(std::size_t expected, std::size_t size);
/// Throws InvalidArgument: a setting must not change the spaces of an environment.
[[noreturn]] void throw_changed_spaces(const EnvSpec& spec);
/// Throws InvalidAction: `action` must be an element of `space`.
[[noreturn]] void throw_invalid_action(const EnvSpec& spec, const Space& space, const Value& action);

/// Starts a new episode. `before` is the last state of the previous episode, if there was one.
template <Simulator S>
typename S::State reset_simulator(const S& sim, const std::optional<typename S::State>& before, Generator& generator,
                                  const Dict& options) {
  if constexpr (requires { sim.reset(generator, options, *before); }) {
    if (before) return sim.reset(generator, options, *before);
  }
  return sim.reset(generator, options);
}

template <class S>
constexpr double frames_per_second_of() {
  if constexpr (requires { S::kFramesPerSecond; }) return S::kFramesPerSecond;
  return 30;
}

/// Must be called after every change of sim.config. Throws InvalidArgument, naming `owner`, as check_fields does
/// (base/fields.h): for fields out of range, and what the optional `void check() const` of the Config rejects.
template <Simulator S>
void configure_simulator(S& sim, std::string_view owner) {
  check_fields(sim.config, owner);
  if constexpr (requires { sim.configure(); }) sim.configure();
}

/// Returns a simulator with these keyword arguments. Throws UnknownField or InvalidArgument.
template <Simulator S>
S make_simulator(const Dict& kwargs, std::string_view owner) {
  S sim{};
  assign_fields(sim.config, kwargs, owner);
  configure_simulator(sim, owner);
  return sim;
}

template <Simulator S>
Value save_state(const typename S::State& state) {
  if constexpr (SavesItsState<S>) {
    return state.save();
  } else {
    Array bytes(DType::kUInt8, Shape{static_cast<std::int64_t>(sizeof state)});
    std::memcpy(bytes.bytes().data(), &state, sizeof state);
    return bytes;
  }
}

/// Throws TypeMismatch or InvalidArgument if `saved` is not a valid state of `sim`.
template <Simulator S>
typename S::State restore_state(const S& sim, const Value& saved) {
  if constexpr (SavesItsState<S>) {
    typename S::State state = S::State::restore(saved);
    if constexpr (requires { sim.check_state(state); }) sim.check_state(state);
    return state;
  } else {
    const auto bytes = saved.as_array().bytes();
    if (bytes.size() != sizeof(typename S::State)) throw_state_size(sizeof(typename S::State), bytes.size());
    typename S::State state;
    std::memcpy(&state, bytes.data(), sizeof state);
    if constexpr (requires { sim.check_state(state); }) sim.check_state(state);
    return state;
  }
}

/// The environment of a simulator.
template <Simulator S>
class SimulatorEnv final : public Env {
 public:
  using State = typename S::State;
  using Scalar = typename S::Scalar;

  explicit SimulatorEnv(S sim)
      : sim_(std::move(sim)), observation_space_(sim_.observation_space()), action_space_(sim_.action_space()) {
    row_.resize(observation_space_->row_size());
  }

  Space& observation_space() override { return *observation_space_; }
  Space& action_space() override { return *action_space_; }

  Reset reset(std::optional<std::uint64_t> seed, const Dict& options) override {
    if (seed) generator_.emplace(*seed);
    state_ = reset_simulator(sim_, state_, generator(), options);
    Reset result;
    write_observation(result.observation);
    if constexpr (Informing<S>) sim_.inform(*state_, result.info);
    return result;
  }

  void step_into(const Value& action, Step& out) override {
    if (!state_) throw ResetNeeded("step() was called before the first reset(); call reset() to begin an episode");
    const Transition transition = act(action);
    out.reward = transition.reward;
    out.terminated = transition.terminated;
    out.truncated = false;
    write_observation(out.observation);
    if constexpr (Informing<S>) {
      sim_.inform(*state_, info_);
      out.info = info_;  // removes entries of another environment, but reuses the storage
    } else if (!out.info.empty()) {
      out.info.clear();
    }
  }

  Scene render() const override {
    if constexpr (Drawable<S>) {
      if (!state_) throw ResetNeeded("render() was called before the first reset(); call reset() to begin an episode");
      return sim_.draw(*state_);
    } else {
      return Env::render();
    }
  }

  Value get_state() const override {
    return Dict{{"state", state_ ? save_state<S>(*state_) : Value()},
                {"generator", generator_ ? generator_to_value(*generator_) : Value()},
                {"config", fields_as_dict(sim_.config)}};
  }

  void set_state(const Value& saved) override {
    const Dict& parts = saved.as_dict();
    const Value& state = parts.at("state");
    const Value& generator = parts.at("generator");
    const Dict& config = parts.at("config").as_dict();
    S sim = sim_;
    if (!(fields_as_dict(sim.config) == config)) {
      assign_fields(sim.config, config, spec().id);
      adopt_config(sim);
    }
    std::optional<State> new_state;
    if (!state.is_null()) new_state = restore_state<S>(sim, state);
    std::optional<Generator> new_generator;
    if (!generator.is_null()) new_generator = generator_from_value(generator);
    sim_ = std::move(sim), state_ = std::move(new_state), generator_ = std::move(new_generator);
  }

  EnvPtr clone() const override {
    auto copy = std::make_unique<SimulatorEnv>(sim_);
    copy->state_ = state_;
    copy->generator_ = generator_;
    copy->observation_space_ = observation_space_->clone();
    copy->action_space_ = action_space_->clone();
    copy->set_spec(spec());
    return copy;
  }

  Generator& generator() override {
    if (!generator_) generator_.emplace(system_entropy());
    return *generator_;
  }

  double frames_per_second() const override { return frames_per_second_of<S>(); }

  Value attribute(std::string_view name) const override {
    const Dict fields = fields_as_dict(sim_.config);
    if (const Value* value = fields.find(name)) return *value;
    return Env::attribute(name);
  }

  void set_attribute(std::string_view name, const Value& value) override {
    S changed = sim_;
    assign_field(changed.config, name, value, spec().id);
    adopt_config(changed);
    sim_ = std::move(changed);
  }

  std::shared_ptr<const TransitionModel> transition_model() const override {
    if constexpr (requires { sim_.transition_model(); }) {
      return sim_.transition_model();
    } else {
      return nullptr;
    }
  }

  const S& simulator() const { return sim_; }
  const State& state() const { return state_.value(); }
  void set_simulator_state(State state) { state_ = std::move(state); }

 private:
  std::string name() const { return spec().id.empty() ? "the environment" : spec().id; }

  // Configures a simulator after a change of its config. The spaces of an environment cannot change, because wrappers
  // and agents depend on them.
  void adopt_config(S& changed) const {
    configure_simulator(changed, name());
    if (changed.observation_space()->equals(*observation_space_) && changed.action_space()->equals(*action_space_)) {
      return;
    }
    throw_changed_spaces(spec());
  }

  Transition act(const Value& action) {
    if constexpr (DiscreteSimulator<S>) {
      if (!action_space_->contains(action)) reject(action);
      return sim_.step(*state_, action.as_int(), *generator_);
    } else {
      // any finite number is valid: as in Gymnasium, continuous environments clip their actions
      const Shape& shape = static_cast<const Box&>(*action_space_).shape();
      if (!action.is_array() || !(action.as_array().shape() == shape)) reject(action);
      const Array& array = action.as_array();
      for (std::size_t i = 0; i < array.size(); ++i) {
        if (!std::isfinite(array.get(i))) reject(action);
      }
      if constexpr (DoubleSimulator<S>) {
        if (array.dtype() == DType::kFloat64) return sim_.step(*state_, array.data<double>(), *generator_);
      }
      if (array.dtype() == DType::kFloat32) return sim_.step(*state_, array.data<float>(), *generator_);
      const Array cast = array.cast(DType::kFloat32);
      return sim_.step(*state_, cast.data<float>(), *generator_);
    }
  }

  [[noreturn]] void reject(const Value& action) const { throw_invalid_action(spec(), *action_space_, action); }

  void write_observation(Value& out) {
    const auto* box = dynamic_cast<const Box*>(observation_space_.get());
    if (box && box->dtype() == dtype_for<Scalar>()) {
      // reuse the existing array
      if (!out.is_array() || out.as_array().dtype() != box->dtype() || !(out.as_array().shape() == box->shape())) {
        out = Array(box->dtype(), box->shape());
      }
      sim_.observe(*state_, out.as_array().template data<Scalar>());
      return;
    }
    std::vector<Scalar>& row = scalars();
    sim_.observe(*state_, row);
    if constexpr (!std::is_same_v<Scalar, double>) std::copy(row.begin(), row.end(), row_.begin());
    observation_space_->from_row_into(row_, out);
  }

  // The buffer for the simulator's row: row_ itself if the simulator writes doubles.
  std::vector<Scalar>& scalars() {
    if constexpr (std::is_same_v<Scalar, double>) {
      return row_;
    } else {
      scalars_.resize(row_.size());
      return scalars_;
    }
  }

  static std::uint64_t system_entropy();

  S sim_;
  SpacePtr observation_space_;
  SpacePtr action_space_;
  std::optional<State> state_;
  std::optional<Generator> generator_;
  std::vector<double> row_;
  std::vector<Scalar> scalars_;
  Dict info_;  // of the last step; storage is reused
};

template <Simulator S>
std::uint64_t SimulatorEnv<S>::system_entropy() {
  return entropy_seed();
}

}  // namespace ludus::envs
