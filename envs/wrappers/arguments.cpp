#include "envs/wrappers/arguments.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "base/value_io.h"

namespace ludus::envs {

const Value* Arguments::find(std::string_view name) {
  known_.emplace_back(name);
  return wrapper_.kwargs.find(name);
}

const Value& Arguments::at(std::string_view name) {
  if (const Value* value = find(name)) return *value;
  throw InvalidArgument(formatted("{} needs the argument \"{}\"", wrapper_.name, name));
}

const Value& Arguments::get(std::string_view name, const Value& fallback) {
  const Value* value = find(name);
  return value ? *value : fallback;
}

template <class Read>
auto Arguments::read(std::string_view name, const Value& value, const Read& read) const {
  try {
    return read(value);
  } catch (const TypeMismatch& mismatch) {
    throw InvalidArgument(formatted("{}, argument \"{}\": {}", wrapper_.name, name, mismatch.what()));
  }
}

bool Arguments::flag(std::string_view name, bool fallback) {
  return read(name, get(name, fallback), [](const Value& value) { return value.as_bool(); });
}

std::int64_t Arguments::integer(std::string_view name) {
  return read(name, at(name), [](const Value& value) { return value.as_int(); });
}

std::int64_t Arguments::integer(std::string_view name, std::int64_t fallback) {
  return read(name, get(name, fallback), [](const Value& value) { return value.as_int(); });
}

double Arguments::number(std::string_view name) {
  return read(name, at(name), [](const Value& value) { return value.as_double(); });
}

double Arguments::number(std::string_view name, double fallback) {
  return read(name, get(name, fallback), [](const Value& value) { return value.as_double(); });
}

std::optional<double> Arguments::optional_number(std::string_view name) {
  const Value* value = find(name);
  if (!value || value->is_null()) return {};
  return read(name, *value, [](const Value& argument) { return argument.as_double(); });
}

std::string Arguments::text(std::string_view name) {
  return read(name, at(name), [](const Value& value) { return value.as_string(); });
}

std::string Arguments::text(std::string_view name, const std::string& fallback) {
  const Value* value = find(name);
  return value ? read(name, *value, [](const Value& argument) { return argument.as_string(); }) : fallback;
}

std::vector<std::int64_t> Arguments::integers(std::string_view name) {
  return read(name, at(name), [](const Value& value) {
    std::vector<std::int64_t> numbers;
    if (value.is_number()) {
      numbers.push_back(value.as_int());
    } else if (value.is_array()) {
      for (std::size_t i = 0; i < value.as_array().size(); ++i)
        numbers.push_back(Value(value.as_array().get(i)).as_int());
    } else {
      for (const Value& number : value.as_list()) numbers.push_back(number.as_int());
    }
    return numbers;
  });
}

std::vector<std::int64_t> Arguments::integers(std::string_view name, const std::vector<std::int64_t>& fallback) {
  return wrapper_.kwargs.contains(name) ? integers(name) : (find(name), fallback);
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
