/// @file
/// Keyboard and window events, independent of the window library.
#pragma once

#include <cstdint>
#include <string>

namespace ludus::render {

/// An event of a window. Keys are named independently of the keyboard layout: "A", "Num1", "Left", "Right", "Up",
/// "Down", "Space", "Enter", "Escape", "Tab", "F1", "LShift". A typed character depends on the layout: "+", "é".
struct Event {
  enum class Kind : std::uint8_t { kClose, kKeyPressed, kKeyReleased, kTyped };
  Kind kind = Kind::kClose;
  std::string key;  ///< the key's name, or the typed character in UTF-8; empty for kClose
  friend bool operator==(const Event&, const Event&) = default;
};

/// Commands of playback, and their keys.
enum class Command : std::uint8_t {
  kNone,
  kClose,     ///< the window's button, Escape, Q
  kPause,     ///< Space
  kStep,      ///< Right, or a full stop
  kFaster,    ///< +, or = (the plus of an American keyboard without shift)
  kSlower,    ///< -
  kRestart,   ///< R
  kNextSeed,  ///< N
  kOverlay,   ///< O, Tab
  kHelp,      ///< H, F1
};

/// Returns the playback command of an event; kNone if it has none.
Command command_of(const Event& event);

}  // namespace ludus::render
