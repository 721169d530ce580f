// Checks every record of spaces.jsonl: spaces seeded and sampled by Gymnasium. All comparisons are exact.
#include <gtest/gtest.h>

#include <string>

#include "base/value_io.h"
#include "envs/spaces/space.h"
#include "tests/support/golden.h"

namespace ludus::envs {
namespace {

// Returns the JSON of an element; the golden file stores a Discrete sample as a list of one.
std::string json_of(const Space& space, const Value& sample) {
  return to_json(space.kind() == "Discrete" ? Value(List{sample}) : sample);
}

// Converts masks and probabilities to the form of a space: arrays of one dtype, in a list for a MultiDiscrete.
Value restriction(const std::string& kind, const Value& json, DType dtype) {
  if (kind != "MultiDiscrete") return to_array(json, dtype);
  List parts;
  for (const Value& part : json.as_list()) parts.push_back(to_array(part, dtype));
  return parts;
}

TEST(SpacesGolden, SeedAndSampleLikeGymnasium) {
  const auto records = testing::read_jsonl(testing::golden_directory() / "spaces.jsonl");
  ASSERT_GT(records.size(), 1U);
  std::size_t compared = 0;
  for (std::size_t i = 1; i < records.size(); ++i) {
    const Dict& record = records[i].as_dict();
    const SpacePtr space = space_from_spec(record.at("space").as_dict());
    SCOPED_TRACE("record " + std::to_string(i) + ": " + space->to_string());

    const Value seeded = space->seed(static_cast<std::uint64_t>(record.at("seed").as_int()));
    if (const Value* returned = record.find("seed_returned")) {
      EXPECT_EQ(to_json(seeded), to_json(*returned));
    }

    Value mask;
    Value probability;
    if (const Value* given = record.find("mask")) mask = restriction(space->kind(), *given, DType::kInt8);
    if (const Value* given = record.find("probability")) {
      probability = restriction(space->kind(), *given, DType::kFloat64);
    }
    for (const Value& expected : record.at("samples").as_list()) {
      const Value sample = !mask.is_null()          ? space->sample_masked(mask)
                           : !probability.is_null() ? space->sample_weighted(probability)
                                                    : space->sample();
      EXPECT_TRUE(space->contains(sample));
      // both use the same printer, so that equal texts imply equal numbers
      EXPECT_EQ(json_of(*space, sample), to_json(expected));
      ++compared;
    }
  }
  RecordProperty("records", static_cast<int>(records.size() - 1));
  EXPECT_GE(compared, 10 * (records.size() - 1));
}

TEST(SpacesGolden, EverySpaceComesBackFromItsDescription) {
  const auto records = testing::read_jsonl(testing::golden_directory() / "spaces.jsonl");
  for (std::size_t i = 1; i < records.size(); ++i) {
    const SpacePtr space = space_from_spec(records[i].as_dict().at("space").as_dict());
    const SpacePtr again = space_from_spec(from_json(to_json(space->to_spec())).as_dict());
    EXPECT_TRUE(space->equals(*again)) << space->to_string();
    EXPECT_EQ(to_json(space->to_spec()), to_json(again->to_spec()));
  }
}

}  // namespace
}  // namespace ludus::envs
