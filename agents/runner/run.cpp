#include "agents/runner/run.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "agents/algorithms.h"
#include "agents/runner/evaluation_callback.h"
#include "agents/runner/memory_check.h"
#include "agents/runner/monitor.h"
#include "agents/runner/policy_files.h"
#include "agents/runner/warm_start.h"
#include "base/checkpoint.h"
#include "base/file.h"
#include "base/format.h"
#include "base/size_limit.h"
#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "nn/model/exported_policy.h"
#include "nn/model/graph_nodes.h"
#include "runs/checkpoints.h"
#include "runs/early_stopping.h"
#include "runs/metrics_log.h"
#include "runs/schedule.h"

namespace ludus::agents {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kEvaluationEnvs = 8;  // the episodes do not depend on it

// Far from the seeds of training, so that no evaluation episode starts like a training episode.
std::uint64_t evaluation_seed(std::uint64_t seed) {
  return SeedSequence(seed).spawn(1)[0].generate_state(1)[0];
}

envs::VectorEnvPtr make_envs(const RunConfig& config, const Wrappers& wrappers, std::size_t n, envs::AutoresetMode mode,
                             std::int64_t threads) {
  return envs::make_vec(wrapped_spec(config.env_id, config.env_kwargs, wrappers), n,
                        {.autoreset = mode,
                         .threads = static_cast<std::size_t>(std::max<std::int64_t>(threads, 1)),
                         .warn = envs::ignore_warnings});
}

// Sets the intervals that the configuration leaves open.
RunConfig with_intervals(RunConfig config) {
  const std::int64_t tenth = std::max<std::int64_t>(config.total_steps / 10, 1);
  if (!config.eval_every) config.eval_every = tenth;
  if (!config.checkpoint_every) config.checkpoint_every = tenth;
  return config;
}

// The settings of a run, for TensorBoard's table of runs.
Dict hyperparameters_of(const RunConfig& config) {
  Dict settings{{"algorithm", config.algorithm},
                {"env", config.env_id},
                {"seed", std::to_string(config.seed)},
                {"steps", config.total_steps},
                {"n_envs", config.n_envs}};
  for (const auto& [name, value] : config.agent) settings[name] = value;
  return settings;
}

// The network of a policy for TensorBoard; none of a policy that is no network or table.
std::vector<runs::GraphNode> graph_of(const Policy& policy) {
  try {
    return nn::graph_nodes(policy.export_policy().network);
  } catch (const NotApplicable&) {
    return {};
  }
}

// Returns whether two values are equal when written to a file and read back: dictionaries in any order of their keys.
bool same_content(const Value& a, const Value& b) {
  if (a.is_dict() && b.is_dict()) {
    const Dict &x = a.as_dict(), &y = b.as_dict();
    return x.size() == y.size() && std::ranges::all_of(x, [&](const auto& entry) {
             const Value* other = y.find(entry.first);
             return other && same_content(entry.second, *other);
           });
  }
  if (a.is_list() && b.is_list()) {
    return std::ranges::equal(a.as_list(), b.as_list(), same_content);
  }
  if (a.is_number() && b.is_number()) return a.as_double() == b.as_double();
  return to_json(a) == to_json(b);
}

// A run and all its objects, created from its configuration.
class Run {
 public:
  /// `on_begun`: called before the first step.
  Run(RunConfig config, const RunOptions& options, std::function<void()> on_begun);

  /// Opens the log files and adds the callbacks. Must be called once, before restore() and train().
  void open_logs();
  /// Takes over what config.from says. To be called before train() of a run that starts.
  void warm_start();
  /// Loads the newest checkpoint that can be used; see resume_run().
  void restore(std::optional<std::int64_t> total_steps);
  /// Called after restore() if the run goes on to another total than `previous_total`.
  void change_total(std::int64_t previous_total);
  /// Returns whether the log files hold rows or an evaluation has finished.
  bool has_results() const { return monitor_->rows() > 0 || fs::exists(runs::best_model_path(options_.folder)); }
  RunResult train();

 private:
  void load(const fs::path& file, std::optional<std::int64_t> total_steps);
  void require_same_run(const PolicyMetadata& saved, const std::string& file) const;
  void warn(const std::string& sentence) const {
    if (options_.warn) options_.warn(sentence);
  }
  void write_metadata_of(Checkpoint& checkpoint) const;
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count() + seconds_before_;
  }

  RunConfig config_;
  RunOptions options_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double seconds_before_ = 0;  // of earlier processes of the same run
  envs::VectorEnvPtr envs_;
  AgentPtr agent_;
  std::unique_ptr<Trainer> trainer_;
  std::shared_ptr<Monitor> monitor_;
  std::shared_ptr<EvaluationCallback> evaluation_;
};

Run::Run(RunConfig config, const RunOptions& options, std::function<void()> on_begun)
    : config_(std::move(config)), options_(options) {
  check_fields(config_, "run");
  if (config_.from) check_warm_start_parts(config_.from_parts);
  const SizeLimit limit(config_.algorithm, machine_memory());  // networks, tables, rollouts, populations
  envs_ = training_envs(config_, static_cast<std::size_t>(config_.n_envs), options_.env_threads);
  agent_ =
      find_algorithm(config_.algorithm).make(config_.agent, EnvSignature::of(*envs_), config_.seed, config_.device);
  check_memory(*agent_);
  config_.agent = agent_->config();
  trainer_ = std::make_unique<Trainer>(
      *agent_, *envs_,
      TrainerOptions{.clock = [this] { return seconds(); },
                     .describe = [this](Checkpoint& checkpoint) { write_metadata_of(checkpoint); },
                     .on_begun = std::move(on_begun),
                     .warn = options_.warn});
}

// The order matters: the evaluation's metrics may stop the training, and a checkpoint includes the effects of all other
// callbacks of its step.
void Run::open_logs() {
  const auto evaluation_envs =
      static_cast<std::size_t>(std::clamp<std::int64_t>(config_.eval_episodes, 1, kEvaluationEnvs));
  if (config_.eval_every.value() > 0) {
    evaluation_ =
        std::make_shared<EvaluationCallback>(*agent_,
                                             make_envs(config_, evaluation_wrappers(config_.wrappers), evaluation_envs,
                                                       envs::AutoresetMode::kDisabled, options_.env_threads),
                                             EvaluationCallback::Options{.every = config_.eval_every.value(),
                                                                         .episodes = config_.eval_episodes,
                                                                         .seed = evaluation_seed(config_.seed)},
                                             options_.folder, options_.interrupted);
    trainer_->add(evaluation_);
  }
  trainer_->add(
      std::make_shared<runs::EarlyStopping>(runs::EarlyStopping::Options{.metric = kEvaluationReturn,
                                                                         .threshold = config_.stop_at_reward,
                                                                         .patience = config_.max_no_improvement_evals,
                                                                         .warmup = config_.min_evals}));
  monitor_ = std::make_shared<Monitor>(options_.folder, config_.env_id, config_.log_every);
  trainer_->add(monitor_);
  trainer_->add(std::make_shared<runs::MetricsLog>(
      options_.folder, trainer_->metric_names(), config_.log_every,
      runs::Experiment{.hyperparameters = hyperparameters_of(config_), .graph = [this] { return graph_of(*agent_); }}));
  for (const auto& callback : options_.extra) trainer_->add(callback);
  trainer_->add(std::make_shared<runs::Checkpoints>(options_.folder, config_.checkpoint_every.value(),
                                                    config_.keep_checkpoints, config_.checkpoint_seconds));
}

void Run::warm_start() {
  if (!config_.from) return;
  agents::warm_start(*agent_, EnvSignature::of(*envs_), warm_start_file(*config_.from, config_.from_parts),
                     config_.from_parts);
}

void Run::write_metadata_of(Checkpoint& checkpoint) const {
  write_metadata(checkpoint, {.algorithm = config_.algorithm,
                              .config = config_.agent,
                              .env_id = config_.env_id,
                              .env_kwargs = config_.env_kwargs,
                              .wrappers = config_.wrappers,
                              .observation_space = envs_->single_observation_space().to_spec(),
                              .action_space = envs_->single_action_space().to_spec(),
                              .plugins = config_.plugins,
                              .seed = config_.seed,
                              .steps = trainer_->steps()});
}

// A checkpoint of another run in the folder, or settings that were changed in config.toml, would be a mixture of two
// runs.
void Run::require_same_run(const PolicyMetadata& saved, const std::string& file) const {
  const auto require = [&](const char* fact, const Value& in_file, const Value& in_config) {
    if (same_content(in_file, in_config)) return;
    throw CorruptCheckpoint(
        formatted("{}: must be a checkpoint of the run in config.toml, whose {} is {}, got {}; restore config.toml, or "
                  "move the checkpoint away",
                  file, fact, to_json(in_config), to_json(in_file)));
  };
  require("algorithm", saved.algorithm, config_.algorithm);
  require("environment", saved.env_id, config_.env_id);
  require("environment's arguments", saved.env_kwargs, config_.env_kwargs);
  require("list of wrappers", to_list(saved.wrappers), to_list(config_.wrappers));
  require("seed", std::to_string(saved.seed), std::to_string(config_.seed));
  for (const auto& [name, value] : config_.agent) {
    const Value* setting = saved.config.find(name);  // absent: the file is older than the setting
    if (setting) require(formatted("setting {}", name).c_str(), *setting, value);
  }
}

void Run::load(const fs::path& file, std::optional<std::int64_t> total_steps) {
  const Checkpoint checkpoint = Checkpoint::load(file);
  const PolicyMetadata saved = read_metadata(checkpoint);
  require_same_run(saved, file.string());
  if (total_steps && *total_steps < saved.steps) {
    throw InvalidArgument(formatted("--steps: must be at least the {} steps that {} has made already, got {}",
                                    saved.steps, options_.folder.string(), *total_steps));
  }
  trainer_->load(checkpoint);
  seconds_before_ = monitor_->last_seconds();
  start_ = std::chrono::steady_clock::now();
}

void Run::restore(std::optional<std::int64_t> total_steps) {
  runs::resume_from_newest(
      options_.folder, [&](const fs::path& file) { load(file, total_steps); },
      [this] { trainer_->accept_missing_rows(); },
      [this](const std::string& sentence) { warn(formatted("warning: {}", sentence)); });
}

// Returns whether a setting of the algorithm is a schedule that is not constant.
bool has_schedules(const Dict& settings) {
  return std::ranges::any_of(settings, [](const auto& setting) {
    if (!setting.second.is_string()) return false;
    try {
      const runs::Schedule schedule(std::string_view(setting.second.as_string()));
      return schedule.initial() != schedule.final();
    } catch (const InputError&) {
      return false;  // another kind of text
    }
  });
}

void Run::change_total(std::int64_t previous_total) {
  if (options_.continue_schedules) return trainer_->continue_schedules(previous_total);
  if (!has_schedules(config_.agent)) return;
  warn(
      formatted("the schedules of {} are stretched from {} to {} steps, which changes their present values; with "
                "--schedules continue they go on from these",
                config_.algorithm, previous_total, config_.total_steps));
}

RunResult Run::train() {
  if (options_.on_ready) options_.on_ready(*agent_);
  const double seconds_at_start = seconds();
  RunResult result;
  result.folder = options_.folder;
  try {
    result.end = trainer_->learn(config_.total_steps, config_.seed, options_.interrupted);
  } catch (const Interrupted& error) {
    throw Interrupted(formatted("{}; resume from the last checkpoint with: ludus train --resume {}", error.what(),
                                options_.folder.string()));
  }
  result.config = config_;
  result.steps = trainer_->steps();
  result.seconds = seconds() - seconds_at_start;
  const bool interrupted = result.end.kind == runs::StopReason::Kind::kInterrupted;
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  result.best_mean = evaluation_ ? evaluation_->best_mean() : kNone;
  result.final_mean = evaluation_ && !interrupted ? evaluation_->last_mean() : kNone;
  return result;
}

}  // namespace

RunConfig resolve_config(const std::string& algorithm, const std::string& env_id, const Dict& env_kwargs,
                         const Dict& overrides, const std::optional<Wrappers>& wrappers) {
  const Algorithm& entry = find_algorithm(algorithm);
  RunConfig config;
  config.algorithm = entry.name;
  config.env_id = envs::registry().find(env_id).spec.id;
  config.total_steps = entry.default_steps;
  config.agent = entry.defaults;

  const Preset preset = find_preset(entry.name, config.env_id);
  if (preset.found) {
    assign_fields(config, preset.run, "run");
    config.env_kwargs = preset.env_kwargs;
    config.wrappers = preset.wrappers;
    for (const auto& [key, value] : preset.agent) config.agent[key] = value;
  }
  for (const auto& [key, value] : env_kwargs) config.env_kwargs[key] = value;
  for (const auto& [key, value] : overrides) config.agent[key] = value;
  if (wrappers) config.wrappers = *wrappers;
  return config;
}

envs::VectorEnvPtr training_envs(const RunConfig& config, std::size_t n, std::int64_t threads) {
  check_wrappers(config.wrappers, find_algorithm(config.algorithm));
  return make_envs(config, config.wrappers, n, envs::AutoresetMode::kSameStep, threads);
}

RunResult train_run(const RunConfig& requested, const RunOptions& requested_options) {
  RunOptions options = requested_options;
  options.folder = runs::resolved_run_folder(options.folder);
  runs::require_no_run(options.folder);
  runs::RunFolder folder(options.folder);
  runs::require_no_run(options.folder);  // another process may have trained here in between
  const RunConfig config = with_intervals(requested);
  Run run(config, options, [&folder] { folder.keep(); });
  // the first file: after a kill at any moment, a folder with files of a run can be resumed
  write_atomically(runs::config_path(options.folder), config.to_toml());
  run.open_logs();
  if (run.has_results()) {
    throw runs::RunFolderError(
        formatted("{}: holds results (rows of monitor.csv or best.safetensors) without their "
                  "config.toml; choose another folder with --run",
                  options.folder.string()));
  }
  run.warm_start();
  return run.train();
}

RunResult resume_run(const RunOptions& requested_options, std::optional<std::int64_t> total_steps) {
  RunOptions options = requested_options;
  options.folder = runs::resolved_run_folder(options.folder);
  runs::require_run(options.folder);
  runs::RunFolder folder(options.folder);
  const fs::path config_file = runs::config_path(options.folder);
  RunConfig config = with_intervals(RunConfig::from_toml(read_text(config_file), config_file.string()));
  const std::int64_t previous_total = config.total_steps;
  if (total_steps) config.total_steps = *total_steps;
  if (!options.plugins.empty()) config.plugins = options.plugins;
  Run run(config, options, [&folder] { folder.keep(); });
  run.open_logs();
  const bool has_checkpoints = !runs::checkpoints_in(options.folder).empty();
  if (has_checkpoints) {
    run.restore(total_steps);
    if (config.total_steps != previous_total) run.change_total(previous_total);
  } else if (run.has_results()) {
    throw runs::RunFolderError(
        formatted("{}: holds results but no checkpoint (checkpoints/step_*.safetensors) to resume from; train in "
                  "another folder",
                  options.folder.string()));
  } else if (options.warn) {
    options.warn(formatted("{} holds no checkpoint yet: the run starts over", options.folder.string()));
  }
  if (!has_checkpoints) run.warm_start();
  folder.keep();
  if (total_steps || !options.plugins.empty()) write_atomically(config_file, config.to_toml());
  return run.train();
}

}  // namespace ludus::agents
