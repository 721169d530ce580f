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
///   kernel       prefix of the CPU kernels KERNEL_forward and KERNEL_backward. f' must be computable from the output
///                f(x), because the backward pass stores only the output
///   torch        definition as an expression of a tensor x
// clang-format off
#define LUDUS_ACTIVATIONS(ROW)                                                                     \
  /*  enumerator  name          f(x)                         kernel      torch */                  \
  ROW(kNone,      "none",       x,                           identity,   x)                        \
  ROW(kRelu,      "relu",       x > 0 ? x : 0,               relu,       at::relu(x))              \
  ROW(kLeakyRelu, "leaky_relu", x > 0 ? x : 0.01 * x,        leaky_relu, at::leaky_relu(x, 0.01))  \
  ROW(kElu,       "elu",        x > 0 ? x : std::expm1(x),   elu,        at::elu(x))               \
  ROW(kTanh,      "tanh",       std::tanh(x),                tanh,       at::tanh(x))              \
  ROW(kSigmoid,   "sigmoid",    1 / (1 + std::exp(-x)),      sigmoid,    at::sigmoid(x))
// clang-format on

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
  /// δ = dL/dy ∘ f'(x), with f' computed from the output y = f(x).
  void (*backward)(const float* y, const float* dy, std::int64_t count, float* delta);
};
const ActivationKernels& kernels_of(Activation activation);

/// Returns f(x) by torch's operators, differentiable.
at::Tensor activate(const at::Tensor& x, Activation activation);

}  // namespace ludus::nn
