#include "agents/deep/action_noise.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"

namespace ludus::agents {
namespace {

using Kind = ActionNoise::Kind;

// x ← x − θ x Δt + σ √Δt N(0, 1), mean-reverting to 0      Uhlenbeck and Ornstein 1930; Euler-Maruyama method
double ornstein_uhlenbeck(double x, double theta, double dt, double sigma, double normal) {
  return x - theta * x * dt + sigma * std::sqrt(dt) * normal;
}

}  // namespace

void ActionNoise::Options::check() const {
  if (reversion * time_step <= 1) return;
  throw InvalidArgument(
      formatted("noise_reversion times noise_time_step must be at most 1, got {}: beyond, the noise "
                "overshoots its mean",
                reversion * time_step));
}

ActionNoise::ActionNoise(const Options& options, std::size_t num_envs, std::size_t action_size)
    : options_(checked(options, "action noise")), action_size_(action_size) {
  if (options_.kind == Kind::kOrnsteinUhlenbeck) process_.assign(num_envs * action_size, 0.0);
}

void ActionNoise::add_to(std::span<float> actions, double progress_remaining, Generator& generator) {
  if (options_.kind == Kind::kNone) return;
  const double sigma = options_.deviation.at(progress_remaining);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    double noise = 0;
    if (options_.kind == Kind::kNormal) {
      noise = sigma * generator.standard_normal();
    } else {
      double& x = process_.at(i);
      x = ornstein_uhlenbeck(x, options_.reversion, options_.time_step, sigma, generator.standard_normal());
      noise = x;
    }
    actions[i] = static_cast<float>(std::clamp(static_cast<double>(actions[i]) + noise, -1.0, 1.0));
  }
}

void ActionNoise::reset(std::size_t env) {
  if (process_.empty()) return;
  std::fill_n(process_.begin() + static_cast<std::ptrdiff_t>(env * action_size_), action_size_, 0.0);
}

void read_field(const Value& value, ActionNoise::Kind& field) {
  const std::string& name = value.as_string();
  const auto& names = ActionNoise::kKindNames;
  const auto place = std::find(names.begin(), names.end(), name);
  if (place == names.end()) {
    const std::vector<std::string> all(names.begin(), names.end());
    throw InvalidArgument(
        formatted("there is no noise \"{}\".{} There are: {}.", name, did_you_mean(name, all), joined(all)));
  }
  field = static_cast<Kind>(place - names.begin());
}

Value show_field(ActionNoise::Kind field) {
  return ActionNoise::kKindNames[static_cast<std::size_t>(field)];
}

}  // namespace ludus::agents
