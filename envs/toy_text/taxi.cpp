#include "envs/toy_text/taxi.h"

#include <algorithm>

#include "base/format.h"
#include "envs/toy_text/taxi_scene.h"

namespace ludus::envs {
namespace {

enum Action : std::int64_t { kSouth, kNorth, kEast, kWest, kPickUp, kDropOff };
constexpr std::int64_t kActions = 6, kStates = 500, kSide = 5, kInTaxi = 4, kStands = 4;

struct Spot {
  std::int64_t row, column;
  friend bool operator==(const Spot&, const Spot&) = default;
};

constexpr std::array<Spot, 4> kMoves{{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};  // south, north, east, west

Spot stand(std::int64_t i) {
  const auto& [row, column] = kTaxiStands[static_cast<std::size_t>(i)];
  return {row, column};
}

// Whether the town's letter `offset` places right of a cell's left neighbour (0: its left wall, 2: its right one) lets
// a taxi pass.
bool is_open(Spot spot, std::int64_t offset) {
  return kTaxiTown[static_cast<std::size_t>(1 + spot.row)][static_cast<std::size_t>(2 * spot.column + offset)] == ':';
}

Spot clamped(Spot spot) {
  return {std::clamp<std::int64_t>(spot.row, 0, kSide - 1), std::clamp<std::int64_t>(spot.column, 0, kSide - 1)};
}

// Returns the position after a move. Walls and the edge of the grid block the taxi.
Spot moved(Spot spot, std::int64_t action) {
  if (action == kEast && !is_open(spot, 2)) return spot;
  if (action == kWest && !is_open(spot, 0)) return spot;
  const Spot& by = kMoves[static_cast<std::size_t>(action)];
  return clamped({spot.row + by.row, spot.column + by.column});
}

// Version 3 checks for a wall at the cell where the drift ends, and treats vertical drifts as if they were horizontal.
Spot drifted_version3(Spot spot, Spot by, std::int64_t offset) {
  const Spot next = clamped({spot.row + by.row, spot.column + by.column});
  return is_open(next, offset) ? next : spot;
}

// Returns the two positions to which rain may deflect a taxi that takes `action`.
std::array<Spot, 2> drifts(TaxiRain rain, Spot spot, std::int64_t action) {
  const bool upright = action == kSouth || action == kNorth;
  if (rain == TaxiRain::kVersion3) {
    if (!upright && moved(spot, action) == spot) return {spot, spot};
    const Spot first = upright ? Spot{0, -1} : Spot{1, 0}, second = upright ? Spot{0, 1} : Spot{-1, 0};
    return {drifted_version3(spot, first, 2), drifted_version3(spot, second, 0)};
  }
  if (moved(spot, action) == spot) return {spot, spot};
  constexpr std::array<Action, 4> kLeftHand{kEast, kWest, kNorth, kSouth}, kRightHand{kWest, kEast, kSouth, kNorth};
  const auto i = static_cast<std::size_t>(action);
  return {moved(spot, kLeftHand[i]), moved(spot, kRightHand[i])};
}

TransitionModel model_of(const TaxiRules& rules) {
  // uniform over all positions with the passenger at a stand other than the destination
  std::vector<double> start(static_cast<std::size_t>(kStates), 0.0);
  constexpr double kStarts = kSide * kSide * kStands * (kStands - 1);
  for (std::int64_t s = 0; s < kStates; ++s) {
    const TaxiPlace place = TaxiPlace::decode(s);
    if (place.passenger != kInTaxi && place.passenger != place.destination) {
      start[static_cast<std::size_t>(s)] = 1 / kStarts;
    }
  }

  return TransitionModel(kStates, kActions, std::move(start),
                         [&](std::int64_t state, std::int64_t action, std::vector<Outcome>& outcomes) {
                           const TaxiPlace place = TaxiPlace::decode(state);
                           const Spot spot{place.row, place.column};

                           if (action == kPickUp) {
                             TaxiPlace next = place;
                             const bool there = place.passenger != kInTaxi && spot == stand(place.passenger);
                             if (there) next.passenger = kInTaxi;
                             outcomes.push_back({1, next.encode(), there ? -1.0 : -10.0, false});
                             return;
                           }
                           if (action == kDropOff) {
                             TaxiPlace next = place;
                             std::int64_t here = 0;  // the stand where the taxi is
                             while (here < kStands && !(spot == stand(here))) ++here;
                             const bool legal = place.passenger == kInTaxi && here < kStands;
                             const bool arrived = legal && here == place.destination;
                             if (legal) next.passenger = here;
                             outcomes.push_back({1, next.encode(), arrived ? 20.0 : legal ? -1.0 : -10.0, arrived});
                             return;
                           }

                           const auto drive = [&](double probability, Spot to) {
                             TaxiPlace next = place;
                             next.row = to.row, next.column = to.column;
                             outcomes.push_back({probability, next.encode(), -1, false});
                           };
                           drive(rules.intended, moved(spot, action));
                           if (rules.rain == TaxiRain::kDry) return;
                           for (const Spot& to : drifts(rules.rain, spot, action)) drive(rules.sideways, to);
                         });
}

}  // namespace

TaxiRules TaxiConfig::rules() const {
  TaxiRules rules{.fickle_passenger = fickle_passenger, .fickle_probability = fickle_probability};
  if (is_rainy) {
    rules.rain = TaxiRain::kVersion4;
    rules.intended = rainy_probability;
    rules.sideways = (1 - rainy_probability) / 2;
  }
  return rules;
}

TaxiRules TaxiConfigV3::rules() const {
  TaxiRules rules{.fickle_passenger = fickle_passenger, .fickle_probability = 0.3};
  if (is_rainy) rules.rain = TaxiRain::kVersion3, rules.intended = 0.8, rules.sideways = 0.1;
  return rules;
}

std::array<std::int8_t, 6> taxi_action_mask(std::int64_t state) {
  const TaxiPlace place = TaxiPlace::decode(state);
  const Spot spot{place.row, place.column};
  std::array<std::int8_t, 6> mask{};
  for (const Action action : {kSouth, kNorth, kEast, kWest}) {
    mask[static_cast<std::size_t>(action)] = !(moved(spot, action) == spot);
  }
  mask[kPickUp] = place.passenger != kInTaxi && spot == stand(place.passenger);
  for (std::int64_t i = 0; i < kStands; ++i) mask[kDropOff] |= place.passenger == kInTaxi && spot == stand(i);
  return mask;
}

template <class C>
void BasicTaxi<C>::configure() {
  rules_ = config.rules();
  model_ = std::make_shared<const TransitionModel>(model_of(rules_));
}

template <class C>
SpacePtr BasicTaxi<C>::observation_space() const {
  return std::make_unique<Discrete>(kStates);
}

template <class C>
SpacePtr BasicTaxi<C>::action_space() const {
  return std::make_unique<Discrete>(kActions);
}

template <class C>
TaxiState BasicTaxi<C>::reset(Generator& generator, const Dict& options) const {
  TaxiState state{tabular_reset(*model_, options, generator), 0, kSouth};
  // drawn only for passengers who may be fickle
  if (rules_.fickle_passenger) state.fickle = generator.random() < rules_.fickle_probability;
  return state;
}

template <class C>
Transition BasicTaxi<C>::step(State& state, std::int64_t action, Generator& generator) const {
  const TaxiPlace before = TaxiPlace::decode(state.state);
  const Transition transition = tabular_step(*model_, state, action, generator);
  if (action <= kWest) state.heading = action;
  if (state.fickle == 0 || before.passenger != kInTaxi) return transition;

  // once, when the taxi first moves with the passenger, the destination becomes one of the three others
  TaxiPlace after = TaxiPlace::decode(state.state);
  if (after.row == before.row && after.column == before.column) return transition;
  state.fickle = 0;
  const std::int64_t other = generator.choice(kStands - 1);
  after.destination = other < before.destination ? other : other + 1;
  state.state = after.encode();
  return transition;
}

template <class C>
void BasicTaxi<C>::observe(const State& state, std::span<std::int64_t> out) const {
  out[0] = state.state;
}

template <class C>
void BasicTaxi<C>::inform(const State& state, Dict& info) const {
  info["prob"] = state.probability;
  Value& mask = info["action_mask"];
  if (!mask.is_array() || mask.as_array().dtype() != DType::kInt8 || mask.as_array().size() != kActions) {
    mask = Array(DType::kInt8, Shape{kActions});
  }
  std::ranges::copy(taxi_action_mask(state.state), mask.as_array().data<std::int8_t>().begin());
}

template <class C>
void BasicTaxi<C>::check_state(const State& state) const {
  check_tabular(*model_, state);
  if (state.fickle < 0 || state.fickle > 1 || state.heading < kSouth || state.heading > kWest) {
    throw InvalidArgument("saved state: passenger and heading must be valid");
  }
}

template <class C>
Scene BasicTaxi<C>::draw(const State& state) const {
  return taxi_scene(state);
}

template struct BasicTaxi<TaxiConfig>;
template struct BasicTaxi<TaxiConfigV3>;

}  // namespace ludus::envs
