#include "nn/layers/initializer.h"

#include <Eigen/QR>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

using Kind = Initializer::Kind;

struct InitializerRow {
  std::string_view name;
  bool has_value;
  double default_value;  // NaN: the value must be stated
};

// in the order of the enumeration
constexpr double kRequired = std::numeric_limits<double>::quiet_NaN();
constexpr InitializerRow kInitializers[] = {
    {"zeros", false, 0},          {"ones", false, 0},           {"constant", true, kRequired},
    {"uniform", true, kRequired}, {"normal", true, kRequired},  {"truncated_normal", true, kRequired},
    {"fan_in_uniform", false, 0}, {"glorot_uniform", false, 0}, {"glorot_normal", false, 0},
    {"he_uniform", false, 0},     {"he_normal", false, 0},      {"lecun_uniform", false, 0},
    {"lecun_normal", false, 0},   {"orthogonal", true, 1.0}};

std::vector<std::string> initializer_names() {
  std::vector<std::string> names;
  for (const InitializerRow& row : kInitializers) names.emplace_back(row.name);
  return names;
}

void fill_uniform(std::span<float> values, double bound, Generator& random) {
  for (float& value : values) value = static_cast<float>(random.uniform(-bound, bound));
}

void fill_normal(std::span<float> values, double std, Generator& random) {
  for (float& value : values) value = static_cast<float>(std * random.standard_normal());
}

void fill_truncated_normal(std::span<float> values, double std, Generator& random) {
  for (float& value : values) {
    double number = random.standard_normal();
    while (std::fabs(number) > 2.0) number = random.standard_normal();
    value = static_cast<float>(std * number);
  }
}

// The Q of the QR decomposition of a normal matrix, with the signs of the diagonal of R applied to its columns, so that
// Q is uniformly distributed.
void fill_orthogonal(std::span<float> values, const Shape& shape, double gain, Generator& random) {
  if (shape.rank() < 2) {
    throw InvalidArgument(formatted(
        "orthogonal initialisation: the tensor must have 2 dimensions or more, got {}; choose another initialiser",
        shape.to_string()));
  }
  const Eigen::Index rows = shape[0],
                     columns = static_cast<Eigen::Index>(values.size()) / std::max<Eigen::Index>(rows, 1);
  const bool wide = rows < columns;

  // the decomposition needs at least as many rows as columns
  Eigen::MatrixXd normal(std::max(rows, columns), std::min(rows, columns));
  for (Eigen::Index i = 0; i < normal.rows(); ++i) {
    for (Eigen::Index k = 0; k < normal.cols(); ++k) normal(i, k) = random.standard_normal();
  }
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposition(normal);
  Eigen::MatrixXd q = decomposition.householderQ() * Eigen::MatrixXd::Identity(normal.rows(), normal.cols());
  for (Eigen::Index k = 0; k < q.cols(); ++k) {
    if (decomposition.matrixQR()(k, k) < 0) q.col(k) *= -1.0;
  }
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index k = 0; k < columns; ++k) {
      values[static_cast<std::size_t>(i * columns + k)] = static_cast<float>(gain * (wide ? q(k, i) : q(i, k)));
    }
  }
}

}  // namespace

Initializer Initializer::parse(std::string_view text) {
  const std::string_view name = text.substr(0, text.find('('));
  std::size_t kind = 0;
  while (kind < std::size(kInitializers) && kInitializers[kind].name != name) ++kind;
  if (kind == std::size(kInitializers)) {
    throw InvalidArgument(formatted("initialiser must be one of {}, got \"{}\".{}", joined(initializer_names()), text,
                                    did_you_mean(name, initializer_names())));
  }

  const InitializerRow& row = kInitializers[kind];
  Initializer result{.kind = static_cast<Kind>(kind), .value = row.default_value};
  if (name.size() == text.size()) {
    if (std::isnan(row.default_value)) {
      throw InvalidArgument(
          formatted("initialiser {}: a number in parentheses must follow, as in {}(0.05)", name, name));
    }
    return result;
  }
  const char* begin = text.data() + name.size() + 1;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(begin, end, result.value);
  if (!row.has_value || error != std::errc() || end - rest != 1 || *rest != ')' || !std::isfinite(result.value)) {
    throw InvalidArgument(formatted("initialiser {}: {} must follow, got \"{}\"", name,
                                    row.has_value ? "one finite number in parentheses" : "nothing", text));
  }
  return result;
}

std::string Initializer::to_string() const {
  const InitializerRow& row = kInitializers[static_cast<std::size_t>(kind)];
  if (!row.has_value || value == row.default_value) return std::string(row.name);
  return formatted("{}({})", row.name, value);
}

void read_field(const Value& value, Initializer& field) {
  field = Initializer::parse(value.as_string());
}

Value show_field(const Initializer& field) {
  return field.to_string();
}

void initialize(std::span<float> values, const Shape& shape, const Initializer& initializer, const Fans& fans,
                Generator& random) {
  const double in = static_cast<double>(std::max<std::int64_t>(fans.in, 1));
  const double sum = static_cast<double>(std::max<std::int64_t>(fans.in + fans.out, 1));
  switch (initializer.kind) {
    case Kind::kZeros: std::fill(values.begin(), values.end(), 0.0f); return;
    case Kind::kOnes: std::fill(values.begin(), values.end(), 1.0f); return;
    case Kind::kConstant: std::fill(values.begin(), values.end(), static_cast<float>(initializer.value)); return;
    case Kind::kUniform: return fill_uniform(values, initializer.value, random);
    case Kind::kNormal: return fill_normal(values, initializer.value, random);
    case Kind::kTruncatedNormal: return fill_truncated_normal(values, initializer.value, random);
    case Kind::kFanInUniform: return fill_uniform(values, std::sqrt(1.0 / in), random);
    case Kind::kGlorotUniform: return fill_uniform(values, std::sqrt(6.0 / sum), random);
    case Kind::kGlorotNormal: return fill_normal(values, std::sqrt(2.0 / sum), random);
    case Kind::kHeUniform: return fill_uniform(values, std::sqrt(6.0 / in), random);
    case Kind::kHeNormal: return fill_normal(values, std::sqrt(2.0 / in), random);
    case Kind::kLecunUniform: return fill_uniform(values, std::sqrt(3.0 / in), random);
    case Kind::kLecunNormal: return fill_normal(values, std::sqrt(1.0 / in), random);
    case Kind::kOrthogonal: return fill_orthogonal(values, shape, initializer.value, random);
  }
}

}  // namespace ludus::nn
