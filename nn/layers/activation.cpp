#include "nn/layers/activation.h"

#include <Eigen/Core>
#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "nn/core/vector_clones.h"

namespace ludus::nn {
namespace {

// ---- kernels: NAME_forward(y, count) is y ← f(y), NAME_backward(y, g, count, δ) is δ = g f'(x) with y = f(x)
// ------------

using Values = Eigen::Map<Eigen::ArrayXf>;
using ConstValues = Eigen::Map<const Eigen::ArrayXf>;

void identity_forward(float*, std::int64_t) {}
void identity_backward(const float*, const float* g, std::int64_t count, float* delta) {
  std::copy_n(g, count, delta);
}

// compares instead of taking a maximum, so that NaN is propagated and can be detected
LUDUS_VECTOR_CLONES
void relu_forward(float* y, std::int64_t count) {
  for (std::int64_t k = 0; k < count; ++k) y[k] = y[k] < 0.0f ? 0.0f : y[k];
}
LUDUS_VECTOR_CLONES
void relu_backward(const float* __restrict y, const float* __restrict g, std::int64_t count, float* __restrict delta) {
  for (std::int64_t k = 0; k < count; ++k) delta[k] = y[k] > 0.0f ? g[k] : 0.0f;
}

constexpr float kLeak = 0.01f;  // slope of the leaky ReLU below zero (torch's default)
LUDUS_VECTOR_CLONES
void leaky_relu_forward(float* y, std::int64_t count) {
  for (std::int64_t k = 0; k < count; ++k) y[k] = y[k] < 0.0f ? kLeak * y[k] : y[k];
}
LUDUS_VECTOR_CLONES
void leaky_relu_backward(const float* __restrict y, const float* __restrict g, std::int64_t count,
                         float* __restrict delta) {
  for (std::int64_t k = 0; k < count; ++k) delta[k] = y[k] > 0.0f ? g[k] : kLeak * g[k];
}

void elu_forward(float* y, std::int64_t count) {
  Values values(y, count);
  values = (values > 0.0f).select(values, values.exp() - 1.0f);
}
void elu_backward(const float* output, const float* gradient, std::int64_t count, float* delta) {
  const ConstValues y(output, count), g(gradient, count);
  Values(delta, count) = (y > 0.0f).select(g, g * (y + 1.0f));  // exp(x) = y + 1 below zero
}

void tanh_forward(float* y, std::int64_t count) {
  Values values(y, count);
  values = values.tanh();
}
void tanh_backward(const float* output, const float* gradient, std::int64_t count, float* delta) {
  const ConstValues y(output, count), g(gradient, count);
  Values(delta, count) = g * (1.0f - y * y);
}

void sigmoid_forward(float* y, std::int64_t count) {
  Values values(y, count);
  values = values.logistic();
}
void sigmoid_backward(const float* output, const float* gradient, std::int64_t count, float* delta) {
  const ConstValues y(output, count), g(gradient, count);
  Values(delta, count) = g * y * (1.0f - y);
}

// ---- the table's columns that need no torch ------------------------------------------------------------------------

struct Row {
  std::string_view name;
  ActivationKernels kernels;
};

constexpr Row kRows[] = {
#define LUDUS_ROW(enumerator, name, definition, kernel, torch) {name, {kernel##_forward, kernel##_backward}},
    LUDUS_ACTIVATIONS(LUDUS_ROW)
#undef LUDUS_ROW
};

const Row& row_of(Activation activation) {
  return kRows[static_cast<std::size_t>(activation)];
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Row& row : kRows) all.emplace_back(row.name);
  return all;
}

}  // namespace

std::string_view name_of(Activation activation) {
  return row_of(activation).name;
}

Activation activation_of(std::string_view name) {
  for (const Activation activation : kActivations) {
    if (name_of(activation) == name) return activation;
  }
  throw InvalidArgument(
      formatted("activation must be one of {}, got \"{}\".{}", joined(names()), name, did_you_mean(name, names())));
}

void read_field(const Value& value, Activation& field) {
  field = activation_of(value.as_string());
}

Value show_field(Activation field) {
  return name_of(field);
}

const ActivationKernels& kernels_of(Activation activation) {
  return row_of(activation).kernels;
}

}  // namespace ludus::nn
