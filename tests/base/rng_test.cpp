#include "base/rng.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "tests/support/golden.h"

namespace ludus {
namespace {

using testing::doubles_of;
using testing::int64_of;
using testing::int64s_of;
using testing::uint64_of;
using testing::uint64s_of;

// Decimal numbers up to 340282366920938463463374607431768211455, as two 64-bit words.
std::string decimal(Pcg64::Word number) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return digits;
}

// As numpy.sum: split recursively into blocks of at most 128, each summed in eight accumulators.
double pairwise_sum(std::span<const double> values) {
  if (values.size() > 128) {
    std::size_t half = values.size() / 2;
    half -= half % 8;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  std::array<double, 8> strands{};
  std::size_t i = 0;
  for (; i + 8 <= values.size(); i += 8) {
    for (std::size_t k = 0; k < 8; ++k) strands[k] = i == 0 ? values[k] : strands[k] + values[i + k];
  }
  double sum =
      ((strands[0] + strands[1]) + (strands[2] + strands[3])) + ((strands[4] + strands[5]) + (strands[6] + strands[7]));
  for (; i < values.size(); ++i) sum += values[i];
  return sum;
}

// Draws by `draw` and compares with the expected value: exactly if one raw draw was enough, otherwise to 1e-15, because
// the rare paths of the ziggurat call the system's log and exp.
template <class Draw>
void expect_ziggurat(const Value& wanted, Generator generator, Draw draw) {
  for (const double expected : doubles_of(wanted)) {
    Generator one = generator;
    one.next_uint64();
    const double drawn = draw(generator);
    if (generator.bits() == one.bits()) {
      EXPECT_EQ(drawn, expected);
    } else {
      EXPECT_NEAR(drawn, expected, 1e-15 * std::abs(expected));
    }
  }
}

// One line of the golden file. Every field is tested on a fresh generator with the line's seed.
class NumpyParity : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    const auto records = testing::read_jsonl(testing::golden_directory() / "numpy_rng.jsonl");
    ASSERT_EQ(records.size(), 8u);
    record_ = records.at(GetParam() + 1).as_dict();
    SCOPED_TRACE("seed " + at("seed").as_string());
  }
  const Value& at(std::string_view key) const { return record_.at(key); }
  SeedSequence seed() const { return SeedSequence(testing::words_of(at("seed"))); }
  Generator fresh() const { return Generator(seed()); }

  template <class Draw>
  void expect_doubles(const Value& wanted, Generator generator, Draw draw) const {
    for (const double expected : doubles_of(wanted)) EXPECT_EQ(static_cast<double>(draw(generator)), expected);
  }
  template <class Draw>
  void expect_integers(const Value& wanted, Generator generator, Draw draw) const {
    for (const std::int64_t expected : int64s_of(wanted)) EXPECT_EQ(draw(generator), expected);
  }

  Dict record_;
};

TEST_P(NumpyParity, SeedSequence) {
  std::vector<std::uint32_t> words32;
  for (const std::int64_t word : int64s_of(at("generate_state_uint32"))) {
    words32.push_back(static_cast<std::uint32_t>(word));
  }
  EXPECT_EQ(seed().generate_state(words32.size()), words32);
  const auto words64 = uint64s_of(at("generate_state_uint64"));
  EXPECT_EQ(seed().generate_state64(words64.size()), words64);
  const auto pool = int64s_of(at("seedseq_pool"));
  const SeedSequence sequence = seed();
  EXPECT_TRUE(std::equal(pool.begin(), pool.end(), sequence.pool().begin(), sequence.pool().end()));
}

TEST_P(NumpyParity, Pcg64) {
  const Generator generator = fresh();
  EXPECT_EQ(decimal(generator.bits().state()), at("pcg64_state").as_dict().at("state").as_string());
  EXPECT_EQ(decimal(generator.bits().increment()), at("pcg64_state").as_dict().at("inc").as_string());
  Pcg64 bits = generator.bits();
  for (const std::uint64_t raw : uint64s_of(at("random_raw"))) EXPECT_EQ(bits.next(), raw);
}

TEST_P(NumpyParity, Uniform) {
  expect_doubles(at("random"), fresh(), [](Generator& g) { return g.random(); });
  expect_doubles(at("random_float32"), fresh(), [](Generator& g) { return g.random_float32(); });
  ASSERT_EQ(at("uniform").as_list().size(), 10u);
  for (const Value& entry : at("uniform").as_list()) {
    const double low = entry.as_dict().at("low").as_double(), high = entry.as_dict().at("high").as_double();
    expect_doubles(entry.as_dict().at("values"), fresh(), [=](Generator& g) { return g.uniform(low, high); });
  }

  // rows of three, with separate bounds for each column
  const Dict& array = at("uniform_array").as_dict();
  const auto low = doubles_of(array.at("low")), high = doubles_of(array.at("high"));
  std::size_t next = 0;
  expect_doubles(array.at("values"), fresh(), [&](Generator& g) {
    const std::size_t column = next++ % low.size();
    return g.uniform(low[column], high[column]);
  });
}

TEST_P(NumpyParity, Integers) {
  ASSERT_EQ(at("integers").as_list().size(), 13u);
  for (const Value& entry : at("integers").as_list()) {
    const std::int64_t n = int64_of(entry.as_dict().at("n"));
    expect_integers(entry.as_dict().at("values"), fresh(), [=](Generator& g) { return g.integers(n); });
  }
  ASSERT_EQ(at("integers_low_high").as_list().size(), 7u);
  for (const Value& entry : at("integers_low_high").as_list()) {
    const std::int64_t low = int64_of(entry.as_dict().at("low")), high = int64_of(entry.as_dict().at("high"));
    expect_integers(entry.as_dict().at("values"), fresh(), [=](Generator& g) { return g.integers(low, high); });
  }
  const Dict& endpoint = at("integers_endpoint").as_dict();
  const std::int64_t low = endpoint.at("low").as_int(), high = endpoint.at("high").as_int();
  const auto values = int64s_of(endpoint.at("values"));
  Generator generator = fresh();
  EXPECT_EQ(generator.integers_array(low, high, Shape{static_cast<std::int64_t>(values.size())}, DType::kInt64),
            Array::of(std::span(values)));
}

TEST_P(NumpyParity, IntegersOfEveryDtype) {
  ASSERT_EQ(at("integers_dtype").as_list().size(), 9u);
  for (const Value& value : at("integers_dtype").as_list()) {
    const Dict& entry = value.as_dict();
    const DType dtype = dtype_of(entry.at("dtype").as_string());
    const Shape shape{entry.at("size").as_int()};
    Generator generator = fresh();
    if (dtype == DType::kUInt64) {
      ASSERT_EQ(entry.at("high").as_string(), "18446744073709551616");
      const auto expected = uint64s_of(entry.at("values"));
      EXPECT_EQ(generator.integers_uint64(0, std::numeric_limits<std::uint64_t>::max(), shape),
                Array::of(std::span(expected)));
      continue;
    }
    const Array drawn =
        generator.integers_array(int64_of(entry.at("low")), int64_of(entry.at("high")) - 1, shape, dtype);
    EXPECT_EQ(drawn.dtype(), dtype);
    const auto expected = int64s_of(entry.at("values"));
    ASSERT_EQ(drawn.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(drawn.get(i), static_cast<double>(expected[i])) << name_of(dtype) << " " << i;
    }
  }

  // unused bytes of one call do not carry over to the next
  Generator generator = fresh();
  for (const Value& values : at("integers_dtype_two_calls").as_dict().at("values").as_list()) {
    const Array drawn = generator.integers_array(0, 1, Shape{5}, DType::kInt8);
    const auto expected = int64s_of(values);
    ASSERT_EQ(expected.size(), 5u);
    for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(drawn.data<std::int8_t>()[i], expected[i]);
  }
}

TEST_P(NumpyParity, Normal) {
  expect_ziggurat(at("standard_normal"), fresh(), [](Generator& g) { return g.standard_normal(); });
  const Dict& normal = at("normal").as_dict();
  const double mean = normal.at("loc").as_double(), deviation = normal.at("scale").as_double();
  expect_ziggurat(normal.at("values"), fresh(), [=](Generator& g) { return g.normal(mean, deviation); });
  for (Generator g = fresh(); const double expected : doubles_of(at("standard_normal_float32"))) {
    EXPECT_FLOAT_EQ(g.standard_normal_float32(), static_cast<float>(expected));
  }
}

TEST_P(NumpyParity, Exponential) {
  expect_ziggurat(at("standard_exponential"), fresh(), [](Generator& g) { return g.standard_exponential(); });
  const Dict& exponential = at("exponential").as_dict();
  const double scale = exponential.at("scale").as_double();
  expect_ziggurat(exponential.at("values"), fresh(), [=](Generator& g) { return g.exponential(scale); });
}

// 20 000 draws reach every layer, the wedges and the tail; an error in the last digit of a table entry changes the sum.
TEST_P(NumpyParity, LongRuns) {
  Generator generator = fresh();
  std::vector<double> normals(20000), exponentials(20000);
  for (double& x : normals) x = generator.standard_normal();
  const Dict& n = at("standard_normal_20000").as_dict();
  EXPECT_NEAR(pairwise_sum(normals), n.at("sum").as_double(), 1e-14 * std::abs(n.at("sum").as_double()));
  EXPECT_DOUBLE_EQ(*std::min_element(normals.begin(), normals.end()), n.at("min").as_double());
  EXPECT_DOUBLE_EQ(*std::max_element(normals.begin(), normals.end()), n.at("max").as_double());
  EXPECT_DOUBLE_EQ(normals.back(), n.at("last").as_double());

  generator = fresh();
  for (double& x : exponentials) x = generator.standard_exponential();
  const Dict& e = at("standard_exponential_20000").as_dict();
  EXPECT_NEAR(pairwise_sum(exponentials), e.at("sum").as_double(), 1e-15 * e.at("sum").as_double());
  EXPECT_DOUBLE_EQ(*std::max_element(exponentials.begin(), exponentials.end()), e.at("max").as_double());
  EXPECT_DOUBLE_EQ(exponentials.back(), e.at("last").as_double());
}

TEST_P(NumpyParity, Choice) {
  const Dict& choice = at("choice").as_dict();
  const std::int64_t n = choice.at("n").as_int();
  expect_integers(choice.at("values"), fresh(), [=](Generator& g) { return g.choice(n); });
  for (const char* key : {"choice_p", "choice_p_size"}) {  // one by one and as an array: the same stream
    const auto p = doubles_of(at(key).as_dict().at("p"));
    expect_integers(at(key).as_dict().at("values"), fresh(), [&](Generator& g) { return g.choice(p); });
  }
  ASSERT_EQ(at("choice_no_replace").as_list().size(), 6u);
  for (const Value& value : at("choice_no_replace").as_list()) {
    const Dict& entry = value.as_dict();
    Generator generator = fresh();
    const auto drawn = generator.choice_without_replacement(entry.at("n").as_int(), entry.at("size").as_int(),
                                                            entry.at("shuffle").as_bool());
    ASSERT_EQ(drawn.size(), static_cast<std::size_t>(entry.at("size").as_int()));
    const auto expected = int64s_of(entry.at("values"));  // the longest lists are stored only in part
    ASSERT_LE(expected.size(), drawn.size());
    EXPECT_TRUE(std::equal(expected.begin(), expected.end(), drawn.begin()));
    EXPECT_EQ(std::set(drawn.begin(), drawn.end()).size(), drawn.size());
  }
}

TEST_P(NumpyParity, Permutations) {
  Generator generator = fresh();
  for (const Value& expected : at("permutation_10").as_list()) {
    EXPECT_EQ(generator.permutation(10), int64s_of(expected));
  }
  EXPECT_EQ(fresh().permutation(100), int64s_of(at("permutation_100")));

  // one array, shuffled three times in succession
  generator = fresh();
  std::vector<std::int64_t> values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  for (const Value& expected : at("shuffle_10").as_list()) {
    generator.shuffle(std::span(values));
    EXPECT_EQ(values, int64s_of(expected));
  }
  std::vector<char> letters{'0', '1', '2', '3', '4', '5', '6', '7', '8', '9'};
  fresh().shuffle(std::span(letters));
  const auto expected = int64s_of(at("shuffle_list_10"));
  for (std::size_t i = 0; i < letters.size(); ++i) EXPECT_EQ(letters[i] - '0', expected[i]);
}

TEST_P(NumpyParity, MixedCallsShareTheBuffer) {
  Generator generator = fresh();
  ASSERT_EQ(at("mixed").as_list().size(), 33u);
  for (const Value& step : at("mixed").as_list()) {
    const std::string& call = step.as_list().at(0).as_string();
    const Value& expected = step.as_list().at(1);
    if (call == "random()") {
      EXPECT_EQ(generator.random(), expected.as_double());
    } else if (call == "random(float32)") {
      EXPECT_EQ(static_cast<double>(generator.random_float32()), expected.as_double());
    } else if (call == "standard_normal()") {
      EXPECT_DOUBLE_EQ(generator.standard_normal(), expected.as_double());
    } else if (call == "permutation(4)") {
      EXPECT_EQ(generator.permutation(4), int64s_of(expected));
    } else {
      const std::int64_t n = call == "integers(1)"       ? 1
                             : call == "integers(10)"    ? 10
                             : call == "integers(2**40)" ? std::int64_t{1} << 40
                                                         : 0;
      ASSERT_NE(n, 0) << "unknown call " << call;
      EXPECT_EQ(generator.integers(n), int64_of(expected));
    }
  }
}

TEST_P(NumpyParity, Spawn) {
  Generator parent = fresh();
  std::vector<Generator> children = parent.spawn(2);
  for (Generator& child : parent.spawn(1)) children.push_back(child);  // a later call continues the count
  SeedSequence sequence = seed();
  const std::vector<SeedSequence> sequences = sequence.spawn(3);

  ASSERT_EQ(at("spawn").as_list().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const Dict& entry = at("spawn").as_list()[i].as_dict();
    const auto key = int64s_of(entry.at("spawn_key"));
    EXPECT_TRUE(std::equal(key.begin(), key.end(), sequences[i].spawn_key().begin(), sequences[i].spawn_key().end()));
    const auto words = int64s_of(entry.at("generate_state_uint32"));
    const auto state = sequences[i].generate_state(words.size());
    EXPECT_TRUE(std::equal(words.begin(), words.end(), state.begin(), state.end()));
    expect_doubles(entry.at("random"), children[i], [](Generator& g) { return g.random(); });
  }

  const Dict& nested = at("spawn_nested").as_dict();
  ASSERT_EQ(int64s_of(nested.at("spawn_key")), (std::vector<std::int64_t>{1, 1}));
  const Generator grandchild = children[1].spawn(2)[1];
  expect_doubles(nested.at("random"), grandchild, [](Generator& g) { return g.random(); });
}

TEST_P(NumpyParity, GymnasiumNpRandom) {
  const Dict& gymnasium = at("gymnasium_np_random").as_dict();
  EXPECT_EQ(gymnasium.at("np_seed"), at("seed"));
  Generator generator = fresh();
  for (const double expected : doubles_of(gymnasium.at("random"))) EXPECT_EQ(generator.random(), expected);

  // the samples continue after those four draws
  const auto p = doubles_of(gymnasium.at("categorical_p"));
  expect_integers(gymnasium.at("categorical_sample"), generator,
                  [&](Generator& g) { return static_cast<std::int64_t>(categorical_sample(p, g)); });
}

// If the probabilities sum to less than every draw, the index is 0, as for argmax of an all-false array.
TEST(CategoricalSample, FallsBackToTheFirst) {
  Generator generator(0);  // its first draw is 0.637
  EXPECT_EQ(categorical_sample(std::vector<double>{0.25, 0.25}, generator), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NumpyParity, ::testing::Range<std::size_t>(0, 7));

// Each field of the golden file is tested above; a new field must be noticed.
TEST(NumpyParityFile, HasNoFieldWithoutATest) {
  const std::set<std::string> known{"seed",
                                    "generate_state_uint32",
                                    "generate_state_uint64",
                                    "seedseq_pool",
                                    "pcg64_state",
                                    "random_raw",
                                    "random",
                                    "random_float32",
                                    "uniform",
                                    "uniform_array",
                                    "integers",
                                    "integers_low_high",
                                    "integers_endpoint",
                                    "integers_dtype",
                                    "integers_dtype_two_calls",
                                    "standard_normal",
                                    "standard_normal_float32",
                                    "normal",
                                    "standard_exponential",
                                    "exponential",
                                    "standard_normal_20000",
                                    "standard_exponential_20000",
                                    "choice",
                                    "choice_p",
                                    "choice_p_size",
                                    "choice_no_replace",
                                    "permutation_10",
                                    "permutation_100",
                                    "shuffle_10",
                                    "shuffle_list_10",
                                    "mixed",
                                    "spawn",
                                    "spawn_nested",
                                    "gymnasium_np_random"};
  const auto records = testing::read_jsonl(testing::golden_directory() / "numpy_rng.jsonl");
  for (std::size_t i = 1; i < records.size(); ++i) {
    std::set<std::string> fields;
    for (const auto& [key, value] : records[i].as_dict()) fields.insert(key);
    EXPECT_EQ(fields, known);
  }
}

TEST(Generator, StateGoesOnMidStream) {
  Generator generator(42);
  generator.spawn(3);
  generator.integers(10);  // leaves the high half of a draw in the buffer
  generator.standard_normal();
  Generator restored = Generator::from_state(generator.state());
  EXPECT_EQ(restored, generator);

  // the buffered half, the 64-bit stream and the number of children are all restored
  EXPECT_EQ(restored.next_uint32(), generator.next_uint32());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(restored.next_uint64(), generator.next_uint64());
  EXPECT_EQ(restored.spawn(1)[0].random(), generator.spawn(1)[0].random());
  EXPECT_EQ(restored, generator);

  // also for a spawned child and a long seed
  const Generator child = Generator(SeedSequence({1, 2, 3, 4, 5, 6})).spawn(2)[1].spawn(1)[0];
  EXPECT_EQ(Generator::from_state(child.state()), child);
}

TEST(Generator, EqualityTellsStreamsApart) {
  Generator a(7), b(7);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, Generator(8));
  a.next_uint32();
  EXPECT_NE(a, b);
  b.next_uint64();
  EXPECT_NE(a, b);  // same position in the raw stream, but one has a buffered half
  Generator c(7);
  c.spawn(1);
  EXPECT_NE(c, Generator(7));  // their next children differ
}

TEST(Generator, CopiesGoOnAlikeAndApart) {
  Generator original(3);
  original.next_uint32();
  Generator copy = original;
  std::vector<double> first, second;
  for (int i = 0; i < 5; ++i) first.push_back(original.normal(0.0, 1.0) + static_cast<double>(original.integers(6)));
  for (int i = 0; i < 5; ++i) second.push_back(copy.normal(0.0, 1.0) + static_cast<double>(copy.integers(6)));
  EXPECT_EQ(first, second);
  copy.random();
  EXPECT_NE(copy, original);
}

TEST(Generator, SpawnedStreamsDiffer) {
  Generator parent(0);
  std::set<std::uint64_t> firsts{Generator(0).next_uint64()};
  for (Generator& child : parent.spawn(50)) firsts.insert(child.next_uint64());
  for (Generator& child : parent.spawn(50)) firsts.insert(child.next_uint64());
  EXPECT_EQ(firsts.size(), 101u);
  EXPECT_EQ(parent.bits(), Generator(0).bits());  // spawning does not draw
}

// A seed as words: 2^32 is {0, 1}, and a list of words equals the integer that it represents.
TEST(SeedSequence, SeedAndWordsAgree) {
  EXPECT_EQ(SeedSequence(std::uint64_t{1} << 32).entropy(), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(SeedSequence(0).entropy(), (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(SeedSequence(std::uint64_t{1} << 32).generate_state(8), SeedSequence({0, 1}).generate_state(8));
}

TEST(Generator, EmptyDrawsLeaveTheStreamAlone) {
  Generator generator(5);
  EXPECT_EQ(generator.integers(4, 5), 4);
  EXPECT_EQ(generator.integers_array(0, 9, Shape{0}, DType::kInt8).size(), 0u);
  EXPECT_EQ(generator.integers_array(3, 3, Shape{2}, DType::kUInt8), Array::of<std::uint8_t>({3, 3}));
  EXPECT_TRUE(generator.permutation(0).empty());
  EXPECT_EQ(generator.permutation(1), (std::vector<std::int64_t>{0}));
  EXPECT_TRUE(generator.choice_without_replacement(5, 0).empty());
  EXPECT_EQ(generator, Generator(5));
}

TEST(Generator, IntegersReachTheEndsOfTheirType) {
  Generator generator(1), raw(1);
  constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  const Array whole = generator.integers_array(kMin, kMax, Shape{4}, DType::kInt64);
  // over the full range: a raw draw, shifted to begin at the minimum
  for (const std::int64_t value : whole.data<std::int64_t>()) {
    EXPECT_EQ(static_cast<std::uint64_t>(value), raw.next_uint64() + (std::uint64_t{1} << 63));
  }
  for (int i = 0; i < 100; ++i) EXPECT_LT(generator.integers(kMin, kMin + 3), kMin + 3);
}

TEST(Generator, GeometricFollowsItsLaw) {
  Generator generator(11);
  for (const double p : {0.05, 0.25, 0.5, 0.9, 1.0}) {
    constexpr int kDraws = 20000;
    double sum = 0.0, ones = 0.0;
    for (int i = 0; i < kDraws; ++i) {
      const std::int64_t trials = generator.geometric(p);
      ASSERT_GE(trials, 1);
      sum += static_cast<double>(trials);
      ones += trials == 1;
    }
    // mean 1/p with standard deviation sqrt(1-p)/p, and P(1) = p: both within five standard errors
    const double root = std::sqrt(static_cast<double>(kDraws));
    EXPECT_NEAR(sum / kDraws, 1.0 / p, 5.0 * std::sqrt(1.0 - p) / p / root + 1e-12) << p;
    EXPECT_NEAR(ones / kDraws, p, 5.0 * std::sqrt(p * (1.0 - p)) / root + 1e-12) << p;
  }
}

TEST(Generator, RefusesWhatItCannotDraw) {
  Generator generator(0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(generator.integers(3, 3), InvalidArgument);
  EXPECT_THROW(generator.integers(4, 3), InvalidArgument);
  EXPECT_THROW(generator.integers(0), InvalidArgument);
  EXPECT_THROW(generator.integers_array(1, 0, Shape{1}, DType::kInt64), InvalidArgument);
  EXPECT_THROW(generator.integers_array(0, 256, Shape{1}, DType::kUInt8), InvalidArgument);
  EXPECT_THROW(generator.integers_array(-129, 0, Shape{1}, DType::kInt8), InvalidArgument);
  EXPECT_THROW(generator.integers_array(0, 2, Shape{1}, DType::kBool), InvalidArgument);
  EXPECT_THROW(generator.integers_array(-1, 2, Shape{1}, DType::kUInt64), InvalidArgument);
  EXPECT_THROW(generator.integers_array(0, 1, Shape{1}, DType::kFloat32), InvalidArgument);
  EXPECT_THROW(generator.integers_uint64(1, 0, Shape{1}), InvalidArgument);
  EXPECT_THROW(generator.choice(0), InvalidArgument);
  EXPECT_THROW(generator.choice(std::vector<double>{}), InvalidArgument);
  EXPECT_THROW(generator.choice(std::vector<double>{0.5, 0.4}), InvalidArgument);
  EXPECT_THROW(generator.choice(std::vector<double>{1.5, -0.5}), InvalidArgument);
  EXPECT_THROW(generator.choice(std::vector<double>{nan, 1.0}), InvalidArgument);
  EXPECT_THROW(generator.choice_without_replacement(3, 4), InvalidArgument);
  EXPECT_THROW(generator.choice_without_replacement(3, -1), InvalidArgument);
  EXPECT_THROW(generator.permutation(-1), InvalidArgument);
  EXPECT_THROW(generator.normal(0.0, -1.0), InvalidArgument);
  EXPECT_THROW(generator.normal(0.0, nan), InvalidArgument);
  EXPECT_THROW(generator.exponential(-1.0), InvalidArgument);
  EXPECT_THROW(generator.geometric(0.0), InvalidArgument);
  EXPECT_THROW(generator.geometric(1.5), InvalidArgument);
  EXPECT_THROW(generator.geometric(nan), InvalidArgument);
  EXPECT_EQ(generator, Generator(0));  // a rejected call does not draw
}

// Probabilities within NumPy's tolerance are normalised, so that no draw exceeds the last cumulative probability.
TEST(Generator, ChoiceToleratesRoundedProbabilities) {
  Generator generator(2);
  const std::vector<double> p{0.1, 0.2, 0.7 - 1e-9, 0.0};
  for (int i = 0; i < 10000; ++i) EXPECT_LT(generator.choice(p), 3);
}

TEST(Generator, RefusesAStateThatIsNone) {
  Generator generator(9);
  generator.next_uint32();
  const std::vector<std::uint32_t> good = generator.state();
  EXPECT_THROW(Generator::from_state({}), InvalidArgument);

  // truncated at any position, or with an extra word
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_THROW(Generator::from_state(std::span(good).first(length)), InvalidArgument) << length;
  }
  std::vector<std::uint32_t> longer = good;
  longer.push_back(0);
  EXPECT_THROW(Generator::from_state(longer), InvalidArgument);

  // another tag, a huge length, an even increment, an invalid buffer flag
  const auto changed = [&](std::size_t index, std::uint32_t word) {
    std::vector<std::uint32_t> words = good;
    words.at(index) = word;
    return words;
  };
  const std::size_t increment = good.size() - 6;
  EXPECT_THROW(Generator::from_state(changed(0, 1)), InvalidArgument);
  EXPECT_THROW(Generator::from_state(changed(1, 0xffffffffu)), InvalidArgument);
  EXPECT_THROW(Generator::from_state(changed(increment, good[increment] & ~1u)), InvalidArgument);
  EXPECT_THROW(Generator::from_state(changed(good.size() - 2, 2)), InvalidArgument);
  EXPECT_THROW(Generator::from_state(changed(good.size() - 2, 0)), InvalidArgument);
}

TEST(Generator, BytesWithABoundForEachColumnShareTheirDraws) {
  // equal bounds give the same draws as one array; a bound of 0 does not draw
  Generator one(7), other(7), third(7);
  const Array array = one.integers_array(0, 99, Shape{15}, DType::kUInt8);
  const std::uint8_t equal[] = {99, 99, 99}, gaps[] = {99, 0, 99, 99};
  const auto numbers = array.data<std::uint8_t>();
  EXPECT_EQ(other.integers_uint8(equal, 5), std::vector<std::uint8_t>(numbers.begin(), numbers.end()));
  const std::vector<std::uint8_t> gapped = third.integers_uint8(gaps, 5);
  for (std::size_t row = 0; row < 5; ++row) {
    EXPECT_EQ(gapped[4 * row], numbers[3 * row]);
    EXPECT_EQ(gapped[4 * row + 1], 0);
    EXPECT_EQ(gapped[4 * row + 3], numbers[3 * row + 2]);
  }
  EXPECT_EQ(one, other);
  EXPECT_EQ(one, third);
}

}  // namespace
}  // namespace ludus
