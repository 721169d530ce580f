// Run under an X server of its own (see CMakeLists.txt); what the window shows is read back from that server.
#include "render/window.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "render/display.h"
#include "render/env_sinks.h"
#include "render/program.h"
#include "render/raster.h"
#include "tests/render/scratch.h"

// last, for their macros break the headers above
#include <X11/Xlib.h>
#include <X11/Xutil.h>

namespace ludus::render {
namespace {

using envs::Color;
using Kind = Event::Kind;

// The other side of the screen: a client that sees windows from outside.
class Screen {
 public:
  Screen() : display_(XOpenDisplay(nullptr)) {
    if (display_ == nullptr) ADD_FAILURE() << "the test needs an X server; run it through ctest";
  }
  ~Screen() { XCloseDisplay(display_); }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // The window of that title, 0 if there is none.
  ::Window find(const std::string& title) {
    ::Window root, parent, *children = nullptr, found = 0;
    unsigned count = 0;
    XQueryTree(display_, DefaultRootWindow(display_), &root, &parent, &children, &count);
    for (unsigned i = 0; i < count; ++i) {
      char* name = nullptr;
      if (XFetchName(display_, children[i], &name) != 0 && name != nullptr) {
        if (title == name) found = children[i];
        XFree(name);
      }
    }
    if (children != nullptr) XFree(children);
    return found;
  }

  // What is inside the window.
  Image capture(::Window window) {
    XWindowAttributes attributes;
    XGetWindowAttributes(display_, window, &attributes);
    Image image{attributes.width, attributes.height, {}};
    XImage* captured = XGetImage(display_, window, 0, 0, static_cast<unsigned>(attributes.width),
                                 static_cast<unsigned>(attributes.height), AllPlanes, ZPixmap);
    if (captured == nullptr) return {};
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        const unsigned long pixel = XGetPixel(captured, x, y);
        for (const int shift : {16, 8, 0}) image.rgb.push_back(static_cast<std::uint8_t>(pixel >> shift));
      }
    }
    XDestroyImage(captured);
    return image;
  }

  // Without a window manager nothing else hands over the keyboard.
  void focus(::Window window) {
    XSetInputFocus(display_, window, RevertToParent, CurrentTime);
    XSync(display_, False);
  }

  // to the corner, for what lies beyond the screen cannot be read back
  void resize(::Window window, unsigned width, unsigned height) {
    XMoveResizeWindow(display_, window, 0, 0, width, height);
    XSync(display_, False);
  }

  // What a window manager sends when its button is pressed.
  void ask_to_close(::Window window) {
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.window = window;
    event.xclient.message_type = XInternAtom(display_, "WM_PROTOCOLS", False);
    event.xclient.format = 32;
    event.xclient.data.l[0] = static_cast<long>(XInternAtom(display_, "WM_DELETE_WINDOW", False));
    XSendEvent(display_, window, False, NoEventMask, &event);
    XSync(display_, False);
  }

 private:
  Display* display_;
};

// X answers when it likes: asks again until `done`, at most 200 times.
template <class Done>
bool soon(Done done) {
  for (int i = 0; i < 200; ++i) {
    if (done()) return true;
    ::poll(nullptr, 0, 20);
  }
  return false;
}

class WindowTest : public testing::Test {
 protected:
  Screen screen_;

  // Waits until the server shows `expected`, and says where it differs otherwise.
  void expect_shown(Window& window, ::Window id, const Image& shown, const Image& expected) {
    Image seen;
    const bool same = soon([&] {
      window.poll();
      window.show(shown);
      seen = screen_.capture(id);
      return seen == expected;
    });
    if (same) return;
    ASSERT_EQ(seen.width, expected.width);
    ASSERT_EQ(seen.height, expected.height);
    int different = 0;
    for (int y = 0; y < seen.height; ++y) {
      for (int x = 0; x < seen.width; ++x) different += seen.at(x, y) != expected.at(x, y);
    }
    ADD_FAILURE() << different << " pixels differ from the rasteriser's";
  }

  // Sends keys to the focused window and waits for as many events, or (0) until all that was pressed is released.
  std::vector<Event> type(Window& window, ::Window id, const std::vector<std::string>& xdotool,
                          std::size_t expected = 0) {
    screen_.focus(id);
    window.poll();
    std::vector<std::string> command = {"xdotool"};
    command.insert(command.end(), xdotool.begin(), xdotool.end());
    const Program::Result result = Program(command).finish();
    EXPECT_EQ(result.status, 0) << result.errors;
    std::vector<Event> events;
    soon([&] {
      for (const Event& event : window.poll()) events.push_back(event);
      if (expected > 0) return events.size() >= expected;
      const auto pressed = std::ranges::count(events, Kind::kKeyPressed, &Event::kind);
      return pressed > 0 && pressed == std::ranges::count(events, Kind::kKeyReleased, &Event::kind);
    });
    return events;
  }
};

TEST_F(WindowTest, ShowsExactlyTheRasterisersPixels) {
  Window window("exact", 600, 400);
  EXPECT_TRUE(window.is_open());
  EXPECT_EQ(window.width(), 600);
  EXPECT_EQ(window.height(), 400);
  ::Window id = 0;
  ASSERT_TRUE(soon([&] { return (id = screen_.find("exact")) != 0; }));
  const Image first = rasterise(cart_pole(300, 0.2)), second = rasterise(cart_pole(250, -0.1));
  expect_shown(window, id, first, first);
  expect_shown(window, id, second, second);

  window.close();
  EXPECT_FALSE(window.is_open());
  window.show(first);  // after closing nothing happens
  EXPECT_TRUE(window.poll().empty());
}

TEST_F(WindowTest, ResizedWindowKeepsTheAspectRatio) {
  Window window("resized", 300, 200);
  ::Window id = 0;
  ASSERT_TRUE(soon([&] { return (id = screen_.find("resized")) != 0; }));
  screen_.resize(id, 800, 400);
  ASSERT_TRUE(soon([&] {
    window.poll();
    return window.width() == 800 && window.height() == 400;
  }));

  // 300 x 200 doubled is 600 x 400, with 100 free on either side
  const Image red = rasterise(
      [] {
        envs::Scene scene;
        scene.background = {255, 0, 0, 255};
        return scene;
      }(),
      300, 200);
  Image expected{800, 400, {}};
  for (int y = 0; y < 400; ++y) {
    for (int x = 0; x < 800; ++x) {
      const Color color = x < 100 || x >= 700 ? Color{16, 20, 28, 255} : Color{255, 0, 0, 255};
      expected.rgb.insert(expected.rgb.end(), {color.red, color.green, color.blue});
    }
  }
  expect_shown(window, id, red, expected);

  const Image fitting = rasterise(cart_pole(300, 0.2), window.width(), window.height());
  expect_shown(window, id, fitting, fitting);
}

TEST_F(WindowTest, WindowIsLimitedToTheScreen) {
  Window window("large", 6000, 4000);
  EXPECT_LE(window.width(), 1280);
  EXPECT_LE(window.height(), 1024);
  EXPECT_NEAR(window.width() / static_cast<double>(window.height()), 1.5, 0.01);
}

TEST_F(WindowTest, KeysBecomeEventsAndCommands) {
  Window window("keys", 300, 200);
  ::Window id = 0;
  ASSERT_TRUE(soon([&] { return (id = screen_.find("keys")) != 0; }));
  window.show(rasterise(cart_pole(300, 0), 300, 200));

  EXPECT_EQ(type(window, id, {"key", "r"}),
            (std::vector<Event>{{Kind::kKeyPressed, "R"}, {Kind::kTyped, "r"}, {Kind::kKeyReleased, "R"}}));
  EXPECT_EQ(type(window, id, {"key", "Left"}),
            (std::vector<Event>{{Kind::kKeyPressed, "Left"}, {Kind::kKeyReleased, "Left"}}));

  // every command, as a person would give it
  const std::vector<std::pair<std::string, Command>> commands = {
      {"space", Command::kPause},   {"Right", Command::kStep},
      {"period", Command::kStep},   {"plus", Command::kFaster},
      {"equal", Command::kFaster},  {"minus", Command::kSlower},
      {"r", Command::kRestart},     {"n", Command::kNextSeed},
      {"o", Command::kOverlay},     {"Tab", Command::kOverlay},
      {"h", Command::kHelp},        {"F1", Command::kHelp},
      {"KP_Add", Command::kFaster}, {"KP_Subtract", Command::kSlower},
      {"q", Command::kClose},       {"Escape", Command::kClose},
  };
  for (const auto& [key, command] : commands) {
    std::vector<Command> given;
    for (const Event& event : type(window, id, {"key", key})) {
      if (command_of(event) != Command::kNone) given.push_back(command_of(event));
    }
    EXPECT_EQ(given, std::vector{command}) << key;
  }
}

TEST_F(WindowTest, HeldKeysLastUntilReleaseOrLossOfFocus) {
  Window window("held", 300, 200);
  ::Window id = 0;
  ASSERT_TRUE(soon([&] { return (id = screen_.find("held")) != 0; }));
  window.show(rasterise(cart_pole(300, 0), 300, 200));

  EXPECT_FALSE(window.held("Left"));
  type(window, id, {"keydown", "Left"}, 1);
  EXPECT_TRUE(window.held("Left"));
  EXPECT_FALSE(window.held("Right"));
  type(window, id, {"keyup", "Left"}, 1);
  EXPECT_FALSE(window.held("Left"));

  type(window, id, {"keydown", "a"}, 2);
  EXPECT_TRUE(window.held("A"));
  screen_.focus(static_cast<::Window>(PointerRoot));
  Window other("other", 50, 50);  // the keyboard goes elsewhere
  ::Window other_id = 0;
  ASSERT_TRUE(soon([&] { return (other_id = screen_.find("other")) != 0; }));
  screen_.focus(other_id);
  EXPECT_TRUE(soon([&] {
    window.poll();
    return !window.held("A");
  }));
  Program({"xdotool", "keyup", "a"}).finish();
}

TEST_F(WindowTest, CloseButtonReportsAnEvent) {
  Window window("closing", 300, 200);
  ::Window id = 0;
  ASSERT_TRUE(soon([&] { return (id = screen_.find("closing")) != 0; }));
  screen_.ask_to_close(id);
  std::vector<Event> events;
  EXPECT_TRUE(soon([&] {
    events = window.poll();
    return !events.empty();
  }));
  EXPECT_EQ(events, (std::vector<Event>{{Kind::kClose, ""}}));
  EXPECT_TRUE(window.is_open());  // only reported
  window.close();
  EXPECT_FALSE(window.is_open());
}

TEST_F(WindowTest, WindowCanBeMovedAndRejectsAnEmptyImage) {
  Window first("moved", 60, 40);
  Window second = std::move(first);
  EXPECT_TRUE(second.is_open());
  EXPECT_THROW(second.show({}), InvalidArgument);
  EXPECT_THROW(second.show({2, 2, std::vector<std::uint8_t>(11)}), InvalidArgument);
  EXPECT_NE(hold_display(), nullptr);
}

TEST_F(WindowTest, ScreenShowsFramesAtTheirRate) {
  const Image image = rasterise(cart_pole(300, 0.2), 300, 200);
  const envs::Screen show = screen("an environment");
  show(array_of(image), 20);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 2; ++i) show(array_of(image), 20);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(45));  // each waits for the one before
  ::Window id = 0;
  ASSERT_TRUE(soon([&] { return (id = screen_.find("an environment")) != 0; }));
  EXPECT_TRUE(soon([&] {
    show(array_of(image), 1000);
    return screen_.capture(id) == image;
  }));
}

}  // namespace
}  // namespace ludus::render
