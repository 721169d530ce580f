/// @file
/// Policies and the environment that they are evaluated in, shared by eval, play, compare and bench.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/runner/policy_files.h"
#include "apps/table.h"
#include "envs/registry/registry.h"
#include "runs/statistics.h"

namespace CLI {
class App;
}

namespace ludus::apps {

/// The default seed of evaluations: far from the small numbers that trainings use, so that no evaluation episode starts
/// like a training episode.
inline constexpr std::int64_t kEvaluationSeed = 1'000'000;

inline constexpr std::int64_t kEvaluationEpisodes = 100;

/// The help text of --plugin.
inline constexpr const char* kPluginHelp = "shared library with more environments and algorithms; repeatable";

struct EvaluationOptions {
  std::optional<std::string> env;
  Dict env_kwargs;
  std::vector<std::string> plugins;
  std::string device = "auto";
  bool last = false;  ///< the newest checkpoints instead of the best
  std::optional<std::int64_t> episodes;
  std::optional<std::int64_t> seed;
  std::optional<std::int64_t> max_episode_steps;
};

/// Adds --env, --env-set, --max-episode-steps, --plugin, --device, --final, --episodes and --seed.
void add_evaluation_options(CLI::App& command, EvaluationOptions& options, const std::string& episodes_help);

/// Returns an absolute path without "." and "..".
std::string absolute_path(const std::string& path);

/// Loads plug-ins, each once, and returns their absolute paths. Throws PluginError.
std::vector<std::string> load_plugins(const std::vector<std::string>& libraries);

/// Makes `env_id` known by plug-ins that the file `source`, a run's or a policy's, names. A library runs code in this
/// process, so only those are loaded that the environment variable LUDUS_PLUGINS lists (paths separated by colons).
/// Throws UsageError, naming the library and the file, if another one is needed.
void load_listed_plugins(const std::vector<std::string>& libraries, const std::string& env_id,
                         const std::string& source);

/// Describes POLICY and lists the built-in policies, for --help.
std::string policies_help();

struct Comparison {
  std::vector<agents::PolicySource> policies;  ///< empty for `human`
  std::string env_id;
  Dict env_kwargs;
  agents::Wrappers task;  ///< the task wrappers that all trained policies have in common
  std::string device;
};

/// Locates the policies and the environment: --env, or that of the first trained policy. Loads the plug-ins of the
/// command line, and, if the environment is unknown without them, those of the policies that load_listed_plugins()
/// allows. Throws InputError, also for policies that were trained with different task wrappers, because their returns
/// cannot be compared.
Comparison prepare_comparison(const EvaluationOptions& options, const std::vector<std::string>& policies);

/// Returns the environment for that policy: with its training's wrappers except those of rewards; for a built-in
/// policy, which is made for the bare environment, with the comparison's task wrappers.
envs::EnvSpec env_for(const Comparison& comparison, const agents::PolicySource& policy);

/// Returns the id and the wrappers of env_for(), for display.
std::string name_for(const Comparison& comparison, const agents::PolicySource& policy);

/// Returns the signature of env_for().
agents::EnvSignature signature_for(const Comparison& comparison, const agents::PolicySource& policy);

struct Score {
  std::string policy;
  std::vector<std::vector<double>> returns;  ///< of each run of the policy (the strata), in the order of the seeds
  std::vector<std::int64_t> lengths;         ///< steps, of all runs one after another
  runs::Summary summary;
};

/// Evaluates each run of the policy over `episodes` episodes. Throws NotApplicable, CorruptCheckpoint,
/// runs::Interrupted.
Score score_policy(const Comparison& comparison, const agents::PolicySource& policy, std::int64_t episodes,
                   std::int64_t seed);

/// Returns env, policy, episodes, seed, mean, std, min, max, iqm, iqm_ci, returns and lengths.
Dict score_as_dict(const Score& score, const std::string& env_id, std::int64_t seed);

}  // namespace ludus::apps
