// An environment as a plug-in: a shared library that the ludus program loads.
//
//   ludus train dqn --plugin ./libthermostat.so --env examples/Thermostat-v0
#include <ludus/envs.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>

namespace {

namespace envs = ludus::envs;

// A heated room in winter: switch the heater on and off to keep the room at the target temperature.
struct Thermostat {
  using Scalar = float;
  static constexpr double kFramesPerSecond = 10;

  static constexpr double kMinutes = 5;           // between two steps
  static constexpr double kLossPerMinute = 0.01;  // of the difference to the outside
  static constexpr double kHeatPerMinute = 0.4;   // °C, while the heater is on
  static constexpr double kNoise = 0.05;          // standard deviation of a step's disturbance, °C

  struct Config {
    double target = 21;  // °C

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("target", self.target, ludus::between(15, 25), "the target temperature, °C");
    }
  };

  struct State {
    double inside;   // °C
    double outside;  // °C, constant during an episode
  };

  Config config;

  // Inside minus target, and outside minus target, °C. The room cannot get colder than outside, nor warmer than
  // outside plus kHeatPerMinute / kLossPerMinute = 40 °C but for the noise.
  envs::SpacePtr observation_space() const {
    return std::make_unique<envs::Box>(-40.0, 40.0, ludus::Shape{2}, ludus::DType::kFloat32);
  }
  // 0 leaves the heater off, 1 turns it on for this step.
  envs::SpacePtr action_space() const { return std::make_unique<envs::Discrete>(2); }

  State reset(envs::Generator& generator, const ludus::Dict& options) const {
    if (!options.empty()) throw ludus::InvalidArgument("the thermostat has no reset options");
    State state{};
    state.outside = generator.uniform(-10, 10);
    state.inside = config.target + generator.uniform(-5, 5);
    return state;
  }

  // Newton's law of cooling, one explicit Euler step:  T ← T + Δt (h a − k (T − T_outside)) + noise
  envs::Transition step(State& state, std::int64_t action, envs::Generator& generator) const {
    const double heat = action == 1 ? kHeatPerMinute : 0.0;
    const double loss = kLossPerMinute * (state.inside - state.outside);
    state.inside += kMinutes * (heat - loss) + generator.normal(0, kNoise);

    // the task never terminates: the time limit truncates it
    return {.reward = -std::abs(state.inside - config.target), .terminated = false};
  }

  void observe(const State& state, std::span<float> out) const {
    out[0] = static_cast<float>(state.inside - config.target);
    out[1] = static_cast<float>(state.outside - config.target);
  }

  // A column of mercury, and a mark at the target.
  envs::Scene draw(const State& state) const {
    constexpr envs::Color kGlass{225, 225, 225, 255}, kMercury{200, 60, 50, 255}, kMark{60, 60, 60, 255};
    constexpr double kColdest = 0, kWarmest = 40;  // °C, the ends of the scale
    envs::Scene scene;
    scene.low = {-20, kColdest - 4};
    scene.high = {20, kWarmest + 4};
    scene.width = 300;
    scene.height = 360;
    const auto column = [&](double top, envs::Color color) {
      scene.items.emplace_back(envs::Polygon{{{-2, kColdest}, {2, kColdest}, {2, top}, {-2, top}}, {.fill = color}});
    };
    column(kWarmest, kGlass);
    column(std::clamp(state.inside, kColdest, kWarmest), kMercury);
    scene.items.emplace_back(envs::Polyline{{{-4, config.target}, {4, config.target}}, kMark, 0.3});
    char label[32];
    std::snprintf(label, sizeof label, "%.1f °C", state.inside);
    scene.items.emplace_back(envs::Text{{6, config.target}, label, 2.5, kMark, envs::Align::kLeft});
    return scene;
  }
};

}  // namespace

LUDUS_PLUGIN(registry) {
  registry.add<Thermostat>({
      .id = "examples/Thermostat-v0",
      .summary = "Keep a room at its temperature with a heater that is on or off.",
      .max_episode_steps = 100,
  });
}
