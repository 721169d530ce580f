// Observation and action spaces, equivalent to Gymnasium's.
//
// Every space has its generator (seed it for reproducible samples), can be printed and compared, and converts to and
// from JSON. An element is a ludus::Value; base/value.h documents its form for each kind of space.
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

using ludus::Generator;  // short name for simulators
using ludus::SeedSequence;

class Space {
 public:
  virtual ~Space() = default;

  /// Returns a copy including the generator: both continue the same stream.
  virtual std::unique_ptr<Space> clone() const = 0;

  /// Returns a random element, identical to Gymnasium's sample for the same seed.
  Value sample() { return sample_from({}, {}); }
  /// Sample under a mask, or weighted by probabilities, in the form that each kind of space documents. Throw
  /// InvalidArgument if the form is wrong or the space does not support it.
  Value sample_masked(const Value& mask) { return sample_from(&mask, {}); }
  Value sample_weighted(const Value& probability) { return sample_from({}, &probability); }

  /// Returns whether `value` is an element: form, castable dtype, shape and bounds. Never throws.
  virtual bool contains(const Value& value) const = 0;

  /// Restarts the generator (and those of inner spaces) from `seed`. Returns the seed or seeds used, as Gymnasium does
  /// (a seed of 2^63 or more as the int64 with the same bits).
  virtual Value seed(std::uint64_t seed);
  /// Restarts the generator from a value: a non-negative integer or, for composed spaces, a list or dictionary in the
  /// form that each kind of space documents. Throws InvalidArgument for any other value.
  virtual Value seed_with(const Value& seeds);

  /// Returns the name of the kind: "Box", "Discrete", …
  virtual std::string kind() const = 0;
  /// Returns a description such as {"type": "Discrete", "n": 2, "start": 0, "dtype": "int64"}, from which
  /// space_from_spec() can rebuild the space.
  virtual Dict to_spec() const = 0;
  /// Returns the text that Gymnasium prints: "Discrete(2)", "Box(-1.0, 1.0, (3,), float32)".
  virtual std::string to_string() const = 0;
  /// Compares kind and parameters (0.0 and -0.0 are equal bounds); generators are ignored.
  bool equals(const Space& other) const;

  /// Flattening for networks: Box as its elements, Discrete and MultiDiscrete one-hot, MultiBinary as its bits, Tuple
  /// and Dict as the concatenation of their parts, OneOf as the index and the padded part, Text as the indices of its
  /// characters. Graph and Sequence have no fixed size: is_flattenable() is false, and flat_size() throws.
  virtual bool is_flattenable() const { return true; }
  virtual std::size_t flat_size() const = 0;
  virtual void flatten(const Value& value, std::span<double> out) const = 0;  // out: (flat_size)
  virtual Value unflatten(std::span<const double> flat) const = 0;
  /// Returns the Box that contains the flattened elements.
  virtual std::unique_ptr<Space> flattened() const = 0;

  /// Rows of numbers, the form of elements in batches: as flatten(), but Discrete is one number and MultiDiscrete n
  /// numbers instead of one-hot.
  virtual std::size_t row_size() const { return flat_size(); }
  virtual void to_row(const Value& value, std::span<double> row) const { flatten(value, row); }
  virtual Value from_row(std::span<const double> row) const { return unflatten(row); }
  /// Writes the element into `out`, reusing its storage if it already holds an element.
  virtual void from_row_into(std::span<const double> row, Value& out) const { out = from_row(row); }

  Generator& generator();  // seeded from the system's entropy if it has not been seeded
  const std::optional<Generator>& seeded_generator() const { return generator_; }
  void set_generator(std::optional<Generator> generator) { generator_ = std::move(generator); }

 protected:
  Space() = default;
  Space(const Space&) = default;
  Space& operator=(const Space&) = default;

  /// At most one of the two is non-null.
  virtual Value sample_from(const Value* mask, const Value* probability) = 0;

  friend class CompositeSpace;
  friend class Sequence;
  friend class OneOf;
  friend class Graph;

 private:
  std::optional<Generator> generator_;
};

using SpacePtr = std::unique_ptr<Space>;

/// Rebuilds a space from the result of to_spec(). Throws InvalidArgument for an unknown type or a missing field.
SpacePtr space_from_spec(const Dict& spec);

/// The integers start, …, start + n - 1. Mask: n int8 of 0 and 1 (all 0: `start`, without a draw). Probability: n
/// float64 that sum to 1.
class Discrete : public Space {
 public:
  /// Throws InvalidArgument unless n > 0.
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

/// Arrays of one shape and dtype with element-wise bounds, which may be infinite. Samples are uniform for bounded,
/// shifted exponential for half-bounded and normal for unbounded elements, drawn category by category: Gymnasium's, but
/// for integers near the ends of a type (docs/decisions.md). Does not support masks.
class Box : public Space {
 public:
  /// Throws InvalidArgument if shapes or dtypes differ, a low exceeds its high or is infinity, a high is -infinity, or
  /// a bound is NaN or does not fit the dtype. A signed integer box accepts infinite scalar bounds: the bound is then
  /// the extreme value of the dtype, and samples are drawn as for an unbounded element.
  Box(Array low, Array high);  // both have the dtype and shape of the space
  Box(double low, double high, Shape shape, DType dtype = DType::kFloat32);

  const Array& low() const { return low_; }
  const Array& high() const { return high_; }
  const Shape& shape() const { return low_.shape(); }
  DType dtype() const { return low_.dtype(); }
  bool is_bounded() const;  // whether all elements are bounded on both sides

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
  bool infinite_low_ = false;  // an integer box made with an infinite bound, which low_ and high_ cannot represent
  bool infinite_high_ = false;
};

}  // namespace ludus::envs
