// What a training run is, in full: enough to repeat it. Kept as config.toml in the run's folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runner/run_wrappers.h"
#include "base/value.h"

namespace ludus::agents {

struct RunConfig {
  std::string algorithm;
  std::string env_id;
  Dict env_kwargs;
  Wrappers wrappers;                 // around every environment; see evaluation_wrappers() for those of evaluations
  std::vector<std::string> plugins;  // absolute paths of the libraries that were loaded
  std::uint64_t seed = 0;
  std::int64_t total_steps = 0;  // environment steps, all environments together
  std::int64_t n_envs = 1;
  std::string device = "auto";
  std::int64_t eval_every = 0;  // environment steps between evaluations; 0: none
  std::int64_t eval_episodes = 10;
  std::int64_t checkpoint_every = 0;          // environment steps between checkpoints; 0: only the last
  std::int64_t keep_checkpoints = 3;          // the newest so many stay
  std::optional<double> stop_at_reward = {};  // ends the run when an evaluation's mean reaches it
  // ends it when more evaluations in a row than this brought no better mean, the first `min_evals` not counted
  std::optional<std::int64_t> max_no_improvement_evals = {};
  std::int64_t min_evals = 0;
  std::int64_t log_every = 1000;  // environment steps between rows of progress.csv
  Dict agent;                     // the algorithm's settings, every one of them

  // TOML; from_toml throws InputError naming the key and the place.
  std::string to_toml() const;
  static RunConfig from_toml(std::string_view text, const std::string& name);
};

// The preset of an algorithm for an environment: [run] (steps, n_envs, …), [env] (the environment's keyword arguments),
// [[wrappers]] around it, and [agent] settings that differ from the defaults. Built into the program from
// agents/presets/<algorithm>/<env>.toml; `found` is false where there is none.
struct Preset {
  bool found = false;
  std::int64_t steps = 0;          // 0: not given
  std::int64_t n_envs = 0;         // 0: not given
  std::int64_t eval_every = 0;     // 0: not given
  std::int64_t eval_episodes = 0;  // 0: not given
  Dict env_kwargs;
  Wrappers wrappers;
  Dict agent;
  std::string source;     // where the values come from, one sentence
  std::string published;  // a score that others have published for them, with its conditions; empty if there is none

  // Throws InputError naming `name`, the key and the place.
  static Preset from_toml(std::string_view text, const std::string& name);
};
Preset find_preset(std::string_view algorithm, std::string_view env_id);

// "0.5", "true", "[64, 64]", "relu": the value of a --set key=value; anything that is no TOML value is a string.
Value parse_setting(std::string_view text);

}  // namespace ludus::agents
