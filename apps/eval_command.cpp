#include "apps/eval_command.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/options.h"
#include "base/format.h"

namespace ludus::apps {
namespace {

struct EvalOptions {
  std::string policy;
  EvaluationOptions evaluation;
  bool json = false;
};

int evaluate_policy(const EvalOptions& options) {
  if (options.policy.empty()) throw UsageError("the policy is missing, as in `ludus eval balance --env CartPole-v1`");
  const std::int64_t episodes = options.evaluation.episodes.value_or(kEvaluationEpisodes);
  const std::int64_t seed = options.evaluation.seed.value_or(kEvaluationSeed);

  const Comparison comparison = prepare_comparison(options.evaluation, {options.policy});
  const Score score = score_policy(comparison, comparison.policies[0], episodes, seed);
  if (options.json) {
    print_json(score_as_dict(score, comparison.env_id, seed));
    return kDone;
  }
  const runs::Summary& summary = score.summary;
  print(formatted("{} in {}, {} episodes from seed {}\n", score.policy, name_for(comparison, comparison.policies[0]),
                  summary.episodes, seed) +
        to_text({.header = {"min", "max", "mean", "sd", "IQM", "95 % interval"},
                 .rows = {{fixed(summary.min, 1), fixed(summary.max, 1), fixed(summary.mean, 2), fixed(summary.std, 2),
                           fixed(summary.iqm, 2),
                           formatted("[{}, {}]", fixed(summary.iqm_ci.low, 2), fixed(summary.iqm_ci.high, 2))}},
                 .right = std::vector<bool>(6, true)}));
  return kDone;
}

}  // namespace

Command add_eval_command(CLI::App& program) {
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* command = program.add_subcommand("eval", "evaluate a policy over fresh episodes");
  add_text(*command, "policy", "POLICY", options->policy, "policy to evaluate");
  add_evaluation_options(*command, options->evaluation,
                         formatted("episodes, for each run of a folder of runs (default: {})", kEvaluationEpisodes));
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer(
      [] { return policies_help() + "\nExample: ludus eval runs/dqn/CartPole-v1_1 --episodes 100 --json"; });
  return {command, [options] { return evaluate_policy(*options); }};
}

}  // namespace ludus::apps
