// Parts of an agent's state in a checkpoint, read back with their sizes checked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/value.h"
#include "base/rng.h"

namespace ludus {
class Checkpoint;
}

namespace ludus::agents {

// Numbers under `name`, as an array of `shape`. T: float, double, int64_t or uint8_t.
template <class T>
void put_numbers(Checkpoint& checkpoint, const std::string& name, std::span<const T> numbers, Shape shape);
template <class T>
void put_numbers(Checkpoint& checkpoint, const std::string& name, const std::vector<T>& numbers) {
  put_numbers(checkpoint, name, std::span<const T>(numbers), Shape{static_cast<std::int64_t>(numbers.size())});
}

// The numbers that put_numbers() wrote; throws CorruptCheckpoint if they are missing, of another type or, in the
// second form, of another shape.
template <class T>
std::vector<T> take_numbers(const Checkpoint& checkpoint, const std::string& name);
template <class T>
std::vector<T> take_numbers(const Checkpoint& checkpoint, const std::string& name, Shape shape);

void put_generator(Checkpoint& checkpoint, const std::string& name, const Generator& generator);
// Throws CorruptCheckpoint if it is missing or none.
Generator take_generator(const Checkpoint& checkpoint, const std::string& name);

// One whole number or real; throw CorruptCheckpoint.
void put_integer(Checkpoint& checkpoint, const std::string& name, std::int64_t number);
std::int64_t take_integer(const Checkpoint& checkpoint, const std::string& name);
void put_real(Checkpoint& checkpoint, const std::string& name, double number);
double take_real(const Checkpoint& checkpoint, const std::string& name);

// The state of a part that keeps its own, such as a replay: the arrays of `state` become tensors "NAME/ENTRY", readable
// from anywhere, and its other entries one value called `name`.
void put_dict(Checkpoint& checkpoint, const std::string& name, const Dict& state);
// Throws CorruptCheckpoint where there is no such value.
Dict take_dict(const Checkpoint& checkpoint, const std::string& name);

}  // namespace ludus::agents
