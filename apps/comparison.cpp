#include "apps/comparison.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "agents/rules/rules.h"
#include "agents/runner/evaluation.h"
#include "apps/console.h"
#include "apps/options.h"

namespace ludus::apps {
namespace {

// Environments side by side in an evaluation. A fixed number, for the draws of a policy that draws depend on it.
constexpr std::int64_t kEvaluationEnvs = 16;

bool is_known(const std::string& env_id) {
  try {
    envs::registry().find(env_id, envs::ignore_warnings);
    return true;
  } catch (const envs::UnknownEnvironment&) {
    return false;
  }
}

// Environments for evaluating, which reset when told.
envs::VectorEnvPtr evaluation_envs(const Comparison& contest, const agents::PolicySource& policy, std::int64_t episodes) {
  return envs::make_vec(env_for(contest, policy), static_cast<std::size_t>(std::min(episodes, kEvaluationEnvs)),
                        {.autoreset = envs::AutoresetMode::kDisabled, .warn = envs::ignore_warnings});
}

// The task wrappers of all policies that were trained; none where there are no such policies.
agents::Wrappers common_task(const std::vector<agents::PolicySource>& policies) {
  const agents::PolicySource* first = nullptr;
  for (const agents::PolicySource& policy : policies) {
    if (policy.kind == agents::PolicySource::Kind::kBuiltin) continue;
    if (!first) first = &policy;
    const agents::Wrappers a = agents::task_wrappers(first->wrappers), b = agents::task_wrappers(policy.wrappers);
    if (a == b) continue;
    throw UsageError(first->name + " was trained with " + agents::to_text(a) + " around the environment and " +
                     policy.name + " with " + agents::to_text(b) +
                     "; such wrappers change its steps or episodes, and the returns of two different games cannot be "
                     "compared; evaluate them one by one");
  }
  return first ? agents::task_wrappers(first->wrappers) : agents::Wrappers();
}

}  // namespace

void add_contest_options(CLI::App& command, ContestOptions& options, const std::string& episodes_help) {
  add_text(command, "--env", "ID", options.env, "environment; without it, the one that the policy was trained on");
  add_settings(command, "--env-set", options.env_kwargs, "keyword argument of the environment, see `ludus envs ID`");
  add_integer(command, "--episodes", options.episodes, 1, kMaxEpisodes, episodes_help);
  add_integer(command, "--seed", options.seed, 0, kMaxInteger - kMaxEpisodes,
              "episode k begins with seed S + k (S: " + std::to_string(kEvaluationSeed) + " if not given)");
  add_flag(command, "--final", options.last, "of a run's folder the newest checkpoint, not the best");
  add_text(command, "--device", "D", options.device, "auto, cpu or cuda");
  add_texts(command, "--plugin", "LIB", options.plugins, "shared library with more environments");
}

std::vector<std::string> load_plugins(const std::vector<std::string>& libraries) {
  std::vector<std::string> paths;
  for (const std::string& library : libraries) {
    const std::string path = std::filesystem::absolute(library).lexically_normal().string();
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) continue;
    if (envs::load_plugin(path).empty()) print_status("warning: the plug-in " + path + " brought no new environment");
    paths.push_back(path);
  }
  return paths;
}

std::string policies_help() {
  std::string text =
      "A POLICY is a run's folder, a folder of such folders (from --seeds), a checkpoint file, or a built-in policy:\n";
  for (const agents::BuiltinPolicy& policy : agents::builtin_policies()) {
    std::string name = "  " + policy.name;
    name.resize(std::max<std::size_t>(name.size() + 2, 14), ' ');
    text += name + policy.summary;
    if (!policy.environments.empty()) text += " (" + joined(policy.environments) + ")";
    text += "\n";
  }
  return text;
}

Comparison prepare_contest(const ContestOptions& options, const std::vector<std::string>& policies) {
  Comparison contest{.policies = {}, .env_id = {}, .env_kwargs = {}, .task = {}, .device = options.device};
  load_plugins(options.plugins);
  for (const std::string& name : policies) {
    if (name == "human") throw UsageError("`human` needs a window: play with `ludus play human --env ID`");
    contest.policies.push_back(agents::find_policy(name, options.last));
  }

  contest.task = common_task(contest.policies);

  // the environment, and that it is known
  const auto trained = std::find_if(contest.policies.begin(), contest.policies.end(),
                                    [](const agents::PolicySource& policy) { return !policy.env_id.empty(); });
  if (options.env) {
    contest.env_id = *options.env;
  } else if (trained != contest.policies.end()) {
    contest.env_id = trained->env_id;
    contest.env_kwargs = trained->env_kwargs;
  } else {
    throw UsageError("--env is missing: say in which environment to play, as in --env CartPole-v1");
  }
  for (const agents::PolicySource& policy : contest.policies) {
    if (!is_known(contest.env_id)) load_plugins(policy.plugins);
  }
  for (const auto& [key, value] : options.env_kwargs) contest.env_kwargs[key] = value;

  // warns, once for all environments that are made, of an id that is out of date
  contest.env_id = envs::registry().find(contest.env_id).spec.id;
  return contest;
}

envs::EnvSpec env_for(const Comparison& contest, const agents::PolicySource& policy) {
  const bool builtin = policy.kind == agents::PolicySource::Kind::kBuiltin;
  return agents::wrapped_spec(contest.env_id, contest.env_kwargs,
                              builtin ? contest.task : agents::evaluation_wrappers(policy.wrappers));
}

std::string name_for(const Comparison& contest, const agents::PolicySource& policy) {
  return agents::wrapped_name(contest.env_id, env_for(contest, policy).wrappers);
}

agents::EnvSignature facts_for(const Comparison& contest, const agents::PolicySource& policy) {
  return agents::EnvSignature::of(*evaluation_envs(contest, policy, 1));
}

Score play_contest(const Comparison& contest, const agents::PolicySource& policy, std::int64_t episodes,
                   std::int64_t seed) {
  const envs::VectorEnvPtr envs = evaluation_envs(contest, policy, episodes);
  Score score{.policy = policy.name, .returns = {}, .lengths = {}, .summary = {}};
  for (const auto& run : agents::load_policies(policy, agents::EnvSignature::of(*envs), contest.device)) {
    const agents::EpisodeResults played =
        agents::evaluate(*run, *envs, episodes, static_cast<std::uint64_t>(seed), true, interrupted);
    score.returns.push_back(played.returns);
    score.lengths.insert(score.lengths.end(), played.lengths.begin(), played.lengths.end());
  }
  score.summary = runs::summarise(score.returns);
  return score;
}

Dict score_as_dict(const Score& score, const std::string& env_id, std::int64_t seed) {
  List returns, lengths;
  for (const auto& run : score.returns) returns.insert(returns.end(), run.begin(), run.end());
  for (const std::int64_t length : score.lengths) lengths.emplace_back(length);
  const runs::Summary& summary = score.summary;
  return {{"env", env_id},
          {"policy", score.policy},
          {"episodes", summary.episodes},
          {"seed", seed},
          {"mean", summary.mean},
          {"std", summary.std},
          {"min", summary.min},
          {"max", summary.max},
          {"iqm", summary.iqm},
          {"iqm_ci", List{summary.iqm_ci.low, summary.iqm_ci.high}},
          {"returns", std::move(returns)},
          {"lengths", std::move(lengths)}};
}

}  // namespace ludus::apps
