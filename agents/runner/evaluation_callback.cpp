#include "agents/runner/evaluation_callback.h"

#include <cmath>
#include <utility>

#include "agents/runner/evaluation.h"
#include "runs/checkpoints.h"
#include "runs/statistics.h"
#include "runs/training.h"

namespace ludus::agents {

EvaluationCallback::EvaluationCallback(Policy& policy, envs::VectorEnvPtr envs, const Options& options,
                                       const std::filesystem::path& run, std::function<bool()> interrupted)
    : policy_(policy),
      envs_(std::move(envs)),
      options_(options),
      run_(run),
      file_(run / "evaluations.csv"),
      interrupted_(std::move(interrupted)) {}

void EvaluationCallback::on_start(runs::Training& training) {
  // the evaluation after the last step may have been interrupted
  if (last_step_ != training.progress().step) on_step(training);
}

void EvaluationCallback::on_step(runs::Training& training) {
  if (training.progress().is_due(options_.every)) evaluate_now(training);
}

void EvaluationCallback::on_end(runs::Training& training) {
  // evaluate the final policy too, so that best and last can be compared
  const auto& reason = training.stop_reason();
  if (reason && reason->kind == runs::StopReason::Kind::kInterrupted) return;
  if (last_step_ != training.progress().step) evaluate_now(training);
}

void EvaluationCallback::evaluate_now(runs::Training& training) {
  training.announce("evaluating");
  EpisodeResults episodes;
  try {
    episodes = evaluate(policy_, *envs_, options_.episodes, options_.seed, /*deterministic=*/true, interrupted_);
  } catch (const runs::Interrupted& error) {
    training.request_stop({runs::StopReason::Kind::kInterrupted, error.what()});
    return;
  }
  last_mean_ = runs::mean(episodes.returns);
  last_step_ = training.progress().step;
  file_.append(last_step_, episodes.returns, episodes.lengths);
  file_.flush();
  training.report(kEvaluationReturn, last_mean_);

  if (std::isnan(best_mean_) || last_mean_ >= best_mean_) {
    best_mean_ = last_mean_;
    training.save_model(runs::best_model_path(run_));
  }
}

}  // namespace ludus::agents
