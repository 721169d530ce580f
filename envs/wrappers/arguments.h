/// @file
/// The arguments of a wrapper, by name, as a spec records them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/fields.h"
#include "envs/core/spec.h"

namespace ludus::envs {

/// Read each argument of the wrapper, then call finish(). Each function throws InvalidArgument that names wrapper and
/// argument if it is missing and has no default, or is of another type.
class Arguments {
 public:
  explicit Arguments(const WrapperSpec& wrapper) : wrapper_(wrapper) {}

  /// Reads the fields of A (envs/wrappers/wrapper_arguments.h), whose ranges the wrapper's constructor checks. Those in
  /// `required` have no default.
  template <HasFields A>
  A fields(std::initializer_list<std::string_view> required = {});

  const Value& at(std::string_view name);
  const Value& get(std::string_view name, const Value& fallback);
  bool flag(std::string_view name, bool fallback);
  std::string text(std::string_view name);
  std::string text(std::string_view name, const std::string& fallback);
  const List& list(std::string_view name);

  /// Throws InvalidArgument, with a suggestion, if an argument was not read.
  void finish() const;

 private:
  const Value* find(std::string_view name);
  template <class Read>
  auto read(std::string_view name, const Value& value, const Read& read) const;
  [[noreturn]] void throw_wrong(std::string_view name, const char* reason) const;

  const WrapperSpec& wrapper_;
  std::vector<std::string> known_;
};

template <class Read>
auto Arguments::read(std::string_view name, const Value& value, const Read& read) const {
  try {
    return read(value);
  } catch (const InputError& error) {
    throw_wrong(name, error.what());
  }
}

template <HasFields A>
A Arguments::fields(std::initializer_list<std::string_view> required) {
  A arguments;
  for (const std::string& name : field_names<A>()) find(name);
  for_each_field(arguments, [&](const char* name, auto& field, const Range&, const char*) {
    const bool has_no_default = std::find(required.begin(), required.end(), name) != required.end();
    const Value* value = has_no_default ? &at(name) : find(name);
    if (value) read(name, *value, [&](const Value& argument) { read_field(argument, field); });
  });
  return arguments;
}

}  // namespace ludus::envs
