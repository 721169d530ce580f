#include "envs/core/env.h"

#include "base/fields.h"
#include "base/format.h"

namespace ludus::envs {
namespace {

std::string display_name(const Env& env) {
  return env.spec().id.empty() ? "this environment" : env.spec().id;
}

}  // namespace

Scene Env::render() const {
  throw NotSupported(formatted("{} has no image: it does not define draw()", display_name(*this)));
}

Value Env::get_state() const {
  throw NotSupported(formatted("{} cannot save its state: it does not define get_state()", display_name(*this)));
}

void Env::set_state(const Value&) {
  throw NotSupported(formatted("{} cannot restore a state: it does not define set_state()", display_name(*this)));
}

std::unique_ptr<Env> Env::clone() const {
  throw NotSupported(formatted("{} cannot be copied: it does not define clone()", display_name(*this)));
}

Value Env::attribute(std::string_view name) const {
  throw_unknown_field(display_name(*this), name, {});
}

void Env::set_attribute(std::string_view name, const Value&) {
  throw_unknown_field(display_name(*this), name, {});
}

}  // namespace ludus::envs
