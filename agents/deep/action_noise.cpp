#include "agents/deep/action_noise.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"

namespace ludus::agents {
namespace {

using Kind = ActionNoise::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 3> kNames{
    {{Kind::kNone, "none"}, {Kind::kNormal, "normal"}, {Kind::kOrnsteinUhlenbeck, "ornstein_uhlenbeck"}}};

// x ← x − θ x Δt + σ √Δt N(0, 1), mean-reverting to 0      Uhlenbeck and Ornstein 1930; Euler-Maruyama method
double ornstein_uhlenbeck(double x, double theta, double dt, double sigma, double normal) {
  return x - theta * x * dt + sigma * std::sqrt(dt) * normal;
}

}  // namespace

void ActionNoise::Options::check() const {
  const auto require = [](bool holds, const char* sentence) {
    if (!holds) throw InvalidArgument(sentence);
  };
  require(deviation.initial() >= 0 && deviation.final() >= 0, "noise_std must not be negative");
  require(reversion >= 0 && std::isfinite(reversion), "noise_reversion must be a finite number that is not negative");
  require(time_step > 0 && std::isfinite(time_step), "noise_time_step must be positive");
  require(reversion * time_step <= 1,
          "noise_reversion times noise_time_step must be 1 at most: beyond, noise overshoots");
}

ActionNoise::ActionNoise(const Options& options, std::size_t num_envs, std::size_t action_size)
    : options_(options), action_size_(action_size) {
  options_.check();
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
  const std::string& wanted = value.as_string();
  std::vector<std::string> names;
  for (const auto& [kind, name] : kNames) {
    names.emplace_back(name);
    if (wanted != name) continue;
    field = kind;
    return;
  }
  throw InvalidArgument("there is no noise \"" + wanted + "\"." + did_you_mean(wanted, names) +
                        " There are: " + joined(names) + ".");
}

Value show_field(ActionNoise::Kind field) {
  for (const auto& [kind, name] : kNames) {
    if (kind == field) return std::string(name);
  }
  return {};
}

}  // namespace ludus::agents
