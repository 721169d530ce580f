#include "agents/runner/run_config.h"

#include <algorithm>

#include "agents/runner/preset_texts.h"
#include "runs/toml_values.h"

namespace ludus::agents {
namespace {

// Returns the inner dictionary of that name; empty if there is none.
Dict table(const Dict& dict, std::string_view name) {
  const Value* found = dict.find(name);
  return found ? found->as_dict() : Dict();
}

// Returns the array of tables [[wrappers]], each with a wrapper's name and arguments; empty if there is none.
Wrappers wrappers_in(const Dict& dict, const std::string& name) {
  const Value* found = dict.find("wrappers");
  return found ? wrappers_from_list(found->as_list(), name + ", [[wrappers]]") : Wrappers();
}

void only_known(const Dict& dict, const std::vector<std::string>& known, const std::string& owner) {
  for (const auto& [key, value] : dict) {
    if (std::find(known.begin(), known.end(), key) == known.end()) throw_unknown_field(owner, key, known);
  }
}

void require_keys(const Dict& dict, const std::vector<std::string>& keys, const std::string& owner) {
  for (const std::string& key : keys) {
    if (!dict.find(key)) throw InvalidArgument(owner + ": the setting \"" + key + "\" is missing");
  }
}

}  // namespace

std::string RunConfig::to_toml() const {
  return "# a training run of ludus; resume it with `ludus train --resume` and this folder\n\n" +
         runs::to_toml(Dict{
             {"run", fields_as_dict(*this)}, {"env", env_kwargs}, {"wrappers", to_list(wrappers)}, {"agent", agent}});
}

RunConfig RunConfig::from_toml(std::string_view text, const std::string& name) {
  const Dict all = runs::parse_toml(text, name);
  only_known(all, {"run", "env", "wrappers", "agent"}, name);
  RunConfig config;
  assign_fields(config, table(all, "run"), name + ", [run]");
  require_keys(table(all, "run"), {"algorithm", "env", "seed", "steps"}, name + ", [run]");

  config.env_kwargs = table(all, "env");
  config.wrappers = wrappers_in(all, name);
  config.agent = table(all, "agent");
  return config;
}

Preset Preset::from_toml(std::string_view text, const std::string& name) {
  const Dict all = runs::parse_toml(text, name);
  only_known(all, {"source", "published", "run", "env", "wrappers", "agent"}, name);
  RunSettings settings;
  assign_fields(settings, table(all, "run"), name + ", [run]");
  const Value* published = all.find("published");
  return {.found = true,
          .run = table(all, "run"),
          .env_kwargs = table(all, "env"),
          .wrappers = wrappers_in(all, name),
          .agent = table(all, "agent"),
          .source = all.at("source").as_string(),
          .published = published ? published->as_string() : ""};
}

RunSettings Preset::settings() const {
  RunSettings settings;
  assign_fields(settings, run, "the preset");
  return settings;
}

Preset find_preset(std::string_view algorithm, std::string_view env_id) {
  const std::string wanted = std::string(algorithm) + "/" + std::string(env_id) + ".toml";
  for (const PresetText& preset : preset_texts()) {
    if (preset.path == wanted) return Preset::from_toml(preset.text, "the preset " + wanted);
  }
  return {};
}

Value parse_setting(std::string_view text) {
  try {
    const Dict parsed = runs::parse_toml("setting = " + std::string(text), "a setting");
    if (parsed.size() == 1) return parsed.at("setting");
  } catch (const InputError&) {
    // not a TOML value: a plain string, as in `loss=huber`
  }
  return std::string(text);
}

}  // namespace ludus::agents
