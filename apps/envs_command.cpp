#include "apps/envs_command.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/contact_sheet.h"
#include "apps/options.h"
#include "base/value_io.h"
#include "envs/registry/check_env.h"

namespace ludus::apps {
namespace {

struct EnvsOptions {
  std::string id;
  std::vector<std::string> plugins;
  bool check = false;
  std::optional<std::string> contact_sheet;
  bool json = false;
};

// Returns the default of an argument: the environment's, or else the simulator's.
Value default_of(const envs::Registry::Entry& entry, const FieldInfo& argument) {
  const Value* value = entry.spec.kwargs.find(argument.name);
  return value ? *value : argument.default_value;
}

// Returns the spec, the spaces, and the keyword arguments with their meaning.
Dict describe(const envs::Registry::Entry& entry) {
  const envs::EnvPtr env = envs::registry().make(entry.spec.id, {}, {.warn = envs::ignore_warnings});
  Dict dict = entry.spec.to_dict();
  dict["observation_space"] = env->observation_space().to_spec();
  dict["action_space"] = env->action_space().to_spec();
  dict["frames_per_second"] = env->frames_per_second();
  List arguments;
  for (const FieldInfo& field : entry.kwargs) {
    arguments.emplace_back(Dict{{"name", field.name},
                                {"default", default_of(entry, field)},
                                {"range", field.range_text},
                                {"help", field.help}});
  }
  dict["arguments"] = std::move(arguments);
  return dict;
}

std::string limit_of(const envs::EnvSpec& spec) {
  return spec.max_episode_steps ? std::to_string(*spec.max_episode_steps) : "–";
}

// The shortest form: 195, 0.7417.
std::string threshold_of(const envs::EnvSpec& spec) {
  if (!spec.reward_threshold) return "–";
  std::string text = fixed(*spec.reward_threshold, 4);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

// The bounds of a Box would not fit into a column: its shape has to do.
std::string brief(const envs::Space& space) {
  if (const auto* box = dynamic_cast<const envs::Box*>(&space)) {
    return "Box" + box->shape().to_string() + " " + std::string(name_of(box->dtype()));
  }
  return space.to_string();
}

void print_one(const envs::Registry::Entry& entry) {
  const envs::EnvSpec& spec = entry.spec;
  const envs::EnvPtr env = envs::registry().make(spec.id, {}, {.warn = envs::ignore_warnings});
  std::string text = spec.id + "\n" + (spec.summary.empty() ? "" : spec.summary + "\n") + "\n";
  text += "observation  " + env->observation_space().to_string() + "\n";
  text += "action       " + env->action_space().to_string() + "\n";
  text += "max steps    " + limit_of(spec) + "\n";
  text += "threshold    " + threshold_of(spec) +
          (spec.reward_threshold ? " (the mean return at which the task counts as solved)" : "") + "\n";
  if (spec.nondeterministic) text += "Not deterministic: equal seeds may give different episodes.\n";
  if (entry.kwargs.empty()) {
    print(text);
    return;
  }
  Table table{.header = {"argument", "default", "range", "meaning"}, .rows = {}, .right = {false, false, false, false}};
  for (const FieldInfo& field : entry.kwargs) {
    table.rows.push_back(setting_row(field, default_of(entry, field)));
  }
  print(text + "\nKeyword arguments, for --env-set key=value:\n" + to_text(table));
}

void print_all() {
  Table table{.header = {"id", "observation", "actions", "max steps", "threshold", "summary"},
              .rows = {},
              .right = {false, false, false, true, true, false}};
  for (const envs::EnvSpec& spec : envs::registry().specs()) {
    const envs::EnvPtr env = envs::registry().make(spec.id, {}, {.warn = envs::ignore_warnings});
    table.rows.push_back({spec.id, brief(env->observation_space()), brief(env->action_space()), limit_of(spec),
                          threshold_of(spec), spec.summary});
  }
  print(to_text(table));
}

// Prints one line for every check of the environment's contract; returns kFailed if one fails.
int check_one(const std::string& id, bool json) {
  const envs::CheckReport report = envs::check_env([&] { return envs::make(id, {}, {.warn = envs::ignore_warnings}); });
  if (json) {
    Dict dict{{"env", id}};
    for (const auto& [key, value] : report.to_dict()) dict[key] = value;
    print_json(dict);
  } else {
    print(report.to_text() + "\n" + id + (report.passed() ? " passes all checks\n" : " fails\n"));
  }
  return report.passed() ? kDone : kFailed;
}

int show_environments(const EnvsOptions& options) {
  load_plugins(options.plugins);
  if (options.check) {
    if (options.id.empty()) throw UsageError("--check needs an environment, as in `ludus envs CartPole-v1 --check`");
    return check_one(envs::registry().find(options.id).spec.id, options.json);
  }
  if (options.contact_sheet) {
    if (!options.id.empty()) throw UsageError("--contact-sheet: shows all environments, takes no id");
    write_contact_sheet(*options.contact_sheet);
    return kDone;
  }
  if (!options.id.empty()) {
    const envs::Registry::Entry& entry = envs::registry().find(options.id);
    options.json ? print_json(describe(entry)) : print_one(entry);
  } else if (options.json) {
    List all;
    for (const envs::EnvSpec& spec : envs::registry().specs()) {
      all.emplace_back(describe(envs::registry().find(spec.id, envs::ignore_warnings)));
    }
    print_json(Dict{{"environments", std::move(all)}});
  } else {
    print_all();
  }
  return kDone;
}

}  // namespace

Command add_envs_command(CLI::App& program) {
  const auto options = std::make_shared<EnvsOptions>();
  CLI::App* command = program.add_subcommand("envs", "list the environments, or describe one");
  add_text(*command, "id", "ID", options->id, "environment to describe");
  add_texts(*command, "--plugin", "LIB", options->plugins, kPluginHelp);
  add_flag(*command, "--check", options->check, "check that the environment satisfies the contract of environments");
  add_text(*command, "--contact-sheet", "FILE", options->contact_sheet, "draw all environments into one image (.png)");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer(
      "Examples:\n  ludus envs CartPole-v1\n  ludus envs examples/Thermostat-v0 --check --plugin ./libthermostat.so");
  return {command, [options] { return show_environments(*options); }};
}

}  // namespace ludus::apps
