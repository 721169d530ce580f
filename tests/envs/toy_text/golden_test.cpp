// Gymnasium's recorded episodes, maps and transition tables of toy text, compared exactly.

#include <gtest/gtest.h>

#include "envs/core/transition_model.h"
#include "envs/registry/registry.h"
#include "envs/toy_text/frozen_lake_map.h"
#include "tests/support/golden.h"
#include "tests/support/parity.h"

namespace ludus::envs {
namespace {

using testing::doubles_of;
using testing::golden_directory;
using testing::play_golden;
using testing::read_jsonl;

void expect_parity(const std::string& file, std::size_t records) {
  const testing::Parity parity = play_golden(file);
  EXPECT_EQ(parity.first_difference, "");
  EXPECT_EQ(parity.played, parity.records);
  EXPECT_EQ(parity.worst, 0.0);
  EXPECT_GE(parity.records, records);
  EXPECT_GE(parity.steps, parity.records);
  ::testing::Test::RecordProperty("records", static_cast<int>(parity.records));
  ::testing::Test::RecordProperty("steps", static_cast<int>(parity.steps));
}

TEST(ToyTextGolden, FrozenLake) {
  expect_parity("FrozenLake-v1.jsonl", 89);
}
TEST(ToyTextGolden, FrozenLake8x8) {
  expect_parity("FrozenLake8x8-v1.jsonl", 9);
}
TEST(ToyTextGolden, CliffWalking) {
  expect_parity("CliffWalking-v1.jsonl", 21);
}
TEST(ToyTextGolden, CliffWalkingSlippery) {
  expect_parity("CliffWalkingSlippery-v1.jsonl", 21);
}
TEST(ToyTextGolden, TaxiVersion3) {
  expect_parity("Taxi-v3.jsonl", 54);
}
TEST(ToyTextGolden, TaxiVersion4) {
  expect_parity("Taxi-v4.jsonl", 104);
}
TEST(ToyTextGolden, Blackjack) {
  expect_parity("Blackjack-v1.jsonl", 588);
}

TEST(ToyTextGolden, RandomMaps) {
  std::size_t maps = 0;
  for (const Value& line : read_jsonl(golden_directory() / "frozenlake_maps.jsonl")) {
    const Dict& record = line.as_dict();
    if (record.contains("meta")) continue;
    LakeMap expected;
    for (const Value& row : record.at("map").as_list()) expected.push_back(row.as_string());
    EXPECT_EQ(generate_random_map(record.at("size").as_int(), record.at("p").as_double(),
                                  testing::uint64_of(record.at("seed"))),
              expected)
        << "map " << maps;
    ++maps;
  }
  EXPECT_GE(maps, 20u);
}

TEST(ToyTextGolden, TransitionTables) {
  std::size_t tables = 0;
  for (const Value& line : read_jsonl(golden_directory() / "tabular_optimal.jsonl")) {
    const Dict& record = line.as_dict();
    if (record.contains("meta")) continue;
    const std::string& id = record.at("env_id").as_string();
    SCOPED_TRACE(id + " table " + std::to_string(tables));
    const EnvPtr env = make(id, record.at("kwargs").as_dict());
    const auto model = transition_model(*env);
    ASSERT_EQ(model->num_states(), record.at("num_states").as_int());
    ASSERT_EQ(model->num_actions(), record.at("num_actions").as_int());

    std::vector<double> start(static_cast<std::size_t>(model->num_states()), 0.0);
    for (const Value& entry : record.at("start").as_list()) {
      start[static_cast<std::size_t>(entry.as_list()[0].as_int())] = entry.as_list()[1].as_double();
    }
    EXPECT_EQ(std::vector<double>(model->start().begin(), model->start().end()), start);

    // rows of state, action, probability, next state, reward, terminated: all of them, in their order
    const List& rows = record.at("P").as_list();
    std::size_t row = 0;
    for (std::int64_t state = 0; state < model->num_states(); ++state) {
      for (std::int64_t action = 0; action < model->num_actions(); ++action) {
        for (const Outcome& outcome : model->outcomes(state, action)) {
          ASSERT_LT(row, rows.size());
          const List& expected = rows[row++].as_list();
          ASSERT_EQ(expected[0].as_int(), state);
          ASSERT_EQ(expected[1].as_int(), action);
          const Outcome theirs{expected[2].as_double(), expected[3].as_int(), expected[4].as_double(),
                               expected[5].as_bool()};
          ASSERT_EQ(outcome, theirs) << "state " << state << ", action " << action;
        }
      }
    }
    EXPECT_EQ(row, rows.size());
    ++tables;
  }
  EXPECT_GE(tables, 8u);
}

}  // namespace
}  // namespace ludus::envs
