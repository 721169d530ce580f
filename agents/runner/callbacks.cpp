#include "agents/runner/callbacks.h"

#include <algorithm>
#include <cmath>

#include "agents/runner/evaluation.h"
#include "runs/statistics.h"

namespace ludus::agents {
namespace {

// Stable-Baselines3's columns, and the algorithm's own.
std::vector<std::string> progress_columns(const Agent& agent) {
  std::vector<std::string> columns{"rollout/ep_len_mean", "rollout/ep_rew_mean", "time/episodes", "time/fps",
                                   "time/time_elapsed",   "time/total_timesteps"};
  for (const std::string& name : agent.metric_names()) columns.push_back(name);
  return columns;
}

}  // namespace

RecordCallback::RecordCallback(const std::filesystem::path& folder, const std::string& env_id, const Agent& agent,
                               std::int64_t log_every, std::function<double()> clock)
    : monitor_(folder / "monitor.csv", env_id),
      progress_(folder / "progress.csv", progress_columns(agent)),
      events_(folder),
      log_every_(log_every),
      clock_(std::move(clock)) {}

void RecordCallback::on_episode(Trainer&, const EpisodeEnd& episode) {
  monitor_.append(episode.episode_return, episode.length, clock_());
}

bool RecordCallback::on_step(Trainer& trainer) {
  if (trainer.is_due(log_every_)) log(trainer);
  return true;
}

void RecordCallback::on_end(Trainer&) {
  flush();
}

void RecordCallback::log(Trainer& trainer) {
  const double seconds = clock_();
  Metrics row = trainer.agent().metrics();
  row["time/episodes"] = static_cast<double>(trainer.episodes());
  row["time/total_timesteps"] = static_cast<double>(trainer.steps());
  row["time/time_elapsed"] = std::floor(seconds);
  row["time/fps"] = std::floor(static_cast<double>(trainer.steps()) / std::max(seconds, 1e-9));
  if (trainer.episodes() > 0) {
    row["rollout/ep_rew_mean"] = trainer.recent_return();
    row["rollout/ep_len_mean"] = trainer.recent_length();
  }
  progress_.append(row);
  events_.append(trainer.steps(), row);
  flush();
}

void RecordCallback::flush() {
  monitor_.flush();
  progress_.flush();
  events_.flush();
}

Value RecordCallback::save() const {
  return Dict{{"monitor", monitor_.rows()}, {"progress", progress_.rows()}, {"events", events_.rows()}};
}

void RecordCallback::restore(const Value& saved) {
  const Dict& rows = saved.as_dict();
  monitor_.truncate_to(rows.at("monitor").as_int());
  progress_.truncate_to(rows.at("progress").as_int());
  events_.truncate_to(rows.at("events").as_int());
}

EvaluationCallback::EvaluationCallback(envs::VectorEnvPtr envs, const Options& options,
                                       const std::filesystem::path& folder,
                                       std::function<void(Trainer&, double)> save_best,
                                       std::function<bool()> interrupted)
    : envs_(std::move(envs)),
      options_(options),
      file_(folder / "evaluations.csv"),
      save_best_(std::move(save_best)),
      interrupted_(std::move(interrupted)) {}

bool EvaluationCallback::on_start(Trainer& trainer) {
  // an interruption may have fallen into the evaluation that the last step called for
  if (last_step_ != trainer.steps()) on_step(trainer);
  return !stop();
}

bool EvaluationCallback::on_step(Trainer& trainer) {
  if (!trainer.is_due(options_.every)) return true;
  try {
    evaluate_now(trainer);
  } catch (const Interrupted&) {
    return true;  // the trainer is told of the same interruption, and ends in good order
  }
  return !stop();
}

std::optional<TrainingEnd> EvaluationCallback::stop() const {
  if (options_.stop_at_reward && last_mean_ >= *options_.stop_at_reward) return TrainingEnd::kReward;
  if (options_.max_no_improvement_evals && without_improvement_ > *options_.max_no_improvement_evals) {
    return TrainingEnd::kNoImprovement;
  }
  return {};
}

double EvaluationCallback::evaluate_now(Trainer& trainer) {
  const EpisodeResults episodes =
      evaluate(trainer.agent(), *envs_, options_.episodes, options_.seed, /*deterministic=*/true, interrupted_);
  last_mean_ = runs::mean(episodes.returns);
  last_step_ = trainer.steps();
  file_.append(trainer.steps(), episodes.returns, episodes.lengths);
  file_.flush();
  const bool improved = std::isnan(best_mean_) || last_mean_ > best_mean_;
  if (improved) {
    without_improvement_ = 0;
  } else if (file_.rows() > options_.min_evals) {
    ++without_improvement_;
  }
  // of equal means the later policy: it has seen more
  if (std::isnan(best_mean_) || last_mean_ >= best_mean_) {
    best_mean_ = last_mean_;
    save_best_(trainer, best_mean_);
  }
  return last_mean_;
}

Value EvaluationCallback::save() const {
  return Dict{{"rows", file_.rows()},
              {"best_mean", best_mean_},
              {"last_mean", last_mean_},
              {"last_step", last_step_},
              {"without_improvement", without_improvement_}};
}

void EvaluationCallback::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  file_.truncate_to(parts.at("rows").as_int());
  best_mean_ = parts.at("best_mean").as_double();
  last_mean_ = parts.at("last_mean").as_double();
  last_step_ = parts.at("last_step").as_int();
  without_improvement_ = parts.at("without_improvement").as_int();
}

}  // namespace ludus::agents
