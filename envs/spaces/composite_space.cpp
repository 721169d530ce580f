#include "envs/spaces/composite_space.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/spaces/parts.h"

namespace ludus::envs {

CompositeSpace::CompositeSpace(std::vector<SpacePtr> spaces, const std::string& kind) : spaces_(std::move(spaces)) {
  check_parts(spaces_, kind);
}

CompositeSpace::CompositeSpace(const CompositeSpace& other) : Space(other), spaces_(clone_all(other.spaces_)) {}

CompositeSpace& CompositeSpace::operator=(const CompositeSpace& other) {
  if (this == &other) return *this;
  Space::operator=(other);
  spaces_ = clone_all(other.spaces_);
  return *this;
}

void CompositeSpace::check_form(const Value& value, const char* subject) const {
  if (has_form(value)) return;
  throw InvalidArgument(formatted("{} of {} must be {}, got {}", subject, to_string(), form(), value.describe()));
}

Value CompositeSpace::seed(std::uint64_t seed) {
  Space::seed(seed);
  List used;
  const auto seeds = draw_seeds(generator(), spaces_.size());
  for (std::size_t i = 0; i < spaces_.size(); ++i) used.push_back(spaces_[i]->seed(seeds[i]));
  return made_of(std::move(used));
}

Value CompositeSpace::seed_with(const Value& seeds) {
  if (!seeds.is_list() && !seeds.is_dict()) return Space::seed_with(seeds);
  check_form(seeds, "the seeds");
  List used;
  for (std::size_t i = 0; i < spaces_.size(); ++i) used.push_back(spaces_[i]->seed_with(entry(seeds, i)));
  return made_of(std::move(used));
}

bool CompositeSpace::contains(const Value& value) const {
  if (!has_form(value)) return false;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    if (!spaces_[i]->contains(entry(value, i))) return false;
  }
  return true;
}

Value CompositeSpace::sample_from(const Value* mask, const Value* probability) {
  if (mask) check_form(*mask, "a mask");
  if (probability) check_form(*probability, "a probability");
  List sample;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    sample.push_back(spaces_[i]->sample_from(mask ? unless_null(entry(*mask, i)) : nullptr,
                                             probability ? unless_null(entry(*probability, i)) : nullptr));
  }
  return made_of(std::move(sample));
}

bool CompositeSpace::is_flattenable() const {
  return std::ranges::all_of(spaces_, [](const SpacePtr& space) { return space->is_flattenable(); });
}

std::size_t CompositeSpace::flat_size() const {
  check_flattenable(*this);
  std::size_t size = 0;
  for (const SpacePtr& space : spaces_) size += space->flat_size();
  return size;
}

void CompositeSpace::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  check_form(value, "an element");
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->flat_size();
    spaces_[i]->flatten(entry(value, i), out.first(size));
    out = out.subspan(size);
  }
}

Value CompositeSpace::unflatten(std::span<const double> flat) const {
  check_length(flat.size(), flat_size());
  List parts;
  for (const SpacePtr& space : spaces_) {
    const std::size_t size = space->flat_size();
    parts.push_back(space->unflatten(flat.first(size)));
    flat = flat.subspan(size);
  }
  return made_of(std::move(parts));
}

SpacePtr CompositeSpace::flattened() const {
  check_flattenable(*this);
  std::vector<const Space*> parts;
  for (const SpacePtr& space : spaces_) parts.push_back(space.get());
  return concatenated_boxes(parts);
}

std::size_t CompositeSpace::row_size() const {
  check_flattenable(*this);
  std::size_t size = 0;
  for (const SpacePtr& space : spaces_) size += space->row_size();
  return size;
}

void CompositeSpace::to_row(const Value& value, std::span<double> row) const {
  check_length(row.size(), row_size());
  check_form(value, "an element");
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->row_size();
    spaces_[i]->to_row(entry(value, i), row.first(size));
    row = row.subspan(size);
  }
}

Value CompositeSpace::from_row(std::span<const double> row) const {
  check_length(row.size(), row_size());
  List parts;
  for (const SpacePtr& space : spaces_) {
    const std::size_t size = space->row_size();
    parts.push_back(space->from_row(row.first(size)));
    row = row.subspan(size);
  }
  return made_of(std::move(parts));
}

}  // namespace ludus::envs
