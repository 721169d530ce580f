// Activation functions in one table, which defines the CPU kernels, torch operators, names, help texts and tests. This
// header does not include torch, so that configurations can hold an activation.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/value.h"

namespace at {
class Tensor;
}

namespace ludus::nn {

/// The table, with one row per activation f. To add one, add a row and its two kernels in activation.cpp.
///
///   enumerator   of Activation
///   name         in configurations and checkpoints
///   f(x)         definition as an expression of a double x
///   kernel       prefix of the CPU kernels KERNEL_forward and KERNEL_backward. The backward pass stores only the
///                output f(x): where f' does not follow from it, KERNEL_backward is null, and training uses torch's
///                operators
///   torch        definition as an expression of a tensor x
// clang-format off
#define LUDUS_ACTIVATIONS(ROW)                                                                                        \
  /*  enumerator    name            f(x)                                  kernel        torch */                      \
  ROW(kNone,        "none",         x,                                    identity,     x)                            \
  ROW(kRelu,        "relu",         x > 0 ? x : 0,                        relu,         at::relu(x))                  \
  ROW(kLeakyRelu,   "leaky_relu",   x > 0 ? x : 0.01 * x,                 leaky_relu,   at::leaky_relu(x, 0.01))      \
  ROW(kElu,         "elu",          x > 0 ? x : std::expm1(x),            elu,          at::elu(x))                   \
  ROW(kTanh,        "tanh",         std::tanh(x),                         tanh,         at::tanh(x))                  \
  ROW(kSigmoid,     "sigmoid",      1 / (1 + std::exp(-x)),               sigmoid,      at::sigmoid(x))               \
  ROW(kRelu6,       "relu6",        clamped(x, 0, 6),                     relu6,        at::hardtanh(x, 0, 6))        \
  ROW(kSelu,        "selu",         kSeluScale * (x > 0 ? x : kSeluAlpha * std::expm1(x)),                            \
                                                                          selu,         at::selu(x))                  \
  ROW(kSoftplus,    "softplus",     std::fmax(x, 0.0) + std::log1p(std::exp(-std::fabs(x))),                          \
                                                                          softplus,     at::softplus(x))              \
  ROW(kSoftsign,    "softsign",     x / (1 + std::fabs(x)),               softsign,     x / (1 + x.abs()))            \
  ROW(kHardTanh,    "hard_tanh",    clamped(x, -1, 1),                    hard_tanh,    at::hardtanh(x))              \
  ROW(kHardSigmoid, "hard_sigmoid", clamped(x / 6 + 0.5, 0, 1),           hard_sigmoid, at::hardsigmoid(x))           \
  ROW(kLogSigmoid,  "log_sigmoid",  std::fmin(x, 0.0) - std::log1p(std::exp(-std::fabs(x))),                          \
                                                                          log_sigmoid,  at::log_sigmoid(x))           \
  ROW(kGelu,        "gelu",         0.5 * x * (1 + std::erf(x / std::sqrt(2.0))),                                     \
                                                                          gelu,         at::gelu(x))                  \
  ROW(kGeluTanh,    "gelu_tanh",    0.5 * x * (1 + std::tanh(kGeluRoot * (x + 0.044715 * x * x * x))),                \
                                                                          gelu_tanh,    at::gelu(x, "tanh"))          \
  ROW(kSilu,        "silu",         x / (1 + std::exp(-x)),               silu,         at::silu(x))                  \
  ROW(kMish,        "mish",         x * std::tanh(std::log1p(std::exp(x))),                                           \
                                                                          mish,         at::mish(x))                  \
  ROW(kHardSwish,   "hard_swish",   x * clamped(x / 6 + 0.5, 0, 1),       hard_swish,   at::hardswish(x))             \
  ROW(kTanhShrink,  "tanh_shrink",  x - std::tanh(x),                     tanh_shrink,  x - at::tanh(x))              \
  ROW(kSoftShrink,  "soft_shrink",  x - clamped(x, -0.5, 0.5),            soft_shrink,  at::softshrink(x))            \
  ROW(kHardShrink,  "hard_shrink",  std::fabs(x) > 0.5 ? x : 0,           hard_shrink,  at::hardshrink(x))
// clang-format on

/// The constants of the self-normalising activation (Klambauer et al. 2017, arXiv:1706.02515), and sqrt(2 / π) of the
/// approximation of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415).
inline constexpr double kSeluScale = 1.0507009873554804934193349852946;
inline constexpr double kSeluAlpha = 1.6732632423543772848170429916717;
inline constexpr double kGeluRoot = 0.79788456080286535587989211986876;

/// Returns x limited to [low, high].
inline constexpr double clamped(double x, double low, double high) {
  return x < low ? low : x > high ? high : x;
}

/// A function applied to every output of a layer.
enum class Activation : std::uint8_t {
#define LUDUS_ROW(enumerator, ...) enumerator,
  LUDUS_ACTIVATIONS(LUDUS_ROW)
#undef LUDUS_ROW
};

/// All activations, in the order of the table.
inline constexpr Activation kActivations[] = {
#define LUDUS_ROW(enumerator, ...) Activation::enumerator,
    LUDUS_ACTIVATIONS(LUDUS_ROW)
#undef LUDUS_ROW
};

/// All names, in the same order.
inline constexpr std::array kActivationNames{
#define LUDUS_ROW(enumerator, name, ...) std::string_view(name),
    LUDUS_ACTIVATIONS(LUDUS_ROW)
#undef LUDUS_ROW
};

/// Returns the name of an activation, such as "relu".
std::string_view name_of(Activation activation);

/// Returns the activation of this name. Throws InvalidArgument, with a list of all names and a suggestion, for any
/// other.
Activation activation_of(std::string_view name);

/// Convert an activation field of a configuration (base/fields.h) from and to its name.
void read_field(const Value& value, Activation& field);
Value show_field(Activation field);

/// The CPU kernels of an activation, in float, without torch.
struct ActivationKernels {
  /// y ← f(y), in place, for `count` numbers.
  void (*forward)(float* y, std::int64_t count);
  /// δ = dL/dy ∘ f'(x), with f' computed from the output y = f(x); null where f' does not follow from it.
  void (*backward)(const float* y, const float* dy, std::int64_t count, float* delta);
};
const ActivationKernels& kernels_of(Activation activation);

/// Returns f(x) by torch's operators, differentiable.
at::Tensor activate(const at::Tensor& x, Activation activation);

}  // namespace ludus::nn
