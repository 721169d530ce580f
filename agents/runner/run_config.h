// The complete configuration of a training run, sufficient to repeat it. Saved as config.toml in the run folder.
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
  Wrappers wrappers;                 // around every environment; see evaluation_wrappers() for evaluations
  std::vector<std::string> plugins;  // absolute paths of the libraries that were loaded
  std::uint64_t seed = 0;
  std::int64_t total_steps = 0;  // environment steps, over all environments
  std::int64_t n_envs = 1;
  std::string device = "auto";
  /// Of eval_every and checkpoint_every: a tenth of total_steps, once the run begins.
  static constexpr std::int64_t kTenth = -1;
  std::int64_t eval_every = kTenth;  // environment steps between evaluations; 0: none
  std::int64_t eval_episodes = 10;
  std::int64_t checkpoint_every = kTenth;     // environment steps between checkpoints; 0: only the last
  std::int64_t checkpoint_seconds = 300;      // and between checkpoints by time; 0: none by time
  std::int64_t keep_checkpoints = 3;          // number of newest checkpoints kept
  std::optional<double> stop_at_reward = {};  // stops the run when an evaluation's mean reaches it
  /// Stops after more than this many evaluations without improvement, not counting the first `min_evals`
  std::optional<std::int64_t> max_no_improvement_evals = {};
  std::int64_t min_evals = 0;
  std::int64_t log_every = 1000;  // environment steps between rows of progress.csv
  Dict agent;                     // all settings of the algorithm

  /// Convert to and from TOML; from_toml throws InputError naming the key and the position.
  std::string to_toml() const;
  static RunConfig from_toml(std::string_view text, const std::string& name);
};

/// The preset of an algorithm for an environment: [run] (steps, n_envs, …), [env] (the environment's keyword
/// arguments), [[wrappers]] around it, and [agent] settings that differ from the defaults. Embedded in the program from
/// agents/presets/<algorithm>/<env>.toml; `found` is false if there is none.
struct Preset {
  bool found = false;
  std::int64_t steps = 0;          // 0: not set
  std::int64_t n_envs = 0;         // 0: not set
  std::int64_t eval_every = 0;     // 0: not set
  std::int64_t eval_episodes = 0;  // 0: not set
  Dict env_kwargs;
  Wrappers wrappers;
  Dict agent;
  std::string source;     // source of the values, one sentence
  std::string published;  // a published score for them, with its conditions; empty if there is none

  /// Throws InputError naming `name`, the key and the position.
  static Preset from_toml(std::string_view text, const std::string& name);
};
Preset find_preset(std::string_view algorithm, std::string_view env_id);

/// Parses the value of --set key=value: "0.5", "true", "[64, 64]", "relu". Text that is not a TOML value is a string.
Value parse_setting(std::string_view text);

}  // namespace ludus::agents
