// Small datasets, and passes over them as lists of numbers.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "nn/data/dataset.h"

namespace ludus::data {

/// Elements {"x": 0}, …, {"x": n - 1}.
inline Dataset numbers(std::int64_t n) {
  return from_index(
      static_cast<std::uint64_t>(n),
      [](std::uint64_t i) {
        return Example{{"x", static_cast<std::int64_t>(i)}};
      },
      "numbers");
}

/// The same without a known size.
inline Dataset stream_of_numbers(std::int64_t n) {
  return from_stream(
      [n] {
        return [n, next = std::int64_t{0}]() mutable -> std::optional<Example> {
          if (next == n) return std::nullopt;
          return Example{{"x", next++}};
        };
      },
      "stream of numbers");
}

/// The field x of all elements, of batches in one list.
inline std::vector<std::int64_t> xs(const Example& example) {
  const Value& x = example.at("x");
  if (x.is_int()) return {x.as_int()};
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < x.as_array().size(); ++i) all.push_back(static_cast<std::int64_t>(x.as_array().get(i)));
  return all;
}
inline std::vector<std::int64_t> rest_of(Epoch& pass) {
  std::vector<std::int64_t> all;
  for (const Example& example : pass) {
    for (const std::int64_t x : xs(example)) all.push_back(x);
  }
  return all;
}
inline std::vector<std::int64_t> pass_of(const Dataset& dataset, std::uint64_t epoch = 0) {
  Epoch pass = dataset.epoch(epoch);
  return rest_of(pass);
}

inline std::vector<std::int64_t> range(std::int64_t begin, std::int64_t end) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = begin; i < end; ++i) all.push_back(i);
  return all;
}

/// A random augmentation: adds a number below 1000 from the generator, times 1000.
inline Example augmented(Example example, Generator& random) {
  example["x"] = example.integer("x") + 1000 * random.integers(1000);
  return example;
}

}  // namespace ludus::data
