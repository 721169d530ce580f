// An environment that throws when it is told to.
#pragma once

#include <limits>
#include <stdexcept>
#include <string>

#include "envs/core/env.h"

namespace ludus::testing {

// Action 1 throws according to `failure`: "input" an InvalidArgument, "foreign" a standard exception, "thing" an object
// that is no exception, "" nothing. The reward is 1 if the stepping thread flushes denormals, else 0. There are no
// reset options.
class Fragile final : public envs::Env {
 public:
  explicit Fragile(std::string failure) : failure_(std::move(failure)) {}

  envs::Space& observation_space() override { return observation_space_; }
  envs::Space& action_space() override { return action_space_; }
  envs::Reset reset(std::optional<std::uint64_t>, const Dict& options) override {
    for (const auto& [key, value] : options) throw InvalidArgument("there is no option \"" + key + "\"");
    return {Array(DType::kFloat32, Shape{1}), {}};
  }
  void step_into(const Value& action, envs::Step& out) override {
    if (action.as_int() == 1) {
      if (failure_ == "input") throw InvalidArgument("too hot");
      if (failure_ == "foreign") throw std::out_of_range("map::at");
      if (failure_ == "thing") throw 7;
    }
    volatile float smallest = std::numeric_limits<float>::min();
    volatile float half = smallest * 0.5f;
    out = {.observation = Array(DType::kFloat32, Shape{1}), .reward = half == 0.0f ? 1.0 : 0.0, .info = {}};
  }
  Generator& generator() override { return generator_; }

 private:
  std::string failure_;
  envs::Box observation_space_{-1, 1, Shape{1}};
  envs::Discrete action_space_{2};
  Generator generator_{0};
};

}  // namespace ludus::testing
