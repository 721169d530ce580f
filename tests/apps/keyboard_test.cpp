#include "apps/keyboard.h"

#include <gtest/gtest.h>

#include "envs/registry/registry.h"

namespace ludus::apps {
namespace {

using Kind = render::Event::Kind;
using Row = std::vector<double>;

TEST(Keyboard, CartPoleRepeatsTheLastKey) {
  const envs::EnvPtr env = envs::make("CartPole-v1");
  Keyboard keyboard(keys_for(*env));
  EXPECT_TRUE(keyboard.waiting());
  EXPECT_EQ(keyboard.take_action(), std::nullopt);
  keyboard.handle({Kind::kKeyPressed, "A"});  // no key of the game
  EXPECT_EQ(keyboard.take_action(), std::nullopt);

  keyboard.handle({Kind::kKeyPressed, "Right"});
  keyboard.handle({Kind::kKeyReleased, "Right"});
  EXPECT_EQ(keyboard.take_action(), Row{1});
  EXPECT_EQ(keyboard.take_action(), Row{1});
  keyboard.handle({Kind::kKeyPressed, "Left"});
  EXPECT_EQ(keyboard.take_action(), Row{0});

  keyboard.restart();  // the next episode waits again
  EXPECT_EQ(keyboard.take_action(), std::nullopt);
}

TEST(Keyboard, WithAnIdleActionKeysActWhileHeldAndAtLeastOnce) {
  Keyboard keyboard({.keys = {{"Left", 5}, {"Up", 6}}, .help = ""});
  keyboard.handle({Kind::kKeyPressed, "Left"});
  EXPECT_EQ(keyboard.take_action(), Row{5});
  EXPECT_EQ(keyboard.take_action(), Row{5});
  keyboard.handle({Kind::kKeyPressed, "Up"});
  EXPECT_EQ(keyboard.take_action(), Row{6});
  keyboard.handle({Kind::kKeyReleased, "Up"});
  EXPECT_EQ(keyboard.take_action(), Row{5});
  keyboard.handle({Kind::kKeyReleased, "Left"});
  EXPECT_EQ(keyboard.take_action(), Row{0});

  // pressed and released between two steps
  keyboard.handle({Kind::kKeyPressed, "Up"});
  keyboard.handle({Kind::kKeyReleased, "Up"});
  EXPECT_EQ(keyboard.take_action(), Row{6});
  EXPECT_EQ(keyboard.take_action(), Row{0});
}

TEST(Keyboard, SeveralKeysSetSeveralElements) {
  Keyboard keyboard({.keys = {{"Left", -1, 0}, {"Right", 1, 0}, {"Up", 1, 1}}, .idle = {0, 0.5}, .help = ""});
  keyboard.handle({Kind::kKeyPressed, "Left"});
  keyboard.handle({Kind::kKeyPressed, "Up"});
  EXPECT_EQ(keyboard.take_action(), (Row{-1, 1}));
  keyboard.handle({Kind::kKeyPressed, "Right"});  // of two keys for one number the later one counts
  EXPECT_EQ(keyboard.take_action(), (Row{1, 1}));
  keyboard.handle({Kind::kKeyReleased, "Right"});
  keyboard.handle({Kind::kKeyReleased, "Up"});
  EXPECT_EQ(keyboard.take_action(), (Row{-1, 0.5}));
}

TEST(Keyboard, TurnBasedGamesStepOncePerKey) {
  const envs::EnvPtr env = envs::make("FrozenLake-v1");
  Keyboard keyboard(keys_for(*env));
  keyboard.handle({Kind::kKeyPressed, "Down"});
  keyboard.handle({Kind::kKeyPressed, "Right"});
  EXPECT_EQ(keyboard.take_action(), Row{1});
  EXPECT_EQ(keyboard.take_action(), Row{2});
  EXPECT_EQ(keyboard.take_action(), std::nullopt);  // though both are still held
}

// Whatever keys are held, the action is one of the environment's: of every environment there is.
TEST(Keyboard, EveryEnvironmentHasKeysThatMakeActions) {
  for (const envs::EnvSpec& spec : envs::registry().specs()) {
    const envs::EnvPtr env = envs::make(spec.id, {}, {.warn = [](const std::string&) {}});
    const KeyMap map = keys_for(*env);
    EXPECT_FALSE(map.help.empty()) << spec.id;
    for (const KeyMap::Key& key : map.keys) {
      Keyboard keyboard(map);
      keyboard.handle({Kind::kKeyPressed, key.name});
      const auto row = keyboard.take_action();
      ASSERT_TRUE(row) << spec.id;
      EXPECT_TRUE(env->action_space().contains(env->action_space().from_row(*row))) << spec.id << " " << key.name;
    }
    EXPECT_TRUE(map.mode != KeyMap::Mode::kWhileHeld ||
                env->action_space().contains(env->action_space().from_row(map.idle)))
        << spec.id;
  }
}

// up is the high bound, down the low one, and nothing is 0 or the bound next to it
TEST(Keyboard, OtherBoxesGetKeyPairs) {
  struct Joints : public envs::Env {
    envs::Box observations{0, 1, Shape{1}};
    envs::Box actions{Array::of<float>(std::vector<float>{-2, 1}), Array::of<float>(std::vector<float>{3, 4})};
    Generator random{0};
    envs::Space& observation_space() override { return observations; }
    envs::Space& action_space() override { return actions; }
    envs::Reset reset(std::optional<std::uint64_t>, const Dict&) override { return {}; }
    void step_into(const Value&, envs::Step&) override {}
    Generator& generator() override { return random; }
  } env;
  env.set_spec({.id = "Joints-v0"});
  Keyboard keyboard(keys_for(env));
  EXPECT_EQ(keyboard.map().idle, (Row{0, 1}));
  keyboard.handle({Kind::kKeyPressed, "D"});
  keyboard.handle({Kind::kKeyPressed, "T"});
  EXPECT_EQ(keyboard.take_action(), (Row{-2, 4}));
}

}  // namespace
}  // namespace ludus::apps
