// An environment that does what the test wrote down.
#pragma once

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "envs/core/env.h"

namespace ludus::envs {

// Returns observations[t] after t steps, rewards[t] and, if present, info[t] with step t; the last reward terminates
// the episode. Records the actions of the episode. Actions: Discrete(100) by default.
struct Script {
  SpacePtr observation_space;
  List observations;
  std::vector<double> rewards;
  std::vector<Dict> info = {};
  SpacePtr action_space = std::make_unique<Discrete>(100);
  Dict attributes = {};

  Script copy() const {
    return {observation_space->clone(), observations, rewards, info, action_space->clone(), attributes};
  }
};

class ScriptedEnv final : public Env {
 public:
  explicit ScriptedEnv(Script script) : script_(std::move(script)) {}

  Space& observation_space() override { return *script_.observation_space; }
  Space& action_space() override { return *script_.action_space; }
  Reset reset(std::optional<std::uint64_t> seed, const Dict&) override {
    if (seed) generator_ = Generator(*seed);
    time_ = 0;
    ++resets_;
    actions_.clear();
    return {script_.observations[0], script_.info.empty() ? Dict() : script_.info[0]};
  }
  void step_into(const Value& action, Step& out) override {
    actions_.push_back(action);
    out.reward = script_.rewards[time_++];
    out.observation = script_.observations[time_];
    out.terminated = time_ == script_.rewards.size();
    out.truncated = false;
    out.info = time_ < script_.info.size() ? script_.info[time_] : Dict();
  }
  Scene render() const override {
    Scene scene;
    scene.width = 4, scene.height = 2;
    scene.text = "frame " + std::to_string(time_);
    return scene;
  }
  double frames_per_second() const override { return 25; }
  Value get_state() const override {
    return Dict{{"time", static_cast<std::int64_t>(time_)}, {"generator", generator_to_value(generator_)}};
  }
  void set_state(const Value& state) override {
    time_ = static_cast<std::size_t>(state.as_dict().at("time").as_int());
    generator_ = generator_from_value(state.as_dict().at("generator"));
  }
  EnvPtr clone() const override {
    auto copy = std::make_unique<ScriptedEnv>(script_.copy());
    copy->set_state(get_state());
    return copy;
  }
  Generator& generator() override { return generator_; }
  Value attribute(std::string_view name) const override {
    const Value* value = script_.attributes.find(name);
    return value ? *value : Env::attribute(name);
  }

  const List& actions() const { return actions_; }
  int resets() const { return resets_; }

 private:
  Script script_;
  std::size_t time_ = 0;
  int resets_ = 0;
  List actions_;
  Generator generator_{0};
};

// Numbers of float32 as the observations of a Box of all reals.
inline Array floats(std::initializer_list<float> numbers) {
  return Array::of(numbers);
}
inline SpacePtr reals(std::int64_t n) {
  return std::make_unique<Box>(-INFINITY, INFINITY, Shape{n});
}

// One number for each time, from 0 on: observation t is {t}.
inline Script counting(std::size_t steps) {
  Script script{reals(1), {}, {}};
  for (std::size_t t = 0; t <= steps; ++t) script.observations.push_back(floats({static_cast<float>(t)}));
  script.rewards.assign(steps, 1.0);
  return script;
}

}  // namespace ludus::envs
