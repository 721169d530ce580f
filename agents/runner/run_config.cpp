#include "agents/runner/run_config.h"

#include <algorithm>
#include <charconv>

#include "agents/runner/preset_texts.h"
#include "base/fields.h"
#include "runs/toml_values.h"

namespace ludus::agents {
namespace {

// The plain settings of a run's configuration, as fields.
struct RunTable {
  std::string algorithm, env, seed, device = "auto";
  std::vector<std::string> plugins;
  std::int64_t steps = 0, n_envs = 1, eval_every = 0, eval_episodes = 10, checkpoint_every = 0,
               checkpoint_seconds = 300, keep_checkpoints = 3, log_every = 1000, min_evals = 0;
  std::optional<double> stop_at_reward;
  std::optional<std::int64_t> max_no_improvement_evals;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("algorithm", self.algorithm, "name of the algorithm");
    visit("env", self.env, "id of the environment");
    visit("seed", self.seed, "random seed; text, since it may need 64 bits");
    visit("steps", self.steps, "environment steps, over all environments");
    visit("n_envs", self.n_envs, "number of environments that step together");
    visit("device", self.device, "device of the networks: auto, cpu or cuda");
    visit("plugins", self.plugins, "shared libraries with more environments");
    visit("eval_every", self.eval_every, "environment steps between evaluations");
    visit("eval_episodes", self.eval_episodes, "episodes of an evaluation");
    visit("stop_at_reward", self.stop_at_reward, "the run stops when the mean return of an evaluation reaches this");
    visit("max_no_improvement_evals", self.max_no_improvement_evals,
          "the run stops after more evaluations in a row than this without improvement");
    visit("min_evals", self.min_evals, "first evaluations, which do not count for max_no_improvement_evals");
    visit("checkpoint_every", self.checkpoint_every, "environment steps between checkpoints");
    visit("checkpoint_seconds", self.checkpoint_seconds,
          "seconds after which a checkpoint is due in any case; 0: never");
    visit("keep_checkpoints", self.keep_checkpoints, "number of newest checkpoints to keep");
    visit("log_every", self.log_every, "environment steps between rows of progress.csv");
  }
};

struct PresetTable {
  std::int64_t steps = 0, n_envs = 0, eval_every = 0, eval_episodes = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("steps", self.steps, "environment steps, over all environments");
    visit("n_envs", self.n_envs, "number of environments that step together");
    visit("eval_every", self.eval_every, "environment steps between evaluations");
    visit("eval_episodes", self.eval_episodes, "episodes of an evaluation");
  }
};

// Returns the inner dictionary of that name; empty if there is none.
Dict table(const Dict& dict, std::string_view name) {
  const Value* found = dict.find(name);
  return found ? found->as_dict() : Dict();
}

// Returns the array of tables [[wrappers]], each with a wrapper's name and arguments; empty if there is none.
Wrappers wrappers_in(const Dict& dict, const std::string& name) {
  const Value* found = dict.find("wrappers");
  return found ? wrappers_from_list(found->as_list(), name + ", [[wrappers]]") : Wrappers();
}

void only_known(const Dict& dict, const std::vector<std::string>& known, const std::string& owner) {
  for (const auto& [key, value] : dict) {
    if (std::find(known.begin(), known.end(), key) == known.end()) throw_unknown_field(owner, key, known);
  }
}

std::uint64_t parse_seed(const std::string& text, const std::string& name) {
  std::uint64_t seed = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, seed);
  if (error != std::errc{} || end != last) {
    throw InvalidArgument(name + ", [run]: the seed must be a whole number from 0 to 2^64 - 1 in quotes, and is \"" +
                          text + "\"");
  }
  return seed;
}

void require_keys(const Dict& dict, const std::vector<std::string>& keys, const std::string& owner) {
  for (const std::string& key : keys) {
    if (!dict.find(key)) throw InvalidArgument(owner + ": the setting \"" + key + "\" is missing");
  }
}

}  // namespace

std::string RunConfig::to_toml() const {
  RunTable run{.algorithm = algorithm,
               .env = env_id,
               .seed = std::to_string(seed),
               .device = device,
               .plugins = plugins,
               .steps = total_steps,
               .n_envs = n_envs,
               .eval_every = eval_every,
               .eval_episodes = eval_episodes,
               .checkpoint_every = checkpoint_every,
               .checkpoint_seconds = checkpoint_seconds,
               .keep_checkpoints = keep_checkpoints,
               .log_every = log_every,
               .min_evals = min_evals,
               .stop_at_reward = stop_at_reward,
               .max_no_improvement_evals = max_no_improvement_evals};
  return "# a training run of ludus; resume it with `ludus train --resume` and this folder\n\n" +
         runs::to_toml(Dict{
             {"run", fields_as_dict(run)}, {"env", env_kwargs}, {"wrappers", to_list(wrappers)}, {"agent", agent}});
}

RunConfig RunConfig::from_toml(std::string_view text, const std::string& name) {
  const Dict all = runs::parse_toml(text, name);
  only_known(all, {"run", "env", "wrappers", "agent"}, name);
  RunTable run;
  assign_fields(run, table(all, "run"), name + ", [run]");
  require_keys(table(all, "run"), {"algorithm", "env", "seed", "steps"}, name + ", [run]");

  RunConfig config;
  config.algorithm = run.algorithm;
  config.env_id = run.env;
  config.env_kwargs = table(all, "env");
  config.wrappers = wrappers_in(all, name);
  config.plugins = run.plugins;
  config.seed = parse_seed(run.seed, name);
  config.total_steps = run.steps;
  config.n_envs = run.n_envs;
  config.device = run.device;
  config.eval_every = run.eval_every;
  config.eval_episodes = run.eval_episodes;
  config.checkpoint_every = run.checkpoint_every;
  config.checkpoint_seconds = run.checkpoint_seconds;
  config.keep_checkpoints = run.keep_checkpoints;
  config.log_every = run.log_every;
  config.stop_at_reward = run.stop_at_reward;
  config.max_no_improvement_evals = run.max_no_improvement_evals;
  config.min_evals = run.min_evals;
  config.agent = table(all, "agent");
  return config;
}

Preset Preset::from_toml(std::string_view text, const std::string& name) {
  const Dict all = runs::parse_toml(text, name);
  only_known(all, {"source", "published", "run", "env", "wrappers", "agent"}, name);
  PresetTable run;
  assign_fields(run, table(all, "run"), name + ", [run]");
  const Value* published = all.find("published");
  return {.found = true,
          .steps = run.steps,
          .n_envs = run.n_envs,
          .eval_every = run.eval_every,
          .eval_episodes = run.eval_episodes,
          .env_kwargs = table(all, "env"),
          .wrappers = wrappers_in(all, name),
          .agent = table(all, "agent"),
          .source = all.at("source").as_string(),
          .published = published ? published->as_string() : ""};
}

Preset find_preset(std::string_view algorithm, std::string_view env_id) {
  const std::string wanted = std::string(algorithm) + "/" + std::string(env_id) + ".toml";
  for (const PresetText& preset : preset_texts()) {
    if (preset.path == wanted) return Preset::from_toml(preset.text, "the preset " + wanted);
  }
  return {};
}

Value parse_setting(std::string_view text) {
  try {
    const Dict parsed = runs::parse_toml("setting = " + std::string(text), "a setting");
    if (parsed.size() == 1) return parsed.at("setting");
  } catch (const InputError&) {
    // not a TOML value: a plain string, as in `loss=huber`
  }
  return std::string(text);
}

}  // namespace ludus::agents
