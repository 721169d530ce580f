#include "envs/core/warn.h"

#include <iostream>

namespace ludus::envs {

void warn_on_stderr(const std::string& sentence) {
  std::cerr << "warning: " << sentence << "\n";
}

void ignore_warnings(const std::string&) {}

}  // namespace ludus::envs
