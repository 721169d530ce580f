// Learning rates that depend on the step of a training. This header does not include torch.
#pragma once

#include <cstdint>
#include <string>

namespace ludus::nn {

/// The learning rate α(t) of step t = 0, 1, … of a training of T steps. The first W = warmup_steps steps rise linearly
/// to the initial rate: α₀ (t + 1) / W (Goyal et al. 2017). After them, with s = t − W, N = decay_steps or, if that is
/// 0, T − W, and p = min(s / N, 1):
///
///   constant      α₀
///   linear        α₀ + (α₁ − α₀) p
///   cosine        α₁ + (α₀ − α₁) (1 + cos π p) / 2                          Loshchilov and Hutter 2017, equation 5
///   exponential   α₀ r^(s / N), with a whole exponent if `staircase`; goes on decaying after N steps
///   one_cycle     from α₀ / 25 up to α₀ in the first 30 % of N steps, then down to α₀ / 250,000, both along a cosine
///                 (Smith and Topin 2018, with the form and the defaults of torch's OneCycleLR)
struct LearningRate {
  std::string schedule = "constant";
  double initial = 1e-3;
  double final = 0.0;
  double decay_rate = 0.96;
  std::int64_t decay_steps = 0;
  bool staircase = false;
  std::int64_t warmup_steps = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("schedule", self.schedule, "constant, linear, cosine, exponential or one_cycle");
    visit("initial", self.initial, "learning rate α₀; the highest one of one_cycle");
    visit("final", self.final, "learning rate α₁ at the end of linear and cosine");
    visit("decay_rate", self.decay_rate, "factor r in decay_steps steps of exponential");
    visit("decay_steps", self.decay_steps, "steps N of the decay; 0: to the end of the training");
    visit("staircase", self.staircase, "exponential: decay at once after every decay_steps steps");
    visit("warmup_steps", self.warmup_steps, "steps of linear warm-up before the schedule");
  }

  /// Throws InvalidArgument naming a field out of range or a schedule that does not exist.
  void check() const;

  /// Returns whether at() depends on the total number of steps.
  bool needs_total() const { return schedule != "constant" && decay_steps == 0; }

  /// Returns the learning rate of step `step`, counted from 0, in a training of `total` steps.
  double at(std::int64_t step, std::int64_t total) const;
};

}  // namespace ludus::nn
