// Configuration structs with named fields, which can be set from a dictionary, converted to one, and report unknown
// names with a suggestion.
//
//   struct Config {
//     double gravity = 9.8;  // m/s²
//     template <class Self, class Visit>
//     static void fields(Self& self, Visit&& visit) {
//       visit("gravity", self.gravity, "acceleration of free fall, m/s²");
//     }
//   };
//   Config config;
//   assign_fields(config, {{"gravity", 1.6}}, "CartPole-v1");
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "base/value.h"

namespace ludus {

template <class T>
concept HasFields = requires(T& self) {
  T::fields(self, [](const char*, auto&, const char*) {});
};

/// Thrown for a field name that the configuration does not have.
class UnknownField : public InputError {
 public:
  using InputError::InputError;
};

/// Convert between a Value and a field of each type. Other libraries add types by overloads in their own namespace. The
/// read functions throw TypeMismatch or InvalidArgument.
void read_field(const Value& value, bool& field);
void read_field(const Value& value, int& field);
void read_field(const Value& value, std::int64_t& field);
void read_field(const Value& value, double& field);
void read_field(const Value& value, std::string& field);
void read_field(const Value& value, std::vector<std::int64_t>& field);
void read_field(const Value& value, std::vector<double>& field);
void read_field(const Value& value, std::vector<std::string>& field);
Value show_field(bool field);
Value show_field(int field);
Value show_field(std::int64_t field);
Value show_field(double field);
Value show_field(const std::string& field);
Value show_field(const std::vector<std::int64_t>& field);
Value show_field(const std::vector<double>& field);
Value show_field(const std::vector<std::string>& field);

/// Null stands for an empty optional.
template <class T>
void read_field(const Value& value, std::optional<T>& field) {
  if (value.is_null()) {
    field.reset();
    return;
  }
  T present{};
  read_field(value, present);
  field = std::move(present);
}
template <class T>
Value show_field(const std::optional<T>& field) {
  return field ? show_field(*field) : Value();
}

/// Returns the names in the order of T::fields.
template <HasFields T>
std::vector<std::string> field_names() {
  std::vector<std::string> names;
  T self{};
  T::fields(self, [&](const char* name, auto&, const char*) { names.emplace_back(name); });
  return names;
}

/// Throw UnknownField and InvalidArgument. `owner`: the algorithm or environment of the setting.
[[noreturn]] void throw_unknown_field(std::string_view owner, std::string_view name,
                                      std::span<const std::string> known);
[[noreturn]] void throw_bad_field(std::string_view owner, std::string_view name, const char* reason);

/// Sets one field. `owner` names the configuration in error messages.
template <HasFields T>
void assign_field(T& config, std::string_view name, const Value& value, std::string_view owner) {
  bool known = false;
  T::fields(config, [&](const char* field_name, auto& field, const char*) {
    if (name != field_name) return;
    known = true;
    try {
      read_field(value, field);
    } catch (const InputError& error) {
      throw_bad_field(owner, name, error.what());
    }
  });
  if (!known) throw_unknown_field(owner, name, field_names<T>());
}

/// Sets the fields that `values` names; the others keep their values. Throws as assign_field does.
template <HasFields T>
void assign_fields(T& config, const Dict& values, std::string_view owner) {
  for (const auto& [name, value] : values) assign_field(config, name, value, owner);
}

/// Returns all fields by name.
template <HasFields T>
Dict fields_as_dict(const T& config) {
  Dict dict;
  T::fields(config, [&](const char* name, const auto& field, const char*) { dict[name] = show_field(field); });
  return dict;
}

/// Returns a dictionary from the name of each field to its help text.
template <HasFields T>
Dict field_help() {
  Dict dict;
  T self{};
  T::fields(self, [&](const char* name, auto&, const char* help) { dict[name] = help; });
  return dict;
}

}  // namespace ludus
