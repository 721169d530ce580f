#include "envs/spaces/one_of.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/spaces/parts.h"

namespace ludus::envs {

OneOf::OneOf(std::vector<SpacePtr> spaces) : spaces_(std::move(spaces)) {
  check_parts(spaces_, "OneOf");
  if (spaces_.empty()) throw InvalidArgument("a OneOf space must have at least one part, got none");
}

OneOf::OneOf(const OneOf& other) : Space(other), spaces_(clone_all(other.spaces_)) {}

OneOf& OneOf::operator=(const OneOf& other) {
  if (this == &other) return *this;
  Space::operator=(other);
  spaces_ = clone_all(other.spaces_);
  return *this;
}

Value OneOf::seed(std::uint64_t seed) {
  List used{Space::seed(seed)};
  const auto seeds = draw_seeds(generator(), spaces_.size());
  Space::seed(seed);  // the seeds of the parts do not affect this space's stream
  for (std::size_t i = 0; i < spaces_.size(); ++i) used.push_back(spaces_[i]->seed(seeds[i]));
  return used;
}

Value OneOf::seed_with(const Value& seeds) {
  if (!seeds.is_list()) return Space::seed_with(seeds);
  const List& list = checked_seeds(seeds, spaces_.size() + 1, *this);
  List used{Space::seed(checked_seed(list[0]))};
  for (std::size_t i = 0; i < spaces_.size(); ++i) used.push_back(spaces_[i]->seed_with(list[i + 1]));
  return used;
}

SpacePtr OneOf::clone() const {
  return std::make_unique<OneOf>(*this);
}

bool OneOf::contains(const Value& value) const {
  if (!value.is_list() || value.as_list().size() != 2) return false;
  const auto index = integer_of(value.as_list()[0]);
  return index && *index >= 0 && static_cast<std::size_t>(*index) < spaces_.size() &&
         spaces_[static_cast<std::size_t>(*index)]->contains(value.as_list()[1]);
}

std::size_t OneOf::index_of(const Value& value) const {
  if (contains(value)) return static_cast<std::size_t>(*integer_of(value.as_list()[0]));
  throw InvalidArgument(
      formatted("an element of {} must be a list of a part's index and an element of that part, got {}", to_string(),
                value.describe()));
}

std::size_t OneOf::checked_index(double number) const {
  const std::int64_t index = whole(number, "the index of a part");
  if (index >= 0 && static_cast<std::size_t>(index) < spaces_.size()) return static_cast<std::size_t>(index);
  throw InvalidArgument(
      formatted("the index of a part of {} must lie in [0, {}], got {}", to_string(), spaces_.size() - 1, index));
}

Value OneOf::sample_from(const Value* mask, const Value* probability) {
  const auto drawn = generator().integers(static_cast<std::int64_t>(spaces_.size()));
  const auto i = static_cast<std::size_t>(drawn);
  const auto part_of = [&](const Value* restriction) -> const Value* {
    if (!restriction) return nullptr;
    if (restriction->is_list() && restriction->as_list().size() == spaces_.size())
      return unless_null(restriction->as_list()[i]);
    throw InvalidArgument(formatted("a mask or probability of {} must be a list of {}, got {}", to_string(),
                                    spaces_.size(), restriction->describe()));
  };
  return List{drawn, spaces_[i]->sample_from(part_of(mask), part_of(probability))};
}

Dict OneOf::to_spec() const {
  return {{"type", kind()}, {"spaces", specs_of(spaces_)}};
}

SpacePtr OneOf::from_spec(const Dict& spec) {
  return std::make_unique<OneOf>(spec_spaces(spec));
}

std::string OneOf::to_string() const {
  std::string text = "OneOf(";
  for (const SpacePtr& space : spaces_) text += (&space == spaces_.data() ? "" : ", ") + space->to_string();
  return text + ")";
}

bool OneOf::is_flattenable() const {
  return std::ranges::all_of(spaces_, [](const SpacePtr& space) { return space->is_flattenable(); });
}

std::size_t OneOf::flat_size() const {
  check_flattenable(*this);
  std::size_t longest = 0;
  for (const SpacePtr& space : spaces_) longest = std::max(longest, space->flat_size());
  return 1 + longest;
}

void OneOf::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  const std::size_t i = index_of(value);
  const std::size_t size = spaces_[i]->flat_size();
  out[0] = static_cast<double>(i);
  spaces_[i]->flatten(value.as_list()[1], out.subspan(1, size));
  std::ranges::fill(out.subspan(1 + size), size == 0 ? 0.0 : out[1]);
}

Value OneOf::unflatten(std::span<const double> flat) const {
  check_length(flat.size(), flat_size());
  const std::size_t i = checked_index(flat[0]);
  return List{static_cast<std::int64_t>(i), spaces_[i]->unflatten(flat.subspan(1, spaces_[i]->flat_size()))};
}

SpacePtr OneOf::flattened() const {
  check_flattenable(*this);
  std::vector<const Space*> parts;
  for (const SpacePtr& space : spaces_) parts.push_back(space.get());
  const SpacePtr all = concatenated_boxes(parts);
  const auto& bounds = static_cast<const Box&>(*all);

  // the bounds of the index, followed by the widest bounds of all parts
  const Shape shape{static_cast<std::int64_t>(flat_size())};
  Array low(bounds.dtype(), shape);
  Array high(bounds.dtype(), shape);
  dispatch(bounds.dtype(), [&](auto zero) {
    using T = decltype(zero);
    const auto lows = bounds.low().data<T>();
    const auto highs = bounds.high().data<T>();
    if (!lows.empty()) {
      std::ranges::fill(low.data<T>(), *std::ranges::min_element(lows));
      std::ranges::fill(high.data<T>(), *std::ranges::max_element(highs));
    }
    low.data<T>()[0] = T{0};
    high.data<T>()[0] = static_cast<T>(spaces_.size() - 1);
  });
  return std::make_unique<Box>(std::move(low), std::move(high));
}

std::size_t OneOf::row_size() const {
  check_flattenable(*this);
  std::size_t longest = 0;
  for (const SpacePtr& space : spaces_) longest = std::max(longest, space->row_size());
  return 1 + longest;
}

void OneOf::to_row(const Value& value, std::span<double> row) const {
  check_length(row.size(), row_size());
  const std::size_t i = index_of(value);
  const std::size_t size = spaces_[i]->row_size();
  row[0] = static_cast<double>(i);
  spaces_[i]->to_row(value.as_list()[1], row.subspan(1, size));
  std::ranges::fill(row.subspan(1 + size), size == 0 ? 0.0 : row[1]);
}

Value OneOf::from_row(std::span<const double> row) const {
  check_length(row.size(), row_size());
  const std::size_t i = checked_index(row[0]);
  return List{static_cast<std::int64_t>(i), spaces_[i]->from_row(row.subspan(1, spaces_[i]->row_size()))};
}

}  // namespace ludus::envs
