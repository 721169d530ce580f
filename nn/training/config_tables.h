// Configurations of several tables of settings, as config.toml has them: [fit], [data], [optimizer]. A configuration
// lists its tables once:
//
//   template <class Self, class Visit>
//   static void tables(Self& self, Visit&& visit) {
//     visit("fit", self.fit);
//     visit("optimizer", self.optimizer);
//   }
//
// The settings of the first table are named alone, "batch_size", those of the others with it, "optimizer.momentum".
// This header does not include torch.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "base/format.h"
#include "runs/toml_values.h"

namespace ludus::nn {

/// Calls visit(name, settings, is_first) for each table.
template <class Config, class Visit>
void for_each_table(Config& config, Visit visit) {
  bool is_first = true;
  std::remove_const_t<Config>::tables(
      config, [&](const std::string& name, auto& settings) { visit(name, settings, std::exchange(is_first, false)); });
}

/// Assigns one field. A text stands for a list of one, as in `--set metrics=accuracy`. Throws as assign_field() does.
template <class T>
void assign_setting(T& settings, std::string_view name, const Value& value, std::string_view owner) {
  const Dict present = fields_as_dict(settings);
  const Value* field = present.find(name);
  const bool is_one_of_list = field && field->is_list() && !value.is_list() && !value.is_null();
  assign_field(settings, name, is_one_of_list ? Value(List{value}) : value, owner);
}

/// Returns the names of all settings, as set_setting() takes them.
template <class Config>
std::vector<std::string> setting_names(const Config& config) {
  std::vector<std::string> names;
  for_each_table(config, [&](const std::string& table, const auto& settings, bool is_first) {
    for (const auto& [name, value] : fields_as_dict(settings)) {
      names.push_back(is_first ? name : formatted("{}.{}", table, name));
    }
  });
  return names;
}

/// Sets one setting by its name. Throws UnknownField with a suggestion, InvalidArgument or TypeMismatch.
template <class Config>
void set_setting(Config& config, std::string_view key, const Value& value) {
  const std::vector<std::string> known = setting_names(config);
  const std::size_t dot = key.find('.');
  bool is_set = false;
  std::string main;
  for_each_table(config, [&](const std::string& table, auto& settings, bool is_first) {
    if (is_first) main = table;
    const std::string_view of = dot == std::string_view::npos ? std::string_view(main) : key.substr(0, dot);
    const std::string_view name = dot == std::string_view::npos ? key : key.substr(dot + 1);
    const std::string full = is_first ? std::string(name) : formatted("{}.{}", of, name);
    if (of != table || std::find(known.begin(), known.end(), full) == known.end()) return;
    assign_setting(settings, name, value, is_first ? main : formatted("{}, {}", main, table));
    is_set = true;
  });
  if (!is_set) throw_unknown_field(main, key, known);
}

/// Sets everything that `tables` name, a table each, but those of `others`. `name` is used in messages. Throws
/// UnknownField for a table or field that does not exist, and as set_setting().
template <class Config>
void set_tables(Config& config, const Dict& tables, const std::string& name, const std::vector<std::string>& others) {
  std::vector<std::string> known = others;
  for_each_table(config, [&](const std::string& table, const auto&, bool) { known.push_back(table); });
  for (const auto& [table, entries] : tables) {
    if (std::find(known.begin(), known.end(), table) == known.end()) throw_unknown_field(name, table, known);
    if (!entries.is_dict()) {
      throw TypeMismatch(formatted("{}: [{}] must be a table, got {}", name, table, entries.describe()));
    }
    for_each_table(config, [&](std::string_view of, auto& settings, bool) {
      if (of != table) return;
      for (const auto& [key, value] : entries.as_dict()) {
        assign_setting(settings, key, value, formatted("{}, [{}]", name, table));
      }
    });
  }
}

/// Returns all tables with all their settings.
template <class Config>
Dict tables_as_dict(const Config& config) {
  Dict dict;
  for_each_table(config,
                 [&](const std::string& table, const auto& settings, bool) { dict[table] = fields_as_dict(settings); });
  return dict;
}

/// Returns all settings by the names that set_setting() takes, as the hyperparameters of a run.
template <class Config>
Dict flat_tables(const Config& config) {
  Dict dict;
  for_each_table(config, [&](const std::string& table, const auto& settings, bool is_first) {
    for (auto& [name, value] : fields_as_dict(settings)) {
      dict[is_first ? name : formatted("{}.{}", table, name)] = std::move(value);
    }
  });
  return dict;
}

/// Sets the tables of a TOML text, and the fields of `run` from its table [run]. `name` is used in messages. Throws as
/// set_tables() and runs::parse_toml().
template <class Config, class RunFields>
void set_from_config_text(Config& config, RunFields& run, std::string_view text, const std::string& name) {
  const Dict tables = runs::parse_toml(text, name);
  set_tables(config, tables, name, {"run"});
  if (const Value* entries = tables.find("run")) {
    assign_fields(run, entries->as_dict(), formatted("{}, [run]", name));
  }
}

/// Returns the text of config.toml: a comment, [run] with the fields of `run`, and all tables.
template <class Config, class RunFields>
std::string config_text(const Config& config, const RunFields& run, std::string_view comment) {
  Dict dict{{"run", fields_as_dict(run)}};
  for (auto& [table, settings] : tables_as_dict(config)) dict[table] = std::move(settings);
  return formatted("# {}\n\n{}", comment, runs::to_toml(dict));
}

/// Returns the configuration of such a text, checked.
template <class Config>
Config read_config(std::string_view text, const std::string& name) {
  Config config;
  config.set_from_toml(text, name);
  config.check();
  return config;
}

/// Checks all ranges. Throws InvalidArgument.
template <class Config>
void check_tables(const Config& config) {
  std::string main;
  for_each_table(config, [&](const std::string& table, const auto& settings, bool is_first) {
    if (is_first) main = table;
    check_fields(settings, is_first ? main : formatted("{}, {}", main, table));
  });
}

}  // namespace ludus::nn
