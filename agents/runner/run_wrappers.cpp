#include "agents/runner/run_wrappers.h"

#include <algorithm>
#include <array>
#include <optional>

#include "agents/algorithms.h"
#include "base/format.h"
#include "base/text.h"
#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "envs/registry/wrapper_table.h"
#include "runs/toml_values.h"

namespace ludus::agents {
namespace {

// Wrappers with running statistics, the algorithm's settings that do the same and save the statistics with the policy,
// and an alternative wrapper without statistics.
struct Normaliser {
  std::string_view name;
  std::vector<std::string> settings;
  std::string_view alternative;
};
const std::array<Normaliser, 2> kNormalisers{{
    {"NormalizeObservation", {"normalize_observations", "normalize"}, "RescaleObservation"},
    {"NormalizeReward", {"normalize_rewards"}, "ClipReward"},
}};

// Wrappers without effect on a run, and why.
struct Unsupported {
  std::string_view name;
  std::string_view reason;
};
constexpr std::array<Unsupported, 2> kUnsupported{{
    {"Autoreset", "the environments of a run already reset at the end of every episode"},
    {"RenderCollection", "its frames are never used during training; record a policy with `ludus play --record`"},
}};

// Returns the effect of a wrapper; none for an unregistered one.
std::optional<envs::WrapperEffect> changes_of(const envs::WrapperSpec& wrapper) {
  for (const envs::RegisteredWrapper& registered : envs::registered_wrappers()) {
    if (registered.name == wrapper.name) return registered.effect;
  }
  return {};
}

[[noreturn]] void reject(const Normaliser& wrapper, const Algorithm& algorithm) {
  const std::string problem = formatted(
      "{}: cannot be used in a training, because each environment would gather separate statistics, and a policy's "
      "file "
      "holds none",
      wrapper.name);
  for (const std::string& setting : wrapper.settings) {
    if (!algorithm.defaults.contains(setting)) continue;
    throw InvalidArgument(formatted("{}; {} normalises with --set {}=true", problem, algorithm.name, setting));
  }
  std::vector<std::string> others;
  for (const Algorithm& other : algorithms()) {
    if (std::ranges::any_of(wrapper.settings, [&](const auto& name) { return other.defaults.contains(name); })) {
      others.push_back(other.name);
    }
  }
  throw InvalidArgument(formatted("{}; {} has no setting for that ({} have one), {} works without statistics", problem,
                                  algorithm.name, joined(others), wrapper.alternative));
}

std::string to_text(const envs::WrapperSpec& wrapper) {
  std::string text = wrapper.name;
  char separator = ':';
  for (const auto& [key, value] : wrapper.kwargs) {
    text += formatted("{}{}={}", separator, key, value.is_string() ? value.as_string() : to_json(value));
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
      throw InvalidArgument(formatted("{}: wraps a vector of environments, and a policy must also run in one; {}",
                                      wrapper.name, changes_of({single, {}}) ? "use " + single : "remove it"));
    }
    for (const Normaliser& normaliser : kNormalisers) {
      if (normaliser.name == wrapper.name) reject(normaliser, algorithm);
    }
    for (const Unsupported& unsupported : kUnsupported) {
      if (unsupported.name != wrapper.name) continue;
      throw InvalidArgument(formatted("{}: cannot be used in a training: {}", wrapper.name, unsupported.reason));
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
      throw InvalidArgument(formatted("{}: each wrapper needs a \"name\"", owner));
    }
    std::string text = name->as_string();
    kwargs.erase("name");
    wrappers.push_back({std::move(text), std::move(kwargs)});
  }
  return wrappers;
}

}  // namespace ludus::agents
