#include "apps/eval_command.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/format.h"
#include "nn/training/fit_run.h"

namespace ludus::apps {
namespace {

struct EvalOptions {
  std::string policy;
  EvaluationOptions evaluation;
  std::vector<std::string> data, losses, metrics, features, targets;  // of a model
  bool json = false;
};

// Whether the name is that of a model by `ludus fit`, not of a policy.
bool is_model(const EvalOptions& options) {
  return !options.data.empty() || nn::holds_fit(options.policy) || nn::holds_model(options.policy);
}

int evaluate_data(const EvalOptions& options) {
  const nn::Evaluation evaluation =
      nn::evaluate_model(options.policy, {.files = options.data,
                                          .columns = {.features = options.features, .targets = options.targets},
                                          .losses = options.losses,
                                          .metrics = options.metrics,
                                          .device = options.evaluation.device});
  if (options.json) {
    Dict metrics;
    for (const auto& [tag, value] : evaluation.metrics) metrics[tag] = value;
    print_json(
        Dict{{"model", evaluation.model.string()}, {"examples", evaluation.examples}, {"metrics", std::move(metrics)}});
    return kDone;
  }
  Table table{.header = {"metric", "value"}, .rows = {}, .right = {false, true}};
  for (const auto& [tag, value] : evaluation.metrics) table.rows.push_back({tag, fixed(value, 4)});
  print(formatted("{} on {} examples\n", evaluation.model.string(), evaluation.examples) + to_text(table));
  return kDone;
}

// Throws UsageError if one of these options was set, which are of `other` only.
void refuse_options(const CLI::App& command, std::initializer_list<const char*> names, const EvalOptions& options,
                    const char* kind, const char* other) {
  for (const char* name : names) {
    if (command.count(name) == 0) continue;
    throw UsageError(formatted("{} is an option of {}, and {} is {}; omit it", name, other, options.policy, kind));
  }
}

int evaluate(const EvalOptions& options, const CLI::App& command) {
  if (options.policy.empty()) throw UsageError("the policy is missing, as in `ludus eval balance --env CartPole-v1`");
  if (is_model(options)) {
    refuse_options(command,
                   {"--env", "--env-set", "--max-episode-steps", "--episodes", "--seed", "--final", "--plugin"},
                   options, "a model", "policies");
    return evaluate_data(options);
  }
  refuse_options(command, {"--loss", "--metrics", "--features", "--targets"}, options, "a policy", "models");
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
  CLI::App* command = program.add_subcommand("eval", "evaluate a policy over fresh episodes, or a model on data");
  add_text(*command, "policy", "POLICY", options->policy, "policy, or model or run of `ludus fit`, to evaluate");
  add_evaluation_options(*command, options->evaluation,
                         formatted("episodes, for each run of a folder of runs (default: {})", kEvaluationEpisodes));
  add_words(*command, "--data", "FILE", options->data,
            "of a model: files of inputs and targets, as for `ludus fit` (default: the test files of the run)");
  add_words(*command, "--loss", "NAME", options->losses,
            "of a model: loss, or OUTPUT=NAME for each output (default: that of the training)");
  add_words(*command, "--metrics", "NAME", options->metrics, "of a model: metrics beside those of the training");
  add_words(*command, "--features", "NAME", options->features, "of a model: columns, arrays or features of the inputs");
  add_words(*command, "--targets", "NAME", options->targets, "of a model: columns, arrays or features of the targets");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer([] {
    return policies_help() +
           "\nExamples:\n  ludus eval runs/dqn/CartPole-v1_1 --episodes 100 --json\n"
           "  ludus eval runs/digits --data images.gz labels.gz";
  });
  return {command, [options, command] { return evaluate(*options, *command); }};
}

}  // namespace ludus::apps
