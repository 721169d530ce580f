#include "render/viewer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/format.h"
#include "render/label.h"

namespace ludus::render {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();
constexpr std::array kSpeeds = {1 / 16.0, 1 / 8.0, 1 / 4.0, 1 / 2.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, kUnlimited};
constexpr std::size_t kNormal = 4;
static_assert(kSpeeds[kNormal] == 1.0);

constexpr double kBudget = 1 / 30.0;       // s, for steps between two polls of the keyboard; longer delays are dropped
constexpr double kLongestIdle = 1 / 60.0;  // s, between two polls

constexpr std::size_t kShown = 8;        // elements of an array, entries of a list
constexpr std::size_t kLineLength = 56;  // characters after which an observation continues on the next line

std::string number(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

// "first second …" of `count` things.
template <class Each>
std::string some(std::size_t count, std::string_view separator, Each each) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, kShown); ++i) {
    if (i > 0) text += separator;
    text += each(i);
  }
  if (count > kShown) text += " …";
  return text;
}

std::string shown(const Value& value) {
  if (value.is_null()) return "none";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_int()) return std::to_string(value.as_int());
  if (value.is_double()) return number(value.as_double());
  if (value.is_string()) return printable(value.as_string());
  if (value.is_array()) {
    const Array& array = value.as_array();
    const std::string text = some(array.size(), "  ", [&](std::size_t i) { return number(array.get(i)); });
    return array.size() > kShown ? text + " of shape " + array.shape().to_string() : text;
  }
  if (value.is_list()) {
    const List& list = value.as_list();
    return "(" + some(list.size(), ", ", [&](std::size_t i) { return shown(list[i]); }) + ")";
  }
  const Dict& dict = value.as_dict();
  return "{" +
         some(dict.size(), ", ",
              [&](std::size_t i) {
                const auto& [key, entry] = *(dict.begin() + static_cast<std::ptrdiff_t>(i));
                return printable(key) + ": " + shown(entry);
              }) +
         "}";
}

// Breaks a long line at spaces; continuation lines are indented.
void append_wrapped(std::vector<std::string>& lines, std::string text) {
  const std::string indent = "    ";
  while (text.size() > kLineLength) {
    std::size_t space = text.rfind(' ', kLineLength);
    if (space == std::string::npos || text.find_first_not_of(' ') > space) space = text.find(' ', kLineLength);
    if (space == std::string::npos) break;
    const std::size_t end = text.find_last_not_of(' ', space), next = text.find_first_not_of(' ', space);
    if (end == std::string::npos || next == std::string::npos) break;
    lines.push_back(text.substr(0, end + 1));
    text = indent + text.substr(next);
  }
  lines.push_back(std::move(text));
}

}  // namespace

Viewer::Viewer(ViewerOptions options, double now)
    : options_(std::move(options)),
      speed_(kNormal),
      frame_start_(now),
      paused_(options_.paused),
      overlay_(options_.overlay) {
  if (!(options_.fps > 0 && std::isfinite(options_.fps))) {
    throw InvalidArgument(formatted("playback: fps must be finite and above 0, got {}", number(options_.fps)));
  }
}

void Viewer::handle(const Event& event) {
  const bool of_game = event.kind != Event::Kind::kClose && std::ranges::count(options_.game_keys, event.key) > 0;
  if (of_game) return;
  switch (command_of(event)) {
    case Command::kNone: break;
    case Command::kClose: closed_ = true; break;
    case Command::kPause:
      paused_ = !paused_;
      due_ = 0;
      singles_ = 0;
      break;
    case Command::kStep:
      paused_ = true;
      due_ = 0;
      ++singles_;
      break;
    case Command::kFaster: speed_ = std::min(speed_ + 1, kSpeeds.size() - 1); break;
    case Command::kSlower: speed_ = speed_ == 0 ? 0 : speed_ - 1; break;
    case Command::kRestart:
      restart_ = true;
      due_ = 0;
      break;
    case Command::kNextSeed:
      next_seed_ = true;
      due_ = 0;
      break;
    case Command::kOverlay: overlay_ = !overlay_; break;
    case Command::kHelp: help_ = !help_; break;
  }
}

double Viewer::speed() const {
  return kSpeeds[speed_];
}

void Viewer::begin_frame(double now) {
  const double elapsed = std::max(now - frame_start_, 0.0);
  frame_start_ = now;
  taken_ = 0;
  if (paused_ || speed() == kUnlimited) {
    due_ = 0;
    return;
  }

  // after a halt (a dragged window, a slow step) playback continues and does not catch up: a frame runs at most
  // the steps of one budget, and at least one
  const double rate = options_.fps * speed();
  due_ = std::min(due_ + rate * elapsed, std::max(1.0, rate * 2 * kBudget));
}

bool Viewer::take_step(double now) {
  if (singles_ > 0) {
    --singles_;
    return true;
  }
  if (paused_) return false;
  if (taken_ > 0 && now - frame_start_ >= kBudget) return false;  // time for an image
  if (speed() != kUnlimited) {
    constexpr double kRounding = 1e-9;  // a step due at 0.1 + 0.2 s is due at 0.3 s
    if (due_ < 1 - kRounding) return false;
    due_ = std::max(due_ - 1, 0.0);
  }
  ++taken_;
  return true;
}

double Viewer::idle(double now) const {
  if (singles_ > 0) return 0;
  if (paused_) return kLongestIdle;
  if (speed() == kUnlimited) return 0;
  const double next = frame_start_ + std::max(1 - due_, 0.0) / (options_.fps * speed());
  return std::clamp(next - now, 0.0, kLongestIdle);
}

bool Viewer::take_restart() {
  return std::exchange(restart_, false);
}

bool Viewer::take_next_seed() {
  return std::exchange(next_seed_, false);
}

std::string Viewer::status() const {
  const std::string value = speed() == kUnlimited ? "unlimited"
                            : speed() < 1         ? "1/" + number(1 / speed())
                                                  : number(speed());
  if (!paused_) return "speed " + value;
  return speed_ == kNormal ? "paused" : "paused, speed " + value;
}

std::vector<std::string> overlay_lines(const EpisodeStatus& facts) {
  std::vector<std::string> lines = {
      formatted("episode {}   seed {}   step {}", facts.episode, facts.seed, facts.step),
      formatted("reward {}   return {}", number(facts.reward), number(facts.episode_return)),
  };
  append_wrapped(lines, "action " + shown(facts.action));
  append_wrapped(lines, "observation " + shown(facts.observation));
  return lines;
}

std::vector<std::string> help_lines() {
  return {
      "Space   pause, go on",
      "Right or .   one step",
      "+ -   faster, slower",
      "R   restart the episode",
      "N   next seed",
      "O or Tab   show or hide the overlay",
      "H or F1   show or hide this help",
      "Q or Escape   close",
  };
}

}  // namespace ludus::render
