#include "nn/data/dataset.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/nn/data/datasets.h"

namespace ludus::data {
namespace {

using Numbers = std::vector<std::int64_t>;

Example doubled(Example example) {
  example["x"] = 2 * example.integer("x");
  return example;
}

TEST(Dataset, StepsChangeTheElementsAsTheySay) {
  EXPECT_EQ(pass_of(numbers(4)), (Numbers{0, 1, 2, 3}));
  EXPECT_EQ(pass_of(numbers(4).map(doubled)), (Numbers{0, 2, 4, 6}));
  EXPECT_EQ(pass_of(numbers(6).filter([](const Example& e) { return e.integer("x") % 2 == 1; })), (Numbers{1, 3, 5}));
  EXPECT_EQ(pass_of(numbers(6).take(2)), (Numbers{0, 1}));
  EXPECT_EQ(pass_of(numbers(6).skip(4)), (Numbers{4, 5}));
  EXPECT_EQ(pass_of(numbers(2).repeat(3)), (Numbers{0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(pass_of(numbers(2).repeat().take(5)), (Numbers{0, 1, 0, 1, 0}));
  EXPECT_EQ(pass_of(concatenate({numbers(2), numbers(3)})), (Numbers{0, 1, 0, 1, 2}));
  EXPECT_EQ(pass_of(numbers(5).prefetch(2)), range(0, 5));
  EXPECT_TRUE(pass_of(numbers(0).repeat()).empty());  // endless repetitions of nothing end
  EXPECT_TRUE(pass_of(stream_of_numbers(0).repeat()).empty());
}

TEST(Dataset, SizesAreKnownWithoutAPass) {
  EXPECT_EQ(numbers(10).batch(4).size(), 3u);
  EXPECT_EQ(numbers(10).batch(4, {.drop_remainder = true}).size(), 2u);
  EXPECT_EQ(numbers(10).take(3).size(), 3u);
  EXPECT_EQ(numbers(10).skip(30).size(), 0u);
  EXPECT_EQ(numbers(10).repeat(3).shuffle(5, 0).prefetch(1).size(), 30u);
  EXPECT_EQ(numbers(10).repeat().size(), Node::kUnlimited);
  EXPECT_EQ(numbers(10).repeat().take(7).size(), 7u);
  EXPECT_EQ(concatenate({numbers(2), numbers(3)}).size(), 5u);
  EXPECT_FALSE(stream_of_numbers(3).size());
  EXPECT_FALSE(numbers(3).filter([](const Example&) { return true; }).size());
}

// The same algorithm in NumPy: default_rng(SeedSequence(42, spawn_key=(epoch,))).integers(len(buffer)) draws from the
// buffer, whose last element fills the gap.
TEST(Dataset, ShuffleDrawsAsTheReferenceInNumPy) {
  EXPECT_EQ(pass_of(numbers(12).shuffle(5, 42), 0), (Numbers{2, 5, 4, 7, 1, 9, 8, 10, 6, 3, 11, 0}));
  EXPECT_EQ(pass_of(numbers(12).shuffle(5, 42), 1), (Numbers{0, 2, 4, 6, 3, 5, 1, 7, 9, 8, 11, 10}));
  EXPECT_EQ(pass_of(stream_of_numbers(12).shuffle(5, 42), 1), (Numbers{0, 2, 4, 6, 3, 5, 1, 7, 9, 8, 11, 10}));
  EXPECT_EQ(pass_of(numbers(8).shuffle(100, 1), 0), (Numbers{0, 4, 6, 7, 3, 1, 2, 5}));
}

// An element never comes earlier than the buffer lets it, and every element comes once.
TEST(Dataset, ShuffleIsAPermutationWithinItsBuffer) {
  for (const std::size_t buffer : {1u, 3u, 10u, 50u, 200u}) {
    Numbers order = pass_of(numbers(100).shuffle(buffer, 3));
    for (std::size_t i = 0; i < order.size(); ++i) EXPECT_LT(order[i], static_cast<std::int64_t>(i + buffer));
    if (buffer == 1) {
      EXPECT_EQ(order, range(0, 100));
    }
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, range(0, 100));
  }
  EXPECT_NE(pass_of(numbers(100).shuffle(100, 3)), pass_of(numbers(100).shuffle(100, 4)));
}

// With a buffer of the whole dataset every element is equally likely in every place: χ² of the first place over 4000
// epochs, 9 degrees of freedom, is below 27.9 with probability 0.999.
TEST(Dataset, ShuffleOfTheWholeIsUniform) {
  const Dataset dataset = numbers(10).shuffle(10, 12345);
  std::array<int, 10> counts{};
  for (std::uint64_t epoch = 0; epoch < 4000; ++epoch) {
    Example first;
    Epoch pass = dataset.epoch(epoch);
    ASSERT_TRUE(pass.next(first));
    ++counts[static_cast<std::size_t>(first.integer("x"))];
  }
  double chi_squared = 0;
  for (const int count : counts) chi_squared += (count - 400.0) * (count - 400.0) / 400.0;
  EXPECT_LT(chi_squared, 27.9);
}

TEST(Dataset, RepetitionsAreShuffledDifferently) {
  const Numbers twice = pass_of(numbers(20).shuffle(20, 1).repeat(2), 3);
  const Numbers first(twice.begin(), twice.begin() + 20);
  const Numbers second(twice.begin() + 20, twice.end());
  EXPECT_EQ(first, pass_of(numbers(20).shuffle(20, 1), 6));
  EXPECT_EQ(second, pass_of(numbers(20).shuffle(20, 1), 7));
}

// numpy.random.default_rng(SeedSequence(7, spawn_key=(3, 5))).random(3), and with numbers of more than 32 bits.
TEST(Dataset, RandomNumbersOfAnElementAreNumPys) {
  const auto draws = [](std::uint64_t seed, std::uint64_t epoch, std::uint64_t index) {
    const Dataset dataset =
        from_index(index + 1, [](std::uint64_t) { return Example(); })
            .map(
                [](Example, Generator& random) {
                  return Example{{"a", random.random()}, {"b", random.random()}, {"c", random.random()}};
                },
                {.seed = seed})
            .skip(index);
    Epoch pass = dataset.epoch(epoch);
    Example example;
    EXPECT_TRUE(pass.next(example));
    return std::vector<double>{example.number("a"), example.number("b"), example.number("c")};
  };
  EXPECT_EQ(draws(7, 3, 5), (std::vector<double>{0.5107015707315011, 0.5274534273445031, 0.2137681233489741}));
  EXPECT_EQ(draws((std::uint64_t{1} << 40) + 1, 0, std::uint64_t{1} << 33),
            (std::vector<double>{0.7056233481003902, 0.5814301000541658, 0.2628251893658823}));
}

// The example of tf.data.Dataset.interleave.
TEST(Dataset, InterleaveFollowsTensorFlowsExample) {
  const auto six_times = [](const Example& e) {
    return from_index(6, [x = e.integer("x") + 1](std::uint64_t) { return Example{{"x", x}}; });
  };
  EXPECT_EQ(pass_of(numbers(5).interleave(six_times, {.cycle = 2, .block = 4})),
            (Numbers{1, 1, 1, 1, 2, 2, 2, 2, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5}));
}

TEST(Dataset, ZipJoinsFieldsUpToTheShortest) {
  const Dataset labels = numbers(3).map([](Example e) { return Example{{"label", e.at("x")}}; });
  Epoch pass = zip({numbers(5), labels}).epoch(0);
  Example example;
  std::int64_t count = 0;
  for (; pass.next(example); ++count) {
    EXPECT_EQ(example.integer("x"), count);
    EXPECT_EQ(example.integer("label"), count);
  }
  EXPECT_EQ(count, 3);
  EXPECT_EQ(zip({numbers(5), labels}).size(), 3u);
  EXPECT_THROW(pass_of(zip({numbers(2), numbers(2)})), InvalidArgument);
  EXPECT_THROW(zip({}), InvalidArgument);
}

TEST(Batch, StacksArraysNumbersAndTexts) {
  const Dataset dataset = from_index(5, [](std::uint64_t i) {
                            const auto x = static_cast<float>(i + 1);
                            return Example{{"a", Array::of<float>({x, -x})},
                                           {"i", static_cast<std::int64_t>(i)},
                                           {"d", i == 3 ? Value(0.5) : Value(static_cast<std::int64_t>(i))},
                                           {"b", i % 2 == 0},
                                           {"t", "n" + std::to_string(i)}};
                          }).batch(4);
  Epoch pass = dataset.epoch(0);
  Batch batch;
  ASSERT_TRUE(pass.next(batch));
  EXPECT_EQ(batch.array("a"), Array::of<float>({1, -1, 2, -2, 3, -3, 4, -4}).reshaped(Shape{4, 2}));
  EXPECT_EQ(batch.array("i"), Array::of<std::int64_t>({0, 1, 2, 3}));
  EXPECT_EQ(batch.array("d"), Array::of<double>({0, 1, 2, 0.5}));
  EXPECT_EQ(batch.array("b"), Array::of<bool>({true, false, true, false}));
  EXPECT_EQ(batch.at("t"), Value(List{"n0", "n1", "n2", "n3"}));
  ASSERT_TRUE(pass.next(batch));
  EXPECT_EQ(batch.array("a"), Array::of<float>({5, -5}).reshaped(Shape{1, 2}));
  EXPECT_FALSE(pass.next(batch));
  EXPECT_FALSE(pass.next(batch));
  EXPECT_EQ(pass_of(numbers(10).batch(4, {.drop_remainder = true})), range(0, 8));
}

TEST(Batch, PadsRaggedArrays) {
  const Dataset ragged = from_index(3, [](std::uint64_t i) {
    // shapes (1, 3), (2, 2), (0, 1)
    const std::array<Shape, 3> shapes{Shape{1, 3}, Shape{2, 2}, Shape{0, 1}};
    Array array(DType::kInt32, shapes[i]);
    for (std::size_t k = 0; k < array.size(); ++k) array.set(k, static_cast<double>(10 * i + k + 1));
    return Example{{"a", array}};
  });
  Epoch pass = ragged.batch(3, {.pad = -1}).epoch(0);
  Batch batch;
  ASSERT_TRUE(pass.next(batch));
  const Array expected = Array::of<std::int32_t>({1, 2, 3, -1, -1, -1, 11, 12, -1, 13, 14, -1, -1, -1, -1, -1, -1, -1});
  EXPECT_EQ(batch.array("a"), expected.reshaped(Shape{3, 2, 3}));

  Epoch zeros = ragged.batch(3, {.pad = 0}).epoch(0);
  ASSERT_TRUE(zeros.next(batch));
  EXPECT_EQ(batch.array("a").get(3), 0);

  Epoch unpadded = ragged.batch(3).epoch(0);
  try {
    unpadded.next(batch);
    FAIL();
  } catch (const TypeMismatch& error) {
    EXPECT_STREQ(error.what(),
                 "batch: field \"a\" has the shape (1, 3) in element 0 and (2, 2) in element 1; set "
                 "BatchOptions::pad to pad ragged arrays");
  }
}

TEST(Batch, UnequalElementsThrow) {
  const auto batch_of = [](Value first, Value second) {
    return from_index(2, [=](std::uint64_t i) { return Example{{"a", i == 0 ? first : second}}; }).batch(2, {.pad = 0});
  };
  Batch batch;
  EXPECT_THROW(batch_of(Array::of<float>({1}), Array::of<double>({1})).epoch(0).next(batch), TypeMismatch);
  EXPECT_THROW(batch_of(Array::of<float>({1}), Array::scalar(1.0f)).epoch(0).next(batch), TypeMismatch);
  EXPECT_THROW(batch_of(Array::of<float>({1}), "text").epoch(0).next(batch), TypeMismatch);
  const Dataset other = from_index(2, [](std::uint64_t i) { return i == 0 ? Example{{"a", 1}} : Example{{"b", 1}}; });
  EXPECT_THROW(other.batch(2).epoch(0).next(batch), TypeMismatch);
}

TEST(Dataset, InvalidArgumentsThrow) {
  EXPECT_THROW(numbers(1).batch(0), InvalidArgument);
  EXPECT_THROW(numbers(1).shuffle(0, 0), InvalidArgument);
  EXPECT_THROW(numbers(1).prefetch(0), InvalidArgument);
  EXPECT_THROW(numbers(1).interleave([](const Example&) { return numbers(1); }, {.cycle = 0}), InvalidArgument);
  EXPECT_THROW(numbers(1).map(doubled, {.workers = 5000}), InvalidArgument);
  EXPECT_THROW(pass_of(numbers(1).repeat().take(1), 2), InvalidArgument);
}

TEST(Example, FieldsAreReadByTheirType) {
  const Example example{{"a", Array::scalar(1.0)}, {"t", "text"}, {"i", 3}};
  EXPECT_EQ(example.text("t"), "text");
  EXPECT_EQ(example.number("i"), 3.0);
  EXPECT_THROW(example.array("b"), InvalidArgument);
  try {
    static_cast<void>(example.array("t"));
    FAIL();
  } catch (const TypeMismatch& error) {
    EXPECT_NE(std::string(error.what()).find("field \"t\""), std::string::npos);
  }
}

}  // namespace
}  // namespace ludus::data
