// Every algorithm with an environment and small settings.
#pragma once

#include <string>

#include "agents/algorithms.h"

namespace ludus::agents::testing {

inline bool is_continuous(const std::string& algorithm) {
  return algorithm == "ddpg" || algorithm == "td3" || algorithm == "sac";
}

inline std::string environment_for(const std::string& algorithm) {
  if (is_continuous(algorithm)) return "Pendulum-v1";
  return algorithm.ends_with("_iteration") ? "FrozenLake-v1" : "CartPole-v1";
}

// Small settings that make use of everything an algorithm may carry from step to step.
inline Dict settings_for(const Algorithm& algorithm) {
  const auto has = [&](const char* setting) { return algorithm.defaults.contains(setting); };
  Dict settings;
  if (has("hidden") && algorithm.name != "ars" && algorithm.name != "cem") settings["hidden"] = List{4};
  if (has("buffer_size")) {
    settings["buffer_size"] = 40;
    settings["batch_size"] = 4;
    settings["learning_starts"] = 20;
    settings["train_freq"] = 4;
    settings["gradient_steps"] = 1;
  }
  if (is_continuous(algorithm.name)) settings["noise"] = "ornstein_uhlenbeck";
  if (has("normalize_observations")) settings["normalize_observations"] = true;
  if (has("normalize_rewards")) settings["normalize_rewards"] = true;
  if (has("population")) settings["population"] = 4;
  if (has("directions")) settings["directions"] = 2;
  if (algorithm.name == "imitation") settings["score_threshold"] = 5;
  if (has("bins")) {
    settings["bins"] = List{2};
    settings["low"] = List{-2.4, -2.0, -0.2, -2.0};
    settings["high"] = List{2.4, 2.0, 0.2, 2.0};
  }
  return settings;
}

}  // namespace ludus::agents::testing
