#include "envs/toy_text/blackjack.h"

#include <gtest/gtest.h>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

Blackjack::Hand hand(std::initializer_list<std::int64_t> cards) {
  Blackjack::Hand hand{};
  for (const std::int64_t card : cards) hand.add(card);
  return hand;
}

Blackjack::State table(std::initializer_list<std::int64_t> player, std::initializer_list<std::int64_t> dealer) {
  Blackjack::State state{};
  state.player = hand(player);
  state.dealer = hand(dealer);
  state.shown = *dealer.begin();
  state.face = -1;
  return state;
}

double stick(const Blackjack& sim, Blackjack::State state) {
  Generator unused(0);
  const Transition transition = sim.step(state, 0, unused);
  EXPECT_TRUE(transition.terminated);
  return transition.reward;
}

TEST(Blackjack, HandsByHand) {
  EXPECT_EQ(hand({1, 6}).total(), 17);
  EXPECT_TRUE(hand({1, 6}).usable_ace());
  EXPECT_EQ(hand({1, 6, 10}).total(), 17);
  EXPECT_FALSE(hand({1, 6, 10}).usable_ace());
  EXPECT_EQ(hand({1, 1}).total(), 12);
  EXPECT_TRUE(hand({10, 6, 6}).is_bust());
  EXPECT_TRUE(hand({10, 1}).is_natural());
  EXPECT_FALSE(hand({5, 5, 1}).is_natural());
}

TEST(Blackjack, HigherSumWins) {
  const Blackjack sim;
  EXPECT_EQ(stick(sim, table({10, 9}, {10, 8})), 1.0);
  EXPECT_EQ(stick(sim, table({10, 8}, {10, 9})), -1.0);
  EXPECT_EQ(stick(sim, table({10, 8}, {9, 9})), 0.0);
}

TEST(Blackjack, DealerDrawsTo17) {
  const Blackjack sim;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Generator generator(seed);
    Blackjack::State state = sim.reset(generator, {});
    sim.step(state, 0, generator);
    EXPECT_GE(state.dealer.total(), 17);
    EXPECT_LE(state.dealer.total(), 26);
  }
}

TEST(Blackjack, NaturalsPayByTheRules) {
  Blackjack plain, natural, book;
  natural.config.natural = true;
  book.config.sab = true;
  book.config.natural = true;  // ignored beside the book's rules
  const auto mine = table({1, 10}, {10, 8}), both = table({1, 10}, {10, 1}), three = table({1, 10}, {5, 6, 10});
  EXPECT_EQ(stick(plain, mine), 1.0);
  EXPECT_EQ(stick(natural, mine), 1.5);
  EXPECT_EQ(stick(book, mine), 1.0);
  EXPECT_EQ(stick(plain, both), 0.0);
  EXPECT_EQ(stick(natural, both), 0.0);
  EXPECT_EQ(stick(book, both), 0.0);
  EXPECT_EQ(stick(plain, three), 0.0);
  EXPECT_EQ(stick(book, three), 1.0);  // 21 of three cards is no natural
}

TEST(Blackjack, BustLoses) {
  const Blackjack sim;
  Generator generator(2);
  Blackjack::State state = table({10, 10, 1}, {10, 8});
  const Transition bust = sim.step(state, 1, generator);  // any card is too much
  EXPECT_TRUE(bust.terminated);
  EXPECT_EQ(bust.reward, -1.0);
  state = table({2, 2}, {10, 8});
  const Transition more = sim.step(state, 1, generator);  // none is
  EXPECT_FALSE(more.terminated);
  EXPECT_EQ(more.reward, 0.0);
}

TEST(Blackjack, ResetDrawsInGymnasiumsOrder) {
  const Blackjack sim;
  Generator generator(9), twin(9);
  const Blackjack::State state = sim.reset(generator, {});
  std::int64_t cards[4];
  for (std::int64_t& card : cards) card = std::min<std::int64_t>(twin.integers(13) + 1, 10);
  EXPECT_EQ(state.shown, cards[0]);
  EXPECT_EQ(state.dealer.sum, cards[0] + cards[1]);
  EXPECT_EQ(state.player.sum, cards[2] + cards[3]);
  EXPECT_EQ(state.suit, twin.integers(4));
  if (cards[0] == 10) twin.integers(3);
  EXPECT_EQ(generator, twin);
}

TEST(Blackjack, ObservesThreeNumbers) {
  const EnvPtr env = make("Blackjack-v1");
  EXPECT_EQ(env->observation_space().to_string(), "Tuple(Discrete(32), Discrete(11), Discrete(2))");
  const Reset reset = env->reset(3);
  ASSERT_TRUE(env->observation_space().contains(reset.observation));
  EXPECT_EQ(reset.observation.as_list().size(), 3u);
  EXPECT_TRUE(reset.info.empty());
}

TEST(Blackjack, SceneShowsTheSums) {
  const Blackjack sim;
  const auto texts = [](const Scene& scene) {
    std::vector<std::string> all;
    for (const SceneItem& item : scene.items) {
      if (const auto* text = std::get_if<Text>(&item)) all.push_back(text->text);
    }
    return all;
  };
  Blackjack::State state = table({1, 6}, {10, 9});
  state.face = 2, state.suit = 2;
  EXPECT_EQ(texts(sim.draw(state)), (std::vector<std::string>{"Dealer: 10", "K", "K", "Player", "17", "usable ace"}));
  state.over = 1;  // the dealer shows the rest
  EXPECT_EQ(texts(sim.draw(state))[0], "Dealer: 19");
  for (std::int64_t suit = 0; suit < 4; ++suit) {
    state.suit = suit;
    EXPECT_GT(sim.draw(state).items.size(), 10u);
  }
}

TEST(Blackjack, RejectsInvalidInput) {
  EXPECT_THROW(make("Blackjack-v1", {{"naturals", true}}), UnknownField);
  const EnvPtr env = make("Blackjack-v1");
  EXPECT_THROW(env->reset(0, {{"deck", 1}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(2), InvalidAction);
  EXPECT_THROW(env->step(-1), InvalidAction);
  const Blackjack sim;
  Blackjack::State state = table({5, 5}, {4, 4});
  EXPECT_NO_THROW(sim.check_state(state));
  state.suit = 4;
  EXPECT_THROW(sim.check_state(state), InvalidArgument);
  state = table({5}, {4, 4});
  EXPECT_THROW(sim.check_state(state), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
