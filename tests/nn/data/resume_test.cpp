// A pass that continues from a saved state gives exactly the rest, from every position and for any number of threads.
#include <gtest/gtest.h>

#include <functional>

#include "base/checkpoint.h"
#include "base/file.h"
#include "nn/data/array_source.h"
#include "nn/data/csv_source.h"
#include "nn/data/dataset.h"
#include "nn/data/tfrecord_source.h"
#include "nn/io/csv.h"
#include "tests/nn/data/datasets.h"
#include "tests/support/scratch.h"

namespace ludus::data {
namespace {

// A pipeline made with a number of workers.
struct Pipeline {
  std::string name;
  std::function<Dataset(std::size_t workers)> make;
};

bool is_even(const Example& example) {
  return example.integer("x") % 2 == 0;
}

Example odd_is_broken(Example example) {
  if (example.integer("x") % 2 == 1) throw InvalidArgument("odd");
  return example;
}

std::vector<Pipeline> pipelines() {
  const auto with = [](std::size_t workers) { return MapOptions{.workers = workers, .seed = 5}; };
  const BrokenRecords quiet = BrokenRecords::skip([](const std::string&) {});
  return {
      {"plain", [](std::size_t) { return numbers(30); }},
      {"training",
       [=](std::size_t w) { return numbers(60).shuffle(16, 1).map(augmented, with(w)).batch(4).prefetch(2); }},
      {"shuffle of unknown size",
       [=](std::size_t w) { return stream_of_numbers(40).shuffle(16, 1).map(augmented, with(w)).batch(3); }},
      {"augmentation before a filter",
       [=](std::size_t w) { return numbers(60).map(augmented, with(w)).filter(is_even); }},
      {"two shuffles", [=](std::size_t w) { return numbers(40).shuffle(7, 1).map(augmented, with(w)).shuffle(9, 2); }},
      {"shuffle after a filter", [](std::size_t) { return numbers(60).filter(is_even).shuffle(8, 3).batch(2); }},
      {"repetitions",
       [=](std::size_t w) { return numbers(12).shuffle(5, 1).repeat(3).map(augmented, with(w)).batch(5); }},
      {"repetitions without a known size", [](std::size_t) { return stream_of_numbers(9).shuffle(4, 1).repeat(4); }},
      {"endless", [](std::size_t) { return numbers(7).shuffle(7, 1).repeat().take(40); }},
      {"shuffle of an endless one", [](std::size_t) { return numbers(7).repeat().shuffle(10, 1).take(40); }},
      {"broken records",
       [=](std::size_t w) { return numbers(40).map(odd_is_broken, {.workers = w, .broken = quiet}).shuffle(6, 1); }},
      {"interleaved",
       [=](std::size_t w) {
         return numbers(5)
             .interleave([](const Example& e) { return numbers(3 + 2 * e.integer("x")).prefetch(1); },
                         {.cycle = 3, .block = 2})
             .map(augmented, with(w));
       }},
      {"joined",
       [=](std::size_t w) {
         const Dataset other = stream_of_numbers(20).map([](Example e) { return Example{{"y", e.at("x")}}; });
         return zip({concatenate({numbers(9), numbers(16)}), other}).skip(2).map(augmented, with(w)).shuffle(4, 9);
       }},
  };
}

TEST(Resume, ContinuesExactlyFromEveryPosition) {
  for (const Pipeline& pipeline : pipelines()) {
    for (const std::uint64_t epoch : {0, 2}) {
      if (epoch > 0 && pipeline.name.find("endless") != std::string::npos) continue;
      std::vector<Example> all;
      const Dataset reference = pipeline.make(0);
      for (const Example& example : reference.epoch(epoch)) all.push_back(example);
      ASSERT_GT(all.size(), 5u) << pipeline.name;

      for (std::size_t position = 0; position <= all.size(); ++position) {
        // read up to the position with some workers, save, continue with others
        const Dataset before = pipeline.make(position % 3);
        Epoch pass = before.epoch(epoch);
        Example example;
        for (std::size_t i = 0; i < position; ++i) {
          ASSERT_TRUE(pass.next(example)) << pipeline.name;
          ASSERT_EQ(example, all[i]) << pipeline.name << " at " << i;
        }
        Checkpoint checkpoint;
        save_state(pass, checkpoint.writer("data"));

        const Dataset after = pipeline.make((position + 1) % 3);
        Epoch resumed = after.epoch(99);
        load_state(resumed, checkpoint.reader("data"));
        EXPECT_EQ(resumed.epoch(), epoch);
        for (std::size_t i = position; i < all.size(); ++i) {
          ASSERT_TRUE(resumed.next(example)) << pipeline.name << " at " << i << " from " << position;
          ASSERT_EQ(example, all[i]) << pipeline.name << " at " << i << " from " << position;
        }
        EXPECT_FALSE(resumed.next(example)) << pipeline.name;
        EXPECT_FALSE(resumed.next(example)) << pipeline.name;
      }
    }
  }
}

TEST(Resume, FilesContinueToo) {
  const test_support::Scratch folder;
  std::vector<std::vector<std::string>> rows{{"x", "ignored"}};
  for (int i = 0; i < 20; ++i) {
    rows.push_back({i % 7 == 3 ? "broken" : std::to_string(i), "two\nlines"});
  }
  io::write_csv(folder / "table.csv", rows);
  const CsvOptions options{.fields = {{.name = "x", .dtype = DType::kInt64}},
                           .broken = BrokenRecords::skip([](const std::string&) {})};
  const std::filesystem::path files = LUDUS_TEST_DATA "/io";
  const auto scalar = [](Example e) { return Example{{"x", e.array("x").get(0)}}; };
  const auto label = [](Example e) { return Example{{"x", e.array("label").get(0)}}; };
  const std::vector<Dataset> datasets{
      from_csv({folder / "table.csv", folder / "table.csv"}, options).map(scalar).shuffle(3, 1),
      from_idx({{"label", files / "labels.idx"}, {"image", files / "images.idx.gz"}}).map(label).shuffle(2, 1),
      from_npz(files / "deflated.npz", {"x", "y"}).map(scalar).shuffle(2, 1),
      from_tf_example(std::vector{files / "examples.tfrecord", files / "examples.tfrecord.gz"})
          .map(label)
          .shuffle(3, 1),
      from_tf_example(files / "damaged.tfrecord", {.broken = BrokenRecords::skip([](const std::string&) {})})
          .map(label)};
  for (const Dataset& dataset : datasets) {
    std::vector<Example> all;
    for (const Example& example : dataset.epoch(0)) all.push_back(example);
    ASSERT_GE(all.size(), 3u);
    for (std::size_t position = 0; position <= all.size(); ++position) {
      Epoch pass = dataset.epoch(0);
      Example example;
      for (std::size_t i = 0; i < position; ++i) ASSERT_TRUE(pass.next(example));
      Epoch resumed = dataset.epoch(0);
      state_from_dict(resumed, state_as_dict(pass));
      std::vector<Example> rest;
      for (const Example& element : resumed) rest.push_back(element);
      EXPECT_EQ(rest, std::vector<Example>(all.begin() + static_cast<std::ptrdiff_t>(position), all.end()));
    }
  }
}

TEST(Resume, AnotherPipelineIsRefused) {
  const Dataset dataset = numbers(20).shuffle(8, 1).batch(2);
  Epoch pass = dataset.epoch(0);
  Example example;
  pass.next(example);
  Checkpoint checkpoint;
  save_state(pass, checkpoint.writer("data"));
  for (const Dataset& other : {numbers(20).shuffle(8, 2).batch(2), numbers(20).shuffle(8, 1).batch(4),
                               numbers(21).shuffle(8, 1).batch(2), numbers(20).batch(2)}) {
    Epoch resumed = other.epoch(5);
    try {
      load_state(resumed, checkpoint.reader("data"));
      FAIL();
    } catch (const CorruptCheckpoint& error) {
      EXPECT_NE(std::string(error.what()).find("resume with the same one"), std::string::npos) << error.what();
    }
    EXPECT_EQ(resumed.epoch(), 5u);  // unchanged
    EXPECT_TRUE(resumed.next(example));
  }
  // threads and buffers of prefetch() do not change the order
  Epoch same = numbers(20).prefetch(3).shuffle(8, 1).batch(2).prefetch(9).epoch(0);
  EXPECT_NO_THROW(load_state(same, checkpoint.reader("data")));
}

TEST(Resume, ADatasetThatShrankIsNoticed) {
  const Dataset dataset = stream_of_numbers(9);
  Epoch pass = dataset.epoch(0);
  Example example;
  for (int i = 0; i < 9; ++i) pass.next(example);
  Epoch resumed = stream_of_numbers(5).epoch(0);
  state_from_dict(resumed, state_as_dict(pass));
  EXPECT_THROW(resumed.next(example), InvalidArgument);
}

}  // namespace
}  // namespace ludus::data
