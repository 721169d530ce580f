// The complete configuration of a training run, sufficient to repeat it. Saved as config.toml in the run folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runner/run_wrappers.h"
#include "base/fields.h"
#include "base/value.h"

namespace ludus::agents {

/// The options of a run. A line in `fields` is the option of `ludus train` (--eval-every), the key in [run] of
/// config.toml and of presets (eval_every), and a row of the table in docs/algorithms/README.md.
struct RunSettings {
  std::int64_t total_steps = 0;  // environment steps, over all environments
  std::int64_t n_envs = 1;
  std::string device = "auto";
  std::optional<std::int64_t> eval_every = {};  // environment steps; 0: no evaluations
  std::int64_t eval_episodes = 10;
  std::optional<std::int64_t> checkpoint_every = {};  // environment steps; 0: only one at the end
  std::int64_t checkpoint_seconds = 300;              // 0: none by time
  std::int64_t keep_checkpoints = 3;
  std::optional<double> stop_at_reward = {};
  std::optional<std::int64_t> max_no_improvement_evals = {};
  std::int64_t min_evals = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("steps", self.total_steps, at_least(1),
          "environment steps, all environments together (default: the preset's or the algorithm's)");
    visit("n_envs", self.n_envs, between(1, 100'000), "environments that step together (default: the preset's, or 1)");
    visit("device", self.device, "auto, cpu or cuda");
    visit("eval_every", self.eval_every, at_least(0),
          "steps between evaluations (default: a tenth of --steps; 0: no evaluations)");
    visit("eval_episodes", self.eval_episodes, between(1, 10'000'000), "episodes of an evaluation (default: 10)");
    visit("checkpoint_every", self.checkpoint_every, at_least(0),
          "steps between checkpoints (default: a tenth of --steps; 0: only one at the end)");
    visit("checkpoint_seconds", self.checkpoint_seconds, at_least(0),
          "seconds after which a checkpoint is due in any case (default: 300; 0: none by time)");
    visit("keep_checkpoints", self.keep_checkpoints, at_least(1), "number of newest checkpoints to keep (default: 3)");
    visit("stop_at_reward", self.stop_at_reward, finite_number(),
          "stop when the mean return of an evaluation reaches this");
    visit("max_no_improvement_evals", self.max_no_improvement_evals, at_least(0),
          "stop after more evaluations in a row than this without improvement");
    visit("min_evals", self.min_evals, at_least(0), "evaluations at the start that do not count for that (default: 0)");
  }
};

struct RunConfig : RunSettings {
  std::string algorithm;
  std::string env_id;
  Dict env_kwargs;
  Wrappers wrappers;                 // around every environment; see evaluation_wrappers() for evaluations
  std::vector<std::string> plugins;  // absolute paths of the libraries that were loaded
  std::uint64_t seed = 0;
  /// Run folder or checkpoint whose policy the training begins with, and what it takes over: see warm_start().
  std::optional<std::string> from = {};
  std::vector<std::string> from_parts{"policy"};
  std::int64_t log_every = 1000;  // environment steps between rows of progress.csv
  Dict agent;                     // all settings of the algorithm

  /// The entries of [run] in config.toml; the others have tables of their own.
  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("algorithm", self.algorithm, "name of the algorithm");
    visit("env", self.env_id, "id of the environment");
    visit("seed", self.seed, "random seed; text, since it may need 64 bits");
    visit("plugins", self.plugins, "shared libraries with more environments and algorithms");
    visit("from", self.from, "run folder or checkpoint whose policy the training begins with");
    visit("from_parts", self.from_parts, "what it takes over from there: policy, critic, optimizer, replay");
    visit("log_every", self.log_every, at_least(1), "environment steps between rows of progress.csv");
    RunSettings::fields(self, visit);
  }

  /// Convert to and from TOML; from_toml throws InputError naming the key and the position.
  std::string to_toml() const;
  static RunConfig from_toml(std::string_view text, const std::string& name);
};

/// The preset of an algorithm for an environment: [run] (steps, n_envs, …), [env] (the environment's keyword
/// arguments), [[wrappers]] around it, and [agent] settings that differ from the defaults. Embedded in the program from
/// agents/presets/<algorithm>/<env>.toml; `found` is false if there is none.
struct Preset {
  bool found = false;
  Dict run;  // options of a run that differ from the defaults, by their names in RunSettings
  Dict env_kwargs;
  Wrappers wrappers;
  Dict agent;
  std::string source;     // source of the values, one sentence
  std::string published;  // a published score for them, with its conditions; empty if there is none

  /// Returns the options of a run with this preset.
  RunSettings settings() const;

  /// Throws InputError naming `name`, the key and the position.
  static Preset from_toml(std::string_view text, const std::string& name);
};
Preset find_preset(std::string_view algorithm, std::string_view env_id);

/// Parses the value of --set key=value: "0.5", "true", "[64, 64]", "relu". Text that is not a TOML value is a string.
Value parse_setting(std::string_view text);

}  // namespace ludus::agents
