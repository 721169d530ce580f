#include "apps/eval_command.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/console.h"
#include "apps/comparison.h"
#include "apps/options.h"

namespace ludus::apps {
namespace {

struct EvalOptions {
  std::string policy;
  ContestOptions contest;
  bool json = false;
};

int evaluate_policy(const EvalOptions& options) {
  if (options.policy.empty()) throw UsageError("the policy is missing, as in `ludus eval balance --env CartPole-v1`");
  const std::int64_t episodes = options.contest.episodes.value_or(kEvaluationEpisodes);
  const std::int64_t seed = options.contest.seed.value_or(kEvaluationSeed);

  const Comparison contest = prepare_contest(options.contest, {options.policy});
  const Score score = play_contest(contest, contest.policies[0], episodes, seed);
  if (options.json) {
    print_json(score_as_dict(score, contest.env_id, seed));
    return kDone;
  }
  const runs::Summary& summary = score.summary;
  print(score.policy + " in " + name_for(contest, contest.policies[0]) + ", " + std::to_string(summary.episodes) +
        " episodes from seed " + std::to_string(seed) + "\n" +
        to_text({.header = {"min", "max", "mean", "sd", "IQM", "95 % interval"},
                 .rows = {{fixed(summary.min, 1), fixed(summary.max, 1), fixed(summary.mean, 2), fixed(summary.std, 2),
                           fixed(summary.iqm, 2),
                           "[" + fixed(summary.iqm_ci.low, 2) + ", " + fixed(summary.iqm_ci.high, 2) + "]"}},
                 .right = std::vector<bool>(6, true)}));
  return kDone;
}

}  // namespace

Command add_eval_command(CLI::App& program) {
  const auto options = std::make_shared<EvalOptions>();
  CLI::App* command = program.add_subcommand("eval", "how good a policy is, over fresh episodes");
  add_text(*command, "policy", "POLICY", options->policy, "what plays");
  add_contest_options(
      *command, options->contest,
      "episodes to play (" + std::to_string(kEvaluationEpisodes) + "), with each run of a folder of runs");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer(
      [] { return policies_help() + "\nExample: ludus eval runs/dqn/CartPole-v1_1 --episodes 100 --json"; });
  return {command, [options] { return evaluate_policy(*options); }};
}

}  // namespace ludus::apps
