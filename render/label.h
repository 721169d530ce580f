/// @file
/// Sanitised text, for libraries and programs that fail on invalid UTF-8 and control characters.
#pragma once

#include <string>
#include <string_view>

namespace ludus::render {

/// Returns `text` as valid UTF-8 on one line: replaces each byte outside a well-formed sequence (RFC 3629) by U+FFFD
/// and each control character (including line ends and tabs) by a space.
std::string printable(std::string_view text);

}  // namespace ludus::render
