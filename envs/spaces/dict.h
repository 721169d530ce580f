// The Dict space: named parts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "envs/spaces/composite_space.h"

namespace ludus::envs {

/// Elements are dictionaries with one element of each part. Masks and probabilities are dictionaries with the same
/// keys, null for parts without one. Seeding, sampling and flattening follow the order of the keys.
class DictSpace : public CompositeSpace {
 public:
  using Part = std::pair<std::string, SpacePtr>;
  /// Gymnasium sorts the keys of a plain Python dict and keeps the order of an OrderedDict or a list of pairs.
  enum class KeyOrder { kSorted, kAsGiven };

  /// Throws InvalidArgument if a part is null or a key is repeated.
  explicit DictSpace(std::vector<Part> parts, KeyOrder order = KeyOrder::kSorted);

  const std::vector<std::string>& keys() const { return keys_; }
  /// Throws InvalidArgument listing the available keys.
  Space& at(const std::string& key);
  const Space& at(const std::string& key) const;
  using CompositeSpace::at;
  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  std::string kind() const override { return "Dict"; }
  Dict to_spec() const override;
  std::string to_string() const override;

 protected:
  bool has_form(const Value& value) const override;  // accepts the keys in any order
  const Value& entry(const Value& value, std::size_t i) const override { return value.as_dict().at(keys_[i]); }
  Value made_of(List entries) const override;
  std::string form() const override;

 private:
  std::vector<std::string> keys_;  // names of the parts
};

}  // namespace ludus::envs
