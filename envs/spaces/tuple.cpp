#include "envs/spaces/tuple.h"

#include <algorithm>

#include "envs/spaces/composite.h"
#include "envs/spaces/element.h"

namespace ludus::envs {

Tuple::Tuple(std::vector<SpacePtr> spaces) : spaces_(std::move(spaces)) {
  check_parts(spaces_, "Tuple");
}

Tuple::Tuple(const Tuple& other) : Space(other), spaces_(clone_all(other.spaces_)) {}

Tuple& Tuple::operator=(const Tuple& other) {
  if (this == &other) return *this;
  Space::operator=(other);
  spaces_ = clone_all(other.spaces_);
  return *this;
}

Value Tuple::seed(std::uint64_t seed) {
  Space::seed(seed);
  List used;
  const auto seeds = draw_seeds(generator(), spaces_.size());
  for (std::size_t i = 0; i < spaces_.size(); ++i) used.push_back(spaces_[i]->seed(seeds[i]));
  return used;
}

Value Tuple::seed_with(const Value& seeds) {
  if (!seeds.is_list()) return Space::seed_with(seeds);
  const List& list = checked_seeds(seeds, spaces_.size(), *this);
  List used;
  for (std::size_t i = 0; i < spaces_.size(); ++i) used.push_back(spaces_[i]->seed_with(list[i]));
  return used;
}

SpacePtr Tuple::clone() const {
  return std::make_unique<Tuple>(*this);
}

bool Tuple::contains(const Value& value) const {
  if (!value.is_list() || value.as_list().size() != spaces_.size()) return false;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    if (!spaces_[i]->contains(value.as_list()[i])) return false;
  }
  return true;
}

const List& Tuple::parts_of(const Value& value, const char* what) const {
  if (value.is_list() && value.as_list().size() == spaces_.size()) return value.as_list();
  throw InvalidArgument(std::string(what) + " of " + to_string() + " is a list of " + std::to_string(spaces_.size()) +
                        ", not " + value.describe());
}

Value Tuple::sample_from(const Value* mask, const Value* probability) {
  const List* masks = mask ? &parts_of(*mask, "a mask") : nullptr;
  const List* probabilities = probability ? &parts_of(*probability, "a probability") : nullptr;
  List sample;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    sample.push_back(spaces_[i]->sample_from(masks ? unless_null((*masks)[i]) : nullptr,
                                             probabilities ? unless_null((*probabilities)[i]) : nullptr));
  }
  return sample;
}

Dict Tuple::to_spec() const {
  return {{"type", kind()}, {"spaces", specs_of(spaces_)}};
}

SpacePtr Tuple::from_spec(const Dict& spec) {
  return std::make_unique<Tuple>(spec_spaces(spec));
}

std::string Tuple::to_string() const {
  std::string text = "Tuple(";
  for (const SpacePtr& space : spaces_) text += (&space == spaces_.data() ? "" : ", ") + space->to_string();
  return text + ")";
}

bool Tuple::is_flattenable() const {
  return std::ranges::all_of(spaces_, [](const SpacePtr& space) { return space->is_flattenable(); });
}

std::size_t Tuple::flat_size() const {
  check_flattenable(*this);
  std::size_t size = 0;
  for (const SpacePtr& space : spaces_) size += space->flat_size();
  return size;
}

void Tuple::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  const List& parts = parts_of(value, "an element");
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->flat_size();
    spaces_[i]->flatten(parts[i], out.first(size));
    out = out.subspan(size);
  }
}

Value Tuple::unflatten(std::span<const double> flat) const {
  check_length(flat.size(), flat_size());
  List parts;
  for (const SpacePtr& space : spaces_) {
    const std::size_t size = space->flat_size();
    parts.push_back(space->unflatten(flat.first(size)));
    flat = flat.subspan(size);
  }
  return parts;
}

SpacePtr Tuple::flattened() const {
  check_flattenable(*this);
  std::vector<const Space*> parts;
  for (const SpacePtr& space : spaces_) parts.push_back(space.get());
  return concatenated_boxes(parts);
}

std::size_t Tuple::row_size() const {
  check_flattenable(*this);
  std::size_t size = 0;
  for (const SpacePtr& space : spaces_) size += space->row_size();
  return size;
}

void Tuple::to_row(const Value& value, std::span<double> row) const {
  check_length(row.size(), row_size());
  const List& parts = parts_of(value, "an element");
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->row_size();
    spaces_[i]->to_row(parts[i], row.first(size));
    row = row.subspan(size);
  }
}

Value Tuple::from_row(std::span<const double> row) const {
  check_length(row.size(), row_size());
  List parts;
  for (const SpacePtr& space : spaces_) {
    const std::size_t size = space->row_size();
    parts.push_back(space->from_row(row.first(size)));
    row = row.subspan(size);
  }
  return parts;
}

void Tuple::from_row_into(std::span<const double> row, Value& out) const {
  check_length(row.size(), row_size());
  if (!out.is_list() || out.as_list().size() != spaces_.size()) out = List(spaces_.size());
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->row_size();
    spaces_[i]->from_row_into(row.first(size), out.as_list()[i]);
    row = row.subspan(size);
  }
}

}  // namespace ludus::envs
