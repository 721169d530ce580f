// Across a frozen lake to the goal, round the holes, on ice that may carry the walker aside.
//
// Rules, tables and random numbers are those of Gymnasium's FrozenLake.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "envs/core/simulator.h"
#include "envs/toy_text/frozen_lake_map.h"
#include "envs/core/transition_model.h"

namespace ludus::envs {

struct FrozenLake {
  using Scalar = std::int64_t;
  using State = TabularState;  // state: row x columns + column
  static constexpr double kFramesPerSecond = 4;

  struct Config {
    std::optional<LakeMap> desc = {};
    std::optional<std::string> map_name = "4x4";
    bool is_slippery = true;
    double success_rate = 1.0 / 3.0;
    std::vector<double> reward_schedule{1, 0, 0};

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("desc", self.desc, "the map: rows of S (start), F (frozen), H (hole), G (goal); goes before map_name");
      visit("map_name", self.map_name, "\"4x4\" or \"8x8\"; without it and desc the map is random, 8 by 8");
      visit("is_slippery", self.is_slippery, "the ice may carry the walker to either side");
      visit("success_rate", self.success_rate, "probability to go the way that was chosen, on slippery ice");
      visit("reward_schedule", self.reward_schedule, "rewards for reaching the goal, a hole, any other tile");
    }
    void check() const;
  };

  Config config;

  FrozenLake() { configure(); }
  // Makes the table that belongs to `config`; where neither map is given, a random one becomes config.desc.
  void configure();
  bool is_randomized() const { return random_map_; }

  SpacePtr observation_space() const;  // Discrete(rows x columns): the tile
  SpacePtr action_space() const;       // Discrete(4): 0 left, 1 down, 2 right, 3 up
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::int64_t action, Generator& generator) const;
  void observe(const State& state, std::span<std::int64_t> out) const;  // (1)
  void inform(const State& state, Dict& info) const;                    // "prob": of the last outcome
  void check_state(const State& state) const { check_tabular(*model_, state); }
  Scene draw(const State& state) const;

  std::shared_ptr<const TransitionModel> transition_model() const { return model_; }
  const LakeMap& map() const { return *map_; }

 private:
  bool random_map_ = false;
  std::shared_ptr<const LakeMap> map_;
  std::shared_ptr<const TransitionModel> model_;
};

}  // namespace ludus::envs
