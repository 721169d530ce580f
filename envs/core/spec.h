// Environment ids and specifications.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"

namespace ludus::envs {

/// An id that does not match [namespace/]name[-vN].
class MalformedId : public InputError {
 public:
  using InputError::InputError;
};

struct EnvId {
  std::string name_space;  // empty if there is no namespace
  std::string name;
  std::optional<int> version;

  /// Throws MalformedId.
  static EnvId parse(std::string_view id);
  std::string to_string() const;
};

/// The name and constructor arguments of one wrapper.
struct WrapperSpec {
  std::string name;
  Dict kwargs;
  friend bool operator==(const WrapperSpec&, const WrapperSpec&) = default;
};

struct EnvSpec {
  std::string id;
  std::string summary = {};                            // one sentence
  std::optional<double> reward_threshold = {};         // mean return at which the task counts as solved
  std::optional<std::int64_t> max_episode_steps = {};  // steps after which an episode is truncated
  bool nondeterministic = false;                       // not reproducible even with a seed
  bool order_enforce = true;                           // step() before reset() throws ResetNeeded
  Dict kwargs = {};                                    // keyword arguments of the simulator
  std::vector<WrapperSpec> wrappers = {};              // in addition to those that make() adds, from the inside out

  Dict to_dict() const;
  static EnvSpec from_dict(const Dict& dict);
  friend bool operator==(const EnvSpec&, const EnvSpec&) = default;
};

}  // namespace ludus::envs
