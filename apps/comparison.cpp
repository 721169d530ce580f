#include "apps/comparison.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "agents/plugin.h"
#include "agents/rules/rules.h"
#include "agents/runner/evaluation.h"
#include "apps/console.h"
#include "apps/options.h"
#include "base/format.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

// The number of environments in an evaluation, fixed because the actions of a stochastic policy depend on it.
constexpr std::int64_t kEvaluationEnvs = 16;

bool is_known(const std::string& env_id) {
  try {
    envs::registry().find(env_id, envs::ignore_warnings);
    return true;
  } catch (const envs::UnknownEnvironment&) {
    return false;
  }
}

envs::VectorEnvPtr evaluation_envs(const Comparison& comparison, const agents::PolicySource& policy,
                                   std::int64_t episodes) {
  return envs::make_vec(env_for(comparison, policy), static_cast<std::size_t>(std::min(episodes, kEvaluationEnvs)),
                        {.autoreset = envs::AutoresetMode::kDisabled, .warn = envs::ignore_warnings});
}

// Returns the task wrappers of the trained policies; none if there are only built-in ones.
agents::Wrappers common_task(const std::vector<agents::PolicySource>& policies) {
  const agents::PolicySource* first = nullptr;
  for (const agents::PolicySource& policy : policies) {
    if (policy.kind == agents::PolicySource::Kind::kBuiltin) continue;
    if (!first) first = &policy;
    const agents::Wrappers a = agents::task_wrappers(first->wrappers), b = agents::task_wrappers(policy.wrappers);
    if (a == b) continue;
    throw UsageError(formatted(
        "{} was trained with the wrappers {} and {} with {}, which change the environment's steps or episodes: "
        "their returns cannot be compared; evaluate them one by one",
        first->name, agents::to_text(a), policy.name, agents::to_text(b)));
  }
  return first ? agents::task_wrappers(first->wrappers) : agents::Wrappers();
}

}  // namespace

void add_evaluation_options(CLI::App& command, EvaluationOptions& options, const std::string& episodes_help) {
  add_text(command, "--env", "ID", options.env, "environment (default: the one that the policy was trained on)");
  add_settings(command, "--env-set", options.env_kwargs, "keyword argument of the environment, see `ludus envs ID`");
  add_max_episode_steps(command, options.max_episode_steps);
  add_integer(command, "--episodes", options.episodes, 1, kMaxEpisodes, episodes_help);
  add_integer(command, "--seed", options.seed, 0, kMaxInteger - kMaxEpisodes,
              formatted("seed of the first episode; the next ones have the next seeds (default: {})", kEvaluationSeed));
  add_flag(command, "--final", options.last, "use a run's newest checkpoint, not its best");
  add_text(command, "--device", "D", options.device, "auto, cpu or cuda");
  add_texts(command, "--plugin", "LIB", options.plugins, kPluginHelp);
}

std::string absolute_path(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

std::vector<std::string> load_plugins(const std::vector<std::string>& libraries) {
  std::vector<std::string> paths;
  for (const std::string& library : libraries) {
    const std::string path = absolute_path(library);
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) continue;
    const agents::PluginContents contents = agents::load_plugin(path);
    if (contents.environments.empty() && contents.algorithms.empty()) {
      print_status(formatted("warning: the plug-in {} adds no environment and no algorithm", path));
    }
    paths.push_back(path);
  }
  return paths;
}

void load_listed_plugins(const std::vector<std::string>& libraries, const std::string& env_id,
                         const std::string& source) {
  std::vector<std::string> allowed;
  if (const char* const variable = std::getenv("LUDUS_PLUGINS")) {
    std::istringstream paths(variable);
    for (std::string path; std::getline(paths, path, ':');) {
      if (!path.empty()) allowed.push_back(absolute_path(path));
    }
  }
  for (const std::string& library : libraries) {
    if (is_known(env_id)) return;
    if (library.empty() || std::ranges::find(allowed, absolute_path(library)) == allowed.end()) {
      throw UsageError(
          formatted("{}: asks for the plug-in {}, which would run its code here; if you trust it, name it with "
                    "--plugin, or list it in the environment variable LUDUS_PLUGINS",
                    source, library));
    }
    load_plugins({library});
  }
}

std::string policies_help() {
  std::string text =
      "A POLICY is a run folder, a folder of run folders (from --seeds), a checkpoint file, or a built-in policy:\n";
  for (const agents::BuiltinPolicy& policy : agents::builtin_policies()) {
    std::string name = "  " + policy.name;
    name.resize(std::max<std::size_t>(name.size() + 2, 14), ' ');
    text += name + policy.summary;
    if (!policy.environments.empty()) text += " (" + joined(policy.environments) + ")";
    text += "\n";
  }
  return text;
}

Comparison prepare_comparison(const EvaluationOptions& options, const std::vector<std::string>& policies) {
  Comparison comparison{.policies = {}, .env_id = {}, .env_kwargs = {}, .task = {}, .device = options.device};
  load_plugins(options.plugins);
  for (const std::string& name : policies) {
    if (name == "human") throw UsageError("`human` plays in a window only: use `ludus play human --env ID`");
    comparison.policies.push_back(agents::find_policy(name, options.last));
  }

  comparison.task = common_task(comparison.policies);

  // the environment, and the plug-ins that it needs
  const auto trained = std::find_if(comparison.policies.begin(), comparison.policies.end(),
                                    [](const agents::PolicySource& policy) { return !policy.env_id.empty(); });
  if (options.env) {
    comparison.env_id = *options.env;
  } else if (trained != comparison.policies.end()) {
    comparison.env_id = trained->env_id;
    comparison.env_kwargs = trained->env_kwargs;
  } else {
    throw UsageError("--env is missing: name the environment, as in --env CartPole-v1");
  }
  for (const agents::PolicySource& policy : comparison.policies) {
    load_listed_plugins(policy.plugins, comparison.env_id, policy.name);
  }
  for (const auto& [key, value] : options.env_kwargs) comparison.env_kwargs[key] = value;
  if (options.max_episode_steps) comparison.env_kwargs["max_episode_steps"] = *options.max_episode_steps;

  // warns of an outdated id, once for all environments
  comparison.env_id = envs::registry().find(comparison.env_id).spec.id;
  return comparison;
}

envs::EnvSpec env_for(const Comparison& comparison, const agents::PolicySource& policy) {
  const bool builtin = policy.kind == agents::PolicySource::Kind::kBuiltin;
  return agents::wrapped_spec(comparison.env_id, comparison.env_kwargs,
                              builtin ? comparison.task : agents::evaluation_wrappers(policy.wrappers));
}

std::string name_for(const Comparison& comparison, const agents::PolicySource& policy) {
  return agents::wrapped_name(comparison.env_id, env_for(comparison, policy).wrappers);
}

agents::EnvSignature signature_for(const Comparison& comparison, const agents::PolicySource& policy) {
  return agents::EnvSignature::of(*evaluation_envs(comparison, policy, 1));
}

Score score_policy(const Comparison& comparison, const agents::PolicySource& policy, std::int64_t episodes,
                   std::int64_t seed) {
  const envs::VectorEnvPtr envs = evaluation_envs(comparison, policy, episodes);
  Score score{.policy = policy.name, .returns = {}, .lengths = {}, .summary = {}};
  for (const auto& run : agents::load_policies(policy, agents::EnvSignature::of(*envs), comparison.device)) {
    const agents::EpisodeResults results =
        agents::evaluate(*run, *envs, episodes, static_cast<std::uint64_t>(seed), true, interrupted);
    score.returns.push_back(results.returns);
    score.lengths.insert(score.lengths.end(), results.lengths.begin(), results.lengths.end());
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
