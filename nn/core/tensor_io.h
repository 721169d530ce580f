// Conversions between tensors, arrays and host memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>

#include "base/array.h"
#include "nn/core/device.h"

namespace ludus::nn {

/// Returns torch's type for `dtype`. Throws TypeMismatch for uint16, uint32 and uint64, which torch's operators do not
/// support.
at::ScalarType to_torch(DType dtype);

/// Returns the dtype for torch's type. Throws TypeMismatch for types without one (half, bfloat16, complex, quantised).
DType from_torch(at::ScalarType type);

/// Copies a tensor with any device and strides to a row-major array.
Array to_array(const at::Tensor& tensor);

/// Copies an array to a row-major tensor on the CPU that does not require gradients.
at::Tensor to_tensor(const Array& array);

/// Returns numbers in host memory as a tensor of shape `sizes` on `device`. On the CPU it is a view: the memory must
/// outlive it, and must not be modified through it. On other devices it is a copy. Throws InvalidArgument if the
/// product of the sizes does not match the number of elements.
at::Tensor view_of(std::span<const float> numbers, at::IntArrayRef sizes, const Device& device = {});
at::Tensor view_of(std::span<const std::int64_t> numbers, at::IntArrayRef sizes, const Device& device = {});
at::Tensor view_of(std::span<const std::uint8_t> numbers, at::IntArrayRef sizes, const Device& device = {});

/// Writes forward(rows) for n rows in host memory to `out`, computed without autograd, with the device and type of
/// `options` (those of the parameters). Throws InvalidArgument if the rows cannot be divided by n, or if the size of
/// the output does not match `out`.
void infer(const std::function<at::Tensor(const at::Tensor&)>& forward, std::span<const float> rows, std::size_t n,
           const at::TensorOptions& options, std::span<float> out);

/// Copies `array` into `tensor` without recording a gradient; the tensor keeps its device, type and storage. Throws
/// TypeMismatch, naming `what`, if the shapes differ, or if the types differ and are not both floating-point.
void assign(at::Tensor tensor, const Array& array, const std::string& what);

}  // namespace ludus::nn
