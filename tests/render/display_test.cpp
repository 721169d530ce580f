#include "render/display.h"

#include <gtest/gtest.h>

#include <string>

#include "render/window.h"
#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

std::string refusal() {
  try {
    const DisplayHold hold = hold_display();
  } catch (const NoDisplay& error) {
    return error.what();
  }
  return "";
}

TEST(Display, WithoutDisplaySuggestsRecording) {
  for (const char* value : {static_cast<const char*>(nullptr), ""}) {
    const Variable display("DISPLAY", value);
    EXPECT_NE(refusal().find("DISPLAY is not set"), std::string::npos);
    EXPECT_NE(refusal().find("--record FILE.mp4"), std::string::npos);
    EXPECT_EQ(refusal().find('\n'), std::string::npos);
  }
}

TEST(Display, NamesAServerThatDoesNotAnswer) {
  const Variable display("DISPLAY", ":48213");
  EXPECT_NE(refusal().find("\":48213\""), std::string::npos);
  EXPECT_NE(refusal().find("--record FILE.mp4"), std::string::npos);
}

// SFML would abort the program here, and print before it does.
TEST(Display, FailedWindowThrowsWithoutOutput) {
  const Variable display("DISPLAY", nullptr);
  testing::internal::CaptureStderr();
  EXPECT_THROW(Window("title", 60, 40), NoDisplay);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_THROW(Window("title", 0, 40), InvalidArgument);
}

}  // namespace
}  // namespace ludus::render
