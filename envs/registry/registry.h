// Creation of environments by id: [namespace/]Name[-vN].
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "envs/core/env.h"
#include "envs/core/simulator.h"
#include "envs/core/spec.h"
#include "envs/core/warn.h"
#include "envs/registry/wrapper_table.h"
#include "envs/vector/simulator_vector_env.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

/// There is no environment with this id. The message suggests the closest one and lists versions. The derived classes
/// correspond to Gymnasium's exceptions.
class UnknownEnvironment : public InputError {
 public:
  using InputError::InputError;
};
class NamespaceNotFound : public UnknownEnvironment {
 public:
  using UnknownEnvironment::UnknownEnvironment;
};
class NameNotFound : public UnknownEnvironment {
 public:
  using UnknownEnvironment::UnknownEnvironment;
};
class VersionNotFound : public UnknownEnvironment {
 public:
  using UnknownEnvironment::UnknownEnvironment;
};
/// The requested version is older than all registered versions.
class DeprecatedEnv : public UnknownEnvironment {
 public:
  using UnknownEnvironment::UnknownEnvironment;
};

/// The id cannot be registered: malformed, or versioned although an unversioned one exists, or vice versa.
class RegistrationError : public InputError {
 public:
  using InputError::InputError;
};

/// The plug-in is missing, is not a shared library, or was built for another version of ludus.
class PluginError : public InputError {
 public:
  using InputError::InputError;
};

struct MakeOptions {
  /// Steps after which an episode is truncated; unset: the limit of the spec; -1: no limit.
  std::optional<std::int64_t> max_episode_steps = {};
  Warn warn = warn_on_stderr;
};

enum class VectorizationMode : std::uint8_t {
  kDefault,      // the environment's batched implementation if it has one (as Gymnasium's make_vec), else kSimulator
  kSimulator,    // N simulators without Env objects, with the same results as kSync; falls back to kSync for an
                 // environment that was registered as an Env
  kSync,         // N environments, one after another
  kVectorEntry,  // the environment's batched implementation; an error if it has none
};

struct VectorOptions {
  VectorizationMode mode = VectorizationMode::kSimulator;
  AutoresetMode autoreset = AutoresetMode::kNextStep;
  std::optional<std::int64_t> max_episode_steps = {};  // as in MakeOptions
  std::function<EnvPtr(EnvPtr)> wrap = {};             // applied to every environment; needs kSync or a fallback to it
  std::size_t threads = 1;                             // number of threads, including the calling one; see set_threads
  Warn warn = warn_on_stderr;
};

using EnvFactory = std::function<EnvPtr(const Dict& kwargs)>;
/// Creates the batched implementation. spec.max_episode_steps is the limit to apply.
using VectorFactory = std::function<VectorEnvPtr(const EnvSpec& spec, std::size_t num_envs, AutoresetMode autoreset)>;

class Registry {
 public:
  struct Entry {
    EnvSpec spec;
    EnvFactory make;
    VectorFactory make_simulators;    // may be empty
    VectorFactory make_vector_entry;  // may be empty
    /// Keyword arguments: name, default, range and sentence of each. Empty for an environment registered as an Env,
    /// which does not declare its arguments.
    std::vector<FieldInfo> kwargs = {};
  };

  /// Registers environments created by `factory`. An existing id is replaced with a warning. Throws MalformedId or
  /// RegistrationError.
  void add(EnvSpec spec, EnvFactory factory, VectorFactory vector_entry = {});

  /// Registers a simulator, from which Env and vector environment are derived.
  template <Simulator S>
  void add(EnvSpec spec, VectorFactory vector_entry = {}) {
    insert(entry_of<S>(std::move(spec), std::move(vector_entry)));
  }

  /// Registers two simulators with the same Config under one id. The boolean argument `choice` selects between them.
  template <Simulator IfFalse, Simulator IfTrue>
  void add_choice(EnvSpec spec, const std::string& choice) {
    static_assert(std::is_same_v<typename IfFalse::Config, typename IfTrue::Config>);
    const auto chosen = [choice, id = spec.id](const Dict& kwargs) {
      typename IfFalse::Config config{};
      if (const Value* value = kwargs.find(choice)) assign_field(config, choice, *value, id);
      return fields_as_dict(config).at(choice).as_bool();
    };
    Entry entry = entry_of<IfFalse>(spec, {}), other = entry_of<IfTrue>(std::move(spec), {});
    entry.make = [chosen, no = std::move(entry.make), yes = std::move(other.make)](const Dict& kwargs) {
      return chosen(kwargs) ? yes(kwargs) : no(kwargs);
    };
    entry.make_simulators = [chosen, no = std::move(entry.make_simulators), yes = std::move(other.make_simulators)](
                                const EnvSpec& made, std::size_t n, AutoresetMode mode) {
      return chosen(made.kwargs) ? yes(made, n, mode) : no(made, n, mode);
    };
    insert(std::move(entry));
  }

  /// Returns the entry of an id. Without a version, returns the highest one, with a warning; an older version also
  /// causes a warning. Throws MalformedId or UnknownEnvironment.
  const Entry& find(std::string_view id, const Warn& warn = warn_on_stderr) const;

  std::vector<EnvSpec> specs() const;  // sorted by id

  /// Create environments, as the functions make() and make_vec() below.
  EnvPtr make(std::string_view id, const Dict& kwargs = {}, const MakeOptions& options = {}) const;
  VectorEnvPtr make_vec(std::string_view id, std::size_t num_envs, const VectorOptions& options = {},
                        const Dict& kwargs = {}) const;
  VectorEnvPtr make_vec(const EnvSpec& spec, std::size_t num_envs, const VectorOptions& options = {}) const;

 private:
  template <Simulator S>
  static Entry entry_of(EnvSpec spec, VectorFactory vector_entry) {
    Entry entry;
    entry.make = [id = spec.id](const Dict& kwargs) -> EnvPtr {
      return std::make_unique<SimulatorEnv<S>>(make_simulator<S>(kwargs, id));
    };
    entry.make_simulators = [](const EnvSpec& made, std::size_t n, AutoresetMode mode) -> VectorEnvPtr {
      return std::make_unique<SimulatorVectorEnv<S>>(made, n, mode);
    };
    entry.make_vector_entry = std::move(vector_entry);
    entry.kwargs = describe_fields<typename S::Config>();
    entry.spec = std::move(spec);
    return entry;
  }
  VectorEnvPtr make_vec_from(const Entry& entry, EnvSpec made, std::size_t num_envs,
                             const VectorOptions& options) const;
  VectorEnvPtr make_unwrapped_vec(const Entry& entry, const EnvSpec& made, std::size_t num_envs,
                                  const VectorOptions& options) const;
  void insert(Entry entry);
  [[noreturn]] void throw_unknown(const EnvId& target) const;

  std::map<std::string, Entry> entries_;  // by id
};

/// Returns the global registry, which is filled with the built-in environments on first use.
Registry& registry();

/// Creates an environment with Gymnasium's default wrappers: OrderEnforcing, then TimeLimit. `kwargs` override those of
/// the spec; "max_episode_steps" among them sets the option of that name. Throws UnknownEnvironment, UnknownField,
/// InvalidArgument.
EnvPtr make(std::string_view id, const Dict& kwargs = {}, const MakeOptions& options = {});
/// Creates an environment from a spec, with its arguments, time limit and recorded wrappers, as returned by env.spec().
EnvPtr make(const EnvSpec& spec);
VectorEnvPtr make_vec(std::string_view id, std::size_t num_envs, const VectorOptions& options = {},
                      const Dict& kwargs = {});
/// Creates vector environments from a spec, with its arguments, time limit and recorded wrappers, both those of each
/// environment and those of the vector, as returned by envs.spec().
VectorEnvPtr make_vec(const EnvSpec& spec, std::size_t num_envs, const VectorOptions& options = {});
const EnvSpec& spec(std::string_view id);
/// Returns the spec of the environment that make() creates with the same arguments. Wrappers can be added to it.
EnvSpec spec(std::string_view id, const Dict& kwargs, const MakeOptions& options = {});

template <Simulator S>
void register_env(EnvSpec spec) {
  registry().add<S>(std::move(spec));
}
void register_env(EnvSpec spec, EnvFactory factory);

/// Loads a shared library built with LUDUS_PLUGIN, which registers its environments, and returns their ids. The library
/// stays loaded until the program ends. Throws PluginError.
std::vector<std::string> load_plugin(const std::filesystem::path& library);

/// Incremented whenever a class of the plug-in interface changes.
inline constexpr int kPluginVersion = 4;

}  // namespace ludus::envs

// Use once per plug-in:  LUDUS_PLUGIN(registry) { registry.add<MySimulator>({.id = "MyEnv-v0"}); }
#define LUDUS_PLUGIN(registry)            \
  extern "C" int ludus_plugin_version() { \
    return ludus::envs::kPluginVersion;   \
  }                                       \
  extern "C" void ludus_register_environments(ludus::envs::Registry& registry)
