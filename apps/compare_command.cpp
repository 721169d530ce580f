#include "apps/compare_command.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/options.h"
#include "apps/plots.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::apps {
namespace {

struct CompareOptions {
  std::vector<std::string> policies;
  EvaluationOptions evaluation;
  std::string format = "table";
  std::optional<std::string> plot;
  bool json = false;
};

std::vector<double> all_returns(const Score& score) {
  std::vector<double> all;
  for (const auto& run : score.returns) all.insert(all.end(), run.begin(), run.end());
  return all;
}

// P(this policy has a higher return than the first), over all pairs of episodes; of the first over itself ½.
double improvement(const Score& score, const Score& first) {
  return runs::probability_of_improvement(all_returns(score), all_returns(first));
}

void print_scores_as_json(const std::vector<Score>& scores, const std::string& env_id, std::int64_t episodes,
                          std::int64_t seed) {
  List policies;
  for (const Score& score : scores) {
    Dict fields = score_as_dict(score, env_id, seed);
    fields["probability_of_improvement"] = improvement(score, scores[0]);
    policies.emplace_back(std::move(fields));
  }
  print_json(Dict{{"env", env_id}, {"episodes", episodes}, {"seed", seed}, {"policies", std::move(policies)}});
}

// For spreadsheets: plain numbers.
std::string as_csv(const std::vector<Score>& scores) {
  Table table{.header = {"policy", "episodes", "min", "max", "mean", "sd", "iqm", "iqm_low", "iqm_high",
                         "probability_of_improvement"},
              .rows = {},
              .right = {}};
  const auto number = [](double value) { return fixed(value, 6); };
  for (const Score& score : scores) {
    const runs::Summary& summary = score.summary;
    table.rows.push_back({score.policy, std::to_string(summary.episodes), number(summary.min), number(summary.max),
                          number(summary.mean), number(summary.std), number(summary.iqm), number(summary.iqm_ci.low),
                          number(summary.iqm_ci.high), number(improvement(score, scores[0]))});
  }
  return to_csv(table);
}

// For people: rounded numbers, the interval behind the mean.
Table as_table(const std::vector<Score>& scores) {
  Table table{.header = {"policy", "episodes", "min", "max", "mean", "sd", "IQM [95 % interval]",
                         formatted("P(better than {})", scores[0].policy)},
              .rows = {},
              .right = {false, true, true, true, true, true, true, true}};
  for (const Score& score : scores) {
    const runs::Summary& summary = score.summary;
    table.rows.push_back(
        {score.policy, std::to_string(summary.episodes), fixed(summary.min, 1), fixed(summary.max, 1),
         fixed(summary.mean, 2), fixed(summary.std, 2),
         formatted("{} [{}, {}]", fixed(summary.iqm, 2), fixed(summary.iqm_ci.low, 2), fixed(summary.iqm_ci.high, 2)),
         &score == scores.data() ? "–" : fixed(improvement(score, scores[0]), 2)});
  }
  return table;
}

int compare_policies(const CompareOptions& options) {
  if (options.policies.empty()) {
    throw UsageError("the policies are missing, as in `ludus compare random balance --env CartPole-v1`");
  }
  const std::vector<std::string> formats{"table", "json", "csv", "markdown"};
  if (std::find(formats.begin(), formats.end(), options.format) == formats.end()) {
    throw UsageError(formatted("--format: takes {}, got `{}`.{}", joined(formats), options.format,
                               did_you_mean(options.format, formats)));
  }
  if (options.plot) check_plot_path(*options.plot);
  const std::int64_t episodes = options.evaluation.episodes.value_or(kEvaluationEpisodes);
  const std::int64_t seed = options.evaluation.seed.value_or(kEvaluationSeed);

  const Comparison comparison = prepare_comparison(options.evaluation, options.policies);

  // a policy that does not fit is reported before any is evaluated
  for (const agents::PolicySource& policy : comparison.policies) {
    agents::load_policies(policy, signature_for(comparison, policy), comparison.device);
  }

  std::vector<Score> scores;
  for (const agents::PolicySource& policy : comparison.policies) {
    print_status(formatted("evaluating {} of {}: {} in {}", scores.size() + 1, comparison.policies.size(), policy.name,
                           name_for(comparison, policy)));
    scores.push_back(score_policy(comparison, policy, episodes, seed));
  }

  if (options.plot) {
    plot_scores(*options.plot, scores, comparison.env_id);
    print_status(formatted("the plot is in {}", *options.plot));
  }
  if (options.json || options.format == "json") {
    print_scores_as_json(scores, comparison.env_id, episodes, seed);
  } else if (options.format == "csv") {
    print(as_csv(scores));
  } else if (options.format == "markdown") {
    print(to_markdown(as_table(scores)));
  } else {
    print(formatted("{}, the same episodes for every policy, from seed {}\n{}", comparison.env_id, seed,
                    to_text(as_table(scores))));
  }
  return kDone;
}

}  // namespace

Command add_compare_command(CLI::App& program) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command =
      program.add_subcommand("compare", "evaluate several policies on the same episodes, with confidence intervals");
  add_texts(*command, "policies", "POLICY", options->policies, "policies to evaluate; the first is the baseline");
  add_evaluation_options(
      *command, options->evaluation,
      formatted("episodes of each policy, for each run of a folder of runs (default: {})", kEvaluationEpisodes));
  add_text(*command, "--format", "F", options->format, "table, json, csv or markdown (default: table)");
  add_text(*command, "--plot", "FILE", options->plot, "draw the intervals into a .png, .svg or .pdf");
  add_flag(*command, "--json", options->json, "as --format json");
  command->footer(
      [] { return policies_help() + "\nExample: ludus compare random lean runs/dqn/CartPole-v1_1 --plot scores.png"; });
  return {command, [options] { return compare_policies(*options); }};
}

}  // namespace ludus::apps
