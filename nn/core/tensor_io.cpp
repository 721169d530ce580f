#include "nn/core/tensor_io.h"

#include <ATen/ATen.h>

#include <cstring>

#include "base/format.h"
#include "nn/core/torch_compat.h"

namespace ludus::nn {
namespace {

Shape shape_of(const at::Tensor& tensor) {
  const auto sizes = tensor.sizes();
  return Shape(std::span<const std::int64_t>(sizes.data(), sizes.size()));
}

at::Tensor view_of_memory(const void* numbers, std::size_t count, at::ScalarType type, at::IntArrayRef sizes,
                          const Device& device) {
  std::int64_t elements = 1;
  for (const std::int64_t size : sizes) elements *= size;
  if (elements != static_cast<std::int64_t>(count)) {
    throw InvalidArgument(formatted("{} numbers do not make a tensor of shape {}", count, c10::str(sizes)));
  }
  // from_blob requires a pointer to mutable memory; view_of() requires that callers do not modify it
  return at::from_blob(const_cast<void*>(numbers), sizes, type).to(to_torch(device));
}

}  // namespace

at::ScalarType to_torch(DType dtype) {
  switch (dtype) {
    case DType::kBool: return at::kBool;
    case DType::kInt8: return at::kChar;
    case DType::kUInt8: return at::kByte;
    case DType::kInt16: return at::kShort;
    case DType::kInt32: return at::kInt;
    case DType::kInt64: return at::kLong;
    case DType::kFloat32: return at::kFloat;
    case DType::kFloat64: return at::kDouble;
    case DType::kUInt16:
    case DType::kUInt32:
    case DType::kUInt64: break;
  }
  throw TypeMismatch(formatted("a tensor cannot hold {}; cast the array to int64 first", name_of(dtype)));
}

DType from_torch(at::ScalarType type) {
  switch (type) {
    case at::kBool: return DType::kBool;
    case at::kChar: return DType::kInt8;
    case at::kByte: return DType::kUInt8;
    case at::kShort: return DType::kInt16;
    case at::kInt: return DType::kInt32;
    case at::kLong: return DType::kInt64;
    case at::kFloat: return DType::kFloat32;
    case at::kDouble: return DType::kFloat64;
    default: break;
  }
  throw TypeMismatch(
      formatted("an array cannot hold a tensor of type {}; convert the tensor to float32 first", c10::toString(type)));
}

Array to_array(const at::Tensor& tensor) {
  const at::Tensor on_cpu = tensor.detach().to(at::kCPU).contiguous();
  Array array(from_torch(on_cpu.scalar_type()), shape_of(on_cpu));
  const auto bytes = array.bytes();
  if (!bytes.empty()) std::memcpy(bytes.data(), on_cpu.data_ptr(), bytes.size());
  return array;
}

at::Tensor to_tensor(const Array& array) {
  const std::vector<std::int64_t> sizes(array.shape().begin(), array.shape().end());
  at::Tensor tensor = at::empty(sizes, at::TensorOptions(to_torch(array.dtype())));
  const auto bytes = array.bytes();
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

at::Tensor view_of(std::span<const float> numbers, at::IntArrayRef sizes, const Device& device) {
  return view_of_memory(numbers.data(), numbers.size(), at::kFloat, sizes, device);
}

at::Tensor view_of(std::span<const std::int64_t> numbers, at::IntArrayRef sizes, const Device& device) {
  return view_of_memory(numbers.data(), numbers.size(), at::kLong, sizes, device);
}

at::Tensor view_of(std::span<const std::uint8_t> numbers, at::IntArrayRef sizes, const Device& device) {
  return view_of_memory(numbers.data(), numbers.size(), at::kByte, sizes, device);
}

void infer(const std::function<at::Tensor(const at::Tensor&)>& forward, std::span<const float> rows, std::size_t n,
           const at::TensorOptions& options, std::span<float> out) {
  if (n == 0) return;
  if (rows.size() % n != 0) {
    throw InvalidArgument(formatted("{} numbers cannot be split into {} rows", rows.size(), n));
  }
  const at::NoGradGuard no_grad;
  const at::Tensor input = view_of(rows, {static_cast<std::int64_t>(n), static_cast<std::int64_t>(rows.size() / n)});
  const at::Tensor output =
      forward(input.to(options.requires_grad(false))).to(at::TensorOptions(at::kFloat).device(at::kCPU)).contiguous();
  if (static_cast<std::size_t>(output.numel()) != out.size()) {
    throw InvalidArgument(
        formatted("the network returns {} numbers for {} rows, got space for {}", output.numel(), n, out.size()));
  }
  std::memcpy(out.data(), output.data_ptr<float>(), out.size() * sizeof(float));
}

void assign(at::Tensor tensor, const Array& array, const std::string& what) {
  const Shape shape = shape_of(tensor);
  if (!(shape == array.shape())) {
    throw TypeMismatch(formatted("{} must have shape {}, got {}", what, shape.to_string(), array.shape().to_string()));
  }
  const at::ScalarType type = to_torch(array.dtype());
  if (type != tensor.scalar_type() && !(is_floating(array.dtype()) && at::isFloatingType(tensor.scalar_type()))) {
    throw TypeMismatch(
        formatted("{} must be of type {}, got {}", what, c10::toString(tensor.scalar_type()), name_of(array.dtype())));
  }
  const at::NoGradGuard no_grad;
  tensor.copy_(to_tensor(array));
}

}  // namespace ludus::nn
