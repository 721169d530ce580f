/// @file
/// Pages of results: one section for each task, replaced when the task is measured again.
#pragma once

#include <string>
#include <string_view>

namespace ludus::apps {

/// Returns the Markdown page `page` with the section "## HEADING" replaced by `body`, or added in the alphabetical
/// order of the headings; an empty page starts with "# TITLE". The rest is unchanged.
std::string with_section(std::string_view page, std::string_view title, std::string_view heading,
                         std::string_view body);

}  // namespace ludus::apps
