#include "apps/keyboard.h"

#include <gtest/gtest.h>

#include "envs/core/registry.h"

namespace ludus::apps {
namespace {

using Kind = render::Event::Kind;

TEST(Keyboard, CartPoleGoesOnInTheDirectionOfTheKeyPressedLast) {
  const envs::EnvPtr env = envs::make("CartPole-v1");
  Keyboard keyboard(keys_for(*env));
  EXPECT_TRUE(keyboard.waiting());
  EXPECT_EQ(keyboard.take_action(), std::nullopt);
  keyboard.handle({Kind::kKeyPressed, "A"});  // no key of the game
  EXPECT_EQ(keyboard.take_action(), std::nullopt);

  keyboard.handle({Kind::kKeyPressed, "Right"});
  keyboard.handle({Kind::kKeyReleased, "Right"});
  EXPECT_EQ(keyboard.take_action(), 1);
  EXPECT_EQ(keyboard.take_action(), 1);
  keyboard.handle({Kind::kKeyPressed, "Left"});
  EXPECT_EQ(keyboard.take_action(), 0);

  keyboard.restart();  // the next episode waits again
  EXPECT_EQ(keyboard.take_action(), std::nullopt);
}

TEST(Keyboard, WithAnIdleActionAKeyCountsWhileItIsHeldAndATouchOnce) {
  Keyboard keyboard({.keys = {{"Left", 5}, {"Up", 6}}, .idle = 0, .help = "", .fps = {}});
  keyboard.handle({Kind::kKeyPressed, "Left"});
  EXPECT_EQ(keyboard.take_action(), 5);
  EXPECT_EQ(keyboard.take_action(), 5);
  keyboard.handle({Kind::kKeyPressed, "Up"});
  EXPECT_EQ(keyboard.take_action(), 6);
  keyboard.handle({Kind::kKeyReleased, "Up"});
  EXPECT_EQ(keyboard.take_action(), 5);
  keyboard.handle({Kind::kKeyReleased, "Left"});
  EXPECT_EQ(keyboard.take_action(), 0);

  // pressed and released between two steps
  keyboard.handle({Kind::kKeyPressed, "Up"});
  keyboard.handle({Kind::kKeyReleased, "Up"});
  EXPECT_EQ(keyboard.take_action(), 6);
  EXPECT_EQ(keyboard.take_action(), 0);
}

}  // namespace
}  // namespace ludus::apps
