#include "apps/bench_command.h"

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "agents/runner/monitor.h"
#include "agents/runner/run.h"
#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/options.h"
#include "apps/results_page.h"
#include "apps/seed_report.h"
#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"
#include "runs/run_folder.h"
#include "runs/subprocess.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

struct BenchOptions {
  std::string what;
  std::optional<std::string> algorithm, env, run, output;
  std::string seeds = "0..9";
  std::optional<std::int64_t> steps, episodes;
  Dict settings;
  bool json = false;
};

// Returns the first line that a command prints; empty if it fails.
std::string line_of(const char* command) {
  std::FILE* pipe = ::popen(command, "r");
  if (!pipe) return "";
  std::array<char, 256> buffer{};
  std::string line = std::fgets(buffer.data(), buffer.size(), pipe) ? buffer.data() : "";
  if (::pclose(pipe) != 0) return "";
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

// "AMD EPYC 7B13, 2 CPUs"
std::string hardware() {
  std::string model = "unknown CPU";
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(": ") + 2);
      break;
    }
  }
  return formatted("{}, {} CPUs", model, runs::usable_cpus());
}

std::string build() {
  const std::string commit = line_of("git rev-parse --short HEAD 2>/dev/null");
  return commit.empty() ? "ludus " LUDUS_VERSION : formatted("ludus {}, commit {}", LUDUS_VERSION, commit);
}

// "double_q=true n_steps=3"
std::string settings_text(const Dict& settings) {
  std::string text;
  for (const auto& [key, value] : settings) text += (text.empty() ? "" : " ") + key + "=" + to_json(value);
  return text;
}

// The runs of the seeds: new ones, and existing ones to be resumed.
std::vector<runs::SeedRun> runs_of(const BenchOptions& options, const fs::path& parent) {
  std::vector<std::string> common{"train", *options.algorithm, "--env", *options.env, "--json"};
  if (options.steps) common.insert(common.end(), {"--steps", std::to_string(*options.steps)});
  for (const auto& [key, value] : options.settings) common.insert(common.end(), {"--set", key + "=" + to_json(value)});

  std::vector<runs::SeedRun> seeds;
  for (const std::uint64_t seed : parse_seeds(options.seeds)) {
    runs::SeedRun run{.seed = seed, .folder = runs::seed_folder(parent, seed), .arguments = common};
    if (runs::holds_run(run.folder)) {
      run.arguments = {"train", "--resume", run.folder.string(), "--json"};
    } else {
      run.arguments.insert(run.arguments.end(), {"--seed", std::to_string(seed), "--run", run.folder.string()});
    }
    seeds.push_back(std::move(run));
  }
  return seeds;
}

// Returns the seconds of training until the last episode ended, without interruptions.
double seconds_of(const runs::SeedRun& run, const std::string& env_id) {
  return agents::MonitorFile(run.folder / "monitor.csv", env_id).last_seconds();
}

// The interquartile mean of the seeds' mean returns.
std::string with_interval(const Score& score) {
  std::vector<double> means;
  for (const auto& returns : score.returns) means.push_back(runs::mean(returns));
  return iqm_over_seeds(means);
}

struct Measurement {
  agents::RunConfig config;
  std::vector<runs::SeedRun> runs;
  SeedReport training;
  Score best, last;
  std::int64_t episodes = 0;
};

// The section of the page on one task.
std::string body_of(const BenchOptions& options, const Measurement& measured) {
  const agents::Preset preset = agents::find_preset(measured.config.algorithm, measured.config.env_id);
  std::string command = formatted("ludus bench learn --algo {} --env {} --seeds {}", measured.config.algorithm,
                                  measured.config.env_id, options.seeds);
  if (options.steps) command += formatted(" --steps {}", *options.steps);
  for (const auto& [key, value] : options.settings) command += formatted(" --set {}={}", key, to_json(value));

  const std::string settings =
      preset.found ? formatted("settings of the preset ({})", preset.source) : "default settings";
  std::string text =
      formatted("`{}`\n\n{} steps a seed at most, {}; {} episodes a policy from seed {}; {}; {}.\n\n", command,
                measured.config.total_steps, settings, measured.episodes, kEvaluationSeed, hardware(), build());

  Table table{.header = {"seed", "best policy: mean", "sd", "last policy: mean", "sd", "seconds"},
              .rows = {},
              .right = std::vector<bool>(6, true)};
  for (std::size_t i = 0; i < measured.runs.size(); ++i) {
    const runs::Summary best = runs::summarise({measured.best.returns[i]});
    const runs::Summary last = runs::summarise({measured.last.returns[i]});
    table.rows.push_back({std::to_string(measured.runs[i].seed), fixed(best.mean, 2), fixed(best.std, 2),
                          fixed(last.mean, 2), fixed(last.std, 2),
                          fixed(seconds_of(measured.runs[i], measured.config.env_id), 0)});
  }
  text += to_markdown(table);
  const char* const precision =
      measured.runs.size() >= kSeedsForInterval
          ? ", with its nominal 95 % interval over seeds (measured coverage: 90 % for 5 seeds, 93 % for 10)"
          : "";
  text += formatted("\nInterquartile mean of the seeds' means{}: best policy {}, last policy {}.", precision,
                    with_interval(measured.best), with_interval(measured.last));
  if (!preset.published.empty()) text += formatted("\nPublished: {}.", preset.published);
  return text;
}

int learn(const BenchOptions& options) {
  if (!options.algorithm) throw UsageError("--algo is missing, as in `ludus bench learn --algo dqn --env CartPole-v1`");
  if (!options.env) throw UsageError("--env is missing, as in `ludus bench learn --algo dqn --env CartPole-v1`");
  Measurement measured;
  measured.config = agents::resolve_config(*options.algorithm, *options.env, {}, options.settings);
  if (options.steps) measured.config.total_steps = *options.steps;
  measured.episodes = options.episodes.value_or(kEvaluationEpisodes);
  const std::string settings = settings_text(options.settings);
  const fs::path output =
      options.output ? fs::path(*options.output) : fs::path("docs/results") / (measured.config.algorithm + ".md");
  if (const fs::path folder = output.parent_path(); !folder.empty() && !fs::is_directory(folder)) {
    throw UsageError(formatted("--output: cannot write {}: there is no folder {}", output.string(), folder.string()));
  }
  const fs::path parent = options.run ? fs::path(*options.run)
                                      : fs::path("runs/bench") / measured.config.algorithm /
                                            (measured.config.env_id + (settings.empty() ? "" : " " + settings));

  measured.runs = runs_of(options, parent);
  measured.training = train_and_report(parent, measured.runs);
  if (!measured.training.finished) {
    print_status("not every seed finished, so no page was written; the same command resumes them");
    return measured.training.exit_code;
  }

  print_status(formatted("evaluating each policy over {} episodes", measured.episodes));
  EvaluationOptions evaluation;
  for (const bool last : {false, true}) {
    evaluation.last = last;
    const Comparison comparison = prepare_comparison(evaluation, {parent.string()});
    Score& score = last ? measured.last : measured.best;
    score = score_policy(comparison, comparison.policies[0], measured.episodes, kEvaluationSeed);
    score.summary = runs::summarise_runs(score.returns);
  }

  const std::string heading = measured.config.env_id + (settings.empty() ? "" : ", " + settings);
  write_atomically(output, with_section(fs::exists(output) ? read_text(output) : "", measured.config.algorithm, heading,
                                        body_of(options, measured)));
  print_status(formatted("the results are in {}", output.string()));
  if (options.json) {
    print_json(Dict{{"algo", measured.config.algorithm},
                    {"env", measured.config.env_id},
                    {"page", output.string()},
                    {"best", score_as_dict(measured.best, measured.config.env_id, kEvaluationSeed)},
                    {"last", score_as_dict(measured.last, measured.config.env_id, kEvaluationSeed)}});
  } else {
    print(formatted("best policies: IQM {}; last policies: IQM {}\n", with_interval(measured.best),
                    with_interval(measured.last)));
  }
  return kDone;
}

}  // namespace

Command add_bench_command(CLI::App& program) {
  const auto options = std::make_shared<BenchOptions>();
  CLI::App* command =
      program.add_subcommand("bench", "train an algorithm with several seeds and write a page of results");
  add_text(*command, "what", "WHAT", options->what, "learn: train, evaluate and write the page");
  add_text(*command, "--algo", "ALGO", options->algorithm, "algorithm");
  add_text(*command, "--env", "ID", options->env, "environment");
  add_text(*command, "--seeds", "A..B", options->seeds, "seeds of training: 0..9 or 3,5,8 (default: 0..9)");
  add_integer(*command, "--steps", options->steps, 1, kMaxInteger,
              "environment steps of each training (default: the preset's)");
  add_integer(*command, "--episodes", options->episodes, 1, kMaxEpisodes, "episodes of each policy (default: 100)");
  add_settings(*command, "--set", options->settings,
               "setting of the algorithm; the page gets a separate section; repeatable");
  add_text(*command, "--run", "DIR", options->run, "folder of the runs (default: runs/bench/ALGO/ENV)");
  add_text(*command, "--output", "FILE", options->output, "page to write (default: docs/results/ALGO.md)");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer(
      "Existing runs are resumed.\nExample: ludus bench learn --algo dqn --env CartPole-v1 --seeds "
      "0..9");
  return {command, [options] {
            if (options->what != "learn") {
              throw UsageError(formatted("the only benchmark is `ludus bench learn`, got `{}`", options->what));
            }
            return learn(*options);
          }};
}

}  // namespace ludus::apps
