// Configuration structs with named fields: each is one line with its name, member, range and sentence. From these lines
// follow reading from a dictionary and conversion to one, checks, help texts, and suggestions for unknown names.
//
//   struct Config {
//     double gravity = 9.8;  // m/s²
//     template <class Self, class Visit>
//     static void fields(Self& self, Visit&& visit) {
//       visit("gravity", self.gravity, above(0), "acceleration of free fall, m/s²");
//     }
//   };
//   Config config;
//   assign_fields(config, {{"gravity", 1.6}}, "CartPole-v1");  // throws for -1.6
//
// A field with no invalid values has no range: visit("slippery", self.slippery, "…"). Conditions on several fields are
// in an optional `void check() const`, which throws InvalidArgument. A derived configuration visits its own fields and
// calls Base::fields(self, visit), and Base::check() if it has a check() too.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/range.h"
#include "base/text.h"
#include "base/value.h"

namespace ludus {

/// Calls `visit(name, field, range, help)` for each field of either form, with an empty range for a field without one.
template <class Visit>
class FieldVisitor {
 public:
  explicit FieldVisitor(Visit& visit) : visit_(visit) {}

  template <class T>
  void operator()(const char* name, T& field, const char* help) const {
    visit_(name, field, Range(), help);
  }
  template <class T>
  void operator()(const char* name, T& field, const Range& range, const char* help) const {
    visit_(name, field, range, help);
  }

 private:
  Visit& visit_;
};

/// A visitor that does nothing, for the concept below.
struct IgnoreField {
  template <class T>
  void operator()(const char*, T&, const Range&, const char*) const {}
};

template <class T>
concept HasFields = requires(T& self, FieldVisitor<IgnoreField> visit) {
  T::fields(self, visit);
};

/// Calls `visit(name, field, range, help)` for each field of `config`.
template <class T, class Visit>
void for_each_field(T& config, Visit visit) {
  std::remove_const_t<T>::fields(config, FieldVisitor<Visit>(visit));
}

/// Passes every field but one on to another visitor, for a derived configuration that gives this field another range or
/// sentence: Base::fields(self, AllFieldsBut("learning_rate", visit)).
template <class Visit>
class AllFieldsBut {
 public:
  AllFieldsBut(std::string_view name, Visit& visit) : name_(name), visit_(visit) {}

  template <class... Rest>
  void operator()(const char* name, Rest&&... rest) const {
    if (name_ != name) visit_(name, std::forward<Rest>(rest)...);
  }

 private:
  std::string_view name_;
  Visit& visit_;
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
void read_field(const Value& value, std::uint64_t& field);  ///< a text: Value has signed integers only
void read_field(const Value& value, double& field);
void read_field(const Value& value, std::string& field);
void read_field(const Value& value, std::vector<std::int64_t>& field);
void read_field(const Value& value, std::vector<double>& field);
void read_field(const Value& value, std::vector<std::string>& field);
Value show_field(bool field);
Value show_field(int field);
Value show_field(std::int64_t field);
Value show_field(std::uint64_t field);
Value show_field(double field);
Value show_field(const std::string& field);
Value show_field(const std::vector<std::int64_t>& field);
Value show_field(const std::vector<double>& field);
Value show_field(const std::vector<std::string>& field);

/// A single number stands for all elements.
template <std::size_t N>
void read_field(const Value& value, std::array<std::int64_t, N>& field) {
  std::vector<std::int64_t> numbers;
  read_field(value, numbers);
  if (numbers.size() == 1) numbers.assign(N, numbers[0]);
  if (numbers.size() != N) {
    throw InvalidArgument("it must have " + std::to_string(N) + " numbers, or one for all, got " +
                          std::to_string(numbers.size()));
  }
  std::copy(numbers.begin(), numbers.end(), field.begin());
}
template <std::size_t N>
Value show_field(const std::array<std::int64_t, N>& field) {
  return List(field.begin(), field.end());
}

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
  for_each_field(self, [&](const char* name, auto&, const Range&, const char*) { names.emplace_back(name); });
  return names;
}

/// Throw UnknownField and InvalidArgument. `owner`: the algorithm or environment of the setting.
[[noreturn]] void throw_unknown_field(std::string_view owner, std::string_view name,
                                      std::span<const std::string> known);
[[noreturn]] void throw_bad_field(std::string_view owner, std::string_view name, const char* reason);
[[noreturn]] void throw_out_of_range(std::string_view owner, std::string_view name, const std::string& range,
                                     const Value& value);

namespace detail {

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T, std::size_t N>
inline constexpr bool is_vector<std::array<T, N>> = true;

// `suffix` is appended to the range in the message.
template <class T>
void check_value(const T& value, const Range& range, std::string_view owner, const std::string& name,
                 const char* suffix) {
  if constexpr (is_optional<T>) {
    if (value) check_value(*value, range, owner, name, ", or null");
  } else if constexpr (is_vector<T>) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      check_value(value[i], range, owner, name + "[" + std::to_string(i) + "]", "");
    }
  } else {
    if (!is_within(range, value)) throw_out_of_range(owner, name, range.text() + suffix, show_field(value));
  }
}

}  // namespace detail

/// Throws InvalidArgument, "OWNER: NAME must be RANGE, got VALUE", unless the value is in the range: a number or a name
/// itself, the value of an optional that has one, each element of a vector, every value that a schedule takes.
template <class T>
void check_field(const T& value, const Range& range, std::string_view owner, const char* name) {
  // values of other types, such as a Value, have no range
  if constexpr (requires { is_within(range, value); } || detail::is_optional<T> || detail::is_vector<T>) {
    if (!range.is_anything()) detail::check_value(value, range, owner, name, "");
  }
}

/// Sets one field. `owner` names the configuration in error messages. Throws UnknownField, and InvalidArgument or
/// TypeMismatch for a value of another type or out of range; the field is then unchanged.
template <HasFields T>
void assign_field(T& config, std::string_view name, const Value& value, std::string_view owner) {
  bool known = false;
  for_each_field(config, [&](const char* field_name, auto& field, const Range& range, const char*) {
    if (name != field_name) return;
    known = true;
    auto changed = field;
    try {
      read_field(value, changed);
    } catch (const InputError& error) {
      throw_bad_field(owner, name, error.what());
    }
    check_field(changed, range, owner, field_name);
    field = std::move(changed);
  });
  if (!known) throw_unknown_field(owner, name, field_names<T>());
}

/// Sets the fields that `values` names; the others keep their values. Throws as assign_field does.
template <HasFields T>
void assign_fields(T& config, const Dict& values, std::string_view owner) {
  for (const auto& [name, value] : values) assign_field(config, name, value, owner);
}

/// Checks every field by check_field(), then calls check(), if `config` has it, whose messages get the owner's name.
template <HasFields T>
void check_fields(const T& config, std::string_view owner) {
  for_each_field(config, [&](const char* name, const auto& field, const Range& range, const char*) {
    check_field(field, range, owner, name);
  });
  if constexpr (requires { config.check(); }) {
    try {
      config.check();
    } catch (InputError& error) {
      error.prepend(std::string(owner));
      throw;
    }
  }
}

/// Returns the configuration after check_fields: for the initialisers of a constructor.
template <HasFields T>
const T& checked(const T& config, std::string_view owner) {
  check_fields(config, owner);
  return config;
}

/// Returns all fields by name.
template <HasFields T>
Dict fields_as_dict(const T& config) {
  Dict dict;
  for_each_field(
      config, [&](const char* name, const auto& field, const Range&, const char*) { dict[name] = show_field(field); });
  return dict;
}

/// A field as help texts and tables show it.
struct FieldInfo {
  std::string name;
  Value default_value;
  Range range;
  std::string range_text;    ///< "at least 1", "above 0, or null"; empty if the field has no range
  bool is_integer = false;   ///< an integer, an optional one, or a vector of them
  bool is_nullable = false;  ///< an optional
  std::string help;          ///< one sentence
};

/// Returns the fields in the order of T::fields, with their values in `defaults`.
template <HasFields T>
std::vector<FieldInfo> describe_fields(const T& defaults = {}) {
  std::vector<FieldInfo> fields;
  for_each_field(defaults, [&](const char* name, const auto& field, const Range& range, const char* help) {
    using Field = std::remove_cvref_t<decltype(field)>;
    const auto element = [] {
      if constexpr (detail::is_optional<Field> || detail::is_vector<Field>) {
        return typename Field::value_type{};
      } else {
        return Field{};
      }
    };
    using Element = decltype(element());
    std::string text = range.text();
    if (!text.empty() && (detail::is_vector<Field> || detail::is_vector<Element>)) text = "each " + text;
    if (!text.empty() && detail::is_optional<Field>) text += ", or null";
    constexpr bool kIntegral =
        std::is_integral_v<Element> || std::is_same_v<Element, std::vector<std::int64_t>>;  // of an optional vector
    fields.push_back({name, show_field(field), range, std::move(text), kIntegral && !std::is_same_v<Element, bool>,
                      detail::is_optional<Field>, help});
  });
  return fields;
}

}  // namespace ludus
