// A subcommand of the program: its options, and what it does once they are read.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace ludus::apps {

struct Command {
  CLI::App* options = nullptr;  // its part of the command line
  std::function<int()> run;     // gives the exit code; throws what exit_code_of() turns into one
};

}  // namespace ludus::apps
