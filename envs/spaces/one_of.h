// One of several spaces.
#pragma once

#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

// Lists [i, element of part i]. Mask and probability: a list of one for each part, null where there is none; the part
// itself is drawn evenly.
class OneOf : public Space {
 public:
  // Throws InvalidArgument if there is no part or one is null.
  explicit OneOf(std::vector<SpacePtr> spaces);
  OneOf(const OneOf& other);
  OneOf& operator=(const OneOf& other);

  std::size_t size() const { return spaces_.size(); }
  Space& at(std::size_t i) { return *spaces_.at(i); }
  const Space& at(std::size_t i) const { return *spaces_.at(i); }
  static SpacePtr from_spec(const Dict& spec);

  // Returns the list of this space's seed and those drawn for the parts.
  Value seed(std::uint64_t seed) override;
  // A list of one for this space and one for each part.
  Value seed_with(const Value& seeds) override;

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "OneOf"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  bool is_flattenable() const override;
  // The index, then the flat part, filled up to the longest part with its own first number.
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
