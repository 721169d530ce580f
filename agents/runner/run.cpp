#include "agents/runner/run.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "agents/algorithms.h"
#include "agents/runner/callbacks.h"
#include "agents/runner/evaluation.h"
#include "agents/runner/memory_check.h"
#include "agents/runner/policy_files.h"
#include "base/file.h"
#include "envs/registry/registry.h"
#include "base/checkpoint.h"

namespace ludus::agents {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "step_";
constexpr std::string_view kSuffix = ".safetensors";
constexpr std::int64_t kEvaluationEnvs = 8;  // side by side; the episodes do not depend on it

// The evaluation's seeds lie far from those of training, so that no evaluation episode begins like a training one.
std::uint64_t evaluation_seed(std::uint64_t seed) {
  return SeedSequence(seed).spawn(1)[0].generate_state(1)[0];
}

// The steps of a checkpoint's file name, or nothing.
std::optional<std::int64_t> steps_of(const fs::path& file) {
  const std::string name = file.filename().string();
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return {};
  const char* first = name.data() + kPrefix.size();
  const char* last = name.data() + name.size() - kSuffix.size();
  std::int64_t steps = 0;
  const auto [end, error] = std::from_chars(first, last, steps);
  if (error != std::errc{} || end != last) return {};
  return steps;
}

// The folder's checkpoints, oldest first.
std::vector<fs::path> checkpoints_in(const fs::path& folder) {
  std::vector<std::pair<std::int64_t, fs::path>> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder / "checkpoints", ignored)) {
    if (const auto steps = steps_of(entry.path())) found.emplace_back(*steps, entry.path());
  }
  std::sort(found.begin(), found.end());
  std::vector<fs::path> files;
  for (auto& [steps, file] : found) files.push_back(std::move(file));
  return files;
}

fs::path checkpoint_path(const fs::path& folder, std::int64_t steps) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%012lld", static_cast<long long>(steps));
  return folder / "checkpoints" / (std::string(kPrefix) + digits + std::string(kSuffix));
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / "checkpoints", error);
  if (!error && ::access(folder.c_str(), W_OK) != 0) error = std::error_code(errno, std::generic_category());
  if (error) {
    throw RunFolderError("the run's folder " + folder.string() + " cannot be written (" + error.message() +
                         "); choose another with --run");
  }
}

envs::VectorEnvPtr make_envs(const RunConfig& config, const Wrappers& wrappers, std::size_t n, envs::AutoresetMode mode,
                             std::int64_t threads) {
  return envs::make_vec(wrapped_spec(config.env_id, config.env_kwargs, wrappers), n,
                        {.autoreset = mode,
                         .threads = static_cast<std::size_t>(std::max<std::int64_t>(threads, 1)),
                         .warn = envs::ignore_warnings});
}

// A run and all that belongs to it, from its configuration.
class Run {
 public:
  Run(RunConfig config, const RunOptions& options);

  void restore(const fs::path& checkpoint);
  RunResult train();

 private:
  void write_checkpoint(const Trainer& trainer);
  void write_best(const Trainer& trainer);
  Checkpoint new_checkpoint(std::int64_t steps) const;
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
  std::shared_ptr<RecordCallback> records_;
  std::shared_ptr<EvaluationCallback> evaluation_;
};

Run::Run(RunConfig config, const RunOptions& options) : config_(std::move(config)), options_(options) {
  if (config_.total_steps <= 0) {
    throw InvalidArgument("a training needs a positive number of steps, and was given " +
                          std::to_string(config_.total_steps));
  }
  if (config_.n_envs <= 0) {
    throw InvalidArgument("a training needs at least one environment, and was given " + std::to_string(config_.n_envs));
  }
  if (config_.max_no_improvement_evals.value_or(0) < 0 || config_.min_evals < 0) {
    throw InvalidArgument("max_no_improvement_evals and min_evals must be 0 or more, and are " +
                          std::to_string(config_.max_no_improvement_evals.value_or(0)) + " and " +
                          std::to_string(config_.min_evals));
  }
  envs_ = training_envs(config_, static_cast<std::size_t>(config_.n_envs), options_.env_threads);
  agent_ = find_algorithm(config_.algorithm).make(config_.agent, EnvSignature::of(*envs_), config_.seed, config_.device);
  check_memory(*agent_);
  config_.agent = agent_->config();
  trainer_ = std::make_unique<Trainer>(*agent_, *envs_);

  records_ = std::make_shared<RecordCallback>(options_.folder, config_.env_id, *agent_, config_.log_every,
                                              [this] { return seconds(); });
  const auto evaluation_envs =
      static_cast<std::size_t>(std::clamp<std::int64_t>(config_.eval_episodes, 1, kEvaluationEnvs));
  evaluation_ = std::make_shared<EvaluationCallback>(
      make_envs(config_, evaluation_wrappers(config_.wrappers), evaluation_envs, envs::AutoresetMode::kDisabled,
                options_.env_threads),
      EvaluationCallback::Options{.every = config_.eval_every,
                                  .episodes = config_.eval_episodes,
                                  .seed = evaluation_seed(config_.seed),
                                  .stop_at_reward = config_.stop_at_reward,
                                  .max_no_improvement_evals = config_.max_no_improvement_evals,
                                  .min_evals = config_.min_evals},
      options_.folder, [this](Trainer& trainer, double) { write_best(trainer); }, options_.interrupted);
  trainer_->add(evaluation_);
  trainer_->add(records_);
  for (const auto& callback : options_.extra) trainer_->add(callback);
  trainer_->add(std::make_shared<CheckpointCallback>(config_.checkpoint_every,
                                                     [this](Trainer& trainer) { write_checkpoint(trainer); }));
}

Checkpoint Run::new_checkpoint(std::int64_t steps) const {
  Checkpoint checkpoint;
  write_metadata(checkpoint, {.algorithm = config_.algorithm,
                         .config = config_.agent,
                         .env_id = config_.env_id,
                         .env_kwargs = config_.env_kwargs,
                         .wrappers = config_.wrappers,
                         .observation_space = envs_->single_observation_space().to_spec(),
                         .action_space = envs_->single_action_space().to_spec(),
                         .plugins = config_.plugins,
                         .seed = config_.seed,
                         .steps = steps});
  return checkpoint;
}

void Run::write_best(const Trainer& trainer) {
  Checkpoint checkpoint = new_checkpoint(trainer.steps());
  agent_->save_policy(checkpoint);
  checkpoint.save(options_.folder / "best.safetensors");
}

void Run::write_checkpoint(const Trainer& trainer) {
  // the records must not be behind the checkpoint that counts their rows
  records_->flush();
  Checkpoint checkpoint = new_checkpoint(trainer.steps());
  trainer.save(checkpoint);
  checkpoint.save(checkpoint_path(options_.folder, trainer.steps()));

  std::vector<fs::path> files = checkpoints_in(options_.folder);
  const auto keep = static_cast<std::size_t>(std::max<std::int64_t>(config_.keep_checkpoints, 1));
  std::error_code ignored;
  for (std::size_t i = 0; i + keep < files.size(); ++i) fs::remove(files[i], ignored);
}

void Run::restore(const fs::path& file) {
  trainer_->load(Checkpoint::load(file));
  seconds_before_ = records_->last_seconds();
  start_ = std::chrono::steady_clock::now();
}

RunResult Run::train() {
  const double seconds_at_start = seconds();
  RunResult result;
  result.folder = options_.folder;
  result.end = trainer_->learn(config_.total_steps, config_.seed, options_.interrupted);
  if (result.end == TrainingEnd::kCallback) result.end = evaluation_->stop().value_or(result.end);

  // the last policy is judged too, so that best and last can be compared
  if (result.end != TrainingEnd::kInterrupted && evaluation_->last_step() != trainer_->steps()) {
    try {
      evaluation_->evaluate_now(*trainer_);
    } catch (const Interrupted&) {
      result.end = TrainingEnd::kInterrupted;
    }
  }
  write_checkpoint(*trainer_);

  result.config = config_;
  result.steps = trainer_->steps();
  result.seconds = seconds() - seconds_at_start;
  result.best_mean = evaluation_->best_mean();
  result.final_mean =
      result.end == TrainingEnd::kInterrupted ? std::numeric_limits<double>::quiet_NaN() : evaluation_->last_mean();
  return result;
}

}  // namespace

RunConfig resolve_config(const std::string& algorithm, const std::string& env_id, const Dict& env_kwargs,
                          const Dict& overrides, const std::optional<Wrappers>& wrappers) {
  const Algorithm& found = find_algorithm(algorithm);
  RunConfig config;
  config.algorithm = found.name;
  config.env_id = envs::registry().find(env_id).spec.id;
  config.total_steps = found.default_steps;
  config.agent = found.defaults;

  const Preset preset = find_preset(found.name, config.env_id);
  if (preset.found) {
    if (preset.steps > 0) config.total_steps = preset.steps;
    if (preset.n_envs > 0) config.n_envs = preset.n_envs;
    if (preset.eval_every > 0) config.eval_every = preset.eval_every;
    if (preset.eval_episodes > 0) config.eval_episodes = preset.eval_episodes;
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

RunResult train_run(const RunConfig& asked, const RunOptions& options) {
  if (fs::exists(options.folder / "config.toml")) {
    throw RunFolderError("the folder " + options.folder.string() +
                         " holds a run already; go on with it by --resume, or choose another with --run");
  }
  make_folder(options.folder);
  RunConfig config = asked;
  if (config.eval_every <= 0) config.eval_every = std::max<std::int64_t>(config.total_steps / 10, 1);
  if (config.checkpoint_every <= 0) config.checkpoint_every = std::max<std::int64_t>(config.total_steps / 10, 1);
  Run run(config, options);
  write_atomically(options.folder / "config.toml", config.to_toml());
  return run.train();
}

RunResult resume_run(const RunOptions& options, std::optional<std::int64_t> total_steps) {
  const fs::path config_file = options.folder / "config.toml";
  if (!fs::exists(config_file)) {
    throw RunFolderError("the folder " + options.folder.string() + " holds no run (there is no config.toml in it)");
  }
  RunConfig config = RunConfig::from_toml(read_text(config_file), config_file.string());
  if (total_steps) config.total_steps = *total_steps;
  const fs::path checkpoint = newest_checkpoint(options.folder);
  make_folder(options.folder);
  Run run(config, options);
  run.restore(checkpoint);
  if (total_steps) write_atomically(config_file, config.to_toml());
  return run.train();
}

fs::path newest_checkpoint(const fs::path& folder) {
  const std::vector<fs::path> files = checkpoints_in(folder);
  if (files.empty()) {
    throw RunFolderError("the folder " + folder.string() + " holds no checkpoint (checkpoints/step_*.safetensors)");
  }
  return files.back();
}

}  // namespace ludus::agents
