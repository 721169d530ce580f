// Suggestions for mistyped names, and lists of names for messages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ludus {

/// Returns the similarity of two words, from 0 (no common characters) to 1 (equal): twice the number of matched
/// characters over the total, matched by longest common blocks (Ratcliff and Obershelp 1988; Python's difflib).
double similarity(std::string_view a, std::string_view b);

/// Returns the candidate most similar to `word`, if any reaches `cutoff`.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates, double cutoff = 0.6);

/// Returns " Did you mean `X`?" for the closest candidate, or an empty string.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// Returns the text with every control character except tab and line feed, and every byte that is not UTF-8, written as
/// "\x1b": text out of files must not reach a terminal as an escape sequence.
std::string printable(std::string_view text);

/// Returns "a, b, c", or "none".
std::string joined(std::span<const std::string> words, std::string_view separator = ", ");

}  // namespace ludus
