// Handling of warnings.
#pragma once

#include <functional>
#include <string>

namespace ludus::envs {

/// Receives one sentence per warning; by default prints it to stderr.
using Warn = std::function<void(const std::string&)>;
void warn_on_stderr(const std::string& sentence);
void ignore_warnings(const std::string& sentence);  // drops warnings, for repeated calls

}  // namespace ludus::envs
