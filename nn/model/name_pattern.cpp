#include "nn/model/name_pattern.h"

#include <algorithm>

#include "base/error.h"
#include "base/format.h"

namespace ludus::nn {

bool name_matches(std::string_view pattern, std::string_view name) {
  // the last "*" matches as little as possible, and more whenever the rest does not fit
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++resume;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(), [](char c) { return c == '*'; });
}

std::optional<std::string> Rename::apply(std::string_view name) const {
  const std::size_t star = from.find('*');
  if (star == std::string::npos) return name == from ? std::optional(to) : std::nullopt;
  if (!name_matches(from, name)) return std::nullopt;
  const std::string_view text = name.substr(star, name.size() - (from.size() - 1));
  std::string renamed = to;
  return renamed.replace(renamed.find('*'), 1, text);
}

void Rename::check() const {
  const auto stars_from = std::count(from.begin(), from.end(), '*'), stars_to = std::count(to.begin(), to.end(), '*');
  if (stars_from != stars_to || stars_from > 1) {
    throw InvalidArgument(
        formatted("renaming: both names must have one \"*\" or none, got \"{}\" and \"{}\"", from, to));
  }
}

}  // namespace ludus::nn
