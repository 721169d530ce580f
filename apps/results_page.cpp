#include "apps/results_page.h"

namespace ludus::apps {
namespace {

constexpr std::string_view kMark = "## ";

// Returns where the next section starts, at `at` or behind it; the end of the page if there is none.
std::size_t next_section(std::string_view page, std::size_t at) {
  while (at < page.size()) {
    if (page.substr(at).starts_with(kMark)) return at;
    const std::size_t line_end = page.find('\n', at);
    at = line_end == std::string_view::npos ? page.size() : line_end + 1;
  }
  return page.size();
}

std::string_view heading_at(std::string_view page, std::size_t at) {
  const std::size_t begin = at + kMark.size();
  return page.substr(begin, page.find('\n', begin) - begin);
}

}  // namespace

std::string with_section(std::string_view page, std::string_view title, std::string_view heading,
                         std::string_view body) {
  std::string text(page);
  if (text.empty()) text = "# " + std::string(title) + "\n";
  if (!text.ends_with('\n')) text += '\n';

  // the old section, or the place before the first later heading
  std::size_t begin = next_section(text, 0), end = begin;
  while (begin < text.size()) {
    end = next_section(text, begin + kMark.size());
    const std::string_view other = heading_at(text, begin);
    if (other == heading) break;
    if (other > heading) {
      end = begin;
      break;
    }
    begin = end;
  }

  std::string section = std::string(kMark) + std::string(heading) + "\n\n" + std::string(body) + "\n";
  if (end < text.size()) section += '\n';
  if (begin > 0 && !text.substr(0, begin).ends_with("\n\n")) section = "\n" + section;
  return text.substr(0, begin) + section + text.substr(end);
}

}  // namespace ludus::apps
