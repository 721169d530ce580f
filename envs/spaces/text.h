// Words.
#pragma once

#include <string>
#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

// Strings of min_length to max_length characters (code points of UTF-8) out of a set. The order of the set gives the
// characters their indices; Gymnasium's default is an unordered set, so only an explicit one samples alike there.
// Mask: a list [length or null, null or int8 of 0 and 1 for each character]. Probability: the same with float64 that sum
// to 1.
class TextSpace : public Space {
 public:
  static constexpr char kAlphanumeric[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  // Throws InvalidArgument unless 0 <= min_length <= max_length and the set is not empty and without repetition.
  explicit TextSpace(std::int64_t max_length, std::int64_t min_length = 1, const std::string& charset = kAlphanumeric);

  std::int64_t min_length() const { return min_length_; }
  std::int64_t max_length() const { return max_length_; }
  const std::vector<std::string>& characters() const { return characters_; }  // each one code point
  static SpacePtr from_spec(const Dict& spec);

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "Text"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  // (max_length) indices; behind the end of the text stands the number of characters in the set
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
