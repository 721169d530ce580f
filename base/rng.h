// NumPy's random number generation, bit for bit: SeedSequence, PCG64 and the methods of numpy.random.Generator.
//
// Sources: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
// Generation" (2014), PCG XSL-RR 128/64; D. Lemire, "Fast Random Integer Generation in an Interval" (2019); G.
// Marsaglia and W. W. Tsang, "The Ziggurat Method" (2000). The streams match those of NumPy 1.24 and 2.x, which agree.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/array.h"
#include "base/value.h"

namespace ludus {

/// Mixes a seed of any size into high-quality words, and spawns independent child sequences.
class SeedSequence {
 public:
  explicit SeedSequence(std::uint64_t seed);
  /// `entropy`: little-endian 32-bit words; `spawn_key`: the path from the root to this child.
  explicit SeedSequence(std::vector<std::uint32_t> entropy, std::vector<std::uint32_t> spawn_key = {});

  std::vector<std::uint32_t> generate_state(std::size_t words) const;
  std::vector<std::uint64_t> generate_state64(std::size_t words) const;

  /// Returns `n` children, different from each other and from those of earlier calls.
  std::vector<SeedSequence> spawn(std::size_t n);

  std::span<const std::uint32_t, 4> pool() const { return pool_; }

  /// Together these restore a copy: entropy, spawn key and the number of children spawned.
  const std::vector<std::uint32_t>& entropy() const { return entropy_; }
  const std::vector<std::uint32_t>& spawn_key() const { return spawn_key_; }
  std::uint32_t children() const { return children_; }
  void set_children(std::uint32_t children) { children_ = children; }

 private:
  std::vector<std::uint32_t> entropy_;
  std::vector<std::uint32_t> spawn_key_;
  std::uint32_t children_ = 0;
  std::array<std::uint32_t, 4> pool_{};
};

/// The PCG XSL-RR 128/64 bit generator.
class Pcg64 {
 public:
  __extension__ typedef unsigned __int128 Word;

  explicit Pcg64(const SeedSequence& seed);
  Pcg64(Word state, Word increment) : state_(state), increment_(increment) {}

  std::uint64_t next() {
    constexpr Word kMultiplier = (Word{0x2360ED051FC65DA4u} << 64) | 0x4385DF649FCCF645u;
    state_ = state_ * kMultiplier + increment_;
    const auto folded = static_cast<std::uint64_t>(state_ >> 64) ^ static_cast<std::uint64_t>(state_);
    return std::rotr(folded, static_cast<int>(state_ >> 122));
  }
  Word state() const { return state_; }
  Word increment() const { return increment_; }

  friend bool operator==(const Pcg64&, const Pcg64&) = default;

 private:
  Word state_;
  Word increment_;
};

/// Equivalent of numpy.random.Generator(PCG64(SeedSequence(seed))). A value type: a copy continues the same stream.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : Generator(SeedSequence(seed)) {}
  explicit Generator(SeedSequence seed);

  std::uint64_t next_uint64() { return bits_.next(); }
  /// Returns half of a 64-bit draw, the low half first; the high half is buffered for the next call.
  std::uint32_t next_uint32() {
    if (buffered_) {
      const std::uint32_t high = *buffered_;
      buffered_.reset();
      return high;
    }
    const std::uint64_t both = next_uint64();
    buffered_ = static_cast<std::uint32_t>(both >> 32);
    return static_cast<std::uint32_t>(both);
  }

  double random() { return static_cast<double>(next_uint64() >> 11) * 0x1p-53; }        // in [0, 1), 53 bits
  float random_float32() { return static_cast<float>(next_uint32() >> 8) * 0x1p-24f; }  // in [0, 1), 24 bits
  double uniform(double low, double high) { return low + (high - low) * random(); }     // in [low, high)

  double standard_normal();         // ziggurat
  float standard_normal_float32();  // ziggurat with separate tables, from 32-bit draws
  double standard_exponential();    // ziggurat
  /// Both throw InvalidArgument if the standard deviation or scale is negative or NaN.
  double normal(double mean, double standard_deviation);
  double exponential(double scale);

  /// Returns an integer in [low, high) by Lemire's method, as Generator.integers(low, high) with dtype int64. Throws
  /// InvalidArgument unless low < high.
  std::int64_t integers(std::int64_t low, std::int64_t high);
  std::int64_t integers(std::int64_t high) { return integers(0, high); }

  /// Equivalent of Generator.integers(low, high, size, dtype, endpoint=True), with `inclusive_high` included. As in
  /// NumPy, the 8- and 16-bit types split 32-bit draws and bool takes one bit of a draw; unused bits are discarded at
  /// the end of the call. Throws InvalidArgument if low > inclusive_high, a bound does not fit `dtype`, or `dtype` is
  /// floating-point.
  Array integers_array(std::int64_t low, std::int64_t inclusive_high, Shape shape, DType dtype);
  /// Equivalent of integers(0, inclusive_highs, size=(rows, inclusive_highs.size()), dtype=uint8, endpoint=True),
  /// row-major, with one bound per column.
  std::vector<std::uint8_t> integers_uint8(std::span<const std::uint8_t> inclusive_highs, std::size_t rows);
  /// Equivalent of integers_array() with dtype uint64, for bounds that may exceed int64.
  Array integers_uint64(std::uint64_t low, std::uint64_t inclusive_high, Shape shape);

  /// Equivalents of choice(n) and choice(n, p=p); return an index. Throw InvalidArgument unless n >= 1, and unless the
  /// probabilities are non-negative and sum to 1 within 1.5e-8 (NumPy's tolerance, the square root of the double
  /// epsilon).
  std::int64_t choice(std::int64_t n);
  std::int64_t choice(std::span<const double> probabilities);
  /// Equivalent of choice(n, size, replace=False, shuffle=shuffle); returns distinct indices. Without `shuffle` their
  /// order is not uniformly random. Throws InvalidArgument unless 0 <= size <= n.
  std::vector<std::int64_t> choice_without_replacement(std::int64_t n, std::int64_t size, bool shuffle = true);

  /// Shuffles in place, from the last element down, by NumPy's masked rejection (not Lemire's method).
  template <class T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[masked(i)]);
  }
  void shuffle(std::span<std::int64_t> values) { shuffle<std::int64_t>(values); }
  /// Returns 0, …, n-1 in random order. Throws InvalidArgument if n is negative.
  std::vector<std::int64_t> permutation(std::int64_t n);

  /// Samples the geometric distribution: the number of trials up to and including the first success. Throws
  /// InvalidArgument unless 0 < p <= 1.
  std::int64_t geometric(double p);

  /// Returns `n` independent generators, as Generator.spawn.
  std::vector<Generator> spawn(std::size_t n);

  /// Returns the complete state as a list of 32-bit words of variable length; see from_state().
  std::vector<std::uint32_t> state() const;
  /// Throws InvalidArgument if `words` is not a valid result of state().
  static Generator from_state(std::span<const std::uint32_t> words);

  const Pcg64& bits() const { return bits_; }

  friend bool operator==(const Generator& a, const Generator& b) { return a.state() == b.state(); }

 private:
  std::uint64_t bounded(std::uint64_t range);  // in [0, range], Lemire's method
  std::uint64_t masked(std::uint64_t range);   // in [0, range], masked rejection

  SeedSequence seed_;
  Pcg64 bits_;
  std::optional<std::uint32_t> buffered_;  // the buffered high half of a draw
};

/// Equivalent of Gymnasium's categorical_sample: returns the first index at which the cumulative probability exceeds
/// one random(), or 0 if none does. Unlike Generator::choice, it neither checks nor normalises the probabilities.
std::size_t categorical_sample(std::span<const double> probabilities, Generator& random);

/// Convert a generator to and from a Value, for saved states.
Value generator_to_value(const Generator& generator);
Generator generator_from_value(const Value& value);

/// Returns a seed from the operating system's entropy source.
std::uint64_t entropy_seed();

}  // namespace ludus
