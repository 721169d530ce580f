#include "agents/algorithm_registry.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"

namespace ludus::agents {

void AlgorithmRegistry::add(Algorithm algorithm) {
  const std::string& name = algorithm.name;
  const auto is_name_character = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (name.empty() || !(name[0] >= 'a' && name[0] <= 'z') || !std::ranges::all_of(name, is_name_character)) {
    throw AlgorithmError(formatted(
        "the name of an algorithm must be lower-case letters, digits and underscores, and begin with a letter, got "
        "\"{}\"",
        name));
  }
  const auto next = std::ranges::find_if(algorithms_, [&](const Algorithm& other) { return other.name >= name; });
  if (next != algorithms_.end() && next->name == name) {
    throw AlgorithmError(formatted("an algorithm named \"{}\" exists already; choose another name", name));
  }
  algorithms_.insert(next, std::move(algorithm));
}

const Algorithm& AlgorithmRegistry::find(std::string_view name) const {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms_) {
    if (algorithm.name == name) return algorithm;
    names.push_back(algorithm.name);
  }
  throw UnknownAlgorithm(
      formatted("there is no algorithm \"{}\".{} There are: {}.", name, did_you_mean(name, names), joined(names)));
}

}  // namespace ludus::agents
