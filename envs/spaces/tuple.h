// The Tuple space: ordered parts.
#pragma once

#include <string>
#include <vector>

#include "envs/spaces/composite_space.h"

namespace ludus::envs {

/// Elements are lists with one element of each part. Masks and probabilities are lists with one entry per part, null
/// for none.
class Tuple : public CompositeSpace {
 public:
  /// Throws InvalidArgument if a part is null.
  explicit Tuple(std::vector<SpacePtr> spaces) : CompositeSpace(std::move(spaces), "Tuple") {}
  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  std::string kind() const override { return "Tuple"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  void from_row_into(std::span<const double> row, Value& out) const override;

 protected:
  bool has_form(const Value& value) const override;
  const Value& entry(const Value& value, std::size_t i) const override { return value.as_list()[i]; }
  Value made_of(List entries) const override { return entries; }
  std::string form() const override;
};

}  // namespace ludus::envs
