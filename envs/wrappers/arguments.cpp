#include "envs/wrappers/arguments.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "base/value_io.h"

namespace ludus::envs {

const Value* Arguments::find(std::string_view name) {
  if (std::find(known_.begin(), known_.end(), name) == known_.end()) known_.emplace_back(name);
  return wrapper_.kwargs.find(name);
}

const Value& Arguments::at(std::string_view name) {
  if (const Value* value = find(name)) return *value;
  // a mistyped name explains more than the missing one
  const std::vector<std::string> missing{std::string(name)};
  for (const auto& [key, value] : wrapper_.kwargs) {
    const std::string suggestion = did_you_mean(key, missing);
    if (suggestion.empty() || std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    throw InvalidArgument(formatted("{} has no argument \"{}\".{}", wrapper_.name, key, suggestion));
  }
  throw InvalidArgument(formatted("{} needs the argument \"{}\"", wrapper_.name, name));
}

const Value& Arguments::get(std::string_view name, const Value& fallback) {
  const Value* value = find(name);
  return value ? *value : fallback;
}

void Arguments::throw_wrong(std::string_view name, const char* reason) const {
  throw InvalidArgument(formatted("{}, argument \"{}\": {}", wrapper_.name, name, reason));
}

bool Arguments::flag(std::string_view name, bool fallback) {
  return read(name, get(name, fallback), [](const Value& value) { return value.as_bool(); });
}

std::string Arguments::text(std::string_view name) {
  return read(name, at(name), [](const Value& value) { return value.as_string(); });
}

std::string Arguments::text(std::string_view name, const std::string& fallback) {
  const Value* value = find(name);
  return value ? read(name, *value, [](const Value& argument) { return argument.as_string(); }) : fallback;
}

const List& Arguments::list(std::string_view name) {
  const Value& value = at(name);
  read(name, value, [](const Value& argument) { return argument.as_list().size(); });
  return value.as_list();
}

void Arguments::finish() const {
  for (const auto& [name, value] : wrapper_.kwargs) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    throw InvalidArgument(formatted("{} has no argument \"{}\".{} It has: {}", wrapper_.name, name,
                                    did_you_mean(name, known_), joined(known_)));
  }
}

}  // namespace ludus::envs
