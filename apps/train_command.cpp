#include "apps/train_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <random>
#include <sstream>

#include "agents/algorithms.h"
#include "agents/runner/memory_check.h"
#include "agents/runner/run.h"
#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/options.h"
#include "apps/plots.h"
#include "apps/seed_report.h"
#include "apps/table.h"
#include "apps/watch.h"
#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"
#include "nn/training/fit_config.h"
#include "runs/progress_bar.h"
#include "runs/run_folder.h"
#include "runs/units.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMaxThreads = 1024;

struct TrainOptions {
  std::string algorithm;
  std::optional<std::string> env, seeds, run, resume, schedules, from, from_parts;
  Dict env_kwargs, settings, run_settings;
  std::optional<agents::Wrappers> wrappers;
  std::vector<std::string> plugins;
  std::optional<std::int64_t> seed, env_threads, max_episode_steps;
  bool watch = false;
  bool json = false;
};

// runs/ALGORITHM/ENV_1, or the next free number.
fs::path new_folder(const TrainOptions& options, const agents::RunConfig& config) {
  if (options.run) return runs::resolved_run_folder(*options.run);
  return runs::next_run_folder(fs::path("runs") / config.algorithm, config.env_id);
}

agents::EnvSignature signature_of(const agents::RunConfig& config) {
  agents::EnvSignature signature = agents::EnvSignature::of(*agents::training_envs(config, 1));
  signature.num_envs = static_cast<std::size_t>(config.n_envs);
  return signature;
}

agents::RunConfig config_of(const TrainOptions& options, std::uint64_t seed) {
  const std::vector<std::string> plugins = load_plugins(options.plugins);
  agents::RunConfig config =
      agents::resolve_config(options.algorithm, *options.env, options.env_kwargs, options.settings, options.wrappers);
  config.plugins = plugins;
  config.seed = seed;
  if (options.max_episode_steps) config.env_kwargs["max_episode_steps"] = *options.max_episode_steps;
  if (options.from) config.from = absolute_path(*options.from);
  if (options.from_parts) {
    config.from_parts.clear();
    std::istringstream parts(*options.from_parts);
    for (std::string part; std::getline(parts, part, ',');) config.from_parts.push_back(part);
  }
  assign_fields(config, options.run_settings, "run");
  return config;
}

// --steps, the only option of a run that may change when it is resumed.
std::optional<std::int64_t> steps_of(const TrainOptions& options) {
  const Value* steps = options.run_settings.find("steps");
  return steps ? std::optional(steps->as_int()) : std::nullopt;
}

// `headline`: the first line of progress.
agents::RunOptions run_options(const TrainOptions& options, const agents::RunConfig& config, const fs::path& folder,
                               const std::string& headline) {
  agents::RunOptions run{.folder = folder,
                         .interrupted = interrupted,
                         .env_threads = options.env_threads.value_or(1),
                         .warn = print_status};
  run.on_ready = [headline](const agents::Agent& agent) {
    print_status(headline);
    if (agent.memory_bytes() > 0) {
      print_status(formatted("the replay buffer takes {}", runs::bytes_text(agent.memory_bytes())));
    }
  };
  run.extra.push_back(
      std::make_shared<runs::ProgressBar>(stderr_is_terminal(), [](const std::string& text) { write_stderr(text); }));
  if (options.watch) run.extra.push_back(make_watch(config));
  return run;
}

int report(const agents::RunResult& result, bool json) {
  const bool complete = result.end.kind != runs::StopReason::Kind::kInterrupted;
  const std::string folder = result.folder.string();
  const bool drawn =
      draw_curve(result.folder, {result.folder}, formatted("{} in {}", result.config.algorithm, result.config.env_id));
  if (!complete) {
    print_status(formatted("interrupted after {} steps, with a checkpoint; resume with: ludus train --resume {}",
                           result.steps, quoted(folder)));
  }
  if (json) {
    print_json(Dict{{"run", folder},
                    {"algo", result.config.algorithm},
                    {"env", result.config.env_id},
                    {"seed", static_cast<std::int64_t>(result.config.seed)},
                    {"steps", result.steps},
                    {"seconds", result.seconds},
                    {"best_mean", result.best_mean},
                    {"final_mean", result.final_mean}});
  } else if (complete) {
    print(formatted("{}: {} steps in {} s; best mean return {}, final mean return {}\nwatch it with: ludus play {}\n",
                    result.end.text, result.steps, fixed(result.seconds, 1), fixed(result.best_mean, 2),
                    fixed(result.final_mean, 2), quoted(folder)));
  }
  if (!complete) return kInterrupted;
  return drawn ? kDone : kFailed;
}

int train_one(const TrainOptions& options) {
  const auto seed = options.seed ? static_cast<std::uint64_t>(*options.seed) : std::random_device{}();
  const agents::RunConfig config = config_of(options, seed);
  const fs::path folder = new_folder(options, config);
  const std::string headline =
      formatted("{} in {}: {} steps, seed {}, run folder {}", config.algorithm,
                agents::wrapped_name(config.env_id, config.wrappers), config.total_steps, seed, folder.string());
  return report(agents::train_run(config, run_options(options, config, folder, headline)), options.json);
}

int resume_one(const TrainOptions& options, const fs::path& folder) {
  agents::RunConfig config;
  std::string headline;
  if (runs::holds_run(folder)) {  // otherwise resume_run() reports the missing file
    const fs::path file = runs::config_path(folder);
    config = agents::RunConfig::from_toml(read_text(file), file.string());
    load_listed_plugins(config.plugins, config.env_id, file.string());
    if (const auto steps = steps_of(options)) config.total_steps = *steps;
    headline = formatted("{} in {}: resumed, up to {} steps, seed {}, run folder {}", config.algorithm,
                         agents::wrapped_name(config.env_id, config.wrappers), config.total_steps, config.seed,
                         folder.string());
  }
  agents::RunOptions run = run_options(options, config, folder, headline);
  run.plugins = load_plugins(options.plugins);
  run.continue_schedules = options.schedules == "continue";
  return report(agents::resume_run(run, steps_of(options)), options.json);
}

// Returns the command line without --json and the options `with_value`, which are followed by a value.
std::vector<std::string> remove_options(const std::vector<std::string>& arguments,
                                        const std::vector<std::string>& with_value) {
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const std::string name = word.substr(0, word.find('='));
    if (word == "--json") continue;
    if (std::find(with_value.begin(), with_value.end(), name) != with_value.end()) {
      if (name == word) ++i;  // the value is the next word
      continue;
    }
    rest.push_back(word);
  }
  return rest;
}

int report_seeds(const SeedReport& report, const fs::path& parent, const std::vector<runs::SeedRun>& seeds,
                 const agents::RunConfig& config, bool json) {
  std::vector<fs::path> folders;
  List numbers;
  for (const runs::SeedRun& run : seeds) {
    if (runs::holds_run(run.folder)) folders.push_back(run.folder);
    numbers.emplace_back(static_cast<std::int64_t>(run.seed));
  }
  const bool drawn =
      folders.empty() || draw_curve(parent, folders, formatted("{} in {}", config.algorithm, config.env_id));
  if (report.exit_code == kInterrupted) {
    if (!folders.empty()) print_status(formatted("resume with: ludus train --resume {}", quoted(parent.string())));
    for (const runs::SeedRun& run : seeds) {
      if (runs::holds_run(run.folder)) continue;
      std::string command = "ludus";
      for (const std::string& word : run.arguments) command += " " + quoted(word);
      print_status(formatted("seed {} was not started; train it with: {}", run.seed, command));
    }
  }
  if (json) {
    Dict object{
        {"run", parent.string()}, {"algo", config.algorithm}, {"env", config.env_id}, {"seeds", std::move(numbers)}};
    for (const auto& [key, value] : report.metrics) object[key] = value;
    print_json(object);
  } else if (report.finished) {
    print(formatted("watch them with: ludus play {}\n", quoted(parent.string())));
  }
  return report.exit_code == kDone && !drawn ? kFailed : report.exit_code;
}

int train_seeds(const TrainOptions& options, const std::vector<std::string>& arguments) {
  const std::vector<std::uint64_t> seeds = parse_seeds(*options.seeds);

  // report an error once, not for every seed
  const agents::RunConfig config = config_of(options, seeds[0]);
  const agents::EnvSignature env = signature_of(config);
  agents::check_memory(*agents::find_algorithm(config.algorithm).make(config.agent, env, config.seed, config.device));

  const fs::path parent = new_folder(options, config);
  const std::vector<std::string> common = remove_options(arguments, {"--seeds", "--run"});
  std::vector<runs::SeedRun> seed_runs;
  for (const std::uint64_t seed : seeds) {
    runs::SeedRun run{.seed = seed, .folder = runs::seed_folder(parent, seed), .arguments = common};
    runs::require_no_run(run.folder);
    run.arguments.insert(run.arguments.end(), {"--seed", std::to_string(seed), "--run", run.folder.string(), "--json"});
    seed_runs.push_back(std::move(run));
  }
  return report_seeds(train_and_report(parent, seed_runs), parent, seed_runs, config, options.json);
}

int resume_seeds(const TrainOptions& options, const std::vector<std::string>& arguments,
                 std::vector<runs::SeedRun> seed_runs) {
  const std::vector<std::string> common = remove_options(arguments, {"--resume"});
  for (runs::SeedRun& run : seed_runs) {
    run.arguments = common;
    run.arguments.insert(run.arguments.end(), {"--resume", run.folder.string(), "--json"});
  }
  const fs::path file = runs::config_path(seed_runs[0].folder);
  const agents::RunConfig config = agents::RunConfig::from_toml(read_text(file), file.string());
  return report_seeds(train_and_report(*options.resume, seed_runs), *options.resume, seed_runs, config, options.json);
}

std::string algorithms_text() {
  std::string text = "Algorithms:\n";
  for (const agents::Algorithm& algorithm : agents::algorithms()) {
    std::string name = "  " + algorithm.name;
    name.resize(std::max<std::size_t>(name.size() + 2, 22), ' ');
    text += name + algorithm.summary + "\n";
  }
  return text;
}

// The settings of the algorithm that the command line names.
std::string settings_text(const std::string& name) {
  for (const agents::Algorithm& algorithm : agents::algorithms()) {
    if (algorithm.name != name || algorithm.defaults.empty()) continue;
    Table table{
        .header = {"setting", "default", "range", "meaning"}, .rows = {}, .right = {false, false, false, false}};
    for (const FieldInfo& field : algorithm.settings) {
      table.rows.push_back(setting_row(field, field.default_value));
    }
    return formatted("\nSettings of {}, for --set key=value (a preset for the environment may set other values):\n{}",
                     name, to_text(table));
  }
  return "\n`ludus train ALGO --help` lists the settings of an algorithm.\n";
}

// Throws UsageError if an option of a run is used without another one, which gives it its meaning.
void require_with(const Dict& run_settings, std::string_view field, std::string_view other) {
  if (!run_settings.contains(field) || run_settings.contains(other)) return;
  throw UsageError(formatted("{}: needs {}, which is missing", option_of(field), option_of(other)));
}

// Throws UsageError if there are no evaluations for an option that watches them.
void require_evaluations(const Dict& run_settings) {
  const Value* every = run_settings.find("eval_every");
  if (!every || every->as_int() > 0) return;
  for (const char* field : {"stop_at_reward", "max_no_improvement_evals"}) {
    if (!run_settings.contains(field)) continue;
    throw UsageError(
        formatted("--eval-every: must be above 0 for {}, which watches the evaluations, got 0", option_of(field)));
  }
}

int train(const TrainOptions& options, const CLI::App& command, const std::vector<std::string>& arguments) {
  if (options.watch && options.seeds) throw UsageError("--watch: shows one training; use --seed, not --seeds");
  if (options.schedules) {
    if (options.schedules != "continue" && options.schedules != "stretch") {
      throw UsageError(formatted("--schedules: must be continue or stretch, got {}", *options.schedules));
    }
    if (!options.resume || !steps_of(options)) {
      throw UsageError("--schedules: needs --resume and --steps, which change the number of steps of a run");
    }
  }
  if (options.resume) {
    // the run's folder determines the settings
    if (!options.algorithm.empty()) {
      throw UsageError(
          formatted("--resume: takes no algorithm, got `{}`; the run's folder determines it", options.algorithm));
    }
    std::vector<std::string> fixed_options{
        "--env", "--env-set", "--max-episode-steps", "--wrap", "--set", "--seed", "--seeds",
        "--run", "--from",    "--from-parts"};
    for (const std::string& field : field_names<agents::RunSettings>()) {
      if (field != "steps") fixed_options.push_back(option_of(field));
    }
    for (const std::string& name : fixed_options) {
      if (command.count(name) > 0) {
        throw UsageError(formatted(
            "--resume: {} cannot change the settings of a run; omit it, or begin a new run with what this one has "
            "learned: ludus train ALGO --env ID --from {}",
            name, quoted(*options.resume)));
      }
    }
    load_plugins(options.plugins);
    const fs::path folder(*options.resume);
    if (nn::holds_fit(folder)) {
      throw UsageError(formatted("{}: holds a training of a model; resume it with `ludus fit --resume {}`",
                                 folder.string(), quoted(folder.string())));
    }
    std::vector<runs::SeedRun> seeds;
    if (!runs::holds_run(folder)) seeds = runs::seed_runs_in(folder);
    return seeds.empty() ? resume_one(options, folder) : resume_seeds(options, arguments, std::move(seeds));
  }
  if (options.algorithm.empty()) {
    std::vector<std::string> names;
    for (const agents::Algorithm& algorithm : agents::algorithms()) names.push_back(algorithm.name);
    throw UsageError(formatted("the algorithm is missing, as in `ludus train dqn --env CartPole-v1`; choose one of {}",
                               joined(names)));
  }
  load_plugins(options.plugins);
  agents::find_algorithm(options.algorithm);
  if (options.from_parts && !options.from) throw UsageError("--from-parts: needs --from, which is missing");
  require_with(options.run_settings, "min_evals", "max_no_improvement_evals");
  require_evaluations(options.run_settings);
  if (!options.env) throw UsageError("--env is missing: name the environment, as in --env CartPole-v1");
  if (options.seed && options.seeds) throw UsageError("give either --seed or --seeds, not both");
  return options.seeds ? train_seeds(options, arguments) : train_one(options);
}

}  // namespace

Command add_train_command(CLI::App& program, std::vector<std::string> arguments) {
  const auto options = std::make_shared<TrainOptions>();
  CLI::App* command = program.add_subcommand("train", "train an agent; writes a run folder");
  add_text(*command, "algo", "ALGO", options->algorithm, "algorithm");
  add_text(*command, "--env", "ID", options->env, "environment");
  add_integer(*command, "--seed", options->seed, 0, kMaxInteger, "random seed (default: drawn and printed)");
  add_text(*command, "--seeds", "A..B", options->seeds, "one run for each seed, several at once: 0..4 or 3,5,8");
  add_integer(*command, "--env-threads", options->env_threads, 1, kMaxThreads,
              "threads that step the environments (default: 1); does not change the results");
  add_settings(*command, "--set", options->settings, "setting of the algorithm; repeatable");
  add_settings(*command, "--env-set", options->env_kwargs,
               "keyword argument of the environment, see `ludus envs ID`; repeatable");
  add_max_episode_steps(*command, options->max_episode_steps);
  add_wrappers(*command, "--wrap", options->wrappers,
               "wrapper of the environment, also when the policy is evaluated, see docs/wrappers.md; repeatable, the "
               "innermost first");
  add_text(*command, "--run", "DIR", options->run, "run folder (default: runs/ALGO/ENV_1, or the next free number)");
  add_text(
      *command, "--resume", "DIR", options->resume,
      "resume the run in that folder from its newest checkpoint, up to --steps if present; --plugin replaces a plug-in "
      "that was moved");
  add_text(*command, "--from", "POLICY", options->from,
           "begin with the policy of that run folder or checkpoint: with other settings, rewards, number of "
           "environments, or an environment of the same spaces");
  add_text(*command, "--from-parts", "PARTS", options->from_parts,
           "what to take over from it (default: policy): some of policy,critic,optimizer,replay");
  add_text(*command, "--schedules", "HOW", options->schedules,
           "schedules of a run that is resumed to other --steps: stretch (the default: over all steps, which changes "
           "their present values) or continue (from these to the final ones)");
  for (const FieldInfo& field : describe_fields<agents::RunSettings>()) {
    add_field(*command, field, options->run_settings);
  }
  add_flag(*command, "--watch", options->watch, "show the present policy in a window");
  add_texts(*command, "--plugin", "LIB", options->plugins, kPluginHelp);
  add_flag(*command, "--json", options->json, "print one JSON object");
  const std::string named = arguments.size() > 1 ? arguments[1] : "";
  command->footer([named, options] {
    load_plugins(options->plugins);  // whose algorithms are listed too
    return algorithms_text() + settings_text(named) +
           "\nExamples:\n  ludus train dqn --env CartPole-v1 --seed 1\n"
           "  ludus train q_learning --env CartPole-v0 --seeds 0..9\n  ludus train --resume runs/dqn/CartPole-v1_1";
  });
  return {command,
          [options, command, arguments = std::move(arguments)] { return train(*options, *command, arguments); }};
}

}  // namespace ludus::apps
