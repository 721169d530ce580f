#include "base/rng.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <string>

#include "base/format.h"
#include "base/ziggurat.h"

namespace ludus {
namespace {

// The constants of SeedSequence, which follows M. E. O'Neill's "Developing a seed_seq Alternative" (2015).
constexpr std::uint32_t kInitA = 0x43b0d7e5u, kMultA = 0x931e8875u;  // hash constants for filling the pool
constexpr std::uint32_t kInitB = 0x8b51f9ddu, kMultB = 0x58f38dedu;  // hash constants for reading the pool
constexpr std::uint32_t kMixL = 0xca01f9ddu, kMixR = 0x4973f715u;    // constants for mixing two words
constexpr std::uint32_t kHalfWord = 16;
constexpr std::size_t kPoolWords = 4;

// Multiplicative hash with a constant that changes at every use.
class Hash {
 public:
  Hash(std::uint32_t start, std::uint32_t multiplier) : constant_(start), multiplier_(multiplier) {}
  std::uint32_t operator()(std::uint32_t value) {
    value ^= constant_;
    constant_ *= multiplier_;
    value *= constant_;
    return value ^ (value >> kHalfWord);
  }

 private:
  std::uint32_t constant_, multiplier_;
};

std::uint32_t mix(std::uint32_t x, std::uint32_t y) {
  const std::uint32_t result = kMixL * x - kMixR * y;
  return result ^ (result >> kHalfWord);
}

// Returns the little-endian words of a number, without leading zeros but at least one word.
std::vector<std::uint32_t> words_of(std::uint64_t number) {
  std::vector<std::uint32_t> words{static_cast<std::uint32_t>(number)};
  if (number >> 32 != 0) words.push_back(static_cast<std::uint32_t>(number >> 32));
  return words;
}

// Lemire (2019), algorithm 5: the high word of draw() * (range + 1). Draws with a low word in the incomplete last cycle
// are rejected. `Word` is the type of a draw, `Wide` holds a product of two.
template <class Word, class Wide, class Draw>
Word lemire(Word range, Draw&& draw) {
  constexpr int kBits = std::numeric_limits<Word>::digits;
  const auto count = static_cast<Word>(range + 1);
  auto product = static_cast<Wide>(Wide{draw()} * count);
  if (static_cast<Word>(product) < count) {
    const auto threshold = static_cast<Word>(static_cast<Word>(std::numeric_limits<Word>::max() - range) % count);
    while (static_cast<Word>(product) < threshold) product = static_cast<Wide>(Wide{draw()} * count);
  }
  return static_cast<Word>(product >> kBits);
}

// Splits 32-bit draws into pieces of `bits`, lowest first.
class Pieces {
 public:
  Pieces(Generator& generator, int bits) : generator_(generator), bits_(bits) {}
  std::uint32_t next() {
    if (left_ == 0) {
      word_ = generator_.next_uint32();
      left_ = 32 / bits_;
    } else {
      word_ >>= bits_;
    }
    --left_;
    return word_ & ((1u << bits_) - 1u);
  }

 private:
  Generator& generator_;
  int bits_;
  int left_ = 0;
  std::uint32_t word_ = 0;
};

// Compensated summation (Kahan 1965), as NumPy uses to check probabilities.
double kahan_sum(std::span<const double> values) {
  double sum = 0.0, carry = 0.0;
  for (const double value : values) {
    const double y = value - carry;
    const double t = sum + y;
    carry = (t - sum) - y;
    sum = t;
  }
  return sum;
}

}  // namespace

SeedSequence::SeedSequence(std::uint64_t seed) : SeedSequence(words_of(seed)) {}

SeedSequence::SeedSequence(std::vector<std::uint32_t> entropy, std::vector<std::uint32_t> spawn_key)
    : entropy_(std::move(entropy)), spawn_key_(std::move(spawn_key)) {
  // pad a short seed to four words before the spawn key; otherwise it would equal a longer seed
  std::vector<std::uint32_t> words = entropy_;
  if (!spawn_key_.empty()) words.resize(std::max(words.size(), kPoolWords), 0);
  words.insert(words.end(), spawn_key_.begin(), spawn_key_.end());

  Hash hash(kInitA, kMultA);
  for (std::size_t i = 0; i < kPoolWords; ++i) pool_[i] = hash(i < words.size() ? words[i] : 0);

  // mix every word of the pool into every other, then the remaining entropy into all of them
  for (std::size_t from = 0; from < kPoolWords; ++from) {
    for (std::size_t to = 0; to < kPoolWords; ++to) {
      if (from != to) pool_[to] = mix(pool_[to], hash(pool_[from]));
    }
  }
  for (std::size_t from = kPoolWords; from < words.size(); ++from) {
    for (std::uint32_t& word : pool_) word = mix(word, hash(words[from]));
  }
}

std::vector<std::uint32_t> SeedSequence::generate_state(std::size_t words) const {
  std::vector<std::uint32_t> state(words);
  Hash hash(kInitB, kMultB);
  for (std::size_t i = 0; i < words; ++i) state[i] = hash(pool_[i % kPoolWords]);
  return state;
}

std::vector<std::uint64_t> SeedSequence::generate_state64(std::size_t words) const {
  const std::vector<std::uint32_t> halves = generate_state(2 * words);
  std::vector<std::uint64_t> state(words);
  for (std::size_t i = 0; i < words; ++i) state[i] = halves[2 * i] | (std::uint64_t{halves[2 * i + 1]} << 32);
  return state;
}

std::vector<SeedSequence> SeedSequence::spawn(std::size_t n) {
  std::vector<SeedSequence> result;
  result.reserve(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<std::uint32_t> key = spawn_key_;
    key.push_back(children_++);
    result.emplace_back(entropy_, std::move(key));
  }
  return result;
}

// O'Neill's srandom: step once from 0, add the initial state, step once more.
Pcg64::Pcg64(const SeedSequence& seed) : state_(0), increment_(0) {
  const std::vector<std::uint64_t> words = seed.generate_state64(4);
  const Word initial = (Word{words[0]} << 64) | words[1];
  increment_ = (((Word{words[2]} << 64) | words[3]) << 1) | 1u;
  next();
  state_ += initial;
  next();
}

Generator::Generator(SeedSequence seed) : seed_(std::move(seed)), bits_(seed_) {}

double Generator::standard_normal() {
  const ZigguratTables& tables = normal_tables();
  while (true) {
    // eight bits for the layer, one for the sign, 52 for the position
    std::uint64_t draw = next_uint64();
    const std::size_t layer = draw & 0xff;
    draw >>= 8;
    const std::uint64_t position = (draw >> 1) & 0x000fffffffffffffu;
    const double magnitude = static_cast<double>(position) * tables.width[layer];
    const double x = (draw & 1) ? -magnitude : magnitude;
    if (position < tables.inside[layer]) return x;

    if (layer == 0) {
      // tail beyond r: Marsaglia (1964), with exponential proposals
      while (true) {
        const double beyond = -(1.0 / kNormalR) * std::log1p(-random());
        const double y = -std::log1p(-random());
        if (y + y > beyond * beyond) return ((position >> 8) & 1) ? -(kNormalR + beyond) : kNormalR + beyond;
      }
    }
    // in the wedge between the layer's rectangle and the curve
    const double height = (tables.density[layer - 1] - tables.density[layer]) * random() + tables.density[layer];
    if (height < std::exp(-0.5 * x * x)) return x;
  }
}

// As standard_normal(), with 23 bits of position and single-precision arithmetic.
float Generator::standard_normal_float32() {
  const ZigguratTables32& tables = normal_tables32();
  constexpr float kR = static_cast<float>(kNormalR), kInverseR = static_cast<float>(1.0 / kNormalR);
  while (true) {
    const std::uint32_t draw = next_uint32();
    const std::size_t layer = draw & 0xff;
    const std::uint32_t position = (draw >> 9) & 0x007fffffu;
    const float magnitude = static_cast<float>(position) * tables.width[layer];
    const float x = ((draw >> 8) & 1) ? -magnitude : magnitude;
    if (position < tables.inside[layer]) return x;

    if (layer == 0) {
      while (true) {
        const float beyond = -kInverseR * std::log1p(-random_float32());
        const float y = -std::log1p(-random_float32());
        if (y + y > beyond * beyond) return ((position >> 8) & 1) ? -(kR + beyond) : kR + beyond;
      }
    }
    const float height = (tables.density[layer - 1] - tables.density[layer]) * random_float32() + tables.density[layer];
    if (static_cast<double>(height) < std::exp(-0.5 * static_cast<double>(x) * static_cast<double>(x))) return x;
  }
}

double Generator::standard_exponential() {
  const ZigguratTables& tables = exponential_tables();
  while (true) {
    // three bits unused, eight for the layer, 53 for the position
    const std::uint64_t draw = next_uint64() >> 3;
    const std::size_t layer = draw & 0xff;
    const std::uint64_t position = draw >> 8;
    const double x = static_cast<double>(position) * tables.width[layer];
    if (position < tables.inside[layer]) return x;
    if (layer == 0) return kExponentialR - std::log1p(-random());  // the tail is exponential as well
    const double height = (tables.density[layer - 1] - tables.density[layer]) * random() + tables.density[layer];
    if (height < std::exp(-x)) return x;
  }
}

double Generator::normal(double mean, double standard_deviation) {
  if (!(standard_deviation >= 0.0)) {
    throw InvalidArgument(formatted("normal: the standard deviation must be at least 0, got {}", standard_deviation));
  }
  return mean + standard_deviation * standard_normal();
}

double Generator::exponential(double scale) {
  if (!(scale >= 0.0)) {
    throw InvalidArgument(formatted("exponential: the scale must be at least 0, got {}", scale));
  }
  return scale * standard_exponential();
}

std::uint64_t Generator::bounded(std::uint64_t range) {
  constexpr std::uint64_t kMax32 = std::numeric_limits<std::uint32_t>::max();
  if (range == 0) return 0;  // a single value needs no draw
  if (range == kMax32) return next_uint32();
  if (range < kMax32) {
    return lemire<std::uint32_t, std::uint64_t>(static_cast<std::uint32_t>(range), [this] { return next_uint32(); });
  }
  if (range == std::numeric_limits<std::uint64_t>::max()) return next_uint64();
  return lemire<std::uint64_t, Pcg64::Word>(range, [this] { return next_uint64(); });
}

std::uint64_t Generator::masked(std::uint64_t range) {
  if (range == 0) return 0;
  const std::uint64_t mask = ~std::uint64_t{0} >> std::countl_zero(range);
  while (true) {
    const std::uint64_t value = mask & (range > 0xffffffffu ? next_uint64() : next_uint32());
    if (value <= range) return value;
  }
}

std::int64_t Generator::integers(std::int64_t low, std::int64_t high) {
  if (low >= high) {
    throw InvalidArgument(formatted("integers: low must be below high, got [{}, {})", low, high));
  }
  // modulo 2^64, where the difference of any two int64 fits
  const std::uint64_t range = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) - 1;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + bounded(range));
}

Array Generator::integers_array(std::int64_t low, std::int64_t inclusive_high, Shape shape, DType dtype) {
  if (low > inclusive_high) {
    throw InvalidArgument(formatted("integers: low must not exceed high, got [{}, {}]", low, inclusive_high));
  }
  if (is_floating(dtype)) {
    throw InvalidArgument(formatted("integers: the dtype must be bool or an integer type, got {}", name_of(dtype)));
  }
  Array result(dtype, shape);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_floating_point_v<T>) {
      if (!std::in_range<std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>>(low) ||
          !std::in_range<std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>>(inclusive_high) ||
          (std::is_same_v<T, bool> && inclusive_high > 1)) {
        throw InvalidArgument(
            formatted("integers: both bounds must fit {}, got [{}, {}]", name_of(dtype), low, inclusive_high));
      }
      const std::uint64_t start = static_cast<std::uint64_t>(low);
      const std::uint64_t range = static_cast<std::uint64_t>(inclusive_high) - start;
      const std::span<T> values = result.data<T>();
      if constexpr (sizeof(T) > 2) {
        for (T& value : values) value = static_cast<T>(start + bounded(range));
      } else if (range == 0) {
        std::fill(values.begin(), values.end(), static_cast<T>(low));
      } else if constexpr (std::is_same_v<T, bool>) {
        Pieces pieces(*this, 1);
        for (T& value : values) value = pieces.next() != 0;
      } else {
        using Word = std::make_unsigned_t<T>;
        Pieces pieces(*this, std::numeric_limits<Word>::digits);
        const auto draw = [&] { return static_cast<Word>(pieces.next()); };
        const bool whole = range == std::numeric_limits<Word>::max();
        for (T& value : values) {
          const Word offset = whole ? draw() : lemire<Word, std::uint32_t>(static_cast<Word>(range), draw);
          value = static_cast<T>(start + offset);
        }
      }
    }
  });
  return result;
}

std::vector<std::uint8_t> Generator::integers_uint8(std::span<const std::uint8_t> inclusive_highs, std::size_t rows) {
  Pieces pieces(*this, std::numeric_limits<std::uint8_t>::digits);
  const auto draw = [&] { return static_cast<std::uint8_t>(pieces.next()); };
  std::vector<std::uint8_t> values;
  values.reserve(rows * inclusive_highs.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (const std::uint8_t high : inclusive_highs) {
      const bool whole = high == std::numeric_limits<std::uint8_t>::max();
      values.push_back(high == 0 ? std::uint8_t{0} : whole ? draw() : lemire<std::uint8_t, std::uint32_t>(high, draw));
    }
  }
  return values;
}

Array Generator::integers_uint64(std::uint64_t low, std::uint64_t inclusive_high, Shape shape) {
  if (low > inclusive_high) {
    throw InvalidArgument(formatted("integers: low must not exceed high, got [{}, {}]", low, inclusive_high));
  }
  Array result(DType::kUInt64, shape);
  for (std::uint64_t& value : result.data<std::uint64_t>()) value = low + bounded(inclusive_high - low);
  return result;
}

std::int64_t Generator::choice(std::int64_t n) {
  if (n < 1) throw InvalidArgument(formatted("choice: the number of candidates must be at least 1, got {}", n));
  return integers(0, n);
}

std::int64_t Generator::choice(std::span<const double> probabilities) {
  if (probabilities.empty()) throw InvalidArgument("choice: there must be at least 1 probability, got none");
  for (const double p : probabilities) {
    if (!(p >= 0.0)) throw InvalidArgument(formatted("choice: each probability must be at least 0, got {}", p));
  }
  const double sum = kahan_sum(probabilities);
  if (!(std::abs(sum - 1.0) <= std::sqrt(std::numeric_limits<double>::epsilon()))) {
    throw InvalidArgument(formatted("choice: the probabilities must sum to 1, got a sum of {}", sum));
  }
  // the first index at which the normalised cumulative probability exceeds a uniform draw
  double total = 0.0;
  for (const double p : probabilities) total += p;
  const double u = random();
  double cumulative = 0.0;
  std::size_t i = 0;
  for (; i + 1 < probabilities.size(); ++i) {
    cumulative += probabilities[i];
    if (cumulative / total > u) break;
  }
  return static_cast<std::int64_t>(i);
}

std::vector<std::int64_t> Generator::choice_without_replacement(std::int64_t n, std::int64_t size, bool shuffle) {
  if (size < 0 || size > n) {
    throw InvalidArgument(
        formatted("choice without replacement: the size must lie in [0, {}], the number of candidates, got {}",
                  std::max<std::int64_t>(n, 0), size));
  }
  // Fisher-Yates shuffle from the end by Lemire's method, down to index `first`
  const auto swap_down = [this](std::span<std::int64_t> values, std::size_t first) {
    for (std::size_t i = values.size(); i-- > first;) std::swap(values[i], values[bounded(i)]);
  };

  // large sample of a large range: shuffle only the tail of the full range
  constexpr std::int64_t kLarge = 10000;
  if (n > kLarge && size > n / (shuffle ? 50 : 20)) {
    std::vector<std::int64_t> all(static_cast<std::size_t>(n));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    swap_down(all, static_cast<std::size_t>(std::max<std::int64_t>(n - size, 1)));
    return {all.end() - size, all.end()};
  }

  // otherwise Floyd's algorithm (Bentley and Floyd 1987): draw from [0, j], and use j if the drawn index is already
  // taken
  std::vector<std::int64_t> chosen;
  chosen.reserve(static_cast<std::size_t>(size));
  std::vector<std::int64_t> sorted;
  for (std::int64_t j = n - size; j < n; ++j) {
    auto value = static_cast<std::int64_t>(bounded(static_cast<std::uint64_t>(j)));
    if (std::binary_search(sorted.begin(), sorted.end(), value)) value = j;
    sorted.insert(std::upper_bound(sorted.begin(), sorted.end(), value), value);
    chosen.push_back(value);
  }
  if (shuffle) swap_down(chosen, 1);
  return chosen;
}

std::vector<std::int64_t> Generator::permutation(std::int64_t n) {
  if (n < 0) throw InvalidArgument(formatted("permutation: the number of elements must be at least 0, got {}", n));
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), std::int64_t{0});
  shuffle(std::span(values));
  return values;
}

std::int64_t Generator::geometric(double p) {
  if (!(p > 0.0 && p <= 1.0)) {
    throw InvalidArgument(formatted("geometric: the success probability must lie in (0, 1], got {}", p));
  }
  // few expected trials: search along the distribution function
  constexpr double kSearchFrom = 1.0 / 3.0;
  if (p >= kSearchFrom) {
    std::int64_t trials = 1;
    double term = p, cumulative = p;
    const double u = random();
    while (u > cumulative) {
      term *= 1.0 - p;
      cumulative += term;
      ++trials;
    }
    return trials;
  }
  // many expected trials: round up an exponential variate
  const double trials = std::ceil(-standard_exponential() / std::log1p(-p));
  return trials >= 0x1p63 ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(trials);
}

std::vector<Generator> Generator::spawn(std::size_t n) {
  std::vector<Generator> result;
  result.reserve(n);
  for (SeedSequence& child : seed_.spawn(n)) result.emplace_back(std::move(child));
  return result;
}

// Layout of a state: tag, length and words of the entropy, length and words of the spawn key, number of children
// spawned, PCG64's state and increment (four words each, low word first), 1 if half a draw is buffered and 0 otherwise,
// and the buffered half or 0.
namespace {

constexpr std::uint32_t kStateTag = 0x34366370u;  // "pc64" as little-endian characters

void put(std::vector<std::uint32_t>& words, const std::vector<std::uint32_t>& list) {
  words.push_back(static_cast<std::uint32_t>(list.size()));
  words.insert(words.end(), list.begin(), list.end());
}

void put(std::vector<std::uint32_t>& words, Pcg64::Word number) {
  for (int shift = 0; shift < 128; shift += 32) words.push_back(static_cast<std::uint32_t>(number >> shift));
}

class StateReader {
 public:
  explicit StateReader(std::span<const std::uint32_t> words) : words_(words) {}
  std::uint32_t word() {
    if (words_.empty()) fail("too few words");
    const std::uint32_t value = words_.front();
    words_ = words_.subspan(1);
    return value;
  }
  std::vector<std::uint32_t> list() {
    const std::size_t count = word();
    if (count > words_.size()) fail("too few words");
    std::vector<std::uint32_t> values(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(count));
    words_ = words_.subspan(count);
    return values;
  }
  Pcg64::Word number() {
    Pcg64::Word value = 0;
    for (int shift = 0; shift < 128; shift += 32) value |= Pcg64::Word{word()} << shift;
    return value;
  }
  void finish() const {
    if (!words_.empty()) fail("too many words");
  }
  [[noreturn]] static void fail(const char* fault) {
    throw InvalidArgument(
        formatted("state of a random generator: must be as Generator::state() returned it, got {}", fault));
  }

 private:
  std::span<const std::uint32_t> words_;
};

}  // namespace

std::vector<std::uint32_t> Generator::state() const {
  std::vector<std::uint32_t> words{kStateTag};
  put(words, seed_.entropy());
  put(words, seed_.spawn_key());
  words.push_back(seed_.children());
  put(words, bits_.state());
  put(words, bits_.increment());
  words.push_back(buffered_ ? 1 : 0);
  words.push_back(buffered_.value_or(0));
  return words;
}

Generator Generator::from_state(std::span<const std::uint32_t> words) {
  StateReader reader(words);
  if (reader.word() != kStateTag) reader.fail("another first word");
  std::vector<std::uint32_t> entropy = reader.list();
  std::vector<std::uint32_t> spawn_key = reader.list();
  SeedSequence seed(std::move(entropy), std::move(spawn_key));
  seed.set_children(reader.word());
  Generator generator(std::move(seed));

  const Pcg64::Word state = reader.number();
  const Pcg64::Word increment = reader.number();
  if ((increment & 1) == 0) reader.fail("an even increment");
  generator.bits_ = Pcg64(state, increment);

  const std::uint32_t buffered = reader.word(), half = reader.word();
  if (buffered > 1 || (buffered == 0 && half != 0)) reader.fail("a buffer that is neither empty nor full");
  if (buffered == 1) generator.buffered_ = half;
  reader.finish();
  return generator;
}

std::size_t categorical_sample(std::span<const double> probabilities, Generator& random) {
  const double u = random.random();
  double cumulative = 0.0;
  for (std::size_t i = 0; i < probabilities.size(); ++i) {
    cumulative += probabilities[i];
    if (cumulative > u) return i;
  }
  return 0;
}

Value generator_to_value(const Generator& generator) {
  const std::vector<std::uint32_t> words = generator.state();
  return Array::of(std::span<const std::uint32_t>(words));
}

Generator generator_from_value(const Value& value) {
  return Generator::from_state(value.as_array().data<std::uint32_t>());
}

std::uint64_t entropy_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace ludus
