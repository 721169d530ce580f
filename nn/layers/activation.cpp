#include "nn/layers/activation.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

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

// compares as relu does, so that NaN is propagated
LUDUS_VECTOR_CLONES
void clamp(float* y, std::int64_t count, float low, float high) {
  for (std::int64_t k = 0; k < count; ++k) y[k] = y[k] < low ? low : (y[k] > high ? high : y[k]);
}
// δ = slope · g inside (low, high), 0 outside
LUDUS_VECTOR_CLONES
void clamp_backward(const float* __restrict y, const float* __restrict g, std::int64_t count, float* __restrict delta,
                    float low, float high, float slope) {
  for (std::int64_t k = 0; k < count; ++k) delta[k] = y[k] > low && y[k] < high ? slope * g[k] : 0.0f;
}

void relu6_forward(float* y, std::int64_t count) {
  clamp(y, count, 0.0f, 6.0f);
}
void relu6_backward(const float* y, const float* g, std::int64_t count, float* delta) {
  clamp_backward(y, g, count, delta, 0.0f, 6.0f, 1.0f);
}

void hard_tanh_forward(float* y, std::int64_t count) {
  clamp(y, count, -1.0f, 1.0f);
}
void hard_tanh_backward(const float* y, const float* g, std::int64_t count, float* delta) {
  clamp_backward(y, g, count, delta, -1.0f, 1.0f, 1.0f);
}

void hard_sigmoid_forward(float* y, std::int64_t count) {
  for (std::int64_t k = 0; k < count; ++k) y[k] = y[k] / 6.0f + 0.5f;
  clamp(y, count, 0.0f, 1.0f);
}
void hard_sigmoid_backward(const float* y, const float* g, std::int64_t count, float* delta) {
  clamp_backward(y, g, count, delta, 0.0f, 1.0f, 1.0f / 6.0f);
}

void selu_forward(float* y, std::int64_t count) {
  constexpr float kScale = static_cast<float>(kSeluScale), kBelow = static_cast<float>(kSeluScale * kSeluAlpha);
  Values values(y, count);
  values = (values > 0.0f).select(kScale * values, kBelow * (values.exp() - 1.0f));
}
void selu_backward(const float* output, const float* gradient, std::int64_t count, float* delta) {
  constexpr float kScale = static_cast<float>(kSeluScale), kBelow = static_cast<float>(kSeluScale * kSeluAlpha);
  const ConstValues y(output, count), g(gradient, count);
  Values(delta, count) = (y > 0.0f).select(kScale * g, g * (y + kBelow));  // λ α exp(x) = y + λ α below zero
}

// log(1 + exp(x)) without overflow, and f'(x) = 1 − exp(−y)
void softplus_forward(float* y, std::int64_t count) {
  Values values(y, count);
  values = (values > 0.0f).select(values, 0.0f) + (-values.abs()).exp().log1p();
}
void softplus_backward(const float* output, const float* gradient, std::int64_t count, float* delta) {
  const ConstValues y(output, count), g(gradient, count);
  Values(delta, count) = -g * (-y).expm1();
}

// log(1 / (1 + exp(−x))), and f'(x) = 1 − exp(y)
void log_sigmoid_forward(float* y, std::int64_t count) {
  Values values(y, count);
  values = (values < 0.0f).select(values, 0.0f) - (-values.abs()).exp().log1p();
}
void log_sigmoid_backward(const float* output, const float* gradient, std::int64_t count, float* delta) {
  const ConstValues y(output, count), g(gradient, count);
  Values(delta, count) = -g * y.expm1();
}

// f'(x) = 1 / (1 + |x|)² = (1 − |y|)²
void softsign_forward(float* y, std::int64_t count) {
  Values values(y, count);
  values = values / (1.0f + values.abs());
}
void softsign_backward(const float* output, const float* gradient, std::int64_t count, float* delta) {
  const ConstValues y(output, count), g(gradient, count);
  Values(delta, count) = g * (1.0f - y.abs()).square();
}

// ---- kernels of activations whose derivative does not follow from the output ---------------------------------------

template <class F>
void replace_each(float* y, std::int64_t count, F f) {
  for (std::int64_t k = 0; k < count; ++k) y[k] = f(y[k]);
}

using Backward = void(const float*, const float*, std::int64_t, float*);

void gelu_forward(float* y, std::int64_t count) {
  replace_each(y, count, [](float x) { return 0.5f * x * (1.0f + std::erf(x * 0.70710678118654752f)); });
}
constexpr Backward* gelu_backward = nullptr;

void gelu_tanh_forward(float* y, std::int64_t count) {
  constexpr float kRoot = static_cast<float>(kGeluRoot);
  replace_each(y, count, [](float x) { return 0.5f * x * (1.0f + std::tanh(kRoot * (x + 0.044715f * x * x * x))); });
}
constexpr Backward* gelu_tanh_backward = nullptr;

void silu_forward(float* y, std::int64_t count) {
  replace_each(y, count, [](float x) { return x / (1.0f + std::exp(-x)); });
}
constexpr Backward* silu_backward = nullptr;

void mish_forward(float* y, std::int64_t count) {
  replace_each(y, count, [](float x) { return x * std::tanh(x > 20.0f ? x : std::log1p(std::exp(x))); });
}
constexpr Backward* mish_backward = nullptr;

void hard_swish_forward(float* y, std::int64_t count) {
  replace_each(y, count, [](float x) { return x * std::clamp(x / 6.0f + 0.5f, 0.0f, 1.0f); });
}
constexpr Backward* hard_swish_backward = nullptr;

void tanh_shrink_forward(float* y, std::int64_t count) {
  replace_each(y, count, [](float x) { return x - std::tanh(x); });
}
constexpr Backward* tanh_shrink_backward = nullptr;

void soft_shrink_forward(float* y, std::int64_t count) {
  replace_each(y, count, [](float x) { return x > 0.5f ? x - 0.5f : x < -0.5f ? x + 0.5f : x * 0.0f; });
}
constexpr Backward* soft_shrink_backward = nullptr;

void hard_shrink_forward(float* y, std::int64_t count) {
  replace_each(y, count, [](float x) { return std::fabs(x) > 0.5f ? x : x * 0.0f; });
}
constexpr Backward* hard_shrink_backward = nullptr;

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
