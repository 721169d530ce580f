// NumPy's random numbers, bit for bit: SeedSequence, PCG64 and the methods of numpy.random.Generator.
//
// Sources: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms
// for Random Number Generation" (2014), PCG XSL-RR 128/64; D. Lemire, "Fast Random Integer Generation
// in an Interval" (2019); G. Marsaglia and W. W. Tsang, "The Ziggurat Method" (2000). Behaviour is that
// of NumPy 1.24 and 2.x, whose streams agree.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/array.h"

namespace ludus::envs {

// Turns a seed of any size into well-mixed words, and spawns independent children.
class SeedSequence {
 public:
  explicit SeedSequence(std::uint64_t seed);
  // `entropy`: little-endian 32-bit words; `spawn_key`: the path from the root to this child.
  explicit SeedSequence(std::vector<std::uint32_t> entropy, std::vector<std::uint32_t> spawn_key = {});

  std::vector<std::uint32_t> generate_state(std::size_t words) const;
  std::vector<std::uint64_t> generate_state64(std::size_t words) const;

  // `n` children, different from each other and from those of earlier calls.
  std::vector<SeedSequence> spawn(std::size_t n);

  std::span<const std::uint32_t, 4> pool() const { return pool_; }

  // Everything a copy needs (entropy, spawn key, children so far).
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

// PCG XSL-RR 128/64.
class Pcg64 {
 public:
  __extension__ typedef unsigned __int128 Word;

  explicit Pcg64(const SeedSequence& seed);
  Pcg64(Word state, Word increment) : state_(state), increment_(increment) {}

  std::uint64_t next();
  Word state() const { return state_; }
  Word increment() const { return increment_; }

  friend bool operator==(const Pcg64&, const Pcg64&) = default;

 private:
  Word state_;
  Word increment_;
};

// numpy.random.Generator(PCG64(SeedSequence(seed))). A value type: a copy goes on with the same stream.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : Generator(SeedSequence(seed)) {}
  explicit Generator(SeedSequence seed);

  std::uint64_t next_uint64() { return bits_.next(); }
  // Half of a 64-bit draw, the low one first; the high one waits for the next call.
  std::uint32_t next_uint32();

  double random();                          // in [0, 1), 53 bits
  float random_float32();                   // in [0, 1), 24 bits of one 32-bit draw
  double uniform(double low, double high);  // low + (high - low) random()
  double standard_normal();                 // ziggurat
  double normal(double mean, double deviation);
  double standard_exponential();  // ziggurat
  double exponential(double scale);

  // An integer in [low, high), by Lemire's method, as Generator.integers(low, high) of int64.
  // Throws InvalidArgument unless low < high.
  std::int64_t integers(std::int64_t low, std::int64_t high);
  std::int64_t integers(std::int64_t high) { return integers(0, high); }

  // Generator.integers(low, high, size, dtype, endpoint=True): `inclusive_high` may be drawn. The 8- and 16-bit
  // types split 32-bit draws as NumPy does, and bool takes one bit each; that buffer ends with the call.
  Array integers_array(std::int64_t low, std::int64_t inclusive_high, Shape shape, DType dtype);

  // choice(n) and choice(n, p=p); the probabilities must sum to 1 within 1e-8 (else InvalidArgument).
  std::int64_t choice(std::int64_t n);
  std::int64_t choice(std::span<const double> probabilities);

  // In place, by NumPy's masked rejection.
  void shuffle(std::span<std::int64_t> values);
  std::vector<std::int64_t> permutation(std::int64_t n);

  // Geometric distribution: trials up to and including the first success, p in (0, 1].
  std::int64_t geometric(double p);

  // `n` independent generators, as Generator.spawn.
  std::vector<Generator> spawn(std::size_t n);

  // All there is to restore: see from_state. A flat list of 32-bit words, of any length.
  std::vector<std::uint32_t> state() const;
  // Throws InvalidArgument if `words` is not what state() gives.
  static Generator from_state(std::span<const std::uint32_t> words);

  const Pcg64& bits() const { return bits_; }

  friend bool operator==(const Generator& a, const Generator& b) { return a.state() == b.state(); }

 private:
  SeedSequence seed_;
  Pcg64 bits_;
  std::optional<std::uint32_t> buffered_;  // the high half that waits
};

}  // namespace ludus::envs
