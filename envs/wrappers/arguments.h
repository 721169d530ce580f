/// @file
/// The arguments of a wrapper, by name, as a spec records them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "envs/core/spec.h"

namespace ludus::envs {

/// Read each argument of the wrapper, then call finish(). Each function throws InvalidArgument that names wrapper and
/// argument if it is missing and has no default, or is of another type.
class Arguments {
 public:
  explicit Arguments(const WrapperSpec& wrapper) : wrapper_(wrapper) {}

  const Value& at(std::string_view name);
  const Value& get(std::string_view name, const Value& fallback);
  bool flag(std::string_view name, bool fallback);
  std::int64_t integer(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t fallback);
  double number(std::string_view name);
  double number(std::string_view name, double fallback);
  std::optional<double> optional_number(std::string_view name);  ///< null or missing: none
  std::string text(std::string_view name);
  std::string text(std::string_view name, const std::string& fallback);
  std::vector<std::int64_t> integers(std::string_view name);  ///< one number, or a list
  std::vector<std::int64_t> integers(std::string_view name, const std::vector<std::int64_t>& fallback);
  const List& list(std::string_view name);

  /// Throws InvalidArgument, with a suggestion, if an argument was not read.
  void finish() const;

 private:
  const Value* find(std::string_view name);
  template <class Read>
  auto read(std::string_view name, const Value& value, const Read& read) const;

  const WrapperSpec& wrapper_;
  std::vector<std::string> known_;
};

}  // namespace ludus::envs
