#include "agents/runner/run_config.h"

#include <algorithm>

#include "agents/runner/preset_texts.h"
#include "base/format.h"
#include "runs/toml_values.h"

namespace ludus::agents {
namespace {

// Returns the inner dictionary of that name; empty if there is none.
Dict table(const Dict& dict, std::string_view name) {
  const Value* value = dict.find(name);
  return value ? value->as_dict() : Dict();
}

// Returns the array of tables [[wrappers]], each with a wrapper's name and arguments; empty if there is none.
Wrappers wrappers_in(const Dict& dict, const std::string& name) {
  const Value* wrappers = dict.find("wrappers");
  return wrappers ? wrappers_from_list(wrappers->as_list(), formatted("{}, [[wrappers]]", name)) : Wrappers();
}

void only_known(const Dict& dict, const std::vector<std::string>& known, const std::string& owner) {
  for (const auto& [key, value] : dict) {
    if (std::find(known.begin(), known.end(), key) == known.end()) throw_unknown_field(owner, key, known);
  }
}

void require_keys(const Dict& dict, const std::vector<std::string>& keys, const std::string& owner) {
  for (const std::string& key : keys) {
    if (!dict.find(key)) throw InvalidArgument(formatted("{}: the setting \"{}\" is missing", owner, key));
  }
}

}  // namespace

std::string RunConfig::to_toml() const {
  Dict run = fields_as_dict(*this);
  if (!from) run.erase("from_parts");
  return "# a training run of ludus; resume it with `ludus train --resume` and this folder\n\n" +
         runs::to_toml(Dict{{"run", run}, {"env", env_kwargs}, {"wrappers", to_list(wrappers)}, {"agent", agent}});
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
  const std::string path = formatted("{}/{}.toml", algorithm, env_id);
  for (const PresetText& preset : preset_texts()) {
    if (preset.path == path) return Preset::from_toml(preset.text, formatted("the preset {}", path));
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
