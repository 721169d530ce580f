#include "envs/spaces/dict.h"

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "envs/spaces/composite.h"
#include "envs/spaces/element.h"

namespace ludus::envs {
namespace {

// Python's repr() of a string.
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

}  // namespace

DictSpace::DictSpace(std::vector<Part> spaces, KeyOrder order) {
  if (order == KeyOrder::kSorted) {
    std::ranges::stable_sort(spaces, {}, [](const Part& part) -> const std::string& { return part.first; });
  }
  for (Part& part : spaces) {
    if (std::ranges::find(keys_, part.first) != keys_.end()) {
      throw InvalidArgument("a Dict space names each part once, and \"" + part.first + "\" stands twice");
    }
    keys_.push_back(std::move(part.first));
    spaces_.push_back(std::move(part.second));
  }
  check_parts(spaces_, "Dict");
}

DictSpace::DictSpace(const DictSpace& other) : Space(other), keys_(other.keys_), spaces_(clone_all(other.spaces_)) {}

DictSpace& DictSpace::operator=(const DictSpace& other) {
  if (this == &other) return *this;
  Space::operator=(other);
  keys_ = other.keys_;
  spaces_ = clone_all(other.spaces_);
  return *this;
}

const Space& DictSpace::at(const std::string& key) const {
  const auto found = std::ranges::find(keys_, key);
  if (found != keys_.end()) return *spaces_[static_cast<std::size_t>(found - keys_.begin())];
  throw InvalidArgument("this Dict space has no part \"" + key + "\"; it has: " + joined(keys_));
}

Space& DictSpace::at(const std::string& key) {
  return const_cast<Space&>(std::as_const(*this).at(key));
}

Value DictSpace::seed(std::uint64_t seed) {
  Space::seed(seed);
  Dict used;
  const auto seeds = draw_seeds(generator(), spaces_.size());
  for (std::size_t i = 0; i < spaces_.size(); ++i) used[keys_[i]] = spaces_[i]->seed(seeds[i]);
  return used;
}

Value DictSpace::seed_with(const Value& seeds) {
  if (!seeds.is_dict()) return Space::seed_with(seeds);
  const Dict& dict = parts_of(seeds, "the seeds");
  Dict used;
  for (std::size_t i = 0; i < spaces_.size(); ++i) used[keys_[i]] = spaces_[i]->seed_with(dict.at(keys_[i]));
  return used;
}

SpacePtr DictSpace::clone() const {
  return std::make_unique<DictSpace>(*this);
}

bool DictSpace::has_keys(const Dict& dict) const {
  return dict.size() == keys_.size() &&
         std::ranges::all_of(keys_, [&](const std::string& key) { return dict.contains(key); });
}

bool DictSpace::contains(const Value& value) const {
  if (!value.is_dict() || !has_keys(value.as_dict())) return false;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    if (!spaces_[i]->contains(*value.as_dict().find(keys_[i]))) return false;
  }
  return true;
}

const Dict& DictSpace::parts_of(const Value& value, const char* what) const {
  if (value.is_dict() && has_keys(value.as_dict())) return value.as_dict();
  throw InvalidArgument(std::string(what) + " of " + to_string() + " is a dictionary of the keys " + joined(keys_) +
                        ", not " + value.describe());
}

Value DictSpace::sample_from(const Value* mask, const Value* probability) {
  const Dict* masks = mask ? &parts_of(*mask, "a mask") : nullptr;
  const Dict* probabilities = probability ? &parts_of(*probability, "a probability") : nullptr;
  Dict sample;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    sample[keys_[i]] = spaces_[i]->sample_from(masks ? unless_null(masks->at(keys_[i])) : nullptr,
                                               probabilities ? unless_null(probabilities->at(keys_[i])) : nullptr);
  }
  return sample;
}

Dict DictSpace::to_spec() const {
  return {{"type", kind()}, {"keys", List(keys_.begin(), keys_.end())}, {"spaces", specs_of(spaces_)}};
}

SpacePtr DictSpace::from_spec(const Dict& spec) {
  const Value& keys = spec_field(spec, "keys");
  std::vector<SpacePtr> spaces = spec_spaces(spec);
  if (!keys.is_list() || keys.as_list().size() != spaces.size() ||
      !std::ranges::all_of(keys.as_list(), [](const Value& key) { return key.is_string(); })) {
    throw InvalidArgument("the description of a Dict space has as many strings in \"keys\" as spaces in \"spaces\"");
  }
  std::vector<Part> parts;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    parts.emplace_back(keys.as_list()[i].as_string(), std::move(spaces[i]));
  }
  return std::make_unique<DictSpace>(std::move(parts), KeyOrder::kAsGiven);
}

std::string DictSpace::to_string() const {
  std::string text = "Dict(";
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    text += (i == 0 ? "" : ", ") + quoted(keys_[i]) + ": " + spaces_[i]->to_string();
  }
  return text + ")";
}

bool DictSpace::is_flattenable() const {
  return std::ranges::all_of(spaces_, [](const SpacePtr& space) { return space->is_flattenable(); });
}

std::size_t DictSpace::flat_size() const {
  check_flattenable(*this);
  std::size_t size = 0;
  for (const SpacePtr& space : spaces_) size += space->flat_size();
  return size;
}

void DictSpace::flatten(const Value& value, std::span<double> out) const {
  check_length(out.size(), flat_size());
  const Dict& parts = parts_of(value, "an element");
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->flat_size();
    spaces_[i]->flatten(parts.at(keys_[i]), out.first(size));
    out = out.subspan(size);
  }
}

Value DictSpace::unflatten(std::span<const double> flat) const {
  check_length(flat.size(), flat_size());
  Dict parts;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->flat_size();
    parts[keys_[i]] = spaces_[i]->unflatten(flat.first(size));
    flat = flat.subspan(size);
  }
  return parts;
}

SpacePtr DictSpace::flattened() const {
  check_flattenable(*this);
  std::vector<const Space*> parts;
  for (const SpacePtr& space : spaces_) parts.push_back(space.get());
  return concatenated_boxes(parts);
}

std::size_t DictSpace::row_size() const {
  check_flattenable(*this);
  std::size_t size = 0;
  for (const SpacePtr& space : spaces_) size += space->row_size();
  return size;
}

void DictSpace::to_row(const Value& value, std::span<double> row) const {
  check_length(row.size(), row_size());
  const Dict& parts = parts_of(value, "an element");
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->row_size();
    spaces_[i]->to_row(parts.at(keys_[i]), row.first(size));
    row = row.subspan(size);
  }
}

Value DictSpace::from_row(std::span<const double> row) const {
  check_length(row.size(), row_size());
  Dict parts;
  for (std::size_t i = 0; i < spaces_.size(); ++i) {
    const std::size_t size = spaces_[i]->row_size();
    parts[keys_[i]] = spaces_[i]->from_row(row.first(size));
    row = row.subspan(size);
  }
  return parts;
}

}  // namespace ludus::envs
