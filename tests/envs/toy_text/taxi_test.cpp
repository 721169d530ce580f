#include "envs/toy_text/taxi.h"

#include <gtest/gtest.h>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

enum Action : std::int64_t { kSouth, kNorth, kEast, kWest, kPickUp, kDropOff };

std::int64_t at(std::int64_t row, std::int64_t column, std::int64_t passenger, std::int64_t destination) {
  return TaxiPlace{.row = row, .column = column, .passenger = passenger, .destination = destination}.encode();
}

std::vector<Outcome> outcomes(const TransitionModel& model, std::int64_t state, std::int64_t action) {
  const auto list = model.outcomes(state, action);
  return {list.begin(), list.end()};
}

TEST(Taxi, StateEncodingMatchesGymnasium) {
  EXPECT_EQ(at(3, 1, 2, 0), 328);  // Gymnasium's example
  for (std::int64_t state = 0; state < 500; ++state) EXPECT_EQ(TaxiPlace::decode(state).encode(), state);
}

TEST(Taxi, RewardsByHand) {
  const auto model = Taxi().transition_model();
  using List = std::vector<Outcome>;
  EXPECT_EQ(outcomes(*model, at(0, 0, 0, 1), kPickUp), (List{{1, at(0, 0, 4, 1), -1, false}}));
  EXPECT_EQ(outcomes(*model, at(0, 1, 0, 1), kPickUp), (List{{1, at(0, 1, 0, 1), -10, false}}));   // no passenger here
  EXPECT_EQ(outcomes(*model, at(0, 4, 4, 1), kDropOff), (List{{1, at(0, 4, 1, 1), 20, true}}));    // arrived
  EXPECT_EQ(outcomes(*model, at(4, 3, 4, 1), kDropOff), (List{{1, at(4, 3, 3, 1), -1, false}}));   // another stand
  EXPECT_EQ(outcomes(*model, at(2, 2, 4, 1), kDropOff), (List{{1, at(2, 2, 4, 1), -10, false}}));  // no stand
  EXPECT_EQ(outcomes(*model, at(0, 1, 4, 1), kEast), (List{{1, at(0, 1, 4, 1), -1, false}}));      // a wall
  EXPECT_EQ(outcomes(*model, at(2, 1, 4, 1), kEast), (List{{1, at(2, 2, 4, 1), -1, false}}));
}

TEST(Taxi, RainOfVersion4DriftsToEitherSide) {
  const auto sim = make_simulator<Taxi>({{"is_rainy", true}, {"rainy_probability", 0.5}}, "Taxi-v4");
  const auto model = sim.transition_model();
  // west from the middle: south on the left hand, north on the right
  EXPECT_EQ(outcomes(*model, at(2, 2, 0, 1), kWest), (std::vector<Outcome>{{0.5, at(2, 1, 0, 1), -1, false},
                                                                           {0.25, at(3, 2, 0, 1), -1, false},
                                                                           {0.25, at(1, 2, 0, 1), -1, false}}));
  // a move that is blocked does not drift
  for (const Outcome& outcome : outcomes(*model, at(4, 3, 0, 1), kSouth)) {
    EXPECT_EQ(outcome.next_state, at(4, 3, 0, 1));
  }
  EXPECT_EQ(outcomes(*model, at(2, 2, 0, 1), kPickUp).size(), 1u);
}

TEST(Taxi, RainOfVersion3DriftsAlsoWhereTheEdgeBlocks) {
  const auto sim = make_simulator<TaxiV3>({{"is_rainy", true}}, "Taxi-v3");
  const auto model = sim.transition_model();
  EXPECT_EQ(outcomes(*model, at(4, 3, 0, 1), kSouth),
            (std::vector<Outcome>{
                {0.8, at(4, 3, 0, 1), -1, false}, {0.1, at(4, 3, 0, 1), -1, false}, {0.1, at(4, 4, 0, 1), -1, false}}));
}

TEST(Taxi, FicklePassengerChangesTheDestinationOnce) {
  const EnvPtr env = make("Taxi-v4", {{"fickle_passenger", true}, {"fickle_probability", 1}});
  const auto destination = [](const Value& observation) { return TaxiPlace::decode(observation.as_int()).destination; };
  int changes = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const TaxiPlace first = TaxiPlace::decode(env->reset(seed).observation.as_int());
    // the taxi is put where the passenger waits
    auto& inner = dynamic_cast<SimulatorEnv<Taxi>&>(env->unwrapped());
    TaxiState state = inner.state();
    EXPECT_EQ(state.fickle, 1);
    constexpr std::int64_t kRows[]{0, 0, 4, 4}, kColumns[]{0, 4, 0, 3};
    state.state = at(kRows[first.passenger], kColumns[first.passenger], first.passenger, first.destination);
    inner.set_simulator_state(state);

    EXPECT_EQ(destination(env->step(kPickUp).observation), first.destination);
    const std::int64_t away = kRows[first.passenger] == 0 ? kSouth : kNorth;
    const std::int64_t changed = destination(env->step(away).observation);
    EXPECT_NE(changed, first.destination);
    EXPECT_EQ(destination(env->step(away).observation), changed);
    changes += changed != first.destination;
  }
  EXPECT_EQ(changes, 20);
}

TEST(Taxi, MaskMarksActionsThatChangeTheState) {
  const auto model = Taxi().transition_model();
  for (std::int64_t state = 0; state < 500; ++state) {
    const auto mask = taxi_action_mask(state);
    for (std::int64_t action = 0; action < 6; ++action) {
      const Outcome& outcome = model->outcomes(state, action)[0];
      EXPECT_EQ(mask[static_cast<std::size_t>(action)] == 1, outcome.next_state != state) << state << " " << action;
    }
  }
}

TEST(Taxi, InfoHasMaskAndProbability) {
  const EnvPtr env = make("Taxi-v4");
  const Reset reset = env->reset(5);
  EXPECT_EQ(reset.info.at("prob").as_double(), 1.0);
  const Array& mask = reset.info.at("action_mask").as_array();
  EXPECT_EQ(mask.dtype(), DType::kInt8);
  EXPECT_EQ(mask.shape(), Shape{6});
  EXPECT_NO_THROW(env->action_space().sample_masked(mask));
}

TEST(Taxi, RejectsInvalidInput) {
  EXPECT_THROW(make("Taxi-v4", {{"rainy_probability", 1.1}}), InvalidArgument);
  EXPECT_THROW(make("Taxi-v4", {{"fickle_probability", -0.1}}), InvalidArgument);
  EXPECT_THROW(make("Taxi-v3", {{"rainy_probability", 0.8}}), UnknownField);
  const EnvPtr env = make("Taxi-v3");
  EXPECT_THROW(env->reset(0, {{"row", 1}}), InvalidArgument);
  env->reset(0);
  EXPECT_THROW(env->step(6), InvalidAction);

  const Taxi sim;
  Generator generator(0);
  TaxiState state = sim.reset(generator, {});
  EXPECT_NO_THROW(sim.check_state(state));
  state.heading = 4;
  EXPECT_THROW(sim.check_state(state), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
