// The MultiDiscrete space: several independent choices.
#pragma once

#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Elements are integer arrays with element i in start[i], …, start[i] + nvec[i] - 1. Mask: nested lists of the array's
/// shape, with nvec[i] int8 of 0 and 1 at each leaf (all 0: start[i]). Probability: the same with float64 that sum to
/// 1.
class MultiDiscrete : public Space {
 public:
  /// Throws InvalidArgument unless every count is positive, the shapes agree and the dtype can hold every element.
  explicit MultiDiscrete(const std::vector<std::int64_t>& nvec, const std::vector<std::int64_t>& start = {},
                         DType dtype = DType::kInt64);
  MultiDiscrete(Array nvec, Array start, DType dtype = DType::kInt64);  // both int64, of the elements' shape

  const Array& nvec() const { return nvec_; }    // int64
  const Array& start() const { return start_; }  // int64
  const Shape& shape() const { return nvec_.shape(); }
  DType dtype() const { return dtype_; }
  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "MultiDiscrete"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  std::size_t flat_size() const override { return flat_size_; }
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;
  std::size_t row_size() const override { return nvec_.size(); }
  void to_row(const Value& value, std::span<double> row) const override;
  Value from_row(std::span<const double> row) const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  std::int64_t draw_restricted(std::size_t i, const Value& leaf, bool is_mask);
  void sample_restricted(const Value& tree, bool is_mask, std::size_t axis, std::size_t& next, Array& out);
  void check_element(const Value& value) const;

  Array nvec_;
  Array start_;
  DType dtype_;
  std::size_t flat_size_ = 0;
};

}  // namespace ludus::envs
