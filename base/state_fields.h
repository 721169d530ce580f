// The state of an object as a list of named fields, written once and used to save, to load and to compare.
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
// A field is
//   a bool, an integer, a floating-point number, a string, a Generator, a Value, a Dict or a List, an optional or a map
//     by name of these: one value of the checkpoint;
//   a sequence of numbers or an Array: one tensor, so that any reader of safetensors takes the weights;
//   a part with its own state(), or a vector of such parts, of which there are always as many:
//     their fields, under the name and a slash;
//   a vector of structs with columns(): one tensor for each column, under the name and a slash;
//   a part behind a unique_ptr: the same, and a flag that says whether there is one;
//   a part with virtual write_state(StateWriter&) and read_state(StateReader&): the same, for class hierarchies;
//   a part that gives NamedArrays (parameters of a network, an optimiser): their tensors, under the name and a slash;
//   a part with get_state() and set_state(Value) (environments): one value.
//
// The same list serves a dictionary, in which environments and wrappers give their state: state_as_dict(), which is
// compared entry by entry by first_difference(), and state_from_dict(), which throws TypeMismatch.
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

/// A class whose derived classes write and read their state.
template <class T>
concept HasVirtualState = requires(const T& part, T& target, StateWriter& writer, StateReader& reader) {
  part.write_state(writer);
  target.read_state(reader);
};

/// A class that gives its state as named arrays. check_state() throws where load_state() would.
template <class T>
concept HasNamedArrays = requires(const T& part, T& target, const NamedArrays& arrays) {
  { part.state() } -> std::same_as<NamedArrays>;
  part.check_state(arrays);
  target.load_state(arrays);
};

/// A class that gives its whole state as one value.
template <class T>
concept HasValueState = requires(const T& part, T& target, const Value& value) {
  { part.get_state() } -> std::same_as<Value>;
  target.set_state(value);
};

/// A struct of numbers, of which a vector is stored column by column: `static void columns(Self&, Visit&&)` lists them.
template <class T>
concept HasColumns = requires(T& row) {
  T::columns(row, [](const char*, auto&) {});
};

template <class T>
concept StatePart = HasState<T> || HasVirtualState<T> || HasNamedArrays<T> || HasValueState<T>;

/// A vector or a deque of numbers, not of bools.
template <class T>
concept NumberSequence = (std::same_as<T, std::vector<typename T::value_type, typename T::allocator_type>> ||
                          std::same_as<T, std::deque<typename T::value_type, typename T::allocator_type>>)&&std::
                             is_arithmetic_v<typename T::value_type> &&
                         !std::same_as<typename T::value_type, bool>;

/// Marks a sequence of any length: a tensor (n), or (n x columns). Without it a sequence has its present length.
struct AnyLength {
  std::optional<std::size_t> columns = {};
};

// --- fields that are one value each

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

// Each throws TypeMismatch or InvalidArgument.
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

/// Visits a state to save it.
class StateWriter {
 public:
  /// Writes into a checkpoint, or into a dictionary as entries with slashes in their names. Both must outlive the writer.
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

  /// A field that is set by a function.
  template <class T, class Set>
  void property(std::string_view name, const T& value, Set&&) {
    (*this)(name, value);
  }
  /// Nothing to check when saving.
  template <class Check>
  void check(Check&&) {}

 private:
  // The prefix with a name behind it, until the end of a scope.
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

/// Visits a state to load it, as one transaction: each field is exchanged for what is loaded, and unless commit() is
/// called, the destructor puts everything back. Whatever is wrong throws CorruptCheckpoint, or TypeMismatch when reading
/// from a dictionary, naming the entry.
class StateReader {
 public:
  /// What is read from must outlive the reader.
  explicit StateReader(CheckpointReader checkpoint) : checkpoint_(std::move(checkpoint)) {}
  explicit StateReader(const Dict& dict) : dict_(&dict) {}
  ~StateReader();
  StateReader(const StateReader&) = delete;
  StateReader& operator=(const StateReader&) = delete;

  /// Keeps what was loaded. Parts that give NamedArrays, and properties, are loaded now: they have been checked.
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
      // the first column says how many rows there are
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

  /// A part that must be there if and only if one was saved.
  template <class T>
  void operator()(std::string_view name, std::unique_ptr<T>& part) {
    if (is_present(name) != (part != nullptr)) fail_presence(path(name), part != nullptr);
    if (part) (*this)(name, *part);
  }
  /// A part that is made by `make` if one was saved. The new one is read into, so that it may be left half read.
  template <class T, class Make>
  void operator()(std::string_view name, std::unique_ptr<T>& part, Make&& make) {
    std::unique_ptr<T> loaded = is_present(name) ? std::unique_ptr<T>(make()) : nullptr;
    T* const fresh = loaded.get();
    exchange(part, std::move(loaded));
    if (fresh) (*this)(name, *fresh);
  }

  /// A field of which `present` is a copy, and which `set` sets at the commit; it must not throw for what was saved.
  template <class T, class Set>
  void property(std::string_view name, T present, Set&& set) {
    const auto before = static_cast<std::ptrdiff_t>(log_.size());
    (*this)(name, present);
    log_.erase(log_.begin() + before, log_.end());  // the copy needs no putting back
    at_commit([set, present = std::move(present)] { set(present); });
  }
  /// For parts that lay out what they load themselves: one value, and the numbers of a tensor of that shape. The numbers
  /// stay where they are until the reader's source is gone; a part takes them in at_commit().
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
  /// Calls `f` once everything has been read.
  void at_commit(std::function<void()> f) { at_commit_.push_back(std::move(f)); }
  /// Calls `check`, which throws an InputError where the fields read so far contradict each other.
  template <class Check>
  void check(Check&& check) {
    reading(prefix_, check);
  }

 private:
  // A field and what it held before.
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

  // Turns every other InputError into a CorruptCheckpoint that names the entry.
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
  const Array& array(const std::string& path, DType dtype, const Shape& shape) const;  // of that type and shape
  Shape any_length(std::string_view name, AnyLength length) const;                     // of the tensor that is there
  NamedArrays arrays_below() const;  // the prefix, in alphabetical order
  bool is_present(std::string_view name);
  void check_count(std::string_view name, std::size_t count);  // of the parts that were saved
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

/// A class whose whole state is a list of fields.
template <class T>
concept HasFieldsOfState = HasState<T> || HasVirtualState<T>;

/// Writes the state of an object into a checkpoint.
template <HasFieldsOfState T>
void save_state(const T& object, CheckpointWriter checkpoint) {
  StateWriter writer(std::move(checkpoint));
  visit_state(object, writer);
}

/// Loads what save_state() wrote. Throws CorruptCheckpoint naming the entry that is missing, of another type or size, or
/// in contradiction to others; the object is then unchanged.
template <HasFieldsOfState T>
void load_state(T& object, CheckpointReader checkpoint) {
  StateReader reader(std::move(checkpoint));
  visit_state(object, reader);
  reader.commit();
}

/// The state as a dictionary with one entry for each field; the names of parts' fields have slashes.
template <HasFieldsOfState T>
Dict state_as_dict(const T& object) {
  Dict dict;
  StateWriter writer(dict);
  visit_state(object, writer);
  return dict;
}

/// Loads what state_as_dict() gave; throws TypeMismatch where load_state() throws CorruptCheckpoint.
template <HasFieldsOfState T>
void state_from_dict(T& object, const Dict& dict) {
  StateReader reader(dict);
  visit_state(object, reader);
  reader.commit();
}

/// The name of the first entry in which two states differ, by every bit; nothing if they are equal.
std::optional<std::string> first_difference(const Dict& a, const Dict& b);
std::optional<std::string> first_difference(const Checkpoint& a, const Checkpoint& b);
template <HasFieldsOfState T>
std::optional<std::string> first_difference(const T& a, const T& b) {
  return first_difference(state_as_dict(a), state_as_dict(b));
}

}  // namespace ludus
