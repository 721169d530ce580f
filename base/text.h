// Small help with words: suggestions for a mistyped name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ludus {

// How alike two words are, from 0 (nothing in common) to 1 (equal): twice the matched characters over all
// characters, matched by longest common blocks (Ratcliff and Obershelp 1988; Python's difflib).
double similarity(std::string_view a, std::string_view b);

// The candidate most like `word`, if any reaches `cutoff`.
std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates, double cutoff = 0.6);

// " Did you mean `X`?" for the closest candidate, or nothing.
std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

// "a, b, c", or "none".
std::string joined(std::span<const std::string> words, std::string_view separator = ", ");

}  // namespace ludus
