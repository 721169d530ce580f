#include "apps/keyboard.h"

#include <algorithm>
#include <array>

#include "apps/options.h"
#include "base/format.h"
#include "envs/core/spec.h"

namespace ludus::apps {
namespace {

using Mode = KeyMap::Mode;

constexpr std::int64_t kDigits = 10;
constexpr std::array<std::pair<const char*, const char*>, 4> kPairs{{{"E", "D"}, {"T", "G"}, {"U", "J"}, {"I", "K"}}};

struct NamedKeys {
  std::string_view environment;  // name without version
  bool discrete;                 // for which of its action spaces
  KeyMap map;
};

const std::vector<NamedKeys>& named_keys() {
  const std::string walks = "the arrow keys walk, one step each";
  const KeyMap lake_keys{
      .keys = {{"Left", 0}, {"Down", 1}, {"Right", 2}, {"Up", 3}}, .mode = Mode::kTurns, .help = walks, .fps = 30};
  const KeyMap cliff_keys{
      .keys = {{"Up", 0}, {"Right", 1}, {"Down", 2}, {"Left", 3}}, .mode = Mode::kTurns, .help = walks, .fps = 30};
  const KeyMap throttle_keys{.keys = {{"Up", 1, 0}, {"Left", -1, 1}, {"Right", 1, 1}},
                             .idle = {0, 0},
                             .help = "Up fires the main engine, Left and Right turn"};
  static const std::vector<NamedKeys> all = {
      // the cart has no idle action: a push is repeated until the other key is pressed
      {"CartPole",
       true,
       {.keys = {{"Left", 0}, {"Right", 1}},
        .mode = Mode::kSticky,
        .help = "Left and Right push the cart; the first key starts",
        .fps = 15}},
      {"MountainCar",
       true,
       {.keys = {{"Left", 0}, {"Right", 2}}, .idle = {1}, .help = "Left and Right drive; without a key the car rolls"}},
      {"MountainCarContinuous",
       false,
       {.keys = {{"Left", -1}, {"Right", 1}}, .help = "Left and Right drive; without a key the car rolls"}},
      {"Acrobot",
       true,
       {.keys = {{"Left", 0}, {"Right", 2}}, .idle = {1}, .help = "Left and Right turn the joint between the links"}},
      // a positive torque turns counter-clockwise
      {"Pendulum", false, {.keys = {{"Left", 2}, {"Right", -2}}, .help = "Left and Right turn the pendulum"}},

      {"FrozenLake", true, lake_keys},
      {"FrozenLake8x8", true, lake_keys},
      {"CliffWalking", true, cliff_keys},
      {"CliffWalkingSlippery", true, cliff_keys},
      {"Taxi",
       true,
       {.keys = {{"Down", 0}, {"Up", 1}, {"Right", 2}, {"Left", 3}, {"P", 4}, {"D", 5}},
        .mode = Mode::kTurns,
        .help = "the arrow keys drive, P picks the passenger up, D lets them out",
        .fps = 30}},
      {"Blackjack",
       true,
       {.keys = {{"S", 0}, {"D", 1}}, .mode = Mode::kTurns, .help = "D draws another card, S stays", .fps = 30}},

      {"LunarLander",
       true,
       {.keys = {{"Left", 1}, {"Up", 2}, {"Right", 3}}, .help = "Up fires the main engine, Left and Right turn"}},
      {"LunarLander", false, throttle_keys},
      {"LunarLanderContinuous", false, throttle_keys},
      {"CarRacing",
       false,
       {.keys = {{"Left", -1, 0}, {"Right", 1, 0}, {"Up", 1, 1}, {"Down", 0.8, 2}},
        .idle = {0, 0, 0},
        .help = "Left and Right steer, Up gives gas, Down brakes"}},
      {"CarRacing",
       true,
       {.keys = {{"Right", 1}, {"Left", 2}, {"Up", 3}, {"Down", 4}},
        .help = "Left and Right steer, Up gives gas, Down brakes"}},
  };
  return all;
}

// The digits choose the action.
KeyMap digits_for(const envs::Discrete& space) {
  KeyMap map{.keys = {}, .mode = Mode::kSticky, .help = {}};
  for (std::int64_t i = 0; i < space.n(); ++i) {
    map.keys.push_back({"Num" + std::to_string(i), static_cast<double>(space.start() + i)});
  }
  map.help = formatted("the keys 0 to {} choose the action; the first key starts", space.n() - 1);
  return map;
}

// For each element one key for its upper and one for its lower bound; without keys it is 0, or as near to 0 as the
// bounds allow.
KeyMap pairs_for(const envs::Box& space) {
  KeyMap map{.keys = {}, .mode = Mode::kWhileHeld, .idle = {}, .help = "each element up and down:"};
  for (std::size_t i = 0; i < space.low().size(); ++i) {
    const double low = space.low().get(i), high = space.high().get(i);
    map.keys.push_back({kPairs[i].first, high, i});
    map.keys.push_back({kPairs[i].second, low, i});
    map.idle.push_back(std::clamp(0.0, low, high));
    map.help += std::string(" ") + kPairs[i].first + " " + kPairs[i].second;
  }
  return map;
}

}  // namespace

KeyMap keys_for(envs::Env& env) {
  const std::string& id = env.spec().id;
  const envs::EnvId parsed = envs::EnvId::parse(id);
  const auto* discrete = dynamic_cast<const envs::Discrete*>(&env.action_space());
  for (const NamedKeys& named : named_keys()) {
    if (parsed.name_space.empty() && named.environment == parsed.name && named.discrete == (discrete != nullptr)) {
      return named.map;
    }
  }
  if (discrete && discrete->n() <= kDigits) return digits_for(*discrete);
  const auto* box = dynamic_cast<const envs::Box*>(&env.action_space());
  if (box && box->is_bounded() && box->low().size() <= kPairs.size()) return pairs_for(*box);
  throw UsageError(formatted(
      "`human` cannot play {}: keys exist for Discrete spaces of up to {} actions and bounded Boxes of up to {} "
      "elements, got {}",
      id, kDigits, kPairs.size(), env.action_space().to_string()));
}

const KeyMap::Key* Keyboard::find(std::string_view name) const {
  for (const KeyMap::Key& key : map_.keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

void Keyboard::handle(const render::Event& event) {
  const KeyMap::Key* key = find(event.key);
  if (!key) return;
  if (event.kind == render::Event::Kind::kKeyPressed) {
    started_ = true;
    last_ = key;
    tapped_.push_back(key);
    held_.push_back(key);
  } else if (event.kind == render::Event::Kind::kKeyReleased) {
    std::erase(held_, key);
  }
}

std::optional<std::vector<double>> Keyboard::take_action() {
  if (!started_) return {};
  std::vector<double> row = map_.idle;
  const auto press = [&row](const KeyMap::Key* key) { row[key->element] = key->level; };
  switch (map_.mode) {
    case Mode::kSticky: press(last_); break;
    case Mode::kWhileHeld:
      for (const KeyMap::Key* key : held_) press(key);
      for (const KeyMap::Key* key : tapped_) press(key);  // a key pressed for less than a step counts too
      tapped_.clear();
      break;
    case Mode::kTurns:
      if (tapped_.empty()) return {};
      press(tapped_.front());
      tapped_.erase(tapped_.begin());
      break;
  }
  return row;
}

void Keyboard::restart() {
  started_ = false;
  tapped_.clear();
  last_ = nullptr;
}

}  // namespace ludus::apps
