// Pages of results: one section for each task, written anew when it is measured anew.
#pragma once

#include <string>
#include <string_view>

namespace ludus::apps {

// The Markdown page `page` with the section "## HEADING" replaced by `body`, or added in the alphabetical order of the
// headings; a page that is empty begins with "# TITLE". Everything else stays as it is.
std::string with_section(std::string_view page, std::string_view title, std::string_view heading,
                         std::string_view body);

}  // namespace ludus::apps
