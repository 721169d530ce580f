#include "apps/export_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <memory>

#include "agents/runner/recorded_examples.h"
#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/options.h"
#include "base/checkpoint.h"
#include "base/format.h"
#include "envs/registry/registry.h"
#include "nn/model/onnx_policy.h"

namespace ludus::apps {
namespace {

constexpr std::int64_t kExamples = 32;
constexpr std::size_t kRecordedNumbers = 40'000;  // in the table of examples, where their number is not given

struct ExportOptions {
  std::string policy;
  EvaluationOptions source;
  std::optional<std::string> c, onnx;  // files to write, by format
  std::optional<std::string> name;
  std::optional<std::int64_t> examples;
};

// A policy ready to be written in any format.
struct Export {
  nn::ExportedPolicy policy;
  std::vector<std::pair<std::string, std::string>> notes;  // what it is, for people
  std::vector<nn::RecordedExample> examples;
};

Export load(const ExportOptions& options) {
  const Comparison comparison = prepare_comparison(options.source, {options.policy});
  const agents::PolicySource& source = comparison.policies[0];
  if (source.files.size() > 1) {
    throw UsageError(formatted("{}: holds {} runs, and one policy can be exported at a time; name one of its folders",
                               options.policy, source.files.size()));
  }
  const agents::EnvSignature signature = signature_for(comparison, source);
  const auto policies = agents::load_policies(source, signature, "cpu");

  Export result{.policy = policies[0]->export_policy(), .notes = {}, .examples = {}};
  result.notes.emplace_back("environment", name_for(comparison, source));
  if (!source.files.empty()) {
    const agents::PolicyMetadata metadata = agents::read_metadata(Checkpoint::load(source.files[0]));
    result.notes.emplace_back("algorithm", metadata.algorithm);
    result.notes.emplace_back("training", formatted("{} steps, seed {}", metadata.steps, metadata.seed));
  }
  result.notes.emplace_back("observation", signature.observation_space->to_string());
  result.notes.emplace_back("action", signature.action_space->to_string());

  const std::size_t size = std::max<std::size_t>(signature.observation_size, 1);
  const std::int64_t most = static_cast<std::int64_t>(std::max<std::size_t>(kRecordedNumbers / size, 1));
  const auto envs = envs::make_vec(env_for(comparison, source), 1,
                                   {.autoreset = envs::AutoresetMode::kSameStep, .warn = envs::ignore_warnings});
  result.examples = agents::record_examples(
      *policies[0], *envs, static_cast<std::size_t>(options.examples.value_or(std::min(kExamples, most))),
      static_cast<std::uint64_t>(options.source.seed.value_or(kEvaluationSeed)));
  return result;
}

// "my-policy.h" gives my_policy.
std::string name_from(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) name.insert(0, "policy_");
  return name;
}

int export_policy(const ExportOptions& options) {
  if (options.policy.empty()) {
    throw UsageError("the policy is missing, as in `ludus export runs/first --c policy.h`");
  }
  if (!options.c && !options.onnx) {
    throw UsageError("the file to write is missing, as in `--c policy.h` or `--onnx policy.onnx`");
  }
  const Export result = load(options);
  if (options.c) {
    nn::write_c_header(*options.c, result.policy,
                       {.name = options.name.value_or(name_from(*options.c)), .notes = result.notes}, result.examples);
    print_status(formatted("wrote {}: the policy as a C99 header, with {} recorded examples", *options.c,
                           result.examples.size()));
  }
  if (options.onnx) {
    io::OnnxModel model = nn::export_onnx(result.policy);
    model.metadata = result.notes;
    io::write_onnx(*options.onnx, model);
    print_status(formatted("wrote {}: the policy in ONNX, opset {}", *options.onnx, model.opset()));
  }
  return kDone;
}

}  // namespace

Command add_export_command(CLI::App& program) {
  const auto options = std::make_shared<ExportOptions>();
  CLI::App* command = program.add_subcommand("export", "write a policy in a format that needs no ludus");
  add_text(*command, "policy", "POLICY", options->policy, "policy to export");
  add_text(*command, "--c", "FILE.h", options->c, "C99 header without dependencies, with weights and a self-test");
  add_text(*command, "--onnx", "FILE.onnx", options->onnx, "ONNX model, from the observation to the action");
  add_text(*command, "--name", "NAME", options->name, "prefix of all names in C (default: from the file's name)");
  add_integer(*command, "--examples", options->examples, 0, 1'000'000,
              formatted("recorded observations with the policy's actions (default: {}, fewer of images)", kExamples));
  add_text(*command, "--env", "ID", options->source.env,
           "environment that is recorded (default: the one that the policy was trained on)");
  add_settings(*command, "--env-set", options->source.env_kwargs,
               "keyword argument of the environment, see `ludus envs ID`");
  add_integer(*command, "--seed", options->source.seed, 0, kMaxInteger,
              formatted("seed of the recorded episodes (default: {})", kEvaluationSeed));
  add_flag(*command, "--final", options->source.last, "use a run's newest checkpoint, not its best");
  add_texts(*command, "--plugin", "LIB", options->source.plugins, kPluginHelp);
  command->footer([] {
    return policies_help() +
           "\nExample: ludus export runs/first --c cartpole.h\n"
           "         cc -std=c99 -DCARTPOLE_SELF_TEST_MAIN -x c cartpole.h -lm -o self_test && ./self_test";
  });
  return {command, [options] { return export_policy(*options); }};
}

}  // namespace ludus::apps
