// Tensors to arrays and back.
#pragma once

#include <ATen/core/Tensor.h>

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

// tensor ← array, to the tensor's own device, keeping its type and its memory; no gradient is recorded. Throws
// TypeMismatch, naming `what`, if the shapes differ, or the types do and are not both floating-point.
void assign(at::Tensor tensor, const Array& array, const std::string& what);

}  // namespace ludus::nn
