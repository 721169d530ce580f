#include "envs/toy_text/blackjack.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/format.h"
#include "envs/spaces/tuple.h"
#include "envs/toy_text/grid_scene.h"

namespace ludus::envs {
namespace {

constexpr std::int64_t kDealerStands = 17;

// Ace, 2 to 10, and three face cards that count 10: all thirteen equally likely, and put back.
std::int64_t draw_card(Generator& generator) {
  return std::min<std::int64_t>(generator.choice(13) + 1, 10);
}

std::int64_t score(const Blackjack::Hand& hand) {
  return hand.is_bust() ? 0 : hand.total();
}

void add_text(Scene& scene, Point position, const std::string& text, double height, Align align) {
  scene.items.push_back(Text{position, text, height, {255, 255, 255, 255}, align});
}

// The symbol of a suit round `middle`, `size` high.
void add_suit(Scene& scene, Point middle, std::int64_t suit, double size, Color color) {
  const auto at = [&](double x, double y) { return Point{middle.x + x * size, middle.y + y * size}; };
  const auto circle = [&](double x, double y, double radius) {
    scene.items.push_back(Circle{at(x, y), radius * size, {.fill = color}});
  };
  const auto foot = [&] {
    scene.items.push_back(Polygon{{at(-0.16, -0.5), at(0, 0), at(0.16, -0.5)}, {.fill = color}});
  };
  switch (suit) {
    case 0:  // clubs
      circle(0, 0.26, 0.22), circle(-0.24, -0.08, 0.22), circle(0.24, -0.08, 0.22);
      foot();
      return;
    case 1:  // diamonds
      scene.items.push_back(Polygon{{at(0, 0.5), at(0.36, 0), at(0, -0.5), at(-0.36, 0)}, {.fill = color}});
      return;
    case 2:  // hearts
      circle(-0.21, 0.22, 0.24), circle(0.21, 0.22, 0.24);
      scene.items.push_back(Polygon{{at(-0.435, 0.13), at(0, 0.1), at(0.435, 0.13), at(0, -0.5)}, {.fill = color}});
      return;
    default:  // spades
      circle(-0.21, -0.1, 0.23), circle(0.21, -0.1, 0.23);
      scene.items.push_back(Polygon{{at(-0.43, -0.02), at(0, 0.5), at(0.43, -0.02), at(0, -0.1)}, {.fill = color}});
      foot();
  }
}

}  // namespace

void Blackjack::Hand::add(std::int64_t card) {
  sum += card;
  ++cards;
  if (card == 1) ++aces;
}

SpacePtr Blackjack::observation_space() const {
  std::vector<SpacePtr> parts;
  for (const std::int64_t n : {32, 11, 2}) parts.push_back(std::make_unique<Discrete>(n));
  return std::make_unique<Tuple>(std::move(parts));
}

SpacePtr Blackjack::action_space() const {
  return std::make_unique<Discrete>(2);
}

Blackjack::State Blackjack::reset(Generator& generator, const Dict& options) const {
  if (!options.empty()) {
    throw InvalidArgument(formatted("unknown reset option \"{}\"; this environment has none", options.begin()->first));
  }
  State state{};
  state.shown = draw_card(generator);
  state.dealer.add(state.shown);
  state.dealer.add(draw_card(generator));
  state.player.add(draw_card(generator));
  state.player.add(draw_card(generator));

  // draw suit and face of the open card even without rendering, so that the random stream is the same
  state.suit = generator.choice(4);
  state.face = state.shown == 10 ? generator.choice(3) : -1;
  return state;
}

Transition Blackjack::step(State& state, std::int64_t action, Generator& generator) const {
  if (action == 1) {
    state.player.add(draw_card(generator));
    state.over = state.player.is_bust();
    return {state.player.is_bust() ? -1.0 : 0.0, state.player.is_bust()};
  }

  // the dealer draws cards, and the higher sum that is not bust wins
  while (state.dealer.total() < kDealerStands) state.dealer.add(draw_card(generator));
  state.over = 1;
  const std::int64_t player = score(state.player), dealer = score(state.dealer);
  double reward = static_cast<double>(player > dealer) - static_cast<double>(player < dealer);
  if (config.sab && state.player.is_natural() && !state.dealer.is_natural()) {
    reward = 1;  // even against 21 of three cards
  } else if (!config.sab && config.natural && state.player.is_natural() && reward == 1) {
    reward = 1.5;
  }
  return {reward, true};
}

void Blackjack::observe(const State& state, std::span<std::int64_t> out) const {
  out[0] = state.player.total();
  out[1] = state.shown;
  out[2] = state.player.usable_ace();
}

void Blackjack::check_state(const State& state) const {
  const auto possible = [](const Hand& hand) {
    return hand.cards >= 2 && hand.aces >= 0 && hand.aces <= hand.cards && hand.sum >= hand.cards &&
           hand.cards <= 1'000'000 && hand.sum <= 10 * hand.cards;
  };
  if (possible(state.player) && possible(state.dealer) && state.shown >= 1 && state.shown <= 10 && state.suit >= 0 &&
      state.suit < 4 && state.face >= -1 && state.face < 3 && state.over >= 0 && state.over <= 1) {
    return;
  }
  throw InvalidArgument("saved state: must be a possible hand of Blackjack");
}

Scene Blackjack::draw(const State& state) const {
  // the world is pixels
  constexpr double kWidth = 600, kHeight = 500, kSpacing = 25, kCardHeight = 166, kCardWidth = 120, kSmall = 22,
                   kLarge = 60;
  constexpr Color kTable{7, 99, 36, 255}, kCard{250, 250, 245, 255}, kEdge{60, 60, 60, 255}, kRed{198, 40, 40, 255},
      kBlack{33, 33, 33, 255}, kBack{21, 71, 140, 255}, kBackLine{144, 180, 226, 255};

  Scene scene;
  scene.low = {0, 0};
  scene.high = {kWidth, kHeight};
  scene.width = 600;
  scene.height = 500;
  scene.background = kTable;

  // when all is over the dealer's sum is no secret
  const std::string dealer = std::to_string(state.over == 1 ? state.dealer.total() : state.shown);
  add_text(scene, {kSpacing, kHeight - 40}, "Dealer: " + dealer, kSmall, Align::kLeft);

  // the open card, and the one face down
  const double top = kHeight - 75, bottom = top - kCardHeight;
  const Point open{kWidth / 2 - kCardWidth - kSpacing / 2, bottom}, closed{kWidth / 2 + kSpacing / 2, bottom};
  add_rectangle(scene, open, {open.x + kCardWidth, top}, {.fill = kCard, .outline = kEdge, .outline_width = 2});
  const bool red = state.suit == 1 || state.suit == 2;
  const Color ink = red ? kRed : kBlack;
  constexpr std::array<const char*, 3> kFaces{"J", "Q", "K"};
  const std::string rank = state.face >= 0    ? kFaces[static_cast<std::size_t>(state.face)]
                           : state.shown == 1 ? "A"
                                              : std::to_string(state.shown);
  scene.items.push_back(Text{{open.x + 12, top - 24}, rank, 24, ink, Align::kLeft});
  scene.items.push_back(Text{{open.x + kCardWidth - 12, bottom + 24}, rank, 24, ink, Align::kRight});
  add_suit(scene, {open.x + kCardWidth / 2, bottom + kCardHeight / 2}, state.suit, 64, ink);

  add_rectangle(scene, closed, {closed.x + kCardWidth, top}, {.fill = kCard, .outline = kEdge, .outline_width = 2});
  add_rectangle(scene, {closed.x + 8, bottom + 8}, {closed.x + kCardWidth - 8, top - 8}, {.fill = kBack});
  for (int i = 1; i <= 4; ++i) {
    const double half_width = (kCardWidth / 2 - 12) * i / 4, half_height = (kCardHeight / 2 - 12) * i / 4;
    const Point middle{closed.x + kCardWidth / 2, bottom + kCardHeight / 2};
    scene.items.push_back(Polyline{{{middle.x - half_width, middle.y},
                                    {middle.x, middle.y + half_height},
                                    {middle.x + half_width, middle.y},
                                    {middle.x, middle.y - half_height},
                                    {middle.x - half_width, middle.y}},
                                   kBackLine,
                                   2});
  }

  // the player's hand is its sum
  add_text(scene, {kSpacing, bottom - 40}, "Player", kSmall, Align::kLeft);
  add_text(scene, {kWidth / 2, bottom - 105}, std::to_string(state.player.total()), kLarge, Align::kCenter);
  if (state.player.usable_ace()) {
    add_text(scene, {kWidth / 2, bottom - 170}, "usable ace", kSmall, Align::kCenter);
  }
  return scene;
}

}  // namespace ludus::envs
