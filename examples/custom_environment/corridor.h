// A slippery corridor with its exit at the right end: a small complete environment.
#pragma once

#include <ludus/envs.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

namespace corridor {

namespace envs = ludus::envs;

struct Corridor {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 4;

  // Keyword arguments: make("examples/Corridor-v0", {{"slip", 0.0}}), or --env-set slip=0.
  struct Config {
    std::int64_t length = 10;  // cells
    double slip = 0.1;         // probability

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("length", self.length, ludus::at_least(2), "cells from one end to the other");
      visit("slip", self.slip, ludus::at_least(0).below(1), "probability that a step goes the other way");
    }
  };

  // The state of an episode.
  struct State {
    std::int64_t cell;  // 0 … length - 1
  };

  Config config;

  // The position as a fraction of the corridor: 0 at the left end, 1 at the exit.
  envs::SpacePtr observation_space() const {
    return std::make_unique<envs::Box>(0.0, 1.0, ludus::Shape{1}, ludus::DType::kFloat32);
  }
  // 0 walks left, 1 walks right.
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }

  // Begins in any cell but the exit.
  State reset(envs::Generator& generator, const ludus::Dict& options) const {
    if (!options.empty()) throw ludus::InvalidArgument("the corridor has no reset options");
    return {generator.integers(config.length - 1)};
  }

  // Every step costs 1, so the best return is the shortest way.
  envs::Transition step(State& state, std::int64_t action, envs::Generator& generator) const {
    const bool slips = generator.random() < config.slip;
    const bool right = (action == 1) != slips;
    state.cell = std::clamp<std::int64_t>(state.cell + (right ? 1 : -1), 0, config.length - 1);
    return {.reward = -1, .terminated = state.cell == config.length - 1};
  }

  void observe(const State& state, std::span<float> out) const {
    out[0] = static_cast<float>(state.cell) / static_cast<float>(config.length - 1);
  }

  // One unit of the world is one cell.
  envs::Scene draw(const State& state) const {
    const auto length = static_cast<double>(config.length);
    constexpr envs::Color kFloor{225, 225, 225, 255}, kExit{120, 190, 120, 255}, kWalker{60, 90, 160, 255};
    envs::Scene scene;
    scene.low = {0, -0.5};
    scene.high = {length, 1.5};
    scene.width = static_cast<int>(60 * config.length);
    scene.height = 120;
    const auto cell = [&](double left, envs::Color color) {
      const double right = left + 1;
      scene.items.emplace_back(envs::Polygon{{{left, 0}, {right, 0}, {right, 1}, {left, 1}},
                                             {.fill = color, .outline = {255, 255, 255, 255}, .outline_width = 0.05}});
    };
    for (double left = 0; left < length - 1; ++left) cell(left, kFloor);
    cell(length - 1, kExit);
    scene.items.emplace_back(envs::Circle{{static_cast<double>(state.cell) + 0.5, 0.5}, 0.3, {.fill = kWalker}});

    // the same as text: "..@......E"
    scene.text = std::string(static_cast<std::size_t>(config.length), '.');
    scene.text.back() = 'E';
    scene.text[static_cast<std::size_t>(state.cell)] = '@';
    return scene;
  }
};

}  // namespace corridor
