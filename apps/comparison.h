// Which policies play in which environment: what eval, play and compare have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agents/runner/policy_files.h"
#include "runs/statistics.h"
#include "apps/table.h"
#include "envs/registry/registry.h"

namespace CLI {
class App;
}

namespace ludus::apps {

// The seed of evaluations where none is given: far from the small numbers that trainings are given, so that they meet
// episodes which no training began with.
inline constexpr std::int64_t kEvaluationSeed = 1'000'000;

inline constexpr std::int64_t kEvaluationEpisodes = 100;

struct ContestOptions {
  std::optional<std::string> env;
  Dict env_kwargs;
  std::vector<std::string> plugins;
  std::string device = "auto";
  bool last = false;  // the newest checkpoints instead of the best
  std::optional<std::int64_t> episodes;
  std::optional<std::int64_t> seed;
};

// --env, --env-set, --plugin, --device, --final, --episodes, --seed
void add_contest_options(CLI::App& command, ContestOptions& options, const std::string& episodes_help);

// Loads plug-ins, each once; gives their absolute paths. Throws PluginError.
std::vector<std::string> load_plugins(const std::vector<std::string>& libraries);

// What the built-in policies are, for the help.
std::string policies_help();

struct Comparison {
  std::vector<agents::PolicySource> policies;  // none for `human`
  std::string env_id;
  Dict env_kwargs;
  agents::Wrappers task;  // the task wrappers that all policies which were trained have in common
  std::string device;
};

// Finds the policies and the environment: --env, or that of the first policy that was trained on one. Loads the
// plug-ins of the command line, and those that the policies were trained with if the environment is not known without.
// Throws InputError, also for policies that were trained with different task wrappers: their returns are of different
// games.
Comparison prepare_contest(const ContestOptions& options, const std::vector<std::string>& policies);

// The contest's environment as that policy sees it: wrapped as in its training, but for wrappers of rewards; for a
// built-in policy, which is made for the bare environment, with the contest's task wrappers alone.
envs::EnvSpec env_for(const Comparison& contest, const agents::PolicySource& policy);

// Its id and those wrappers, for people.
std::string name_for(const Comparison& contest, const agents::PolicySource& policy);

// What the policy must know of it.
agents::EnvSignature facts_for(const Comparison& contest, const agents::PolicySource& policy);

struct Score {
  std::string policy;
  std::vector<std::vector<double>> returns;  // of each run of the policy (the strata), in the order of the seeds
  std::vector<std::int64_t> lengths;         // steps, of all runs one after another
  runs::Summary summary;
};

// Plays `episodes` episodes with each run of the policy. Throws NotApplicable, CorruptCheckpoint, Interrupted.
Score play_contest(const Comparison& contest, const agents::PolicySource& policy, std::int64_t episodes,
                   std::int64_t seed);

// env, policy, episodes, seed, mean, std, min, max, iqm, iqm_ci, returns, lengths.
Dict score_as_dict(const Score& score, const std::string& env_id, std::int64_t seed);

}  // namespace ludus::apps
