#include "render/event.h"

#include <array>
#include <string_view>

namespace ludus::render {
namespace {

struct Binding {
  Event::Kind kind;
  std::string_view key;
  Command command;
};

constexpr auto kPressed = Event::Kind::kKeyPressed;
constexpr auto kTyped = Event::Kind::kTyped;

constexpr std::array kBindings = {
    Binding{kPressed, "Escape", Command::kClose}, Binding{kPressed, "Q", Command::kClose},
    Binding{kPressed, "Space", Command::kPause},  Binding{kPressed, "Right", Command::kStep},
    Binding{kTyped, ".", Command::kStep},         Binding{kTyped, "+", Command::kFaster},
    Binding{kTyped, "=", Command::kFaster},       Binding{kTyped, "-", Command::kSlower},
    Binding{kPressed, "R", Command::kRestart},    Binding{kPressed, "N", Command::kNextSeed},
    Binding{kPressed, "O", Command::kOverlay},    Binding{kPressed, "Tab", Command::kOverlay},
    Binding{kPressed, "H", Command::kHelp},       Binding{kPressed, "F1", Command::kHelp},
};

}  // namespace

Command command_of(const Event& event) {
  if (event.kind == Event::Kind::kClose) return Command::kClose;
  for (const Binding& binding : kBindings) {
    if (binding.kind == event.kind && binding.key == event.key) return binding.command;
  }
  return Command::kNone;
}

}  // namespace ludus::render
