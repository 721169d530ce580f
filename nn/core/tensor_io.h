// Tensors to arrays and back.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>

#include "base/array.h"
#include "nn/core/device.h"

namespace ludus::nn {

// torch's type for `dtype`; throws TypeMismatch for uint16, uint32 and uint64, which torch's operators do not take.
at::ScalarType to_torch(DType dtype);

// The dtype of torch's type; throws TypeMismatch where Array has none (half, bfloat16, complex, quantised).
DType from_torch(at::ScalarType type);

// A copy of the tensor's numbers, row-major, wherever the tensor lives and however it is strided.
Array to_array(const at::Tensor& tensor);

// A tensor on the processor with a copy of the array's numbers, row-major, that requires no gradient.
at::Tensor to_tensor(const Array& array);

// Numbers of the processor's memory as a tensor (sizes) on `device`: there, a look at that memory, which must stay as it is
// for as long as the tensor is used; elsewhere a copy. Throws InvalidArgument if the sizes do not multiply to the numbers.
at::Tensor borrowed(std::span<float> numbers, at::IntArrayRef sizes, const Device& device);

// forward(rows) for n rows of the processor's memory, computed without autograd where and in the type that `options`
// say (those of the parameters), into `out`. Throws // InvalidArgument if the rows cannot be divided by n, or if what comes out has not as many numbers as `out`.
void infer(const std::function<at::Tensor(const at::Tensor&)>& forward, std::span<const float> rows, std::size_t n,
           const at::TensorOptions& options, std::span<float> out);

// tensor ← array, to the tensor's own device, keeping its type and its memory; no gradient is recorded. Throws
// TypeMismatch, naming `what`, if the shapes differ, or the types do and are not both floating-point.
void assign(at::Tensor tensor, const Array& array, const std::string& what);

}  // namespace ludus::nn
