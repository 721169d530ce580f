// The Text space: strings over a character set.
#pragma once

#include <string>
#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Elements are strings of min_length to max_length characters (UTF-8 code points) from a set. The order of the set
/// determines the character indices; Gymnasium's default set is unordered, so samples agree only for an explicit set.
/// Mask: a list [length or null, null or int8 of 0 and 1 for each character]. Probability: the same with float64 that
/// sum to 1.
class TextSpace : public Space {
 public:
  static constexpr char kAlphanumeric[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  /// Throws InvalidArgument unless 0 <= min_length <= max_length and the set is non-empty and without duplicates.
  explicit TextSpace(std::int64_t max_length, std::int64_t min_length = 1, const std::string& charset = kAlphanumeric);

  std::int64_t min_length() const { return min_length_; }
  std::int64_t max_length() const { return max_length_; }
  const std::vector<std::string>& characters() const { return characters_; }  // one code point each
  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "Text"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  /// (max_length) indices; positions after the end of the text hold the number of characters in the set.
  std::size_t flat_size() const override { return static_cast<std::size_t>(max_length_); }
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  std::int64_t min_length_;
  std::int64_t max_length_;
  std::vector<std::string> characters_;
};

}  // namespace ludus::envs
