// The Sequence space: any number of elements of one space.
#pragma once

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Elements are lists of elements of the inner space or, with `stack`, the batch that concatenate() makes of such a
/// list. The length of samples is geometric with p = 0.25. Masks and probabilities are lists [length, entry for the
/// inner space or null], with the length an integer, an array of integers to choose from, or null.
class Sequence : public Space {
 public:
  /// Throws InvalidArgument if the space is null.
  explicit Sequence(SpacePtr space, bool stack = false);
  Sequence(const Sequence& other);
  Sequence& operator=(const Sequence& other);

  Space& feature_space() { return *space_; }
  const Space& feature_space() const { return *space_; }
  bool stack() const { return stack_; }
  static SpacePtr from_spec(const Dict& spec);

  /// Returns the list of this space's seed and the sampled seed of the inner space.
  Value seed(std::uint64_t seed) override;
  /// Accepts a list of those two seeds.
  Value seed_with(const Value& seeds) override;

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "Sequence"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  /// A sequence has no fixed size: these throw InvalidArgument.
  bool is_flattenable() const override { return false; }
  std::size_t flat_size() const override;
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  std::int64_t draw_length(const Value& wanted);

  SpacePtr space_;
  bool stack_;
};

}  // namespace ludus::envs
