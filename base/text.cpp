#include "base/text.h"

#include <algorithm>

#include "base/format.h"

namespace ludus {
namespace {

// Counts the characters of the longest common block and, recursively, of the blocks to its left and right.
std::size_t matched_characters(std::string_view a, std::string_view b) {
  std::size_t best = 0, best_a = 0, best_b = 0;
  std::vector<std::size_t> lengths(b.size() + 1, 0);  // [j + 1]: length of the common run that ends at a[i], b[j]
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = b.size(); j-- > 0;) {
      lengths[j + 1] = a[i] == b[j] ? lengths[j] + 1 : 0;
      const std::size_t run = lengths[j + 1];
      const std::size_t start_a = i + 1 - run, start_b = j + 1 - run;
      // of equally long blocks, the one that starts first in a, then in b
      if (run > best || (run == best && run > 0 && start_a == best_a && start_b < best_b)) {
        best = run, best_a = start_a, best_b = start_b;
      }
    }
  }
  if (best == 0) return 0;
  return best + matched_characters(a.substr(0, best_a), b.substr(0, best_b)) +
         matched_characters(a.substr(best_a + best), b.substr(best_b + best));
}

}  // namespace

double similarity(std::string_view a, std::string_view b) {
  if (a.empty() && b.empty()) return 1.0;
  return 2.0 * static_cast<double>(matched_characters(a, b)) / static_cast<double>(a.size() + b.size());
}

std::optional<std::string> closest(std::string_view word, std::span<const std::string> candidates, double cutoff) {
  std::optional<std::string> best;
  double best_score = cutoff;
  for (const std::string& candidate : candidates) {
    const double score = similarity(word, candidate);
    if (score > best_score || (!best && score == best_score)) {
      best = candidate;
      best_score = score;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  const auto best = closest(word, candidates);
  return best ? " Did you mean `" + *best + "`?" : std::string();
}

std::string joined(std::span<const std::string> words, std::string_view separator) {
  if (words.empty()) return "none";
  std::string text = words.front();
  for (const std::string& word : words.subspan(1)) text.append(separator).append(word);
  return text;
}

std::string printable(std::string_view text) {
  // the length of the UTF-8 sequence at i; 0 if there is none
  const auto length_at = [&](std::size_t i) -> std::size_t {
    const auto byte = [&](std::size_t k) { return static_cast<unsigned char>(text[k]); };
    const unsigned char first = byte(i);
    const std::size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if ((first >= 0x80 && first < 0xC2) || first > 0xF4 || i + length > text.size()) return 0;
    for (std::size_t k = 1; k < length; ++k) {
      if ((byte(i + k) & 0xC0) != 0x80) return 0;
    }
    return length;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_at(i);
    const auto first = static_cast<unsigned char>(text[i]);
    const bool c1 = length == 2 && first == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    const bool control = length == 1 && (first < 0x20 || first == 0x7F) && first != '\t' && first != '\n';
    if (length == 0 || control || c1) {
      for (std::size_t k = 0; k < std::max<std::size_t>(length, 1); ++k) {
        out += formatted("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(text[i + k])));
      }
    } else {
      out.append(text.substr(i, length));
    }
    i += std::max<std::size_t>(length, 1);
  }
  return out;
}

}  // namespace ludus
