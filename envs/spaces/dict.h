// Several spaces side by side, by name.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

// Dictionaries of one element of each part. Mask and probability: a dictionary with the same keys, null where there is
// none. The order of the keys is the order of seeding, sampling and flattening.
class DictSpace : public Space {
 public:
  using Part = std::pair<std::string, SpacePtr>;
  // Gymnasium sorts the keys of a plain Python dict and keeps the order of an OrderedDict or a list of pairs.
  enum class KeyOrder { kSorted, kAsGiven };

  // Throws InvalidArgument if a part is null or a key stands twice.
  explicit DictSpace(std::vector<Part> spaces, KeyOrder order = KeyOrder::kSorted);
  DictSpace(const DictSpace& other);
  DictSpace& operator=(const DictSpace& other);

  std::size_t size() const { return spaces_.size(); }
  const std::vector<std::string>& keys() const { return keys_; }
  // Throws InvalidArgument naming the keys there are.
  Space& at(const std::string& key);
  const Space& at(const std::string& key) const;
  Space& at(std::size_t i) { return *spaces_.at(i); }
  const Space& at(std::size_t i) const { return *spaces_.at(i); }
  static SpacePtr from_spec(const Dict& spec);

  // Parts are seeded from numbers that this space's own generator draws; returns the dictionary of their seeds.
  Value seed(std::uint64_t seed) override;
  // One seed (or what else the part takes) for each key.
  Value seed_with(const Value& seeds) override;

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;  // keys in any order
  std::string kind() const override { return "Dict"; }
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

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  bool has_keys(const Dict& dict) const;
  const Dict& parts_of(const Value& value, const char* what) const;

  std::vector<std::string> keys_;
  std::vector<SpacePtr> spaces_;  // as keys_
};

}  // namespace ludus::envs
