// Several spaces side by side, by name.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "envs/spaces/composite_space.h"

namespace ludus::envs {

// Dictionaries of one element of each part. Mask and probability: a dictionary with the same keys, null where there is
// none. The order of the keys is the order of seeding, sampling and flattening.
class DictSpace : public CompositeSpace {
 public:
  using Part = std::pair<std::string, SpacePtr>;
  // Gymnasium sorts the keys of a plain Python dict and keeps the order of an OrderedDict or a list of pairs.
  enum class KeyOrder { kSorted, kAsGiven };

  // Throws InvalidArgument if a part is null or a key stands twice.
  explicit DictSpace(std::vector<Part> parts, KeyOrder order = KeyOrder::kSorted);

  const std::vector<std::string>& keys() const { return keys_; }
  // Throws InvalidArgument naming the keys there are.
  Space& at(const std::string& key);
  const Space& at(const std::string& key) const;
  using CompositeSpace::at;
  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  std::string kind() const override { return "Dict"; }
  Dict to_spec() const override;
  std::string to_string() const override;

 protected:
  bool has_form(const Value& value) const override;  // the keys in any order
  const Value& entry(const Value& value, std::size_t i) const override { return value.as_dict().at(keys_[i]); }
  Value made_of(List entries) const override;
  std::string form() const override;

 private:
  std::vector<std::string> keys_;  // of the parts
};

}  // namespace ludus::envs
