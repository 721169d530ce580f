// A table of algorithms by name. This header does not include those of the library (agents/algorithms.h).
#pragma once

#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agents/core/agent.h"
#include "base/fields.h"

namespace ludus::agents {

/// There is no algorithm of that name. The message suggests the closest one.
class UnknownAlgorithm : public InputError {
 public:
  using InputError::InputError;
};

/// The algorithm cannot be registered: its name is malformed or taken.
class AlgorithmError : public InputError {
 public:
  using InputError::InputError;
};

struct Algorithm {
  std::string name;                 // "dqn"
  std::string summary;              // one sentence
  Dict defaults;                    // setting → default
  std::vector<FieldInfo> settings;  // with range and sentence
  std::int64_t default_steps = 0;   // environment steps of a training without a preset
  /// Throws UnknownField, InvalidArgument or NotApplicable. `device`: "cpu", "cuda", "auto".
  std::function<AgentPtr(const Dict& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)>
      make;
};

/// Makes the entry of an algorithm from its agent class A, which has `Config` (with fields, see base/fields.h) and a
/// constructor (Config, const EnvSignature&, uint64_t seed, const std::string& device); `defaults` are its settings. A
/// class of several algorithms takes the name as a last argument.
template <class A>
Algorithm algorithm_of(std::string name, std::string summary, std::int64_t default_steps,
                       const typename A::Config& defaults = {}) {
  using Config = typename A::Config;
  return {name,
          std::move(summary),
          fields_as_dict(defaults),
          describe_fields(defaults),
          default_steps,
          [name, defaults](const Dict& values, const EnvSignature& facts, std::uint64_t seed,
                           const std::string& device) -> AgentPtr {
            Config config = defaults;
            assign_fields(config, values, name);
            if constexpr (std::is_constructible_v<A, Config, EnvSignature, std::uint64_t, std::string, std::string>) {
              return std::make_unique<A>(config, facts, seed, device, name);
            } else {
              return std::make_unique<A>(config, facts, seed, device);
            }
          }};
}

/// A table of algorithms. References to its entries stay valid.
class AlgorithmRegistry {
 public:
  /// Adds an algorithm. Throws AlgorithmError if the name is taken, or is not made of lower-case letters, digits and
  /// underscores beginning with a letter.
  void add(Algorithm algorithm);
  /// Adds algorithm_of<A>(name, summary, default_steps, defaults).
  template <class A>
  void add(std::string name, std::string summary, std::int64_t default_steps, const typename A::Config& defaults = {}) {
    add(algorithm_of<A>(std::move(name), std::move(summary), default_steps, defaults));
  }

  const std::list<Algorithm>& all() const { return algorithms_; }  // sorted by name
  const Algorithm& find(std::string_view name) const;              // throws UnknownAlgorithm

 private:
  std::list<Algorithm> algorithms_;
};

}  // namespace ludus::agents
