#include "envs/core/simulator.h"

#include "base/format.h"

namespace ludus::envs {
namespace {

std::string id_of(const EnvSpec& spec) {
  return spec.id.empty() ? "this environment" : spec.id;
}

}  // namespace

void throw_state_size(std::size_t expected, std::size_t size) {
  throw TypeMismatch(formatted("saved state: must have {} bytes in this environment, got {}", expected, size));
}

void throw_changed_spaces(const EnvSpec& spec) {
  throw InvalidArgument(formatted(
      "{}: this setting must not change the spaces; pass it as a keyword argument to a new environment", id_of(spec)));
}

void throw_invalid_action(const EnvSpec& spec, const Space& space, const Value& action) {
  throw InvalidAction(
      formatted("{}: the action must be an element of {}, got {}", id_of(spec), space.to_string(), action.describe()));
}

}  // namespace ludus::envs
