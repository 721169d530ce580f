// Keys that play an environment by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "envs/core/env.h"
#include "render/event.h"

namespace ludus::apps {

// Actions are rows of numbers here (Space::from_row makes actions of them): a Discrete action is one number, a Box's
// one for each element.
struct KeyMap {
  enum class Mode : std::uint8_t {
    kGoesOn,     // a key's action goes on until another key is pressed
    kWhileHeld,  // a key acts while it is held, several keys together; the row `idle` while none is
    kTurns,      // nothing happens until a key is pressed, then one step: games without a clock
  };
  struct Key {
    std::string name;         // as in render/event.h
    double level = 0;         // what the element becomes
    std::size_t element = 0;  // of the action's row
  };

  std::vector<Key> keys;
  Mode mode = Mode::kWhileHeld;
  std::vector<double> idle = {0};  // the row that keys are put into
  std::string help;                // what the keys do, one line
  std::optional<double> fps = {};  // steps a second that a hand can follow, where the environment's own are too many
};

// The keys of an environment: its own; or the digits for a Discrete space of up to ten actions; or a pair of keys for
// each number of a bounded Box of up to four. Throws UsageError for an environment that cannot be played with keys.
KeyMap keys_for(envs::Env& env);

// Which action the keys ask for, as time goes by.
class Keyboard {
 public:
  explicit Keyboard(KeyMap map) : map_(std::move(map)) {}

  void handle(const render::Event& event);

  // The row of the next step's action; none while the game waits for its player: before the first key since restart(),
  // and in a game of turns before every step.
  std::optional<std::vector<double>> take_action();

  void restart();

  // Whether the player has yet to press the first key.
  bool waiting() const { return !begun_; }

  const KeyMap& map() const { return map_; }

 private:
  const KeyMap::Key* find(std::string_view name) const;

  KeyMap map_;
  bool begun_ = false;
  std::vector<const KeyMap::Key*> held_;    // the one pressed last at the end
  std::vector<const KeyMap::Key*> tapped_;  // pressed since the last step, and perhaps released already
  const KeyMap::Key* last_ = nullptr;       // pressed last
};

}  // namespace ludus::apps
