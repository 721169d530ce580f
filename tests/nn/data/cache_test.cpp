#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "base/file.h"
#include "nn/data/array_source.h"
#include "nn/data/dataset.h"
#include "nn/io/npy.h"
#include "tests/nn/data/datasets.h"
#include "tests/support/scratch.h"

namespace ludus::data {
namespace {

using test_support::Scratch;

// Counts how often it is called.
struct Counted {
  std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
  Dataset over(const Dataset& dataset, const std::string& key = "squares v1") const {
    return dataset.map(
        [calls = calls](Example e) {
          ++*calls;
          e["x"] = e.integer("x") * e.integer("x");
          return e;
        },
        {.key = key});
  }
};

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

TEST(Cache, LaterPassesDoNotCompute) {
  const Scratch folder;
  for (const bool in_file : {false, true}) {
    const Counted counted;
    const Dataset squares = counted.over(numbers(10));
    const Dataset cached = in_file ? squares.cache(folder.path()) : squares.cache();
    const auto expected = pass_of(squares);
    const int before = *counted.calls;
    EXPECT_EQ(pass_of(cached), expected);
    EXPECT_EQ(*counted.calls - before, 10);
    EXPECT_EQ(pass_of(cached, 1), expected);
    EXPECT_EQ(pass_of(cached.shuffle(10, 1).batch(3), 2).size(), 10u);
    EXPECT_EQ(*counted.calls - before, 10);
    EXPECT_EQ(cached.size(), 10u);

    Epoch pass = cached.epoch(0);  // resumes inside the cache
    Dict state{{"epoch", 0}, {"position", 7}, {"pipeline", cached.node()->order()}};
    state_from_dict(pass, state);
    EXPECT_EQ(rest_of(pass), (std::vector<std::int64_t>{49, 64, 81}));
    EXPECT_EQ(*counted.calls - before, 10);
  }
}

TEST(Cache, AnAbandonedPassLeavesNothing) {
  const Scratch folder;
  const Counted counted;
  const Dataset cached = counted.over(numbers(10)).cache(folder.path());
  {
    Epoch pass = cached.epoch(0);
    Example example;
    for (int i = 0; i < 5; ++i) pass.next(example);
    EXPECT_EQ(files_in(folder.path()), 1u);  // the temporary file
  }
  EXPECT_EQ(files_in(folder.path()), 0u);
  EXPECT_EQ(pass_of(cached).size(), 10u);
  EXPECT_EQ(files_in(folder.path()), 1u);
}

// Everything that makes the elements is in the key: the function's key, arguments of steps, the file and its time.
TEST(Cache, KeysFollowWhatMadeTheElements) {
  const Scratch folder, files;
  const Counted counted;
  const auto misses = [&](const Dataset& dataset) {
    const std::size_t before = files_in(folder.path());
    pass_of(dataset.cache(folder.path()));
    return files_in(folder.path()) - before;
  };
  EXPECT_EQ(misses(counted.over(numbers(10))), 1u);
  EXPECT_EQ(misses(counted.over(numbers(10))), 0u);
  EXPECT_EQ(misses(counted.over(numbers(10), "squares v2")), 1u);
  EXPECT_EQ(misses(counted.over(numbers(10).take(5))), 1u);
  EXPECT_EQ(misses(counted.over(numbers(10).take(6))), 1u);
  EXPECT_EQ(misses(numbers(10).batch(2)), 1u);
  EXPECT_EQ(misses(numbers(10).batch(2, {.pad = 0})), 1u);
  EXPECT_EQ(misses(from_arrays({{"x", Array::of<double>({1, 2})}})), 1u);
  EXPECT_EQ(misses(from_arrays({{"x", Array::of<double>({1, 3})}})), 1u);

  io::write_npy(files / "x.npy", Array::of<double>({1, 2}));
  EXPECT_EQ(misses(from_npy({{"x", files / "x.npy"}})), 1u);
  EXPECT_EQ(misses(from_npy({{"x", files / "x.npy"}})), 0u);
  std::filesystem::last_write_time(files / "x.npy",
                                   std::filesystem::file_time_type::clock::now() + std::chrono::hours(1));
  EXPECT_EQ(misses(from_npy({{"x", files / "x.npy"}})), 1u);
}

TEST(Cache, WhatDiffersFromEpochToEpochIsRefused) {
  const Scratch folder;
  EXPECT_THROW(numbers(5).shuffle(5, 1).cache(), InvalidArgument);
  EXPECT_THROW(numbers(5).map(augmented).batch(2).cache(), InvalidArgument);
  EXPECT_THROW(numbers(5).map(augmented, {.key = "a"}).cache(folder.path()), InvalidArgument);
  EXPECT_THROW(numbers(5).map([](Example e) { return e; }).cache(folder.path()), InvalidArgument);  // no key
  EXPECT_NO_THROW(numbers(5).map([](Example e) { return e; }).cache());
  const Dataset hidden = numbers(2).interleave([](const Example&) { return numbers(5).shuffle(5, 1); }).cache();
  EXPECT_THROW(pass_of(hidden), InvalidArgument);
}

TEST(Cache, AllKindsOfValuesAreRestored) {
  const Scratch folder;
  const Example example{{"bytes", std::string("\xff\xd8\0\x80", 4)},
                        {"nan", Array::of<float>({std::numeric_limits<float>::quiet_NaN(), -0.0f})},
                        {"list", List{"a", 1}},
                        {"empty", Array(DType::kUInt8, Shape{0, 3})}};
  const Dataset cached = from_index(
                             1, [&](std::uint64_t) { return example; }, "example")
                             .cache(folder.path());
  pass_of(cached.map([](Example) { return Example{{"x", 0}}; }));
  Epoch pass = cached.epoch(1);
  Example restored;
  ASSERT_TRUE(pass.next(restored));
  EXPECT_EQ(restored, example);
}

TEST(Cache, DamagedFilesAreNamed) {
  const Scratch folder;
  const Dataset cached = numbers(50).cache(folder.path());
  pass_of(cached);
  const std::filesystem::path file = std::filesystem::directory_iterator(folder.path())->path();
  const std::string whole = read_text(file);
  for (std::size_t size = 0; size < whole.size(); size += 11) {
    std::ofstream(file, std::ios::binary) << whole.substr(0, size);
    if (size == 0) continue;  // an empty file holds no key: it is written again
    EXPECT_THROW(pass_of(cached), FileError) << size;
  }
  for (std::size_t place = 0; place < whole.size(); place += 13) {
    std::string changed = whole;
    changed[place] ^= 1;
    std::ofstream(file, std::ios::binary) << changed;
    EXPECT_THROW(pass_of(cached), FileError) << place;
  }
}

}  // namespace
}  // namespace ludus::data
