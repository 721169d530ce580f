#include "agents/runner/run_wrappers.h"

#include <algorithm>
#include <array>
#include <optional>

#include "agents/algorithms.h"
#include "runs/toml_values.h"
#include "base/text.h"
#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "envs/registry/wrapper_table.h"

namespace ludus::agents {
namespace {

// Wrappers whose statistics grow with use, the settings by which an algorithm does the same and saves them with its
// policy, and what needs no statistics.
struct Normaliser {
  std::string_view name;
  std::vector<std::string> settings;
  std::string_view instead;
};
const std::array<Normaliser, 2> kNormalisers{{
    {"NormalizeObservation", {"normalize_observations", "normalize"}, "RescaleObservation"},
    {"NormalizeReward", {"normalize_rewards"}, "ClipReward"},
}};

// Wrappers that a run has no use for, and why.
struct Useless {
  std::string_view name;
  std::string_view reason;
};
constexpr std::array<Useless, 2> kUseless{{
    {"Autoreset", "the environments of a run are reset at the end of every episode without it"},
    {"RenderCollection", "nobody would look at the pictures it keeps; `ludus play --record` films a policy"},
}};

// What it changes; nothing known of a wrapper that is not registered.
std::optional<envs::WrapperEffect> changes_of(const envs::WrapperSpec& wrapper) {
  for (const envs::RegisteredWrapper& registered : envs::registered_wrappers()) {
    if (registered.name == wrapper.name) return registered.effect;
  }
  return {};
}

[[noreturn]] void refuse(const Normaliser& wrapper, const Algorithm& algorithm) {
  std::string sentence = std::string(wrapper.name) +
                         " has no place in a training: each environment would gather statistics of its own, and a "
                         "policy's file holds none; ";
  for (const std::string& setting : wrapper.settings) {
    if (!algorithm.defaults.contains(setting)) continue;
    throw InvalidArgument(sentence + algorithm.name + " keeps such statistics itself with --set " + setting + "=true");
  }
  std::vector<std::string> others;
  for (const Algorithm& other : algorithms()) {
    if (std::ranges::any_of(wrapper.settings, [&](const auto& name) { return other.defaults.contains(name); })) {
      others.push_back(other.name);
    }
  }
  throw InvalidArgument(sentence + algorithm.name + " has no setting for that (" + joined(others) + " have), and " +
                        std::string(wrapper.instead) + " works with fixed numbers");
}

std::string to_text(const envs::WrapperSpec& wrapper) {
  std::string text = wrapper.name;
  char separator = ':';
  for (const auto& [key, value] : wrapper.kwargs) {
    text += separator + key + "=" + (value.is_string() ? value.as_string() : to_json(value));
    separator = ',';
  }
  return text;
}

}  // namespace

envs::EnvSpec wrapped_spec(std::string_view env_id, const Dict& env_kwargs, const Wrappers& wrappers) {
  envs::EnvSpec spec = envs::spec(env_id, env_kwargs, {.warn = envs::ignore_warnings});
  spec.wrappers.insert(spec.wrappers.end(), wrappers.begin(), wrappers.end());
  return spec;
}

void check_wrappers(const Wrappers& wrappers, const Algorithm& algorithm) {
  for (const envs::WrapperSpec& wrapper : wrappers) {
    if (envs::is_vector_wrapper(wrapper)) {
      const std::string single = wrapper.name.substr(wrapper.name.find('.') + 1);
      throw InvalidArgument(wrapper.name + " goes around a vector of environments, and a policy must play in one; " +
                            (changes_of({single, {}}) ? single + " goes around each" : "a run has no use for it"));
    }
    for (const Normaliser& normaliser : kNormalisers) {
      if (normaliser.name == wrapper.name) refuse(normaliser, algorithm);
    }
    for (const Useless& useless : kUseless) {
      if (useless.name != wrapper.name) continue;
      throw InvalidArgument(wrapper.name + " has no place in a training: " + std::string(useless.reason));
    }
  }
}

Wrappers evaluation_wrappers(const Wrappers& wrappers) {
  Wrappers kept = wrappers;
  std::erase_if(kept, [](const auto& wrapper) { return changes_of(wrapper) == envs::WrapperEffect::kReward; });
  return kept;
}

Wrappers task_wrappers(const Wrappers& wrappers) {
  Wrappers kept = wrappers;
  std::erase_if(kept, [](const auto& wrapper) { return changes_of(wrapper) != envs::WrapperEffect::kTask; });
  return kept;
}

std::string to_text(const Wrappers& wrappers) {
  std::vector<std::string> words;
  for (const envs::WrapperSpec& wrapper : wrappers) words.push_back(to_text(wrapper));
  return joined(words);
}

std::string wrapped_name(const std::string& env_id, const Wrappers& wrappers) {
  return wrappers.empty() ? env_id : env_id + " with " + to_text(wrappers);
}

List to_list(const Wrappers& wrappers) {
  List list;
  for (const envs::WrapperSpec& wrapper : wrappers) {
    Dict dict{{"name", wrapper.name}};
    for (const auto& [key, value] : runs::sorted_by_key(wrapper.kwargs)) dict[key] = value;
    list.emplace_back(std::move(dict));
  }
  return list;
}

Wrappers wrappers_from_list(const List& list, const std::string& owner) {
  Wrappers wrappers;
  for (const Value& value : list) {
    Dict kwargs = value.as_dict();
    const Value* name = kwargs.find("name");
    if (!name || !name->is_string()) {
      throw InvalidArgument(owner + ": each of the wrappers needs its \"name\", and one has none");
    }
    std::string text = name->as_string();
    kwargs.erase("name");
    wrappers.push_back({std::move(text), std::move(kwargs)});
  }
  return wrappers;
}

}  // namespace ludus::agents
