// What a person does at a window, without a window library's types.
#pragma once

#include <cstdint>
#include <string>

namespace ludus::render {

// A key has a name in the manner of "A", "Num1", "Left", "Right", "Up", "Down", "Space", "Enter", "Escape", "Tab",
// "F1", "LShift", whatever is printed on it. A typed character is what the keyboard's layout makes of the keys:
// "+", "é"; so that a plus is found on any keyboard.
struct Event {
  enum class Kind : std::uint8_t { kClose, kKeyPressed, kKeyReleased, kTyped };
  Kind kind = Kind::kClose;
  std::string key;  // the key's name, or the typed character in UTF-8; empty for kClose
  friend bool operator==(const Event&, const Event&) = default;
};

enum class Command : std::uint8_t {
  kNone,
  kClose,     // the window's button, Escape, Q
  kPause,     // Space
  kStep,      // Right, or a full stop
  kFaster,    // +, or = (the plus of an American keyboard without shift)
  kSlower,    // -
  kRestart,   // R
  kNextSeed,  // N
  kOverlay,   // O, Tab
  kHelp,      // H, F1
};

// The command an event stands for in playback.
Command command_of(const Event& event);

}  // namespace ludus::render
