#include "render/window.h"

#include <SFML/Graphics/RenderWindow.hpp>
#include <SFML/Graphics/Sprite.hpp>
#include <SFML/Graphics/Texture.hpp>
#include <SFML/System/Err.hpp>
#include <SFML/Window/Event.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <sstream>

#include "base/error.h"
#include "base/format.h"
#include "render/display.h"
#include "render/label.h"

namespace ludus::render {
namespace {

const sf::Color kSurround(16, 20, 28);  // the area around the image

// Names of sf::Keyboard::Key, by value.
constexpr std::array<std::string_view, sf::Keyboard::KeyCount> kKeyNames = {
    "A",       "B",        "C",        "D",         "E",       "F",         "G",        "H",       "I",
    "J",       "K",        "L",        "M",         "N",       "O",         "P",        "Q",       "R",
    "S",       "T",        "U",        "V",         "W",       "X",         "Y",        "Z",       "Num0",
    "Num1",    "Num2",     "Num3",     "Num4",      "Num5",    "Num6",      "Num7",     "Num8",    "Num9",
    "Escape",  "LControl", "LShift",   "LAlt",      "LSystem", "RControl",  "RShift",   "RAlt",    "RSystem",
    "Menu",    "LBracket", "RBracket", "Semicolon", "Comma",   "Period",    "Quote",    "Slash",   "Backslash",
    "Tilde",   "Equal",    "Hyphen",   "Space",     "Enter",   "Backspace", "Tab",      "PageUp",  "PageDown",
    "End",     "Home",     "Insert",   "Delete",    "Add",     "Subtract",  "Multiply", "Divide",  "Left",
    "Right",   "Up",       "Down",     "Numpad0",   "Numpad1", "Numpad2",   "Numpad3",  "Numpad4", "Numpad5",
    "Numpad6", "Numpad7",  "Numpad8",  "Numpad9",   "F1",      "F2",        "F3",       "F4",      "F5",
    "F6",      "F7",       "F8",       "F9",        "F10",     "F11",       "F12",      "F13",     "F14",
    "F15",     "Pause"};
static_assert(sf::Keyboard::Escape == 36 && sf::Keyboard::Space == 57 && sf::Keyboard::Left == 71 &&
              sf::Keyboard::F1 == 85 && sf::Keyboard::Pause == sf::Keyboard::KeyCount - 1);

std::string_view name_of(sf::Keyboard::Key key) {
  const auto index = static_cast<std::size_t>(key);  // Unknown is -1
  return index < kKeyNames.size() ? kKeyNames[index] : std::string_view();
}

// Captures the messages that SFML prints, for our exceptions.
class CaughtMessages {
 public:
  CaughtMessages() : before_(sf::err().rdbuf(caught_.rdbuf())) {}
  ~CaughtMessages() { sf::err().rdbuf(before_); }
  std::string text() const { return printable(caught_.str()); }

 private:
  std::ostringstream caught_;
  std::streambuf* before_;
};

}  // namespace

struct Window::State {
  DisplayHold display;  // first, so that it goes last
  sf::RenderWindow window;
  sf::Texture texture;
  std::set<std::string, std::less<>> held;
};

Window::Window(std::string_view title, int width, int height) {
  if (width < 1 || height < 1) {
    throw InvalidArgument(formatted("a window must be at least 1 x 1 pixels, got {} x {}", width, height));
  }
  DisplayHold display = hold_display();
  const CaughtMessages messages;
  state_ = std::make_unique<State>();
  state_->display = std::move(display);

  // leave some of the screen to its panels and the window's frame
  constexpr double kShare = 0.9;
  const sf::VideoMode screen = sf::VideoMode::getDesktopMode();
  const double shrink = std::min({1.0, kShare * screen.width / width, kShare * screen.height / height});
  const auto side = [&](int pixels) { return static_cast<unsigned>(std::max(1L, std::lround(pixels * shrink))); };

  const std::string words = printable(title);
  state_->window.create(sf::VideoMode(side(width), side(height)), sf::String::fromUtf8(words.begin(), words.end()));
  if (!state_->window.isOpen()) throw WorkError(formatted("the display refuses a window: {}", messages.text()));
  state_->window.setKeyRepeatEnabled(false);
}

Window::~Window() = default;
Window::Window(Window&&) noexcept = default;
Window& Window::operator=(Window&&) noexcept = default;

bool Window::is_open() const {
  return state_->window.isOpen();
}

void Window::close() {
  state_->window.close();
}

int Window::width() const {
  return static_cast<int>(state_->window.getSize().x);
}

int Window::height() const {
  return static_cast<int>(state_->window.getSize().y);
}

std::vector<Event> Window::poll() {
  std::vector<Event> events;
  sf::Event event;
  while (state_->window.pollEvent(event)) {
    switch (event.type) {
      case sf::Event::Closed: events.push_back({Event::Kind::kClose, {}}); break;
      case sf::Event::KeyPressed: {
        const std::string name(name_of(event.key.code));
        if (!name.empty() && state_->held.insert(name).second) events.push_back({Event::Kind::kKeyPressed, name});
        break;
      }
      case sf::Event::KeyReleased: {
        const std::string name(name_of(event.key.code));
        if (state_->held.erase(name) > 0) events.push_back({Event::Kind::kKeyReleased, name});
        break;
      }
      case sf::Event::TextEntered: {
        const bool control = event.text.unicode < 0x20 || (event.text.unicode >= 0x7F && event.text.unicode < 0xA0);
        if (control) break;
        const auto utf8 = sf::String(event.text.unicode).toUtf8();
        events.push_back({Event::Kind::kTyped, std::string(utf8.begin(), utf8.end())});
        break;
      }
      case sf::Event::LostFocus:
        for (const std::string& name : state_->held) events.push_back({Event::Kind::kKeyReleased, name});
        state_->held.clear();
        break;
      default: break;
    }
  }
  return events;
}

bool Window::held(std::string_view key) const {
  return state_->held.contains(key);
}

void Window::show(const Image& image) {
  const std::size_t pixels =
      static_cast<std::size_t>(std::max(image.width, 0)) * static_cast<std::size_t>(std::max(image.height, 0));
  if (pixels == 0 || image.rgb.size() != 3 * pixels) {
    throw InvalidArgument(
        formatted("an image of {} x {} pixels with {} bytes cannot be shown; give height x width x 3 bytes",
                  image.width, image.height, image.rgb.size()));
  }
  sf::RenderWindow& window = state_->window;
  if (!window.isOpen()) return;

  // upload to the texture, as RGBA
  const auto width = static_cast<unsigned>(image.width), height = static_cast<unsigned>(image.height);
  if (state_->texture.getSize() != sf::Vector2u(width, height)) {
    const CaughtMessages messages;
    if (!state_->texture.create(width, height))
      throw WorkError(formatted("the display cannot hold the image: {}", messages.text()));
  }
  std::vector<sf::Uint8> rgba(4 * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) rgba[4 * i + c] = image.rgb[3 * i + c];
    rgba[4 * i + 3] = 255;
  }
  state_->texture.update(rgba.data());

  // one unit of the view is one pixel of the window, so that an image of its size is shown unchanged
  const sf::Vector2u size = window.getSize();
  const auto window_width = static_cast<float>(size.x), window_height = static_cast<float>(size.y);
  window.setView(sf::View(sf::FloatRect(0, 0, window_width, window_height)));
  const float scale = std::min(window_width / static_cast<float>(width), window_height / static_cast<float>(height));
  state_->texture.setSmooth(scale != 1);
  sf::Sprite sprite(state_->texture);
  sprite.setScale(scale, scale);
  sprite.setPosition(std::floor((window_width - scale * static_cast<float>(width)) / 2),
                     std::floor((window_height - scale * static_cast<float>(height)) / 2));
  window.clear(kSurround);
  window.draw(sprite);
  window.display();
}

}  // namespace ludus::render
