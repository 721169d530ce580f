#include "envs/registry/registry.h"

#include <algorithm>
#include <iostream>
#include <random>

#include "base/format.h"
#include "base/text.h"
#include "envs/registry/builtin.h"
#include "envs/registry/wrapper_table.h"
#include "envs/vector/sync_vector_env.h"
#include "envs/wrappers/order_enforcing.h"
#include "envs/wrappers/time_limit.h"

namespace ludus::envs {
namespace {

// The limit of the spec unless the caller sets one; -1 removes it.
std::optional<std::int64_t> chosen_limit(const EnvSpec& spec, std::optional<std::int64_t> requested) {
  if (!requested) return spec.max_episode_steps;
  if (*requested == -1) return std::nullopt;
  if (*requested <= 0) {
    throw InvalidArgument(formatted("max_episode_steps must be positive, or -1 for no limit, got {}", *requested));
  }
  return requested;
}

// Returns the spec with the caller's arguments. As in Gymnasium, max_episode_steps is an argument of make() and may
// also occur among the keyword arguments.
EnvSpec with_arguments(EnvSpec spec, const Dict& kwargs, std::optional<std::int64_t> max_episode_steps) {
  for (const auto& [key, value] : kwargs) {
    if (key == "max_episode_steps") {
      if (!max_episode_steps) max_episode_steps = value.as_int();
    } else {
      spec.kwargs[key] = value;
    }
  }
  spec.max_episode_steps = chosen_limit(spec, max_episode_steps);
  return spec;
}

EnvPtr make_from(const Registry::Entry& entry, EnvSpec spec) {
  EnvPtr env = entry.make(spec.kwargs);
  const auto limit = spec.max_episode_steps;
  const bool order_enforce = spec.order_enforce;
  const std::vector<WrapperSpec> wrappers = std::move(spec.wrappers);
  spec.wrappers.clear();
  env->set_spec(std::move(spec));
  if (order_enforce) env = std::make_unique<OrderEnforcing>(std::move(env));
  if (limit) env = std::make_unique<TimeLimit>(std::move(env), *limit);
  for (const WrapperSpec& wrapper : wrappers) env = wrap(std::move(env), wrapper);
  return env;
}

}  // namespace

void Registry::add(EnvSpec spec, EnvFactory factory, VectorFactory vector_entry) {
  insert({.spec = std::move(spec),
          .make = std::move(factory),
          .make_simulators = {},
          .make_vector_entry = std::move(vector_entry)});
}

void Registry::insert(Entry entry) {
  const EnvId id = EnvId::parse(entry.spec.id);
  for (const auto& [other_id, other] : entries_) {
    const EnvId present = EnvId::parse(other_id);
    if (present.name_space != id.name_space || present.name != id.name) continue;
    if (present.version.has_value() != id.version.has_value()) {
      throw RegistrationError(
          formatted("`{}` cannot be registered beside `{}`: either all of one name must have a version or none",
                    entry.spec.id, other_id));
    }
  }
  if (entries_.contains(entry.spec.id)) {
    warn_on_stderr(formatted("the environment {} is already registered and is replaced", entry.spec.id));
  }
  std::string key = entry.spec.id;
  entries_.insert_or_assign(std::move(key), std::move(entry));
}

const Registry::Entry& Registry::find(std::string_view id, const Warn& warn) const {
  const EnvId target = EnvId::parse(id);

  // the highest version of that name
  const Entry* newest = nullptr;
  int newest_version = -1;
  for (const auto& [other_id, entry] : entries_) {
    const EnvId present = EnvId::parse(other_id);
    if (present.name_space != target.name_space || present.name != target.name) continue;
    if (!newest || present.version.value_or(-1) > newest_version) {
      newest = &entry;
      newest_version = present.version.value_or(-1);
    }
  }

  const auto exact = entries_.find(std::string(id));
  if (exact == entries_.end()) {
    if (entries_.contains(target.to_string())) {  // equal except for the format of the version: v01
      throw NameNotFound(formatted("There is no environment `{}`. Did you mean: `{}`?", id, target.to_string()));
    }
    if (!newest || target.version) throw_unknown(target);
    warn(formatted("using the newest version `{}` of the unversioned environment `{}`", newest->spec.id, id));
    return *newest;
  }
  if (target.version && *target.version < newest_version) {
    warn(formatted("the environment {} is out of date; consider version `v{}`", id, newest_version));
  }
  return exact->second;
}

void Registry::throw_unknown(const EnvId& target) const {
  std::vector<std::string> namespaces, names, versions;
  int newest = -1;
  for (const auto& [id, entry] : entries_) {
    const EnvId present = EnvId::parse(id);
    if (!present.name_space.empty()) namespaces.push_back(present.name_space);
    if (present.name_space != target.name_space) continue;
    names.push_back(present.name);
    if (present.name != target.name || !present.version) continue;
    versions.push_back(formatted("`v{}`", *present.version));
    newest = std::max(newest, *present.version);
  }
  const std::string in_namespace = target.name_space.empty() ? "" : " in namespace " + target.name_space;

  if (names.empty() && !target.name_space.empty()) {
    const std::string hint = did_you_mean(target.name_space, namespaces);
    throw NamespaceNotFound(formatted("Namespace {} not found.{}", target.name_space,
                                      hint.empty() ? " Have you loaded the plug-in that has it (--plugin)?" : hint));
  }
  if (versions.empty()) {
    const bool exists = std::find(names.begin(), names.end(), target.name) != names.end();
    if (exists) {
      throw DeprecatedEnv(formatted(
          "Environment version `v{}` for environment `{}` doesn't exist. It provides the default version `{}`.",
          *target.version, target.name, EnvId{target.name_space, target.name, {}}.to_string()));
    }
    const auto best = closest(target.name, names);
    std::string suggestion;
    if (best) {
      // suggest the newest version, so that the suggestion can be copied
      std::string id = *best;
      for (const auto& [other, entry] : entries_) {
        const EnvId present = EnvId::parse(other);
        if (present.name_space == target.name_space && present.name == *best) id = other;
      }
      suggestion = formatted(" Did you mean: `{}`?", id);
    } else {
      suggestion = " `ludus envs` lists all there are.";
    }
    if (target.name.find(':') != std::string::npos) {  // Gymnasium's module:Name-v0
      suggestion = " No module is imported for it: load the plug-in that has the environment (--plugin).";
    }
    throw NameNotFound(formatted("Environment `{}` doesn't exist{}.{}", target.name, in_namespace, suggestion));
  }
  const int version = *target.version;
  if (*target.version < newest) {
    throw DeprecatedEnv(formatted("Environment version `v{}` for `{}` is deprecated. Please use `{}` instead.", version,
                                  target.name, EnvId{target.name_space, target.name, newest}.to_string()));
  }
  throw VersionNotFound(
      formatted("Environment version `v{}` for environment `{}` couldn't be found. `{}` provides the versioned "
                "environments: [{}].",
                version, target.name, target.name, joined(versions)));
}

std::vector<EnvSpec> Registry::specs() const {
  std::vector<EnvSpec> result;
  for (const auto& [id, entry] : entries_) result.push_back(entry.spec);
  return result;
}

EnvPtr Registry::make(std::string_view id, const Dict& kwargs, const MakeOptions& options) const {
  const Entry& entry = find(id, options.warn);
  EnvSpec made = with_arguments(entry.spec, kwargs, options.max_episode_steps);
  return make_from(entry, std::move(made));
}

VectorEnvPtr Registry::make_vec(std::string_view id, std::size_t num_envs, const VectorOptions& options,
                                const Dict& kwargs) const {
  const Entry& entry = find(id, options.warn);
  return make_vec_from(entry, with_arguments(entry.spec, kwargs, options.max_episode_steps), num_envs, options);
}

VectorEnvPtr Registry::make_vec(const EnvSpec& spec, std::size_t num_envs, const VectorOptions& options) const {
  EnvSpec made = spec;
  made.max_episode_steps = chosen_limit(spec, options.max_episode_steps);
  return make_vec_from(find(spec.id, options.warn), std::move(made), num_envs, options);
}

VectorEnvPtr Registry::make_vec_from(const Entry& entry, EnvSpec made, std::size_t num_envs,
                                     const VectorOptions& options) const {
  // first the wrappers of single environments, then those of the vector
  const auto first_of_vector = std::ranges::find_if(made.wrappers, is_vector_wrapper);
  const std::vector<WrapperSpec> around_all(first_of_vector, made.wrappers.end());
  made.wrappers.erase(first_of_vector, made.wrappers.end());
  VectorEnvPtr envs = make_unwrapped_vec(entry, made, num_envs, options);
  for (const WrapperSpec& wrapper : around_all) envs = wrap(std::move(envs), wrapper);
  return envs;
}

VectorEnvPtr Registry::make_unwrapped_vec(const Entry& entry, const EnvSpec& made, std::size_t num_envs,
                                          const VectorOptions& options) const {
  const bool singles_wrapped = options.wrap || !made.wrappers.empty();
  VectorizationMode mode = options.mode;
  if (mode == VectorizationMode::kVectorEntry && !entry.make_vector_entry) {
    throw NotSupported(formatted("{} has no batched implementation; use the mode sync or simulator", made.id));
  }
  if (mode == VectorizationMode::kDefault) {
    mode =
        entry.make_vector_entry && !singles_wrapped ? VectorizationMode::kVectorEntry : VectorizationMode::kSimulator;
  }
  const auto threaded = [&](VectorEnvPtr vector_env) {
    vector_env->set_threads(options.threads);
    return vector_env;
  };
  if (mode == VectorizationMode::kVectorEntry) {
    if (singles_wrapped) throw NotSupported("single-environment wrappers need the mode sync, not vector_entry");
    return threaded(entry.make_vector_entry(made, num_envs, options.autoreset));
  }
  if (mode == VectorizationMode::kSimulator && entry.make_simulators && !singles_wrapped) {
    return threaded(entry.make_simulators(made, num_envs, options.autoreset));
  }
  std::vector<EnvPtr> envs;
  for (std::size_t i = 0; i < num_envs; ++i) {
    EnvPtr env = make_from(entry, made);
    envs.push_back(options.wrap ? options.wrap(std::move(env)) : std::move(env));
  }
  return threaded(std::make_unique<SyncVectorEnv>(std::move(envs), options.autoreset));
}

Registry& registry() {
  static Registry the_registry = [] {
    Registry filled;
    register_builtin_environments(filled);
    return filled;
  }();
  return the_registry;
}

EnvPtr make(std::string_view id, const Dict& kwargs, const MakeOptions& options) {
  return registry().make(id, kwargs, options);
}

EnvPtr make(const EnvSpec& spec) {
  return make_from(registry().find(spec.id, ignore_warnings), spec);
}

VectorEnvPtr make_vec(std::string_view id, std::size_t num_envs, const VectorOptions& options, const Dict& kwargs) {
  return registry().make_vec(id, num_envs, options, kwargs);
}

VectorEnvPtr make_vec(const EnvSpec& spec, std::size_t num_envs, const VectorOptions& options) {
  return registry().make_vec(spec, num_envs, options);
}

const EnvSpec& spec(std::string_view id) {
  return registry().find(id).spec;
}

EnvSpec spec(std::string_view id, const Dict& kwargs, const MakeOptions& options) {
  return with_arguments(registry().find(id, options.warn).spec, kwargs, options.max_episode_steps);
}

void register_env(EnvSpec spec, EnvFactory factory) {
  registry().add(std::move(spec), std::move(factory));
}

}  // namespace ludus::envs
