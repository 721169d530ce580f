// The program: reads the command line, runs a subcommand, and returns its exit code.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <vector>

#include "apps/bench_command.h"
#include "apps/classify_command.h"
#include "apps/compare_command.h"
#include "apps/console.h"
#include "apps/envs_command.h"
#include "apps/eval_command.h"
#include "apps/export_command.h"
#include "apps/features_command.h"
#include "apps/finetune_command.h"
#include "apps/fit_command.h"
#include "apps/gan_command.h"
#include "apps/image_command.h"
#include "apps/model_command.h"
#include "apps/options.h"
#include "apps/play_command.h"
#include "apps/predict_command.h"
#include "apps/style_command.h"
#include "apps/train_command.h"
#include "base/format.h"
#include "base/text.h"
#include "nn/core/threads.h"

namespace ludus::apps {
namespace {

std::vector<std::string> names_of(const std::vector<CLI::App*>& commands) {
  std::vector<std::string> names;
  for (const CLI::App* command : commands) names.push_back(command->get_name());
  return names;
}

// Throws UsageError, which explains the error in the command line in one sentence.
[[noreturn]] void explain(const CLI::App& program, const CLI::ParseError& error) {
  const CLI::App* innermost = &program;
  std::string path;  // "model freeze "
  while (!innermost->get_subcommands().empty()) {
    innermost = innermost->get_subcommands()[0];
    path += innermost->get_name() + " ";
  }
  const CLI::App& command = *innermost;
  const std::string help = formatted("; see `ludus {}--help`", path);
  const std::vector<std::string> extra = program.remaining(true);
  for (const std::string& word : extra) {
    if (!word.starts_with('-')) continue;
    std::vector<std::string> options;
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& name : option->get_lnames()) options.push_back("--" + name);
    }
    const std::string name = word.substr(0, word.find('='));
    throw UsageError(formatted("there is no option `{}`{}.{}", name, help, did_you_mean(name, options)));
  }
  if (!extra.empty()) throw UsageError(formatted("unexpected argument `{}`{}", extra[0], help));
  throw UsageError(formatted("{}{}", error.what(), help));
}

int run(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);

  CLI::App program{"ludus trains, shows and compares reinforcement-learning agents, and trains and runs networks.",
                   "ludus"};
  program.set_version_flag("--version", "ludus " LUDUS_VERSION);
  program.require_subcommand(0, 1);  // after a command its name may be that of a file, as in `ludus predict model`
  const std::vector<Command> commands{add_envs_command(program),     add_train_command(program, arguments),
                                      add_eval_command(program),     add_play_command(program),
                                      add_compare_command(program),  add_export_command(program),
                                      add_bench_command(program),    add_fit_command(program),
                                      add_predict_command(program),  add_model_command(program),
                                      add_classify_command(program), add_image_command(program),
                                      add_features_command(program), add_finetune_command(program),
                                      add_gan_command(program),      add_style_command(program)};
  // last, because subcommands inherit an existing footer
  program.footer(
      "Examples:\n  ludus envs CartPole-v1\n  ludus train dqn --env CartPole-v1 --seed 1 --run runs/first\n"
      "  ludus eval runs/first --episodes 100\n  ludus play runs/first\n  ludus play human --env CartPole-v1\n"
      "  ludus compare random lean runs/first --plot scores.png\n  ludus export runs/first --c policy.h\n"
      "  ludus fit model.json --data images.gz labels.gz --scale 1/255 --validation 0.1 --run runs/digits\n"
      "  ludus predict runs/digits --input new_images.gz --top 3\n  ludus model summary runs/digits\n\n`ludus COMMAND "
      "--help` explains a command.");
  const std::vector<std::string> names = names_of(program.get_subcommands([](const CLI::App*) { return true; }));

  if (arguments.empty()) {
    throw UsageError(formatted("a command is missing: {}; see `ludus --help`", joined(names)));
  }
  if (!arguments[0].starts_with('-') && std::find(names.begin(), names.end(), arguments[0]) == names.end()) {
    throw UsageError(formatted("there is no command `{}`.{} The commands are {}", arguments[0],
                               did_you_mean(arguments[0], names), joined(names)));
  }
  if (arguments.size() > 1 && !arguments[0].starts_with('-') && !arguments[1].starts_with('-')) {
    CLI::App& command = *program.get_subcommand(arguments[0]);
    const std::vector<std::string> actions = names_of(command.get_subcommands([](const CLI::App*) { return true; }));
    const bool takes_words =
        !command.get_options([](const CLI::Option* option) { return option->get_positional(); }).empty();
    if (!takes_words && !actions.empty() && std::find(actions.begin(), actions.end(), arguments[1]) == actions.end()) {
      throw UsageError(formatted("`ludus {}` has no action `{}`.{} The actions are {}", arguments[0], arguments[1],
                                 did_you_mean(arguments[1], actions), joined(actions)));
    }
  }
  try {
    program.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(program.help());  // of the subcommand, if one was named
    return kDone;
  } catch (const CLI::CallForVersion&) {
    print("ludus " LUDUS_VERSION "\n");
    return kDone;
  } catch (const CLI::ParseError& error) {
    explain(program, error);
  }

  for (const Command& command : commands) {
    if (command.options->parsed()) return command.run();
  }
  throw UsageError(formatted("a command is missing: {}; see `ludus --help`", joined(names)));
}

}  // namespace
}  // namespace ludus::apps

int main(int argc, char** argv) {
  ludus::apps::prepare_process();
  return ludus::apps::exit_code_of([&] {
    ludus::nn::use_single_thread();
    return ludus::apps::run(argc, argv);
  });
}
