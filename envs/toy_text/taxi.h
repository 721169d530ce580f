/// @file
/// Pick up a passenger with a taxi and drop them off at their destination.
///
/// Source: T. G. Dietterich, "Hierarchical Reinforcement Learning with the MAXQ Value Function Decomposition" (2000);
/// rules, tables and random numbers are those of Gymnasium's Taxi: version 4, and version 3 as Gymnasium 1.2.3 had it.
/// They differ in the rain: see TaxiRain.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "envs/core/simulator.h"
#include "envs/core/transition_model.h"

namespace ludus::envs {

/// How rain makes moves drift. In both versions a left or right move that is blocked by a wall does not drift.
enum class TaxiRain : std::uint8_t {
  kDry,
  kVersion3,  ///< a move up or down drifts even if blocked by the edge, and the walls that stop a drift up or down are
              /// looked up in the wrong place
  kVersion4,  ///< only a possible move drifts, to its left or right, unless a wall is there
};

/// Rules of weather and passenger, from the arguments of either version.
struct TaxiRules {
  TaxiRain rain = TaxiRain::kDry;
  double intended = 1;  ///< probability of the chosen direction
  double sideways = 0;  ///< probability of each side
  bool fickle_passenger = false;
  double fickle_probability = 0;
};

/// Arguments of Taxi-v4.
struct TaxiConfig {
  bool is_rainy = false;
  double rainy_probability = 0.8;
  bool fickle_passenger = false;
  double fickle_probability = 0.3;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("is_rainy", self.is_rainy, "in the rain moves drift to either side");
    visit("rainy_probability", self.rainy_probability, between(0, 1),
          "probability of the chosen direction in the rain");
    visit("fickle_passenger", self.fickle_passenger, "the passenger may change the destination on the first move");
    visit("fickle_probability", self.fickle_probability, between(0, 1),
          "probability per episode that a fickle passenger does so");
  }
  TaxiRules rules() const;
};

/// Arguments of Taxi-v3.
struct TaxiConfigV3 {
  bool is_rainy = false;
  bool fickle_passenger = false;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("is_rainy", self.is_rainy, "in the rain moves drift with probability 0.2");
    visit("fickle_passenger", self.fickle_passenger, "the passenger changes the destination in 3 episodes of 10");
  }
  TaxiRules rules() const;
};

/// ((row x 5 + column) x 5 + passenger) x 4 + destination
struct TaxiPlace {
  std::int64_t row, column;  ///< of the taxi, 0 to 4
  std::int64_t passenger;    ///< at stand 0 red, 1 green, 2 yellow, 3 blue; 4: in the taxi
  std::int64_t destination;  ///< stand 0 to 3

  std::int64_t encode() const { return ((row * 5 + column) * 5 + passenger) * 4 + destination; }
  static TaxiPlace decode(std::int64_t state) {
    return {.row = state / 100, .column = state / 20 % 5, .passenger = state / 4 % 5, .destination = state % 4};
  }
};

struct TaxiState : TabularState {
  std::int64_t fickle;   ///< 1: the passenger will change the destination when the taxi first moves with them; else 0
  std::int64_t heading;  ///< the last move's action, for rendering
};

/// Which actions change anything in `state`: Gymnasium's info["action_mask"].
std::array<std::int8_t, 6> taxi_action_mask(std::int64_t state);

template <class ConfigOfVersion>
struct BasicTaxi {
  using Scalar = std::int64_t;
  using Config = ConfigOfVersion;
  using State = TaxiState;
  static constexpr double kFramesPerSecond = 4;

  Config config;

  BasicTaxi() { configure(); }
  void configure();  ///< makes the table that belongs to `config`

  SpacePtr observation_space() const;  ///< Discrete(500): see TaxiPlace
  SpacePtr action_space() const;       ///< Discrete(6): 0 south, 1 north, 2 east, 3 west, 4 pick up, 5 drop off
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::int64_t action, Generator& generator) const;
  void observe(const State& state, std::span<std::int64_t> out) const;  ///< (1)
  /// "prob": of the last outcome; "action_mask": (6) int8, 1 for each action that changes the state.
  void inform(const State& state, Dict& info) const;
  void check_state(const State& state) const;
  Scene draw(const State& state) const;

  /// The table does not know of a fickle passenger's change of mind, as Gymnasium's does not.
  std::shared_ptr<const TransitionModel> transition_model() const { return model_; }

 private:
  TaxiRules rules_;
  std::shared_ptr<const TransitionModel> model_;
};

extern template struct BasicTaxi<TaxiConfig>;
extern template struct BasicTaxi<TaxiConfigV3>;

using Taxi = BasicTaxi<TaxiConfig>;
using TaxiV3 = BasicTaxi<TaxiConfigV3>;

}  // namespace ludus::envs
