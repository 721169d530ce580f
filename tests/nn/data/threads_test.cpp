// What several threads do in a pipeline; run once more under the thread sanitizer.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "base/float_mode.h"
#include "nn/data/dataset.h"
#include "tests/nn/data/datasets.h"

namespace ludus::data {
namespace {

constexpr std::array<std::size_t, 4> kWorkers{0, 1, 2, 4};

// Takes longer for some elements, so that threads finish out of order.
Example uneven(Example example, Generator& random) {
  const std::int64_t x = example.integer("x");
  if (x % 5 == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
  return augmented(std::move(example), random);
}

TEST(Workers, OrderAndRandomNumbersDoNotDependOnTheirNumber) {
  for (const std::uint64_t epoch : {0, 1}) {
    const auto expected = pass_of(numbers(200).shuffle(50, 1).map(uneven, {.seed = 3}).batch(7).prefetch(3), epoch);
    ASSERT_EQ(expected.size(), 200u);
    for (const std::size_t workers : kWorkers) {
      const MapOptions options{.workers = workers, .seed = 3};
      EXPECT_EQ(pass_of(numbers(200).shuffle(50, 1).map(uneven, options).batch(7).prefetch(3), epoch), expected)
          << workers;
      EXPECT_EQ(pass_of(stream_of_numbers(200).prefetch(1).shuffle(50, 1).map(uneven, options).batch(7), epoch),
                expected)
          << workers;
    }
  }
  EXPECT_NE(pass_of(numbers(50).map(uneven, {.seed = 3}), 0), pass_of(numbers(50).map(uneven, {.seed = 3}), 1));
}

TEST(Workers, ErrorsComeAtTheirPlaceInTheOrder) {
  const auto fails = [](Example example) {
    if (example.integer("x") >= 23) throw InvalidArgument("a number above 22");
    return example;
  };
  for (const std::size_t workers : kWorkers) {
    for (const bool prefetched : {false, true}) {
      Dataset dataset = numbers(100).map(fails, {.workers = workers});
      if (prefetched) dataset = dataset.prefetch(4);
      Epoch pass = dataset.epoch(2);
      Example example;
      for (std::int64_t i = 0; i < 23; ++i) {
        ASSERT_TRUE(pass.next(example));
        EXPECT_EQ(example.integer("x"), i);
      }
      for (int attempt = 0; attempt < 2; ++attempt) {  // the next call tries again, and fails again
        try {
          pass.next(example);
          FAIL();
        } catch (const InvalidArgument& error) {
          EXPECT_STREQ(error.what(), "map: element 23 of epoch 2: a number above 22");
        }
        EXPECT_EQ(pass.position(), 23u);
      }
    }
  }
}

TEST(Workers, ForeignExceptionsAndErrorsOfTheSourceAreCarriedToo) {
  for (const std::size_t workers : kWorkers) {
    const auto foreign = [](Example) -> Example { throw std::runtime_error("not ours"); };
    try {
      pass_of(numbers(3).map(foreign, {.workers = workers}));
      FAIL();
    } catch (const WorkError& error) {
      EXPECT_STREQ(error.what(), "map: element 0 of epoch 0: not ours");
    }
    const Dataset source = from_index(9, [](std::uint64_t i) -> Example {
      if (i == 5) throw FileError("element 5 cannot be read");
      return Example{{"x", static_cast<std::int64_t>(i)}};
    });
    Epoch pass = source.map([](Example e) { return e; }, {.workers = workers}).prefetch(2).epoch(0);
    Example example;
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(pass.next(example));
    EXPECT_THROW(pass.next(example), FileError);
  }
}

TEST(Workers, BrokenRecordsAreReportedInOrder) {
  for (const std::size_t workers : kWorkers) {
    std::vector<std::string> lines;
    const auto odd_is_broken = [](Example example) {
      if (example.integer("x") % 2 == 1) throw FileError("odd");
      return example;
    };
    const MapOptions options{.workers = workers,
                             .broken = BrokenRecords::skip([&](const std::string& line) { lines.push_back(line); })};
    EXPECT_EQ(pass_of(numbers(6).map(odd_is_broken, options)), (std::vector<std::int64_t>{0, 2, 4}));
    EXPECT_EQ(lines, (std::vector<std::string>{"map: element 1 of epoch 0: odd", "map: element 3 of epoch 0: odd",
                                               "map: element 5 of epoch 0: odd"}));
    // errors that are no fault of the input end the pass
    const auto fails = [](Example) -> Example { throw WorkError("the disk is full"); };
    EXPECT_THROW(pass_of(numbers(6).map(fails, options)), WorkError);
  }
}

// A pass destroyed with full queues, waiting threads and an endless source ends at once.
TEST(Workers, PassesEndEarly) {
  const auto slow = [](Example example) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
    return example;
  };
  for (const std::size_t workers : kWorkers) {
    const Dataset endless = numbers(10).repeat().prefetch(2).map(slow, {.workers = workers}).batch(4).prefetch(8);
    for (const int read : {0, 1, 5}) {
      Epoch pass = endless.epoch(0);
      Batch batch;
      for (int i = 0; i < read; ++i) ASSERT_TRUE(pass.next(batch));
      if (read == 5) std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the queues are full
    }
  }
}

TEST(Workers, AFilterThatNothingPassesEndsWithThePass) {
  // three elements, then none for ever, read ahead by a thread
  const Dataset dataset =
      numbers(10)
          .repeat()
          .filter([seen = std::make_shared<std::atomic<int>>(0)](const Example&) { return seen->fetch_add(1) < 3; })
          .map([](Example e) { return e; }, {.workers = 2})
          .prefetch(8);
  Epoch pass = dataset.epoch(0);
  Example example;
  ASSERT_TRUE(pass.next(example));
}

TEST(Workers, SeveralPassesRunAtOnce) {
  const Dataset dataset = numbers(60).cache().shuffle(20, 1).map(uneven, {.workers = 2, .seed = 3}).prefetch(2);
  const auto expected = pass_of(numbers(60).shuffle(20, 1).map(uneven, {.seed = 3}));
  std::array<std::vector<std::int64_t>, 3> orders;
  std::vector<std::thread> readers;
  for (auto& order : orders) readers.emplace_back([&] { order = pass_of(dataset); });
  for (std::thread& reader : readers) reader.join();
  for (const auto& order : orders) EXPECT_EQ(order, expected);
}

TEST(Workers, ComputeInTheFloatModeOfTheReader) {
  const FloatMode before = float_mode();
  flush_denormals_on_this_thread();
  for (const std::size_t workers : kWorkers) {
    const Dataset dataset = numbers(8)
                                .map(
                                    [](Example) {
                                      volatile float tiny = 1e-38f;
                                      return Example{{"x", static_cast<std::int64_t>(tiny * 0.1f > 0)}};
                                    },
                                    {.workers = workers})
                                .prefetch(1);
    EXPECT_EQ(pass_of(dataset), std::vector<std::int64_t>(8, 0)) << workers;
  }
  set_float_mode(before);
}

}  // namespace
}  // namespace ludus::data
