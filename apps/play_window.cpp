#include "apps/play_window.h"

#include <cmath>

#include "render/overlay.h"
#include "render/raster.h"
#include "render/window.h"

namespace ludus::apps {
namespace {

constexpr double kHold = 0.7;  // s for which the last frame of an episode is shown

std::vector<std::string> game_keys_of(const PlayWindowOptions& options) {
  std::vector<std::string> names;
  if (!options.keys) return names;
  for (const KeyMap::Key& key : options.keys->keys) names.push_back(key.name);
  return names;
}

// The lines of the overlay: the state of the episode, the speed and the keys.
std::vector<std::string> lines_over(const Player& player, const render::Viewer& viewer,
                                    const PlayWindowOptions& options, bool waiting) {
  std::vector<std::string> lines;
  if (viewer.overlay()) {
    lines = render::overlay_lines(player.facts());
    lines.push_back(player.over() ? "the episode is over" : viewer.status() + "   (H: help)");
  }
  if (waiting && options.keys) lines.push_back(options.keys->help);
  if (viewer.help()) {
    for (const std::string& line : render::help_lines()) lines.push_back(line);
    if (options.keys && !waiting) lines.push_back(options.keys->help);
  }
  return lines;
}

}  // namespace

void play_in_window(Player& player, const PlayWindowOptions& options) {
  const envs::Scene first = player.scene();
  render::Window window("ludus: " + player.env().spec().id, first.width, first.height);
  render::Viewer viewer({.fps = options.fps, .game_keys = game_keys_of(options)}, options.clock());
  std::optional<Keyboard> keyboard;
  if (options.keys) keyboard.emplace(*options.keys);
  const auto record = [&] {
    if (options.video) options.video->add(render::rasterise(player.scene(), first.width, first.height));
  };
  record();

  const auto begin = [&](std::int64_t episode) {
    player.begin(episode);
    if (keyboard) keyboard->restart();
    record();
  };
  const auto hold_steps = static_cast<std::int64_t>(std::ceil(kHold * options.fps));
  std::int64_t held = 0;  // steps since the end of the episode

  while (!options.stopped()) {
    for (const render::Event& event : window.poll()) {
      viewer.handle(event);
      if (keyboard) keyboard->handle(event);
    }
    if (viewer.closed()) break;
    if (viewer.take_restart()) begin(player.facts().episode);
    if (viewer.take_next_seed()) begin(player.facts().episode + 1);

    viewer.begin_frame(options.clock());
    while (viewer.take_step(options.clock())) {
      if (player.over()) {
        if (++held < hold_steps) continue;
        if (options.episodes && static_cast<std::int64_t>(player.results().size()) >= *options.episodes) return;
        begin(player.facts().episode + 1);
        continue;
      }
      held = 0;
      if (keyboard) {
        const std::optional<std::vector<double>> action = keyboard->take_action();
        if (!action) break;
        player.step_by(player.env().action_space().from_row(*action));
      } else {
        player.step(*options.policy);
      }
      record();
    }

    render::Image image = render::rasterise(player.scene(), window.width(), window.height());
    const bool waiting = keyboard && keyboard->waiting();
    render::draw_overlay(image, lines_over(player, viewer, options, waiting));
    window.show(image);
    options.rest(viewer.idle(options.clock()));
  }
}

}  // namespace ludus::apps
