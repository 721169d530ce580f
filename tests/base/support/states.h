// Helpers that remove or change single entries of a state, to test how loading reacts.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/state_fields.h"

namespace ludus::test {

/// Loads the result of state_as_dict() into an object, which may be a temporary.
template <class T>
void restore(T&& target, const Dict& state) {
  state_from_dict(target, state);
}

struct DamagedCheckpoint {
  std::string damage;  // "agent/steps: removed"
  Checkpoint checkpoint;
};

/// Returns `saved` without one entry, or with another array or value in its place.
inline Checkpoint with_array(const Checkpoint& saved, const std::string& entry, const Array* array) {
  Checkpoint changed;
  changed.metadata() = saved.metadata();
  for (const std::string& name : saved.names()) {
    if (name != entry) changed.put(name, saved.array(name));
  }
  if (array) changed.put(entry, *array);
  for (const std::string& name : saved.value_names()) changed.put_value(name, saved.value(name));
  return changed;
}
inline Checkpoint with_value(const Checkpoint& saved, const std::string& entry, const Value* value) {
  Checkpoint changed;
  changed.metadata() = saved.metadata();
  for (const std::string& name : saved.names()) changed.put(name, saved.array(name));
  for (const std::string& name : saved.value_names()) {
    if (name != entry) changed.put_value(name, saved.value(name));
  }
  if (value) changed.put_value(entry, *value);
  return changed;
}

/// Calls `f` with `saved` after each modification in turn: an entry removed, of another type, of another size.
inline void for_each_damage(const Checkpoint& saved, const std::function<void(const DamagedCheckpoint&)>& f) {
  for (const std::string& name : saved.names()) {
    const Array& array = saved.array(name);
    f({name + ": removed", with_array(saved, name, nullptr)});
    const Array other_type = array.cast(array.dtype() == DType::kInt16 ? DType::kInt8 : DType::kInt16);
    f({name + ": another type", with_array(saved, name, &other_type)});
    // an additional dimension is invalid for every field, whatever its length
    const Array other_shape = array.reshaped(array.shape().prepended(1));
    f({name + ": another shape", with_array(saved, name, &other_shape)});
    const Array longer(array.dtype(), Shape{static_cast<std::int64_t>(array.size()) + 1});
    if (array.shape().rank() != 1) f({name + ": another size", with_array(saved, name, &longer)});
  }
  for (const std::string& name : saved.value_names()) {
    const Value other = saved.value(name).is_string() ? Value(7) : Value("another type");
    f({name + ": removed", with_value(saved, name, nullptr)});
    f({name + ": another type", with_value(saved, name, &other)});
  }
}

}  // namespace ludus::test
