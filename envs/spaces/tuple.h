// Several spaces side by side, by position.
#pragma once

#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

// Lists of one element of each part, in order. Mask and probability: a list of one for each part, null where there is none.
class Tuple : public Space {
 public:
  // Throws InvalidArgument if a part is null.
  explicit Tuple(std::vector<SpacePtr> spaces);
  Tuple(const Tuple& other);
  Tuple& operator=(const Tuple& other);

  std::size_t size() const { return spaces_.size(); }
  Space& at(std::size_t i) { return *spaces_.at(i); }
  const Space& at(std::size_t i) const { return *spaces_.at(i); }
  static SpacePtr from_spec(const Dict& spec);

  // Parts are seeded from numbers that this space's own generator draws; returns the list of their seeds.
  Value seed(std::uint64_t seed) override;
  // One seed (or what else the part takes) for each part.
  Value seed_with(const Value& seeds) override;

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "Tuple"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  bool is_flattenable() const override;
  std::size_t flat_size() const override;
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;
  std::size_t row_size() const override;
  void to_row(const Value& value, std::span<double> row) const override;
  Value from_row(std::span<const double> row) const override;
  void from_row_into(std::span<const double> row, Value& out) const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  const List& parts_of(const Value& value, const char* what) const;

  std::vector<SpacePtr> spaces_;
};

}  // namespace ludus::envs
