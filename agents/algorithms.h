// The algorithms by name.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "agents/core/agent.h"
#include "base/fields.h"

namespace ludus::agents {

// No algorithm of that name; the message suggests the closest.
class UnknownAlgorithm : public InputError {
 public:
  using InputError::InputError;
};

struct Algorithm {
  std::string name;                 // "dqn"
  std::string summary;              // one sentence
  Dict defaults;                    // setting → default
  std::vector<FieldInfo> settings;  // with range and sentence
  // Default number of environment steps of a training without a preset.
  std::int64_t default_steps = 0;
  // Throws UnknownField, InvalidArgument or NotApplicable. `device`: "cpu", "cuda", "auto".
  std::function<AgentPtr(const Dict& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)>
      make;
};

const std::vector<Algorithm>& algorithms();              // sorted by name
const Algorithm& find_algorithm(std::string_view name);  // throws UnknownAlgorithm

/// The entry of an algorithm whose agent class A has `Config` (with fields, see base/fields.h) and a constructor
/// (Config, const EnvSignature&, uint64_t seed, const std::string& device), with `defaults` for its settings. A class that
/// stands behind several entries takes the entry's name as a last argument.
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

}  // namespace ludus::agents
