// Where warnings go.
#pragma once

#include <functional>
#include <string>

namespace ludus::envs {

// One sentence each; by default a line on stderr.
using Warn = std::function<void(const std::string&)>;
void warn_on_stderr(const std::string& sentence);
void ignore_warnings(const std::string& sentence);  // for one who has been warned already

}  // namespace ludus::envs
