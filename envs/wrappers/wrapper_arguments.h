/// @file
/// The arguments of the wrappers that take numbers, with their ranges: one line each (base/fields.h). Constructors
/// check them, and specs are read by them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fields.h"
#include "base/format.h"

namespace ludus::envs {

struct ClipRewardArguments {
  std::optional<double> min_reward = {}, max_reward = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("min_reward", self.min_reward, finite_number().or_infinity(), "lower bound of the rewards; null: none");
    visit("max_reward", self.max_reward, finite_number().or_infinity(), "upper bound of the rewards; null: none");
  }
  void check() const {
    if (!min_reward && !max_reward) throw InvalidArgument("min_reward, max_reward or both are needed");
    if (!min_reward || !max_reward || *min_reward <= *max_reward) return;
    throw InvalidArgument(formatted("min_reward must not exceed max_reward, got {} and {}", *min_reward, *max_reward));
  }
};

struct DelayObservationArguments {
  std::int64_t delay = 0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("delay", self.delay, at_least(0), "steps by which observations are late");
  }
};

/// Of DiscretizeAction and DiscretizeObservation.
struct DiscretizeArguments {
  std::vector<std::int64_t> bins = {};
  bool multidiscrete = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("bins", self.bins, at_least(1), "cells of each element of the Box, or one number for all");
    visit("multidiscrete", self.multidiscrete, "one index per element instead of one for the cell");
  }
};

/// Apart from the padding, which is an observation.
struct FrameStackArguments {
  std::int64_t stack_size = 1;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("stack_size", self.stack_size, at_least(1), "observations in a stack");
  }
};

struct MaxAndSkipArguments {
  std::int64_t skip = 4;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("skip", self.skip, at_least(2), "steps for each action");
  }
};

struct NormalizeObservationArguments {
  double epsilon = 1e-8;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("epsilon", self.epsilon, above(0), "added to the variance, against a division by 0");
  }
};

struct NormalizeRewardArguments {
  double gamma = 0.99;
  double epsilon = 1e-8;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("gamma", self.gamma, between(0, 1), "discount factor of the return");
    visit("epsilon", self.epsilon, above(0), "added to the variance, against a division by 0");
  }
};

struct RecordEpisodeStatisticsArguments {
  std::int64_t buffer_length = 100;
  std::string stats_key = "episode";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("buffer_length", self.buffer_length, at_least(1), "number of last episodes that are stored");
    visit("stats_key", self.stats_key, "name of the entry in info");
  }
};

struct RepeatActionArguments {
  std::int64_t num_repeats = 1;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("num_repeats", self.num_repeats, at_least(1), "steps for each action");
  }
};

/// Of ReshapeObservation and ResizeObservation.
struct ShapeArguments {
  std::vector<std::int64_t> shape = {};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("shape", self.shape, at_least(1), "extents of the observations");
  }
  void check() const {
    if (shape.empty()) throw InvalidArgument("shape must have an extent, got none");
  }
};

struct StickyActionArguments {
  double repeat_action_probability = 0;
  std::array<std::int64_t, 2> repeat_action_duration{1, 1};

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("repeat_action_probability", self.repeat_action_probability, at_least(0).below(1),
          "probability that the previous action is repeated");
    visit("repeat_action_duration", self.repeat_action_duration, at_least(1),
          "steps of a repetition: a number, or the least and the greatest");
  }
  void check() const {
    const auto [shortest, longest] = repeat_action_duration;
    if (shortest <= longest) return;
    throw InvalidArgument(
        formatted("repeat_action_duration must be [shortest, longest], got [{}, {}]", shortest, longest));
  }
};

struct TimeLimitArguments {
  std::int64_t max_episode_steps = 1;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("max_episode_steps", self.max_episode_steps, at_least(1), "steps after which an episode is truncated");
  }
};

}  // namespace ludus::envs
