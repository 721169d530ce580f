#include "envs/spaces/sequence.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "envs/spaces/batch.h"
#include "envs/spaces/element.h"
#include "envs/spaces/parts.h"

namespace ludus::envs {
namespace {

constexpr double kStopProbability = 0.25;  // the value in Gymnasium, where it is called arbitrary

}  // namespace

Sequence::Sequence(SpacePtr space, bool stack) : space_(std::move(space)), stack_(stack) {
  if (!space_) throw InvalidArgument("a Sequence space must have an inner space, got a null pointer");
}

Sequence::Sequence(const Sequence& other) : Space(other), space_(other.space_->clone()), stack_(other.stack_) {}

Sequence& Sequence::operator=(const Sequence& other) {
  if (this == &other) return *this;
  Space::operator=(other);
  space_ = other.space_->clone();
  stack_ = other.stack_;
  return *this;
}

Value Sequence::seed(std::uint64_t seed) {
  Value seed_used = Space::seed(seed);
  const std::uint64_t inner = draw_seeds(generator(), 1)[0];
  Space::seed(seed);  // the inner seed does not affect this space's stream
  return List{std::move(seed_used), space_->seed(inner)};
}

Value Sequence::seed_with(const Value& seeds) {
  if (!seeds.is_list()) return Space::seed_with(seeds);
  const List& list = checked_seeds(seeds, 2, *this);
  Value seed_used = Space::seed(checked_seed(list[0]));
  return List{std::move(seed_used), space_->seed_with(list[1])};
}

SpacePtr Sequence::clone() const {
  return std::make_unique<Sequence>(*this);
}

bool Sequence::contains(const Value& value) const {
  const auto all_inside = [&](const List& list) {
    return std::ranges::all_of(list, [&](const Value& element) { return space_->contains(element); });
  };
  if (!stack_) return value.is_list() && all_inside(value.as_list());
  try {
    return all_inside(iterate(*space_, value));
  } catch (const InvalidArgument&) {
    return false;  // not a batch of that space
  }
}

std::int64_t Sequence::draw_length(const Value& requested) {
  if (requested.is_null()) return generator().geometric(kStopProbability);
  std::optional<std::int64_t> length = integer_of(requested);
  if (!length && requested.is_array() && requested.as_array().shape().rank() == 1 && requested.as_array().size() > 0 &&
      !is_floating(requested.as_array().dtype())) {
    const Array& lengths = requested.as_array();
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (integer_at(lengths, i) < 0) throw InvalidArgument("the lengths of a sequence must not be negative");
    }
    length =
        integer_at(lengths, static_cast<std::size_t>(generator().choice(static_cast<std::int64_t>(lengths.size()))));
  }
  if (length && *length >= 0) return *length;
  throw InvalidArgument(formatted("the length of a sequence must be a non-negative integer or an array of them, got {}",
                                  requested.describe()));
}

Value Sequence::sample_from(const Value* mask, const Value* probability) {
  Value requested_length;
  const Value* inner = nullptr;
  if (const Value* restriction = mask ? mask : probability) {
    if (!restriction->is_list() || restriction->as_list().size() != 2) {
      throw InvalidArgument(
          formatted("a mask or probability of a Sequence space must be a list of two, a length and one for the inner "
                    "space, got {}",
                    restriction->describe()));
    }
    requested_length = restriction->as_list()[0];
    inner = unless_null(restriction->as_list()[1]);
  }
  const std::int64_t length = draw_length(requested_length);
  List elements;
  for (std::int64_t i = 0; i < length; ++i) {
    elements.push_back(space_->sample_from(mask ? inner : nullptr, mask ? nullptr : inner));
  }
  return stack_ ? concatenate(*space_, elements) : Value(std::move(elements));
}

Dict Sequence::to_spec() const {
  return {{"type", kind()}, {"space", space_->to_spec()}, {"stack", stack_}};
}

SpacePtr Sequence::from_spec(const Dict& spec) {
  const Value* stack = spec.find("stack");
  if (stack && !stack->is_bool()) {
    throw InvalidArgument(
        formatted("the field \"stack\" of a space's description must be true or false, got {}", stack->describe()));
  }
  return std::make_unique<Sequence>(spec_space(spec_field(spec, "space")), stack && stack->as_bool());
}

std::string Sequence::to_string() const {
  return formatted("Sequence({}, stack={})", space_->to_string(), stack_ ? "True" : "False");
}

std::size_t Sequence::flat_size() const {
  check_flattenable(*this);
  return 0;
}

void Sequence::flatten(const Value&, std::span<double>) const {
  check_flattenable(*this);
}

Value Sequence::unflatten(std::span<const double>) const {
  check_flattenable(*this);
  return {};
}

SpacePtr Sequence::flattened() const {
  check_flattenable(*this);
  return nullptr;
}

}  // namespace ludus::envs
