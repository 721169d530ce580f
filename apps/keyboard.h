/// @file
/// Keys to play an environment by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "envs/core/env.h"
#include "render/event.h"

namespace ludus::apps {

/// Actions are rows of numbers (Space::from_row makes actions of them): one number for a Discrete action, one for each
/// element of a Box.
struct KeyMap {
  enum class Mode : std::uint8_t {
    kSticky,     ///< a key's action is repeated until another key is pressed
    kWhileHeld,  ///< a key acts while it is held, several keys together; without keys the row `idle` acts
    kTurns,      ///< each key press makes one step: games without a clock
  };
  struct Key {
    std::string name;         ///< as in render/event.h
    double level = 0;         ///< value of the element
    std::size_t element = 0;  ///< index in the action's row
  };

  std::vector<Key> keys;
  Mode mode = Mode::kWhileHeld;
  std::vector<double> idle = {0};  ///< the row in which keys set elements
  std::string help;                ///< one line
  std::optional<double> fps = {};  ///< steps a second, where the environment is too fast for a person
};

/// Returns the keys of an environment: those made for it; or the digits for a Discrete space of up to ten actions; or a
/// pair of keys for each element of a bounded Box of up to four. Throws UsageError for any other environment.
KeyMap keys_for(envs::Env& env);

/// The action of the pressed keys at each step.
class Keyboard {
 public:
  explicit Keyboard(KeyMap map) : map_(std::move(map)) {}

  void handle(const render::Event& event);

  /// Returns the row of the next step's action; none while the game waits for the player: before the first key since
  /// restart(), and in the mode kTurns before every step.
  std::optional<std::vector<double>> take_action();

  void restart();

  /// Returns whether the player has not pressed a key yet.
  bool waiting() const { return !started_; }

  const KeyMap& map() const { return map_; }

 private:
  const KeyMap::Key* find(std::string_view name) const;

  KeyMap map_;
  bool started_ = false;
  std::vector<const KeyMap::Key*> held_;    // the last pressed at the end
  std::vector<const KeyMap::Key*> tapped_;  // pressed since the last step, perhaps released since
  const KeyMap::Key* last_ = nullptr;       // pressed last
};

}  // namespace ludus::apps
