// Keys that play an environment by hand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "envs/core/env.h"
#include "render/event.h"

namespace ludus::apps {

struct KeyMap {
  std::vector<std::pair<std::string, std::int64_t>> keys;  // name as in render/event.h, action
  std::optional<std::int64_t> idle;  // action while no key is held; none: that of the key pressed last
  std::string help;                  // what the keys do, one line
  std::optional<double> fps;         // steps a second that a hand can follow, where the environment's own are too many
};

// The keys of an environment: its own, or the digits for a Discrete space of up to ten actions. Throws UsageError for
// an environment that cannot be played with keys.
KeyMap keys_for(envs::Env& env);

// Which action the keys ask for, as time goes by.
class Keyboard {
 public:
  explicit Keyboard(KeyMap map) : map_(std::move(map)) {}

  void handle(const render::Event& event);

  // The action of the next step; none as long as the player has pressed nothing since restart(), so that an episode
  // waits for its player.
  std::optional<std::int64_t> take_action();

  void restart();

  // Whether the player has yet to press the first key.
  bool waiting() const { return !begun_; }

  const KeyMap& map() const { return map_; }

 private:
  std::optional<std::int64_t> action_of(std::string_view key) const;

  KeyMap map_;
  bool begun_ = false;
  std::vector<std::string> held_;       // keys of the map, the one pressed last at the end
  std::optional<std::int64_t> tapped_;  // pressed since the last step, and perhaps released already
  std::optional<std::int64_t> last_;    // of the key pressed last
};

}  // namespace ludus::apps
