// String formatting, in the only header that includes fmt.
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>

namespace ludus {

/// Replaces each `{}` of `format_text` by the next argument, as std::format does. The format string is checked at
/// compile time. (Not named `format`, because argument-dependent lookup would also find std::format.)
///
///   throw InvalidArgument(formatted("{}: batch_size must be positive, got {}", algorithm, batch_size));
template <class... Args>
std::string formatted(fmt::format_string<Args...> format_text, Args&&... args) {
  return fmt::format(format_text, std::forward<Args>(args)...);
}

}  // namespace ludus
