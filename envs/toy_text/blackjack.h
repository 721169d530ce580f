/// @file
/// Blackjack against a dealer, with an infinite deck.
///
/// Source: R. S. Sutton and A. G. Barto, "Reinforcement Learning: An Introduction", example 5.1; rules and random
/// numbers are those of Gymnasium's Blackjack.
#pragma once

#include <cstdint>
#include <span>

#include "envs/core/simulator.h"

namespace ludus::envs {

struct Blackjack {
  using Scalar = std::int64_t;
  static constexpr double kFramesPerSecond = 4;

  struct Config {
    bool natural = false;
    bool sab = false;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("natural", self.natural, "a win with an ace and a ten at once pays 1.5 instead of 1");
      visit("sab", self.sab,
            "the book's rules: an ace and a ten win unless the dealer has them too; natural is ignored");
    }
  };

  /// The relevant properties of a hand.
  struct Hand {
    std::int64_t sum;    ///< of the cards, an ace as 1
    std::int64_t cards;  ///< how many
    std::int64_t aces;   ///< of them

    bool usable_ace() const { return aces > 0 && sum + 10 <= 21; }  // one ace can count 11
    std::int64_t total() const { return usable_ace() ? sum + 10 : sum; }
    bool is_bust() const { return total() > 21; }
    bool is_natural() const { return cards == 2 && aces == 1 && sum == 11; }
    void add(std::int64_t card);
  };

  struct State {
    Hand player;
    Hand dealer;
    std::int64_t shown;  ///< the dealer's face-up card: 1 (ace) to 10
    std::int64_t suit;   ///< of that card, for rendering: 0 clubs, 1 diamonds, 2 hearts, 3 spades
    std::int64_t face;   ///< of a face-up ten, for rendering: 0 jack, 1 queen, 2 king; -1 for other cards
    std::int64_t over;   ///< 1 after the last step of an episode, else 0
  };

  Config config;

  /// Tuple of Discrete(32), the player's sum; Discrete(11), the dealer's face-up card; Discrete(2), a usable ace.
  SpacePtr observation_space() const;
  SpacePtr action_space() const;  ///< Discrete(2): 0 stick, 1 hit
  State reset(Generator& generator, const Dict& options) const;
  Transition step(State& state, std::int64_t action, Generator& generator) const;
  void observe(const State& state, std::span<std::int64_t> out) const;  ///< (3)
  void check_state(const State& state) const;
  Scene draw(const State& state) const;
};

}  // namespace ludus::envs
