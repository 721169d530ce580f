#include "envs/spaces/dict.h"

#include <algorithm>
#include <cstdio>

#include "base/format.h"
#include "base/text.h"
#include "envs/spaces/element.h"
#include "envs/spaces/parts.h"

namespace ludus::envs {
namespace {

// Returns Python's repr() of a string.
std::string quoted(const std::string& text) {
  const bool has_single = text.find('\'') != std::string::npos;
  const bool has_double = text.find('"') != std::string::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string result(1, quote);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == quote || c == '\\') {
      result += std::string("\\") + c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7F) {
      char escape[5];
      std::snprintf(escape, sizeof escape, "\\x%02x", byte);
      result += escape;
    } else {
      result += c;
    }
  }
  return result + quote;
}

// Returns the parts in the order of the space.
std::vector<DictSpace::Part>& ordered(std::vector<DictSpace::Part>& parts, DictSpace::KeyOrder order) {
  if (order == DictSpace::KeyOrder::kSorted) {
    std::ranges::stable_sort(parts, {}, [](const DictSpace::Part& part) -> const std::string& { return part.first; });
  }
  return parts;
}

// Moves the spaces of the parts out.
std::vector<SpacePtr> take_spaces(std::vector<DictSpace::Part>& parts) {
  std::vector<SpacePtr> spaces;
  for (DictSpace::Part& part : parts) spaces.push_back(std::move(part.second));
  return spaces;
}

}  // namespace

DictSpace::DictSpace(std::vector<Part> parts, KeyOrder order)
    : CompositeSpace(take_spaces(ordered(parts, order)), "Dict") {
  for (Part& part : parts) {
    if (std::ranges::find(keys_, part.first) != keys_.end()) {
      throw InvalidArgument(formatted("a Dict space must name each part once, got \"{}\" twice", part.first));
    }
    keys_.push_back(std::move(part.first));
  }
}

const Space& DictSpace::at(const std::string& key) const {
  const auto position = std::ranges::find(keys_, key);
  if (position != keys_.end()) return at(static_cast<std::size_t>(position - keys_.begin()));
  throw InvalidArgument(formatted("this Dict space has no part \"{}\"; it has: {}", key, joined(keys_)));
}

Space& DictSpace::at(const std::string& key) {
  return const_cast<Space&>(std::as_const(*this).at(key));
}

SpacePtr DictSpace::clone() const {
  return std::make_unique<DictSpace>(*this);
}

bool DictSpace::has_form(const Value& value) const {
  return value.is_dict() && value.as_dict().size() == keys_.size() &&
         std::ranges::all_of(keys_, [&](const std::string& key) { return value.as_dict().contains(key); });
}

Value DictSpace::made_of(List entries) const {
  Dict dict;
  for (std::size_t i = 0; i < keys_.size(); ++i) dict[keys_[i]] = std::move(entries[i]);
  return dict;
}

std::string DictSpace::form() const {
  return formatted("a dictionary with the keys {}", joined(keys_));
}

Dict DictSpace::to_spec() const {
  return {{"type", kind()}, {"keys", List(keys_.begin(), keys_.end())}, {"spaces", specs_of(spaces())}};
}

SpacePtr DictSpace::from_spec(const Dict& spec) {
  const Value& keys = spec_field(spec, "keys");
  std::vector<SpacePtr> spaces = spec_spaces(spec);
  if (!keys.is_list() || keys.as_list().size() != spaces.size() ||
      !std::ranges::all_of(keys.as_list(), [](const Value& key) { return key.is_string(); })) {
    throw InvalidArgument(
        "the description of a Dict space must have as many strings in \"keys\" as spaces in \"spaces\"");
  }
  std::vector<Part> parts;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    parts.emplace_back(keys.as_list()[i].as_string(), std::move(spaces[i]));
  }
  return std::make_unique<DictSpace>(std::move(parts), KeyOrder::kAsGiven);
}

std::string DictSpace::to_string() const {
  std::string text = "Dict(";
  for (std::size_t i = 0; i < size(); ++i) {
    text += (i == 0 ? "" : ", ") + quoted(keys_[i]) + ": " + at(i).to_string();
  }
  return text + ")";
}

}  // namespace ludus::envs
