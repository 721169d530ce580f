// Text from a format string, the one place that includes fmt.
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>

namespace ludus {

/// Replaces each `{}` of `format_text` by the next argument, as std::format of newer compilers does. The format string is
/// checked at compile time. (Not called `format`: argument-dependent lookup would find std::format beside it.)
///
///   throw InvalidArgument(formatted("{}: batch_size must be positive, got {}", algorithm, batch_size));
template <class... Args>
std::string formatted(fmt::format_string<Args...> format_text, Args&&... args) {
  return fmt::format(format_text, std::forward<Args>(args)...);
}

}  // namespace ludus
