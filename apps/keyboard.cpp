#include "apps/keyboard.h"

#include <algorithm>

#include "apps/options.h"
#include "envs/core/spec.h"

namespace ludus::apps {
namespace {

constexpr std::int64_t kDigits = 10;

struct NamedKeys {
  std::string_view environment;  // name without version
  KeyMap map;
};

const std::vector<NamedKeys>& named_keys() {
  static const std::vector<NamedKeys> all = {
      // the cart knows no rest: a push goes on until the other key is pressed
      {"CartPole",
       {.keys = {{"Left", 0}, {"Right", 1}},
        .idle = {},
        .help = "Left and Right push the cart; the first of them begins",
        .fps = 15}},
  };
  return all;
}

}  // namespace

KeyMap keys_for(envs::Env& env) {
  const std::string& id = env.spec().id;
  const std::string name = envs::EnvId::parse(id).name;
  for (const NamedKeys& named : named_keys()) {
    if (named.environment == name) return named.map;
  }
  const auto* discrete = dynamic_cast<const envs::Discrete*>(&env.action_space());
  if (!discrete || discrete->n() > kDigits) {
    throw UsageError("`human` cannot play " + id + ": there are keys for Discrete spaces of up to " +
                     std::to_string(kDigits) + " actions, and its actions are " + env.action_space().to_string());
  }
  KeyMap map;
  for (std::int64_t i = 0; i < discrete->n(); ++i) {
    map.keys.emplace_back("Num" + std::to_string(i), discrete->start() + i);
  }
  map.help = "the keys 0 to " + std::to_string(discrete->n() - 1) + " choose the action; the first of them begins";
  return map;
}

std::optional<std::int64_t> Keyboard::action_of(std::string_view key) const {
  for (const auto& [name, action] : map_.keys) {
    if (name == key) return action;
  }
  return {};
}

void Keyboard::handle(const render::Event& event) {
  const std::optional<std::int64_t> action = action_of(event.key);
  if (!action) return;
  if (event.kind == render::Event::Kind::kKeyPressed) {
    begun_ = true;
    last_ = tapped_ = action;
    held_.push_back(event.key);
  } else if (event.kind == render::Event::Kind::kKeyReleased) {
    held_.erase(std::remove(held_.begin(), held_.end(), event.key), held_.end());
  }
}

std::optional<std::int64_t> Keyboard::take_action() {
  if (!begun_) return {};
  if (!map_.idle) return last_;
  std::optional<std::int64_t> action = map_.idle;
  if (!held_.empty()) action = action_of(held_.back());
  if (tapped_) action = tapped_;  // a touch shorter than a step counts too
  tapped_.reset();
  return action;
}

void Keyboard::restart() {
  begun_ = false;
  tapped_.reset();
  last_.reset();
}

}  // namespace ludus::apps
