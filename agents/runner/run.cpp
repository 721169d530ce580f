#include "agents/runner/run.h"

#include <algorithm>
#include <chrono>
#include <limits>

#include "agents/algorithms.h"
#include "agents/runner/evaluation_callback.h"
#include "agents/runner/memory_check.h"
#include "agents/runner/monitor.h"
#include "agents/runner/policy_files.h"
#include "base/checkpoint.h"
#include "base/file.h"
#include "base/format.h"
#include "envs/registry/registry.h"
#include "runs/checkpoints.h"
#include "runs/early_stopping.h"
#include "runs/metrics_log.h"

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

// A run and all its objects, created from its configuration.
class Run {
 public:
  Run(RunConfig config, const RunOptions& options);

  void restore(const fs::path& checkpoint);
  RunResult train();

 private:
  void add_callbacks();
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

Run::Run(RunConfig config, const RunOptions& options) : config_(std::move(config)), options_(options) {
  check_fields(config_, "run");
  envs_ = training_envs(config_, static_cast<std::size_t>(config_.n_envs), options_.env_threads);
  agent_ =
      find_algorithm(config_.algorithm).make(config_.agent, EnvSignature::of(*envs_), config_.seed, config_.device);
  check_memory(*agent_);
  config_.agent = agent_->config();
  trainer_ = std::make_unique<Trainer>(
      *agent_, *envs_,
      TrainerOptions{.clock = [this] { return seconds(); },
                     .describe = [this](Checkpoint& checkpoint) { write_metadata_of(checkpoint); }});
  add_callbacks();
}

// The order matters: the evaluation's metrics may stop the training, and a checkpoint includes the effects of all other
// callbacks of its step.
void Run::add_callbacks() {
  const auto evaluation_envs =
      static_cast<std::size_t>(std::clamp<std::int64_t>(config_.eval_episodes, 1, kEvaluationEnvs));
  evaluation_ =
      std::make_shared<EvaluationCallback>(*agent_,
                                           make_envs(config_, evaluation_wrappers(config_.wrappers), evaluation_envs,
                                                     envs::AutoresetMode::kDisabled, options_.env_threads),
                                           EvaluationCallback::Options{.every = config_.eval_every.value(),
                                                                       .episodes = config_.eval_episodes,
                                                                       .seed = evaluation_seed(config_.seed)},
                                           options_.folder, options_.interrupted);
  trainer_->add(evaluation_);
  trainer_->add(
      std::make_shared<runs::EarlyStopping>(runs::EarlyStopping::Options{.metric = kEvaluationReturn,
                                                                         .threshold = config_.stop_at_reward,
                                                                         .patience = config_.max_no_improvement_evals,
                                                                         .warmup = config_.min_evals}));
  monitor_ = std::make_shared<Monitor>(options_.folder, config_.env_id, config_.log_every);
  trainer_->add(monitor_);
  trainer_->add(std::make_shared<runs::MetricsLog>(options_.folder, trainer_->metric_names(), config_.log_every));
  for (const auto& callback : options_.extra) trainer_->add(callback);
  trainer_->add(
      std::make_shared<runs::Checkpoints>(options_.folder, config_.checkpoint_every.value(), config_.keep_checkpoints));
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

void Run::restore(const fs::path& file) {
  const Checkpoint checkpoint = Checkpoint::load(file);
  check_format(checkpoint);
  trainer_->load(checkpoint);
  seconds_before_ = monitor_->last_seconds();
  start_ = std::chrono::steady_clock::now();
}

RunResult Run::train() {
  if (options_.on_ready) options_.on_ready(*agent_);
  const double seconds_at_start = seconds();
  RunResult result;
  result.folder = options_.folder;
  result.end = trainer_->learn(config_.total_steps, config_.seed, options_.interrupted);
  result.config = config_;
  result.steps = trainer_->steps();
  result.seconds = seconds() - seconds_at_start;
  result.best_mean = evaluation_->best_mean();
  result.final_mean = result.end.kind == runs::StopReason::Kind::kInterrupted ? std::numeric_limits<double>::quiet_NaN()
                                                                              : evaluation_->last_mean();
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

RunResult train_run(const RunConfig& requested, const RunOptions& run_options) {
  RunOptions options = run_options;
  options.folder = runs::resolved_folder(run_options.folder);
  runs::require_no_run(options.folder);
  runs::make_run_folder(options.folder);
  const RunConfig config = with_intervals(requested);
  Run run(config, options);
  write_atomically(runs::config_path(options.folder), config.to_toml());
  return run.train();
}

RunResult resume_run(const RunOptions& options, std::optional<std::int64_t> total_steps) {
  runs::require_run(options.folder);
  const fs::path config_file = runs::config_path(options.folder);
  RunConfig config = with_intervals(RunConfig::from_toml(read_text(config_file), config_file.string()));
  if (total_steps) config.total_steps = *total_steps;
  const fs::path checkpoint = runs::newest_checkpoint(options.folder);
  runs::make_run_folder(options.folder);
  Run run(config, options);
  run.restore(checkpoint);
  if (total_steps) write_atomically(config_file, config.to_toml());
  return run.train();
}

}  // namespace ludus::agents
