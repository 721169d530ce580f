// What observations and actions may be: the family of Gymnasium's spaces.
//
// Every space has a generator of its own (seed it for repeatable samples), is printable and comparable, and goes
// to JSON and back. An element is a ludus::Value; its form for each kind of space is stated in base/value.h.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/rng.h"
#include "base/value.h"

namespace ludus::envs {

using ludus::Generator;  // simulators take one by this name
using ludus::SeedSequence;

class Space {
 public:
  virtual ~Space() = default;

  // A copy, its generator included: both go on with the same stream.
  virtual std::unique_ptr<Space> clone() const = 0;

  // A random element; drawn as Gymnasium draws it, number for number.
  Value sample() { return sample_from({}, {}); }
  // Restricted by a mask, or weighted by probabilities, of the form that the kind of space documents. Throws
  // InvalidArgument if the form is wrong or the space takes none.
  Value sample_masked(const Value& mask) { return sample_from(&mask, {}); }
  Value sample_weighted(const Value& probability) { return sample_from({}, &probability); }

  // Whether `value` is an element: right form, dtype that can be cast, shape, bounds. Never throws.
  virtual bool contains(const Value& value) const = 0;

  // Restarts the generator (and those of inner spaces) from `seed`; returns the seed or seeds used, as Gymnasium does
  // (a seed from 2^63 on as the int64 of the same bits).
  virtual Value seed(std::uint64_t seed);
  // The same from a value: an integer from 0 on, or, for a space made of others, a list or dictionary of the form that
  // the kind of space documents. Throws InvalidArgument for any other.
  virtual Value seed_with(const Value& seeds);

  // "Box", "Discrete", …
  virtual std::string kind() const = 0;
  // {"type": "Discrete", "n": 2, "start": 0, "dtype": "int64"}: enough to rebuild the space. See space_from_spec.
  virtual Dict to_spec() const = 0;
  // As Gymnasium prints it: "Discrete(2)", "Box(-1.0, 1.0, (3,), float32)".
  virtual std::string to_string() const = 0;
  // Same kind and same parameters (0.0 and -0.0 are the same bound); generators do not count.
  bool equals(const Space& other) const;

  // Flattening for networks: Box its elements, Discrete and MultiDiscrete one-hot, MultiBinary its bits, Tuple and
  // Dict the concatenation of their parts, OneOf the index and its padded part, Text the indices of its characters.
  // Graph and Sequence have no fixed size: false, and flat_size() throws.
  virtual bool is_flattenable() const { return true; }
  virtual std::size_t flat_size() const = 0;
  virtual void flatten(const Value& value, std::span<double> out) const = 0;  // out: (flat_size)
  virtual Value unflatten(std::span<const double> flat) const = 0;
  // The Box in which flattened elements lie.
  virtual std::unique_ptr<Space> flattened() const = 0;

  // Rows of numbers, the form in which batches travel: as flatten, but Discrete is its one number and MultiDiscrete its
  // n numbers, not one-hot.
  virtual std::size_t row_size() const { return flat_size(); }
  virtual void to_row(const Value& value, std::span<double> row) const { flatten(value, row); }
  virtual Value from_row(std::span<const double> row) const { return unflatten(row); }
  // The same into `out`, whose memory is used again where it holds an element already.
  virtual void from_row_into(std::span<const double> row, Value& out) const { out = from_row(row); }

  Generator& generator();  // seeded from the system's entropy if it was never seeded
  const std::optional<Generator>& seeded_generator() const { return generator_; }
  void set_generator(std::optional<Generator> generator) { generator_ = std::move(generator); }

 protected:
  Space() = default;
  Space(const Space&) = default;
  Space& operator=(const Space&) = default;

  // At most one of the two is given.
  virtual Value sample_from(const Value* mask, const Value* probability) = 0;

  friend class CompositeSpace;
  friend class Sequence;
  friend class OneOf;
  friend class Graph;

 private:
  std::optional<Generator> generator_;
};

using SpacePtr = std::unique_ptr<Space>;

// The space that to_spec() described; throws InvalidArgument for an unknown type or a missing field.
SpacePtr space_from_spec(const Dict& spec);

// The integers start, …, start + n - 1. Mask: n int8 of 0 and 1 (none allowed: `start` without a draw).
// Probability: n float64 that sum to 1.
class Discrete : public Space {
 public:
  // Throws InvalidArgument unless n > 0.
  explicit Discrete(std::int64_t n, std::int64_t start = 0, DType dtype = DType::kInt64);

  std::int64_t n() const { return n_; }
  std::int64_t start() const { return start_; }
  DType dtype() const { return dtype_; }

  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "Discrete"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  std::size_t flat_size() const override;
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;
  std::size_t row_size() const override { return 1; }
  void to_row(const Value& value, std::span<double> row) const override;
  Value from_row(std::span<const double> row) const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  std::int64_t n_;
  std::int64_t start_;
  DType dtype_;
};

// Arrays of one shape and dtype, each element between its own bounds (which may be infinite). Samples: uniform where
// bounded, shifted exponential where half-bounded, normal where unbounded, drawn category by category. Takes no mask.
class Box : public Space {
 public:
  // Throws InvalidArgument if the shapes or dtypes differ, a low exceeds its high, a bound is NaN or does not fit the
  // dtype. A signed integer box takes infinite scalars: the bound is then the dtype's extreme, and samples are drawn as
  // for an unbounded element.
  Box(Array low, Array high);  // both of the space's dtype and shape
  Box(double low, double high, Shape shape, DType dtype = DType::kFloat32);

  const Array& low() const { return low_; }
  const Array& high() const { return high_; }
  const Shape& shape() const { return low_.shape(); }
  DType dtype() const { return low_.dtype(); }
  bool is_bounded() const;  // every element on both sides

  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "Box"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  std::size_t flat_size() const override { return low_.size(); }
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;
  void from_row_into(std::span<const double> row, Value& out) const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  bool bounded_below(std::size_t i) const;
  bool bounded_above(std::size_t i) const;

  Array low_;
  Array high_;
  bool infinite_low_ = false;  // an integer box made with an infinite bound, which its low_ and high_ cannot show
  bool infinite_high_ = false;
};

}  // namespace ludus::envs
