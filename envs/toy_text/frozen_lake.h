/// @file
/// Cross a slippery frozen lake to the goal, around the holes.
///
/// Rules, tables and random numbers are those of Gymnasium's FrozenLake.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "envs/toy_text/frozen_lake_map.h"
#include "envs/toy_text/tabular_simulator.h"

namespace ludus::envs {

/// Observations: Discrete(rows x columns), row x columns + column. Actions: Discrete(4), 0 left, 1 down, 2 right, 3 up.
struct FrozenLake : TabularSimulator {
  struct Config {
    std::optional<LakeMap> desc = {};
    std::optional<std::string> map_name = "4x4";
    bool is_slippery = true;
    double success_rate = 1.0 / 3.0;
    std::vector<double> reward_schedule{1, 0, 0};

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("desc", self.desc, "the map: rows of S (start), F (frozen), H (hole), G (goal); overrides map_name");
      visit("map_name", self.map_name, one_of("4x4", "8x8"),
            "name of the map; if both are null the map is random, 8 by 8");
      visit("is_slippery", self.is_slippery, "moves may slip to either side");
      visit("success_rate", self.success_rate, between(0, 1), "probability of the chosen direction on slippery ice");
      visit("reward_schedule", self.reward_schedule, finite_number(),
            "rewards for reaching the goal, a hole, any other tile");
    }
    void check() const;
  };

  Config config;

  FrozenLake() { configure(); }
  /// Builds the transition model of `config`; without desc and map_name, draws a random map into config.desc.
  void configure();
  bool is_randomized() const { return random_map_; }

  Scene draw(const State& state) const;

  const LakeMap& map() const { return *map_; }

 private:
  bool random_map_ = false;
  std::shared_ptr<const LakeMap> map_;
};

}  // namespace ludus::envs
