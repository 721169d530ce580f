// Common base class of Tuple and Dict: ordered parts that are sampled, flattened and read in sequence.
#pragma once

#include <string>
#include <vector>

#include "envs/spaces/space.h"

namespace ludus::envs {

class CompositeSpace : public Space {
 public:
  std::size_t size() const { return spaces_.size(); }
  Space& at(std::size_t i) { return *spaces_.at(i); }
  const Space& at(std::size_t i) const { return *spaces_.at(i); }

  /// Seeds the parts with numbers from this space's generator. Returns the seeds in the form of an element.
  Value seed(std::uint64_t seed) final;
  /// Accepts one seed per part, in the form of an element; nested spaces accept nested seeds.
  Value seed_with(const Value& seeds) final;

  bool contains(const Value& value) const final;
  bool is_flattenable() const final;
  std::size_t flat_size() const final;
  void flatten(const Value& value, std::span<double> out) const final;
  Value unflatten(std::span<const double> flat) const final;
  SpacePtr flattened() const final;
  std::size_t row_size() const final;
  void to_row(const Value& value, std::span<double> row) const final;
  Value from_row(std::span<const double> row) const final;

 protected:
  /// Throws InvalidArgument if a part is null. `kind` is the name of the derived space.
  CompositeSpace(std::vector<SpacePtr> spaces, const std::string& kind);
  CompositeSpace(const CompositeSpace& other);
  CompositeSpace& operator=(const CompositeSpace& other);

  /// Elements, masks, probabilities and seeds hold one entry per part. Derived classes define how they are stored:
  virtual bool has_form(const Value& value) const = 0;  // whether there is exactly one entry per part
  virtual const Value& entry(const Value& value, std::size_t i) const = 0;  // requires has_form()
  virtual Value made_of(List entries) const = 0;                            // builds a value from its entries
  virtual std::string form() const = 0;  // the expected form for messages: "a list of 2"

  Value sample_from(const Value* mask, const Value* probability) final;

  const std::vector<SpacePtr>& spaces() const { return spaces_; }

 private:
  void check_form(const Value& value, const char* subject) const;  // throws InvalidArgument

  std::vector<SpacePtr> spaces_;
};

}  // namespace ludus::envs
