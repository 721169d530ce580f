#include "apps/compare_command.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/console.h"
#include "apps/comparison.h"
#include "apps/options.h"
#include "apps/pictures.h"
#include "base/text.h"

namespace ludus::apps {
namespace {

struct CompareOptions {
  std::vector<std::string> policies;
  ContestOptions contest;
  std::string format = "table";
  std::optional<std::string> plot;
  bool json = false;
};

std::vector<double> all_returns(const Score& score) {
  std::vector<double> all;
  for (const auto& run : score.returns) all.insert(all.end(), run.begin(), run.end());
  return all;
}

// P(this policy earns more than the first), over all pairs of episodes; of the first over itself ½.
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

// For spreadsheets: bare numbers, as exact as they are.
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

// For people: numbers rounded, the interval beside its middle.
Table as_table(const std::vector<Score>& scores) {
  Table table{.header = {"policy", "episodes", "min", "max", "mean", "sd", "IQM [95 % interval]",
                         "P(better than " + scores[0].policy + ")"},
              .rows = {},
              .right = {false, true, true, true, true, true, true, true}};
  for (const Score& score : scores) {
    const runs::Summary& summary = score.summary;
    table.rows.push_back(
        {score.policy, std::to_string(summary.episodes), fixed(summary.min, 1), fixed(summary.max, 1),
         fixed(summary.mean, 2), fixed(summary.std, 2),
         fixed(summary.iqm, 2) + " [" + fixed(summary.iqm_ci.low, 2) + ", " + fixed(summary.iqm_ci.high, 2) + "]",
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
    throw UsageError("--format takes " + joined(formats) + ", and was given `" + options.format + "`." +
                     did_you_mean(options.format, formats));
  }
  if (options.plot) check_plot_path(*options.plot);
  const std::int64_t episodes = options.contest.episodes.value_or(kEvaluationEpisodes);
  const std::int64_t seed = options.contest.seed.value_or(kEvaluationSeed);

  const Comparison contest = prepare_contest(options.contest, options.policies);

  // a policy that does not fit is found out before any has played
  for (const agents::PolicySource& policy : contest.policies) {
    agents::load_policies(policy, facts_for(contest, policy), contest.device);
  }

  std::vector<Score> scores;
  for (const agents::PolicySource& policy : contest.policies) {
    print_status("playing " + std::to_string(scores.size() + 1) + " of " + std::to_string(contest.policies.size()) + ": " +
        policy.name + " in " + name_for(contest, policy));
    scores.push_back(play_contest(contest, policy, episodes, seed));
  }

  if (options.plot) {
    plot_scores(*options.plot, scores, contest.env_id);
    print_status("the plot is in " + *options.plot);
  }
  if (options.json || options.format == "json") {
    print_scores_as_json(scores, contest.env_id, episodes, seed);
  } else if (options.format == "csv") {
    print(as_csv(scores));
  } else if (options.format == "markdown") {
    print(to_markdown(as_table(scores)));
  } else {
    print(contest.env_id + ", the same episodes for every policy, from seed " + std::to_string(seed) + "\n" +
          to_text(as_table(scores)));
  }
  return kDone;
}

}  // namespace

Command add_compare_command(CLI::App& program) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* command = program.add_subcommand("compare", "several policies on the same episodes, with honest figures");
  add_texts(*command, "policies", "POLICY", options->policies, "what plays; the others are compared with the first");
  add_contest_options(
      *command, options->contest,
      "episodes for every policy (" + std::to_string(kEvaluationEpisodes) + "), with each run of a folder of runs");
  add_text(*command, "--format", "F", options->format, "table, json, csv or markdown");
  add_text(*command, "--plot", "FILE", options->plot, "draw the intervals into a .png, .svg or .pdf");
  add_flag(*command, "--json", options->json, "as --format json");
  command->footer(
      [] { return policies_help() + "\nExample: ludus compare random lean runs/dqn/CartPole-v1_1 --plot scores.png"; });
  return {command, [options] { return compare_policies(*options); }};
}

}  // namespace ludus::apps
