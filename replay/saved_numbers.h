// Reading what state() of this room's types gave.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/value.h"

namespace ludus::replay {

// The `count` numbers that were saved under that name. Throws TypeMismatch if there are others, or none.
template <class T>
std::span<const T> saved_numbers(const Dict& state, std::string_view name, std::size_t count) {
  const Value* value = state.find(name);
  const std::size_t found = value == nullptr ? 0 : value->as_array().size();
  if (value == nullptr || found != count) {
    throw TypeMismatch("what was saved has " + std::to_string(found) + " numbers of " + std::string(name) + " where " +
                       std::to_string(count) + " are expected: it is of other sizes, or of another kind");
  }
  return value->as_array().data<T>();
}

}  // namespace ludus::replay
