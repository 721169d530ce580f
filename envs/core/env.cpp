#include "envs/core/env.h"

#include "base/fields.h"

namespace ludus::envs {
namespace {

std::string named(const Env& env) {
  return env.spec().id.empty() ? "this environment" : env.spec().id;
}

}  // namespace

Scene Env::render() const {
  throw NotSupported(named(*this) + " has no image: it does not define draw()");
}

Value Env::get_state() const {
  throw NotSupported(named(*this) + " cannot save its state: it does not define get_state()");
}

void Env::set_state(const Value&) {
  throw NotSupported(named(*this) + " cannot restore a state: it does not define set_state()");
}

std::unique_ptr<Env> Env::clone() const {
  throw NotSupported(named(*this) + " cannot be copied: it does not define clone()");
}

Value Env::attribute(std::string_view name) const {
  throw_unknown_field(named(*this), name, {});
}

void Env::set_attribute(std::string_view name, const Value&) {
  throw_unknown_field(named(*this), name, {});
}

}  // namespace ludus::envs
