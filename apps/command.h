/// @file
/// A subcommand of the program: its options, and its work once they are read.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace ludus::apps {

struct Command {
  CLI::App* options = nullptr;  ///< its part of the command line
  std::function<int()> run;     ///< returns the exit code; may throw, see exit_code_of()
};

}  // namespace ludus::apps
