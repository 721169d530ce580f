// The MultiBinary space: arrays of 0 and 1.
#pragma once

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Elements are int8 arrays of one shape with elements 0 or 1. Mask: int8 of that shape; 0 and 1 fix an element, 2
/// samples it. Probability: float64 of that shape, the probability of each 1.
class MultiBinary : public Space {
 public:
  /// Throws InvalidArgument unless every extent is positive.
  explicit MultiBinary(std::int64_t n) : MultiBinary(Shape{n}) {}
  explicit MultiBinary(Shape shape);

  const Shape& shape() const { return shape_; }
  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;  // any dtype
  std::string kind() const override { return "MultiBinary"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  std::size_t flat_size() const override { return shape_.elements(); }
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  void check_restriction(const Value& value, DType dtype) const;

  Shape shape_;
};

}  // namespace ludus::envs
