#include "agents/core/saved_state.h"

#include "envs/core/env.h"
#include "base/checkpoint.h"

namespace ludus::agents {

template <class T>
void put_numbers(Checkpoint& checkpoint, const std::string& name, std::span<const T> numbers, Shape shape) {
  checkpoint.put(name, Array::of(numbers, shape));
}

template <class T>
std::vector<T> take_numbers(const Checkpoint& checkpoint, const std::string& name) {
  const Array& array = checkpoint.array(name);
  if (array.dtype() != dtype_for<T>()) {
    throw CorruptCheckpoint("the checkpoint's " + name + " holds " + std::string(name_of(array.dtype())) +
                                " where " + std::string(name_of(dtype_for<T>())) + " is wanted");
  }
  const std::span<const T> numbers = array.data<T>();
  return {numbers.begin(), numbers.end()};
}

template <class T>
std::vector<T> take_numbers(const Checkpoint& checkpoint, const std::string& name, Shape shape) {
  const Array& array = checkpoint.array(name);
  if (!(array.shape() == shape)) {
    throw CorruptCheckpoint("the checkpoint's " + name + " has the shape " + array.shape().to_string() + " where " +
                                shape.to_string() +
                                " is wanted; it belongs to other settings, another environment or another number of "
                                "environments");
  }
  return take_numbers<T>(checkpoint, name);
}

template void put_numbers(Checkpoint&, const std::string&, std::span<const float>, Shape);
template void put_numbers(Checkpoint&, const std::string&, std::span<const double>, Shape);
template void put_numbers(Checkpoint&, const std::string&, std::span<const std::int64_t>, Shape);
template void put_numbers(Checkpoint&, const std::string&, std::span<const std::uint8_t>, Shape);
template std::vector<float> take_numbers(const Checkpoint&, const std::string&);
template std::vector<double> take_numbers(const Checkpoint&, const std::string&);
template std::vector<std::int64_t> take_numbers(const Checkpoint&, const std::string&);
template std::vector<std::uint8_t> take_numbers(const Checkpoint&, const std::string&);
template std::vector<float> take_numbers(const Checkpoint&, const std::string&, Shape);
template std::vector<double> take_numbers(const Checkpoint&, const std::string&, Shape);
template std::vector<std::int64_t> take_numbers(const Checkpoint&, const std::string&, Shape);
template std::vector<std::uint8_t> take_numbers(const Checkpoint&, const std::string&, Shape);

namespace {

// What a broken value throws on the way becomes a CorruptCheckpoint that names it.
template <class Read>
auto reading(const std::string& name, Read read) {
  try {
    return read();
  } catch (const CorruptCheckpoint&) {
    throw;
  } catch (const InputError& error) {
    throw CorruptCheckpoint("the checkpoint's " + name + " cannot be read: " + error.what());
  }
}

}  // namespace

void put_generator(Checkpoint& checkpoint, const std::string& name, const Generator& generator) {
  checkpoint.put_value(name, generator_to_value(generator));
}

Generator take_generator(const Checkpoint& checkpoint, const std::string& name) {
  return reading(name, [&] { return generator_from_value(checkpoint.value(name)); });
}

void put_integer(Checkpoint& checkpoint, const std::string& name, std::int64_t number) {
  checkpoint.put_value(name, number);
}

std::int64_t take_integer(const Checkpoint& checkpoint, const std::string& name) {
  return reading(name, [&] { return checkpoint.value(name).as_int(); });
}

void put_real(Checkpoint& checkpoint, const std::string& name, double number) {
  checkpoint.put_value(name, number);
}

double take_real(const Checkpoint& checkpoint, const std::string& name) {
  return reading(name, [&] { return checkpoint.value(name).as_double(); });
}

void put_dict(Checkpoint& checkpoint, const std::string& name, const Dict& state) {
  Dict rest;
  for (const auto& [entry, value] : state) {
    if (value.is_array()) {
      checkpoint.put(name + "/" + entry, value.as_array());
    } else {
      rest[entry] = value;
    }
  }
  checkpoint.put_value(name, rest);
}

Dict take_dict(const Checkpoint& checkpoint, const std::string& name) {
  Dict state = reading(name, [&] { return checkpoint.value(name).as_dict(); });
  for (const auto& [entry, array] : checkpoint.reader(name).all()) state[entry] = array;
  return state;
}

}  // namespace ludus::agents
