/// @file
/// Evaluates the policy during training, and saves the best.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>

#include "agents/core/policy.h"
#include "agents/runner/evaluations_file.h"
#include "envs/vector/vector_env.h"
#include "runs/callback.h"

namespace ludus::agents {

/// The metric under which evaluations report their mean return, Stable-Baselines3's name.
inline constexpr const char* kEvaluationReturn = "eval/mean_reward";

/// Evaluates the policy every so many steps and at the end, on separate environments. Writes evaluations.csv, reports
/// kEvaluationReturn, and saves the policy with the best mean as best.safetensors; of equal means the later policy,
/// which has trained longer.
class EvaluationCallback final : public runs::Callback {
 public:
  struct Options {
    std::int64_t every = 10000;  ///< environment steps
    std::int64_t episodes = 10;  ///< per evaluation
    std::uint64_t seed = 0;      ///< of the first episode: every evaluation runs the same episodes
  };

  /// `policy`: the agent in training; must outlive the callback. `envs`: in the mode kDisabled.
  EvaluationCallback(Policy& policy, envs::VectorEnvPtr envs, const Options& options, const std::filesystem::path& run,
                     std::function<bool()> interrupted);

  std::string name() const override { return "evaluation"; }
  void on_start(runs::Training& training) override;
  void on_step(runs::Training& training) override;
  void on_end(runs::Training& training) override;
  void flush() override { file_.sync(); }
  void accept_missing_rows() override { file_.accept_missing_rows(); }
  void write_state(StateWriter& visit) const override { state(*this, visit); }
  void read_state(StateReader& visit) override {
    visit.check([&] { file_.require_rows(visit.get<std::int64_t>("rows")); });
    state(*this, visit);
  }

  double best_mean() const { return best_mean_; }  ///< NaN before the first evaluation
  double last_mean() const { return last_mean_; }  ///< likewise

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit.property("rows", self.file_.rows(), [&self](auto rows) { self.file_.truncate_to(rows); });
    visit("best_mean", self.best_mean_);
    visit("last_mean", self.last_mean_);
    visit("last_step", self.last_step_);
  }

  void evaluate_now(runs::Training& training);

  Policy& policy_;
  envs::VectorEnvPtr envs_;
  Options options_;
  std::filesystem::path run_;
  EvaluationsFile file_;
  std::function<bool()> interrupted_;
  double best_mean_ = std::numeric_limits<double>::quiet_NaN();
  double last_mean_ = std::numeric_limits<double>::quiet_NaN();
  std::int64_t last_step_ = -1;  // environment steps at the last evaluation
};

}  // namespace ludus::agents
