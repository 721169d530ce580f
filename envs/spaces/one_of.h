// The OneOf space: an element of one of several spaces.
#pragma once

#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Elements are lists [i, element of part i]. Masks and probabilities are lists with one entry per part, null for none.
/// The part is sampled uniformly.
class OneOf : public Space {
 public:
  /// Throws InvalidArgument if there are no parts or one is null.
  explicit OneOf(std::vector<SpacePtr> spaces);
  OneOf(const OneOf& other);
  OneOf& operator=(const OneOf& other);

  std::size_t size() const { return spaces_.size(); }
  Space& at(std::size_t i) { return *spaces_.at(i); }
  const Space& at(std::size_t i) const { return *spaces_.at(i); }
  static SpacePtr from_spec(const Dict& spec);

  /// Returns the list of this space's seed and the sampled seeds of the parts.
  Value seed(std::uint64_t seed) override;
  /// Accepts a list with one seed for this space and one for each part.
  Value seed_with(const Value& seeds) override;

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "OneOf"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  bool is_flattenable() const override;
  /// The index, then the flattened part, padded with its first number to the length of the longest part.
  std::size_t flat_size() const override;
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;
  std::size_t row_size() const override;
  void to_row(const Value& value, std::span<double> row) const override;
  Value from_row(std::span<const double> row) const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  std::size_t index_of(const Value& value) const;
  std::size_t checked_index(double number) const;

  std::vector<SpacePtr> spaces_;
};

}  // namespace ludus::envs
