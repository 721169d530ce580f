// Conversions between tensors, arrays and host memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>

#include "base/array.h"
#include "nn/core/device.h"

namespace ludus::nn {

/// Returns torch's type for `dtype`; throws TypeMismatch for uint16, uint32 and uint64, which torch's operators do not
/// take.
at::ScalarType to_torch(DType dtype);

/// Returns the dtype of torch's type; throws TypeMismatch where Array has none (half, bfloat16, complex, quantised).
DType from_torch(at::ScalarType type);

/// Copies a tensor of any device and strides to a row-major array.
Array to_array(const at::Tensor& tensor);

/// Copies an array to a row-major tensor on the CPU that requires no gradient.
at::Tensor to_tensor(const Array& array);

/// Returns numbers in host memory as a tensor (sizes) on `device`: on the CPU a view, which the memory must outlive
/// unchanged and through which nothing may write; elsewhere a copy. Throws InvalidArgument if the product of the sizes
/// is not the count.
at::Tensor view_of(std::span<const float> numbers, at::IntArrayRef sizes, const Device& device = {});
at::Tensor view_of(std::span<const std::int64_t> numbers, at::IntArrayRef sizes, const Device& device = {});
at::Tensor view_of(std::span<const std::uint8_t> numbers, at::IntArrayRef sizes, const Device& device = {});

/// Writes forward(rows) of n rows in host memory to `out`, computed without autograd on the device and in the type of
/// `options` (those of the parameters). Throws InvalidArgument if the rows cannot be divided by n, or if the output has
/// not as many numbers as `out`.
void infer(const std::function<at::Tensor(const at::Tensor&)>& forward, std::span<const float> rows, std::size_t n,
           const at::TensorOptions& options, std::span<float> out);

/// Copies `array` into `tensor`, keeping the tensor's device, type and memory, without recording a gradient. Throws
/// TypeMismatch, naming `what`, if the shapes differ, or the types differ and are not both floating-point.
void assign(at::Tensor tensor, const Array& array, const std::string& what);

}  // namespace ludus::nn
