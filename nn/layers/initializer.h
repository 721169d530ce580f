// Initialisers of parameters, sampled with the library's generator, so that a seed gives the same network on every
// device and with every version of torch. This header does not include torch.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/rng.h"
#include "base/value.h"

namespace ludus::nn {

/// The numbers of inputs and outputs that a weight connects, kernel positions included.
struct Fans {
  std::int64_t in = 1;
  std::int64_t out = 1;
};

/// How a parameter is initialised. In a description it is its name, with its number in parentheses where it has one:
/// "he_normal", "normal(0.02)".
struct Initializer {
  enum class Kind : std::uint8_t {
    kZeros,
    kOnes,
    kConstant,         ///< constant(value)
    kUniform,          ///< uniform(bound): uniform in ±bound
    kNormal,           ///< normal(std)
    kTruncatedNormal,  ///< truncated_normal(std): normal, sampled again outside two standard deviations (TensorFlow's)
    kFanInUniform,     ///< uniform in ±sqrt(1 / fan_in): torch's default for weights and biases
    kGlorotUniform,    ///< uniform in ±sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010)
    kGlorotNormal,     ///< normal, std sqrt(2 / (fan_in + fan_out))
    kHeUniform,        ///< uniform in ±sqrt(6 / fan_in) (He et al. 2015, arXiv:1502.01852)
    kHeNormal,         ///< normal, std sqrt(2 / fan_in)
    kLecunUniform,     ///< uniform in ±sqrt(3 / fan_in) (LeCun et al. 1998, Efficient BackProp)
    kLecunNormal,      ///< normal, std sqrt(1 / fan_in)
    kOrthogonal,  ///< orthogonal, orthogonal(gain): orthonormal rows or columns (Saxe et al. 2014, arXiv:1312.6120)
  };

  Kind kind = Kind::kFanInUniform;
  double value = 0.0;  // the constant, bound, standard deviation or gain; 0 for kinds without one

  static Initializer zeros() { return {.kind = Kind::kZeros}; }
  static Initializer ones() { return {.kind = Kind::kOnes}; }
  static Initializer constant(double value) { return {.kind = Kind::kConstant, .value = value}; }
  static Initializer uniform(double bound) { return {.kind = Kind::kUniform, .value = bound}; }
  static Initializer normal(double std) { return {.kind = Kind::kNormal, .value = std}; }
  static Initializer truncated_normal(double std) { return {.kind = Kind::kTruncatedNormal, .value = std}; }
  static Initializer orthogonal(double gain = 1.0) { return {.kind = Kind::kOrthogonal, .value = gain}; }

  /// Parses a name such as "normal(0.02)". Throws InvalidArgument with the list of names and a suggestion.
  static Initializer parse(std::string_view text);
  /// Returns the inverse of parse().
  std::string to_string() const;

  friend bool operator==(const Initializer&, const Initializer&) = default;
};

/// Convert an initialiser field of a configuration (base/fields.h) from and to its text.
void read_field(const Value& value, Initializer& field);
Value show_field(const Initializer& field);

/// Fills `values`, a row-major tensor of shape `shape`. An orthogonal matrix is (first extent x rest). Throws
/// InvalidArgument for an orthogonal initialisation of fewer than 2 dimensions.
void initialize(std::span<float> values, const Shape& shape, const Initializer& initializer, const Fans& fans,
                Generator& random);

}  // namespace ludus::nn
