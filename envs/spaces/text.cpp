#include "envs/spaces/text.h"

#include <algorithm>
#include <optional>

#include "base/format.h"
#include "envs/spaces/element.h"

namespace ludus::envs {
namespace {

// Splits a UTF-8 text into code points; an invalid byte counts as one code point.
std::vector<std::string> code_points(const std::string& text) {
  std::vector<std::string> points;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
    points.push_back(text.substr(i, length));
    i += points.back().size();
  }
  return points;
}

}  // namespace

TextSpace::TextSpace(std::int64_t max_length, std::int64_t min_length, const std::string& charset)
    : min_length_(min_length), max_length_(max_length), characters_(code_points(charset)) {
  if (min_length < 0 || min_length > max_length) {
    throw InvalidArgument(
        formatted("the lengths of a Text space must satisfy 0 <= min_length <= max_length, got {} and {}", min_length,
                  max_length));
  }
  if (characters_.empty()) throw InvalidArgument("the charset of a Text space must not be empty");
  std::vector<std::string> sorted = characters_;
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  if (twice != sorted.end()) {
    throw InvalidArgument(
        formatted("the charset of a Text space must contain each character once, got \"{}\" twice", *twice));
  }
}

SpacePtr TextSpace::clone() const {
  return std::make_unique<TextSpace>(*this);
}

bool TextSpace::contains(const Value& value) const {
  if (!value.is_string()) return false;
  const std::vector<std::string> points = code_points(value.as_string());
  const auto length = static_cast<std::int64_t>(points.size());
  return length >= min_length_ && length <= max_length_ && std::ranges::all_of(points, [&](const std::string& point) {
           return std::ranges::find(characters_, point) != characters_.end();
         });
}

Value TextSpace::sample_from(const Value* mask, const Value* probability) {
  const auto count = static_cast<std::int64_t>(characters_.size());
  std::optional<std::int64_t> length;
  // Gymnasium samples from probabilities even if all are equal: the stream is that of choice(p)
  std::vector<double> chance(characters_.size(), 1.0 / static_cast<double>(count));

  if (const Value* restriction = mask ? mask : probability) {
    if (!restriction->is_list() || restriction->as_list().size() != 2) {
      throw InvalidArgument(
          formatted("a mask or probability of a Text space must be a list of two, a length and an array with one entry "
                    "per character, got {}",
                    restriction->describe()));
    }
    const Value& requested_length = restriction->as_list()[0];
    const Value& weights = restriction->as_list()[1];
    if (!requested_length.is_null()) {
      length = integer_of(requested_length);
      if (!length || *length < min_length_ || *length > max_length_) {
        throw InvalidArgument(formatted("the length of a text must be an integer in [{}, {}], got {}", min_length_,
                                        max_length_, requested_length.describe()));
      }
    }
    if (!weights.is_null() && mask) {
      const auto bits = checked_mask(weights, count);
      const auto allowed = std::ranges::count(bits, 1);
      for (std::size_t i = 0; i < chance.size(); ++i) {
        chance[i] = allowed == 0 ? 0 : static_cast<double>(bits[i]) / static_cast<double>(allowed);
      }
    } else if (!weights.is_null()) {
      const auto numbers = checked_probability(weights, count);
      chance.assign(numbers.begin(), numbers.end());
    }
  }

  if (!length) length = generator().integers(min_length_, max_length_ + 1);
  if (std::ranges::all_of(chance, [](double p) { return p == 0; })) {
    if (min_length_ == 0) return "";
    throw InvalidArgument(
        formatted("the mask must allow a character, since a text of {} has at least {}", to_string(), min_length_));
  }
  std::string text;
  for (std::int64_t i = 0; i < *length; ++i) text += characters_[static_cast<std::size_t>(generator().choice(chance))];
  return text;
}

Dict TextSpace::to_spec() const {
  std::string charset;
  for (const std::string& character : characters_) charset += character;
  return {{"type", kind()}, {"min_length", min_length_}, {"max_length", max_length_}, {"charset", charset}};
}

SpacePtr TextSpace::from_spec(const Dict& spec) {
  const Value& charset = spec_field(spec, "charset");
  if (!charset.is_string()) {
    throw InvalidArgument(
        formatted("the field \"charset\" of a space's description must be a string, got {}", charset.describe()));
  }
  return std::make_unique<TextSpace>(spec_integer(spec, "max_length"), spec_integer(spec, "min_length", 1),
                                     charset.as_string());
}

std::string TextSpace::to_string() const {
  std::vector<std::string> sorted = characters_;
  std::ranges::sort(sorted);
  std::string text = formatted("Text({}, {}, charset=", min_length_, max_length_);
  for (const std::string& character : sorted) text += character;
  return text + ")";
}

void TextSpace::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  if (!contains(value)) {
    throw InvalidArgument(formatted("an element of {} must be a string of its characters and lengths, got {}",
                                    to_string(), value.describe()));
  }
  std::fill(out.begin(), out.end(), static_cast<double>(characters_.size()));
  std::size_t i = 0;
  for (const std::string& point : code_points(value.as_string())) {
    out[i++] = static_cast<double>(std::ranges::find(characters_, point) - characters_.begin());
  }
}

Value TextSpace::unflatten(std::span<const double> flat) const {
  check_length(flat.size(), flat_size());
  std::string text;
  for (const double number : flat) {
    const std::int64_t index = whole(number, "the index of a character");
    if (index < 0)
      if (index < 0) throw InvalidArgument(formatted("the index of a character must not be negative, got {}", index));
    if (static_cast<std::size_t>(index) < characters_.size()) text += characters_[static_cast<std::size_t>(index)];
  }
  return text;
}

SpacePtr TextSpace::flattened() const {
  return std::make_unique<Box>(0, static_cast<double>(characters_.size()), Shape{max_length_}, DType::kInt32);
}

}  // namespace ludus::envs
