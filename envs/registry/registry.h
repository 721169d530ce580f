// Environments by name: [namespace/]Name[-vN].
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

// No environment of that id; the message suggests the closest and lists versions. Its kinds are Gymnasium's.
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
// An older version than all that exist.
class DeprecatedEnv : public UnknownEnvironment {
 public:
  using UnknownEnvironment::UnknownEnvironment;
};

// An id that cannot be registered: malformed, or versioned beside an unversioned one.
class RegistrationError : public InputError {
 public:
  using InputError::InputError;
};

// A plug-in that is missing, no shared library, or built for another ludus.
class PluginError : public InputError {
 public:
  using InputError::InputError;
};

struct MakeOptions {
  // Steps after which an episode is truncated: none given, the spec's; -1, no limit.
  std::optional<std::int64_t> max_episode_steps = {};
  Warn warn = warn_on_stderr;
};

enum class VectorizationMode : std::uint8_t {
  kDefault,      // the environment's own batched form where it has one (as Gymnasium's make_vec), else kSimulator
  kSimulator,    // N simulators without Env objects in between; same numbers as kSync. Falls back to kSync for an
                 // environment that was registered as an Env
  kSync,         // N environments, one after another
  kVectorEntry,  // the environment's own batched form; an error where it has none
};

struct VectorOptions {
  VectorizationMode mode = VectorizationMode::kSimulator;
  AutoresetMode autoreset = AutoresetMode::kNextStep;
  std::optional<std::int64_t> max_episode_steps = {};  // as in MakeOptions
  std::function<EnvPtr(EnvPtr)> wrap = {};             // put around every environment; asks for kSync
  std::size_t threads = 1;                             // that step together, the calling one included; see set_threads
  Warn warn = warn_on_stderr;
};

using EnvFactory = std::function<EnvPtr(const Dict& kwargs)>;
// Makes the batched form; the spec's max_episode_steps is already the one to use.
using VectorFactory = std::function<VectorEnvPtr(const EnvSpec& spec, std::size_t num_envs, AutoresetMode autoreset)>;

class Registry {
 public:
  struct Entry {
    EnvSpec spec;
    EnvFactory make;
    VectorFactory make_simulators;    // may be empty
    VectorFactory make_vector_entry;  // may be empty
    // Keyword arguments: name → default, and name → one sentence. Empty for an environment registered as an Env, which
    // does not say what it takes.
    Dict kwargs_defaults = {};
    Dict kwargs_help = {};
  };

  // Registers an environment made by `factory`. An id that is there already is replaced, with a warning. Throws
  // MalformedId or RegistrationError.
  void add(EnvSpec spec, EnvFactory factory, VectorFactory vector_entry = {});

  // Registers a simulator: its Env and its vector environment are derived from it.
  template <Simulator S>
  void add(EnvSpec spec, VectorFactory vector_entry = {}) {
    insert(entry_of<S>(std::move(spec), std::move(vector_entry)));
  }

  // Registers two simulators of one Config under one id: the boolean argument `choice` picks between them.
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

  // The entry for an id. Without a version the highest there is (with a warning); an older version works, with a
  // warning. Throws MalformedId or UnknownEnvironment.
  const Entry& find(std::string_view id, const Warn& warn = warn_on_stderr) const;

  std::vector<EnvSpec> specs() const;  // sorted by id

  // The environment, as make() below.
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
    entry.kwargs_defaults = fields_as_dict(typename S::Config{});
    entry.kwargs_help = field_help<typename S::Config>();
    entry.spec = std::move(spec);
    return entry;
  }
  VectorEnvPtr make_vec_from(const Entry& entry, EnvSpec made, std::size_t num_envs,
                             const VectorOptions& options) const;
  VectorEnvPtr make_unwrapped_vec(const Entry& entry, const EnvSpec& made, std::size_t num_envs,
                                  const VectorOptions& options) const;
  void insert(Entry entry);
  [[noreturn]] void throw_unknown(const EnvId& wanted) const;

  std::map<std::string, Entry> entries_;  // by id
};

// The one registry of the program, filled with the built-in environments at first use.
Registry& registry();

// The environment of that id, wrapped as Gymnasium wraps it: OrderEnforcing, then TimeLimit. `kwargs` override the
// spec's; "max_episode_steps" among them stands for the option of that name. Throws UnknownEnvironment, UnknownField, InvalidArgument.
EnvPtr make(std::string_view id, const Dict& kwargs = {}, const MakeOptions& options = {});
// The environment of a spec, with the spec's arguments, time limit and recorded wrappers: rebuilds env.spec().
EnvPtr make(const EnvSpec& spec);
VectorEnvPtr make_vec(std::string_view id, std::size_t num_envs, const VectorOptions& options = {},
                      const Dict& kwargs = {});
// The vector of environments of a spec, with its arguments, time limit and recorded wrappers, those of each environment
// and those around them all: rebuilds envs.spec().
VectorEnvPtr make_vec(const EnvSpec& spec, std::size_t num_envs, const VectorOptions& options = {});
const EnvSpec& spec(std::string_view id);
// The spec of what make() gives for the same arguments: put wrappers into it and make that.
EnvSpec spec(std::string_view id, const Dict& kwargs, const MakeOptions& options = {});

template <Simulator S>
void register_env(EnvSpec spec) {
  registry().add<S>(std::move(spec));
}
void register_env(EnvSpec spec, EnvFactory factory);

// Loads a shared library made with LUDUS_PLUGIN and lets it register its environments; returns their ids. The library
// stays loaded until the program ends. Throws PluginError.
std::vector<std::string> load_plugin(const std::filesystem::path& library);

// Raised whenever the classes that cross the border of a plug-in change.
inline constexpr int kPluginVersion = 3;

}  // namespace ludus::envs

// In a plug-in, once:  LUDUS_PLUGIN(registry) { registry.add<MySimulator>({.id = "MyEnv-v0"}); }
#define LUDUS_PLUGIN(registry)            \
  extern "C" int ludus_plugin_version() { \
    return ludus::envs::kPluginVersion;   \
  }                                       \
  extern "C" void ludus_register_environments(ludus::envs::Registry& registry)
