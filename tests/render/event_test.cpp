#include "render/event.h"

#include <gtest/gtest.h>

namespace ludus::render {
namespace {

using Kind = Event::Kind;

TEST(Event, KeysAndTypedCharactersAreCommands) {
  EXPECT_EQ(command_of({Kind::kClose, ""}), Command::kClose);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "Escape"}), Command::kClose);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "Q"}), Command::kClose);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "Space"}), Command::kPause);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "Right"}), Command::kStep);
  EXPECT_EQ(command_of({Kind::kTyped, "."}), Command::kStep);
  EXPECT_EQ(command_of({Kind::kTyped, "+"}), Command::kFaster);
  EXPECT_EQ(command_of({Kind::kTyped, "="}), Command::kFaster);
  EXPECT_EQ(command_of({Kind::kTyped, "-"}), Command::kSlower);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "R"}), Command::kRestart);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "N"}), Command::kNextSeed);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "O"}), Command::kOverlay);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "Tab"}), Command::kOverlay);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "H"}), Command::kHelp);
  EXPECT_EQ(command_of({Kind::kKeyPressed, "F1"}), Command::kHelp);
}

// One press gives a key and a character: only one of them may command, or everything would happen twice.
TEST(Event, ReleasesAreNoCommands) {
  for (const char* typed : {" ", "r", "R", "n", "o", "h", "q"}) {
    EXPECT_EQ(command_of({Kind::kTyped, typed}), Command::kNone) << typed;
  }
  for (const char* key : {"Add", "Equal", "Subtract", "Hyphen", "Period", "Left", "A"}) {
    EXPECT_EQ(command_of({Kind::kKeyPressed, key}), Command::kNone) << key;
  }
  EXPECT_EQ(command_of({Kind::kKeyReleased, "Space"}), Command::kNone);
  EXPECT_EQ(command_of({Kind::kKeyReleased, "R"}), Command::kNone);
}

}  // namespace
}  // namespace ludus::render
