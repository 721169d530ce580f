/// @file
/// Coloured text for terminals, as Gymnasium's utils.colorize writes it.
#pragma once

#include <string>
#include <string_view>

namespace ludus::envs {

enum class AnsiColor { kRed = 31, kGreen = 32, kYellow = 33, kBlue = 34, kMagenta = 35 };

enum class AnsiStyle { kPlain, kBold, kHighlight };  ///< kHighlight colours the background

inline std::string colorized(std::string_view text, AnsiColor color, AnsiStyle style = AnsiStyle::kPlain) {
  constexpr int kToBackground = 10;
  const int code = static_cast<int>(color) + (style == AnsiStyle::kHighlight ? kToBackground : 0);
  return "\x1b[" + std::to_string(code) + (style == AnsiStyle::kBold ? ";1" : "") + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace ludus::envs
