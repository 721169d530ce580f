// The state of an object as a list of named fields, written once and used to save, load and compare it.
//
//   class Counter {
//    public:
//     template <class Self, class Visit>
//     static void state(Self& self, Visit&& visit) {
//       visit("steps", self.steps_);
//       visit("weights", self.weights_, Shape{2, 3});
//       visit("generator", self.generator_);
//     }
//   };
//   save_state(counter, checkpoint.writer("agent"));
//   load_state(counter, checkpoint.reader("agent"));  // throws CorruptCheckpoint, counter is unchanged
//
// Supported fields:
//   a bool, an integer, a floating-point number, a string, a Generator, a Value, a Dict or a List, an optional of these
//     or a map from names to these: one value of the checkpoint;
//   a sequence of numbers or an Array: one tensor, which any reader of safetensors can load;
//   an object with state(), or a vector with a fixed number of them: their fields, under the name and a slash;
//   a vector of structs with columns(): one tensor per column, under the name and a slash;
//   an object behind a unique_ptr: the same, and a flag that records whether it is present;
//   an object with virtual write_state(StateWriter&) and read_state(StateReader&): the same, for class hierarchies;
//   an object with NamedArrays (network parameters, optimisers): their tensors, under the name and a slash;
//   an object with get_state() and set_state(Value) (environments): one value.
//
// The same list converts the state to and from the dictionaries of environments and wrappers: state_as_dict(),
// state_from_dict(), which throws TypeMismatch, and first_difference(), which compares them entry by entry.
#pragma once

#include <concepts>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/checkpoint.h"
#include "base/format.h"
#include "base/named_arrays.h"
#include "base/rng.h"
#include "base/value.h"

namespace ludus {

class StateWriter;
class StateReader;

/// A class that lists its state in `template <class Self, class Visit> static void state(Self&, Visit&&)`.
template <class T>
concept HasState = requires(const T& part, StateWriter& visit) {
  T::state(part, visit);
};

/// A class hierarchy with virtual functions that write and read the state.
template <class T>
concept HasVirtualState = requires(const T& part, T& target, StateWriter& writer, StateReader& reader) {
  part.write_state(writer);
  target.read_state(reader);
};

/// A class with its state as named arrays. check_state() throws under the same conditions as load_state().
template <class T>
concept HasNamedArrays = requires(const T& part, T& target, const NamedArrays& arrays) {
  { part.state() } -> std::same_as<NamedArrays>;
  part.check_state(arrays);
  target.load_state(arrays);
};

/// A class with its complete state as one value.
template <class T>
concept HasValueState = requires(const T& part, T& target, const Value& value) {
  { part.get_state() } -> std::same_as<Value>;
  target.set_state(value);
};

/// A struct of numbers with `static void columns(Self&, Visit&&)`. A vector of them is stored column by column.
template <class T>
concept HasColumns = requires(T& row) {
  T::columns(row, [](const char*, auto&) {});
};

template <class T>
concept StatePart = HasState<T> || HasVirtualState<T> || HasNamedArrays<T> || HasValueState<T>;

/// A vector or deque of numbers, but not of bools.
template <class T>
concept NumberSequence = (std::same_as<T, std::vector<typename T::value_type, typename T::allocator_type>> ||
                          std::same_as<T, std::deque<typename T::value_type, typename T::allocator_type>>)&&std::
                             is_arithmetic_v<typename T::value_type> &&
                         !std::same_as<typename T::value_type, bool>;

/// Marks a sequence of variable length, stored as a tensor (n), or (n x columns). Other sequences keep their current
/// length.
struct AnyLength {
  std::optional<std::size_t> columns = {};
};

// --- fields that are stored as one value

namespace state_values {

inline Value to_value(const Value& field) {
  return field;
}
inline Value to_value(const Dict& field) {
  return field;
}
inline Value to_value(const List& field) {
  return field;
}
inline Value to_value(const std::string& field) {
  return field;
}
inline Value to_value(const Generator& field) {
  return generator_to_value(field);
}
template <class T>
requires std::is_arithmetic_v<T> Value to_value(T field) {
  if constexpr (std::same_as<T, bool>) {
    return field;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(field);
  } else {
    return static_cast<double>(field);
  }
}
template <class T>
Value to_value(const std::optional<T>& field) {
  return field ? to_value(*field) : Value();
}
template <class T>
Value to_value(const std::map<std::string, T>& field) {
  Dict dict;
  for (const auto& [name, element] : field) dict[name] = to_value(element);
  return dict;
}

/// Each throws TypeMismatch or InvalidArgument.
inline void from_value(const Value& value, Value& field) {
  field = value;
}
inline void from_value(const Value& value, Dict& field) {
  field = value.as_dict();
}
inline void from_value(const Value& value, List& field) {
  field = value.as_list();
}
inline void from_value(const Value& value, std::string& field) {
  field = value.as_string();
}
inline void from_value(const Value& value, std::optional<Generator>& field) {
  field = value.is_null() ? std::nullopt : std::optional(generator_from_value(value));
}
inline void from_value(const Value& value, Generator& field) {
  field = generator_from_value(value);
}
template <class T>
requires std::is_arithmetic_v<T>
void from_value(const Value& value, T& field) {
  if constexpr (std::same_as<T, bool>) {
    field = value.as_bool();
  } else if constexpr (std::is_integral_v<T>) {
    const std::int64_t number = value.as_int();
    if (!std::in_range<T>(number)) {
      throw InvalidArgument(formatted("the integer {} is out of the range of this field", number));
    }
    field = static_cast<T>(number);
  } else {
    field = static_cast<T>(value.as_double());
  }
}
template <class T>
void from_value(const Value& value, std::optional<T>& field) {
  field.reset();
  if (!value.is_null()) from_value(value, field.emplace());
}
template <class T>
void from_value(const Value& value, std::map<std::string, T>& field) {
  field.clear();
  for (const auto& [name, element] : value.as_dict()) from_value(element, field[name]);
}

}  // namespace state_values

/// A type that is stored as one value.
template <class T>
concept ValueField = requires(const T& field, T& target, const Value& value) {
  { state_values::to_value(field) } -> std::same_as<Value>;
  state_values::from_value(value, target);
};

/// Saves the fields of a state.
class StateWriter {
 public:
  /// Writes to a checkpoint, or to a dictionary with slashes in its keys. The destination must outlive the writer.
  explicit StateWriter(CheckpointWriter checkpoint) : checkpoint_(std::move(checkpoint)) {}
  explicit StateWriter(Dict& dict) : dict_(&dict) {}

  template <ValueField T>
  void operator()(std::string_view name, const T& field) {
    put_value(path(name), state_values::to_value(field));
  }

  template <NumberSequence T>
  void operator()(std::string_view name, const T& field) {
    put(path(name), array_of(field, Shape{static_cast<std::int64_t>(field.size())}));
  }
  template <NumberSequence T>
  void operator()(std::string_view name, const T& field, const Shape& shape) {
    put(path(name), array_of(field, shape));
  }
  template <NumberSequence T>
  void operator()(std::string_view name, const T& field, AnyLength length) {
    const std::size_t columns = length.columns.value_or(1);
    Shape shape{columns == 0 ? 0 : static_cast<std::int64_t>(field.size() / columns)};
    if (length.columns) shape = shape.appended(static_cast<std::int64_t>(*length.columns));
    put(path(name), array_of(field, shape));
  }
  void operator()(std::string_view name, const Array& field) { put(path(name), field); }
  void operator()(std::string_view name, Array&& field) { put(path(name), std::move(field)); }

  template <StatePart T>
  void operator()(std::string_view name, const T& part) {
    if constexpr (HasValueState<T>) {
      put_value(path(name), part.get_state());
    } else {
      const Within within(prefix_, name);
      if constexpr (HasVirtualState<T>) {
        part.write_state(*this);
      } else if constexpr (HasState<T>) {
        T::state(part, *this);
      } else {
        for (auto& [entry, array] : part.state()) put(path(entry), std::move(array));
      }
    }
  }
  template <StatePart T>
  void operator()(std::string_view name, const std::vector<T>& parts) {
    put_value(path(name), static_cast<std::int64_t>(parts.size()));
    for (std::size_t i = 0; i < parts.size(); ++i) (*this)(formatted("{}/{}", name, i), parts[i]);
  }
  template <HasColumns T>
  void operator()(std::string_view name, const std::vector<T>& rows) {
    const Within within(prefix_, name);
    T first{};
    T::columns(first, [&](std::string_view column, const auto& field) {
      std::vector<std::decay_t<decltype(field)>> numbers;
      for (const T& row : rows) {
        T::columns(row, [&](std::string_view other, const auto& number) {
          if constexpr (std::same_as<decltype(number), decltype(field)>) {
            if (other == column) numbers.push_back(number);
          }
        });
      }
      (*this)(column, numbers);
    });
  }
  template <HasColumns T>
  void operator()(std::string_view name, const std::vector<std::vector<T>>& tables) {
    put_value(path(name), static_cast<std::int64_t>(tables.size()));
    for (std::size_t i = 0; i < tables.size(); ++i) (*this)(formatted("{}/{}", name, i), tables[i]);
  }

  template <class T>
  void operator()(std::string_view name, const std::unique_ptr<T>& part) {
    put_value(path(name), part != nullptr);
    if (part) (*this)(name, *part);
  }
  template <class T, class Make>
  void operator()(std::string_view name, const std::unique_ptr<T>& part, Make&&) {
    (*this)(name, part);
  }

  /// Saves a property, which is loaded by calling a setter.
  template <class T, class Set>
  void property(std::string_view name, const T& value, Set&&) {
    (*this)(name, value);
  }
  /// Does nothing; consistency is checked when loading.
  template <class Check>
  void check(Check&&) {}

 private:
  // Appends a name to the prefix until the end of the scope.
  class Within {
   public:
    Within(std::string& prefix, std::string_view name) : prefix_(prefix), length_(prefix.size()) {
      prefix.append(name).append("/");
    }
    ~Within() { prefix_.resize(length_); }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;

   private:
    std::string& prefix_;
    std::size_t length_;
  };
  friend class StateReader;

  template <class T>
  static Array array_of(const T& numbers, const Shape& shape) {
    const std::vector<typename T::value_type> row(numbers.begin(), numbers.end());
    return Array::of(std::span<const typename T::value_type>(row), shape);
  }
  template <class N>
  static Array array_of(const std::vector<N>& numbers, const Shape& shape) {
    return Array::of(std::span<const N>(numbers), shape);
  }

  std::string path(std::string_view name) const { return prefix_ + std::string(name); }
  void put(const std::string& path, Array array);
  void put_value(const std::string& path, Value value);

  std::optional<CheckpointWriter> checkpoint_;
  Dict* dict_ = nullptr;
  std::string prefix_;  // "" or "…/"
};

/// Loads the fields of a state as one transaction. Each field is exchanged for the loaded one, and the destructor
/// restores all of them unless commit() was called. Errors throw CorruptCheckpoint, or TypeMismatch when reading from a
/// dictionary, naming the entry.
class StateReader {
 public:
  /// Reads from a checkpoint or a dictionary, which must outlive the reader.
  explicit StateReader(CheckpointReader checkpoint) : checkpoint_(std::move(checkpoint)) {}
  explicit StateReader(const Dict& dict) : dict_(&dict) {}
  ~StateReader();
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;

  /// Keeps the loaded fields, then loads the objects with NamedArrays and the properties, which have been checked
  /// already.
  void commit();

  template <ValueField T>
  void operator()(std::string_view name, T& field) {
    T loaded = field;
    reading(path(name), [&] { state_values::from_value(value(path(name)), loaded); });
    exchange(field, std::move(loaded));
  }

  template <NumberSequence T>
  void operator()(std::string_view name, T& field) {
    load_numbers(name, field, Shape{static_cast<std::int64_t>(field.size())});
  }
  template <NumberSequence T>
  void operator()(std::string_view name, T& field, const Shape& shape) {
    load_numbers(name, field, shape);
  }
  template <NumberSequence T>
  void operator()(std::string_view name, T& field, AnyLength length) {
    load_numbers(name, field, any_length(name, length));
  }
  void operator()(std::string_view name, Array& field) {
    exchange(field, array(path(name), field.dtype(), field.shape()));
  }

  template <StatePart T>
  void operator()(std::string_view name, T& part) {
    if constexpr (HasValueState<T>) {
      load_value_state(name, part);
    } else {
      const StateWriter::Within within(prefix_, name);
      if constexpr (HasVirtualState<T>) {
        part.read_state(*this);
      } else if constexpr (HasState<T>) {
        T::state(part, *this);
      } else {
        auto arrays = std::make_shared<NamedArrays>(arrays_below());
        reading(prefix_, [&] { part.check_state(*arrays); });
        at_commit_.push_back([&part, arrays] { part.load_state(*arrays); });
      }
    }
  }
  template <StatePart T>
  void operator()(std::string_view name, std::vector<T>& parts) {
    check_count(name, parts.size());
    for (std::size_t i = 0; i < parts.size(); ++i) (*this)(formatted("{}/{}", name, i), parts[i]);
  }
  template <HasColumns T>
  void operator()(std::string_view name, std::vector<T>& rows) {
    const StateWriter::Within within(prefix_, name);
    std::optional<std::vector<T>> loaded;
    T first{};
    T::columns(first, [&](std::string_view column, auto& field) {
      using Number = std::decay_t<decltype(field)>;
      // the first column determines the number of rows
      const Shape shape = loaded ? Shape{static_cast<std::int64_t>(loaded->size())} : any_length(column, {});
      const Array& numbers = array(path(column), dtype_for<Number>(), shape);
      if (!loaded) loaded.emplace(numbers.size());
      for (std::size_t i = 0; i < loaded->size(); ++i) {
        T::columns((*loaded)[i], [&](std::string_view other, auto& number) {
          if constexpr (std::same_as<decltype(number), decltype(field)>) {
            if (other == column) number = numbers.data<Number>()[i];
          }
        });
      }
    });
    exchange(rows, std::move(*loaded));
  }
  template <HasColumns T>
  void operator()(std::string_view name, std::vector<std::vector<T>>& tables) {
    check_count(name, tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i) (*this)(formatted("{}/{}", name, i), tables[i]);
  }

  /// Loads an object that must be present if and only if one was saved.
  template <class T>
  void operator()(std::string_view name, std::unique_ptr<T>& part) {
    if (is_present(name) != (part != nullptr)) fail_presence(path(name), part != nullptr);
    if (part) (*this)(name, *part);
  }
  /// Loads an object that `make` creates if one was saved. On failure the new object is discarded.
  template <class T, class Make>
  void operator()(std::string_view name, std::unique_ptr<T>& part, Make&& make) {
    std::unique_ptr<T> loaded = is_present(name) ? std::unique_ptr<T>(make()) : nullptr;
    T* const fresh = loaded.get();
    exchange(part, std::move(loaded));
    if (fresh) (*this)(name, *fresh);
  }

  /// Loads a property with the current value `present`; commit() passes the loaded value to `set`, which must accept
  /// every saved value without throwing.
  template <class T, class Set>
  void property(std::string_view name, T present, Set&& set) {
    const auto before = static_cast<std::ptrdiff_t>(log_.size());
    (*this)(name, present);
    log_.erase(log_.begin() + before, log_.end());  // the local copy needs no rollback
    at_commit([set, present = std::move(present)] { set(present); });
  }
  /// Read one value, or a tensor of this shape, for objects that handle their loading themselves. The numbers stay
  /// valid as long as the source of the reader; copy them in at_commit().
  template <ValueField T>
  T get(std::string_view name) {
    T loaded{};
    reading(path(name), [&] { state_values::from_value(value(path(name)), loaded); });
    return loaded;
  }
  template <class Number>
  std::span<const Number> numbers(std::string_view name, const Shape& shape) {
    return array(path(name), dtype_for<Number>(), shape).template data<Number>();
  }
  /// Schedules `f` to run in commit(), after all fields have been read.
  void at_commit(std::function<void()> f) { at_commit_.push_back(std::move(f)); }
  /// Calls `check`, which throws an InputError if the fields read so far are inconsistent.
  template <class Check>
  void check(Check&& check) {
    reading(prefix_, check);
  }

 private:
  // Restores the previous content of a field.
  class Undo {
   public:
    virtual ~Undo() = default;
    virtual void undo() = 0;
  };
  template <class T>
  class Exchange final : public Undo {
   public:
    Exchange(T& field, T other) : field_(field), other_(std::move(other)) {}
    void swap() {
      using std::swap;
      swap(field_, other_);
    }
    void undo() override { swap(); }

   private:
    T& field_;
    T other_;
  };
  template <class T>
  class Reset final : public Undo {
   public:
    Reset(T& part, Value state) : part_(part), state_(std::move(state)) {}
    void undo() override { part_.set_state(state_); }

   private:
    T& part_;
    Value state_;
  };

  template <class T>
  void exchange(T& field, T loaded) {
    auto step = std::make_unique<Exchange<T>>(field, std::move(loaded));
    Exchange<T>& exchange = *step;
    log_.push_back(std::move(step));
    exchange.swap();
  }
  template <class T>
  void load_value_state(std::string_view name, T& part) {
    log_.push_back(std::make_unique<Reset<T>>(part, part.get_state()));
    reading(path(name), [&] { part.set_state(value(path(name))); });
  }
  template <class T>
  void load_numbers(std::string_view name, T& field, const Shape& shape) {
    using Number = typename T::value_type;
    const Array& numbers = array(path(name), dtype_for<Number>(), shape);
    const std::span<const Number> row = numbers.data<Number>();
    exchange(field, T(row.begin(), row.end()));
  }

  // Converts every other InputError to a CorruptCheckpoint that names the entry.
  template <class Read>
  void reading(const std::string& path, Read&& read) {
    try {
      read();
    } catch (const CorruptCheckpoint&) {
      throw;
    } catch (const InputError& error) {
      fail(path, error.what());
    }
  }

  std::string path(std::string_view name) const { return prefix_ + std::string(name); }
  Value value(const std::string& path) const;
  const Array& array(const std::string& path) const;
  const Array& array(const std::string& path, DType dtype, const Shape& shape) const;  // checked
  Shape any_length(std::string_view name, AnyLength length) const;                     // shape of the stored tensor
  NamedArrays arrays_below() const;  // all arrays below the prefix, in alphabetical order
  bool is_present(std::string_view name);
  void check_count(std::string_view name, std::size_t count);  // throws unless this many objects were saved
  [[noreturn]] void fail(const std::string& path, const std::string& fault) const;
  [[noreturn]] void fail_presence(const std::string& path, bool expected) const;

  std::optional<CheckpointReader> checkpoint_;
  const Dict* dict_ = nullptr;
  std::string prefix_;  // "" or "…/"
  std::vector<std::unique_ptr<Undo>> log_;
  std::vector<std::function<void()>> at_commit_;
};

/// Visits the whole state of an object.
template <class T, class Visit>
void visit_state(T& object, Visit& visit) {
  if constexpr (!HasVirtualState<std::remove_const_t<T>>) {
    T::state(object, visit);
  } else if constexpr (std::same_as<Visit, StateWriter>) {
    object.write_state(visit);
  } else {
    object.read_state(visit);
  }
}

/// A class with its complete state as a list of fields.
template <class T>
concept HasFieldsOfState = HasState<T> || HasVirtualState<T>;

/// Writes the state of an object into a checkpoint.
template <HasFieldsOfState T>
void save_state(const T& object, CheckpointWriter checkpoint) {
  StateWriter writer(std::move(checkpoint));
  visit_state(object, writer);
}

/// Loads the result of save_state(). Throws CorruptCheckpoint naming an entry that is missing, has another type or
/// size, or contradicts others; the object is then unchanged.
template <HasFieldsOfState T>
void load_state(T& object, CheckpointReader checkpoint) {
  StateReader reader(std::move(checkpoint));
  visit_state(object, reader);
  reader.commit();
}

/// Returns the state as a dictionary with one entry per field; the fields of nested objects have slashes in their
/// names.
template <HasFieldsOfState T>
Dict state_as_dict(const T& object) {
  Dict dict;
  StateWriter writer(dict);
  visit_state(object, writer);
  return dict;
}

/// Loads the result of state_as_dict(). Throws TypeMismatch where load_state() throws CorruptCheckpoint.
template <HasFieldsOfState T>
void state_from_dict(T& object, const Dict& dict) {
  StateReader reader(dict);
  visit_state(object, reader);
  reader.commit();
}

/// Returns the name of the first entry that differs between two states, compared bit by bit; nullopt if they are equal.
std::optional<std::string> first_difference(const Dict& a, const Dict& b);
std::optional<std::string> first_difference(const Checkpoint& a, const Checkpoint& b);
template <HasFieldsOfState T>
std::optional<std::string> first_difference(const T& a, const T& b) {
  return first_difference(state_as_dict(a), state_as_dict(b));
}

}  // namespace ludus
