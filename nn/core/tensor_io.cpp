#include "nn/core/tensor_io.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <cstring>

#include "nn/core/torch_compat.h"

namespace ludus::nn {
namespace {

Shape shape_of(const at::Tensor& tensor) {
  const auto sizes = tensor.sizes();
  return Shape(std::span<const std::int64_t>(sizes.data(), sizes.size()));
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
  throw TypeMismatch("a tensor cannot hold " + std::string(name_of(dtype)) + "; cast the array to int64 first");
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
  throw TypeMismatch(std::string("an array cannot hold a tensor of type ") + c10::toString(type) +
                     "; convert the tensor to float32 first");
}

Array to_array(const at::Tensor& tensor) {
  const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
  Array array(from_torch(plain.scalar_type()), shape_of(plain));
  const auto bytes = array.bytes();
  if (!bytes.empty()) std::memcpy(bytes.data(), plain.data_ptr(), bytes.size());
  return array;
}

at::Tensor to_tensor(const Array& array) {
  const std::vector<std::int64_t> sizes(array.shape().begin(), array.shape().end());
  at::Tensor tensor = at::empty(sizes, at::TensorOptions(to_torch(array.dtype())));
  const auto bytes = array.bytes();
  if (!bytes.empty()) std::memcpy(tensor.data_ptr(), bytes.data(), bytes.size());
  return tensor;
}

at::Tensor borrowed(std::span<float> numbers, at::IntArrayRef sizes, const Device& device) {
  std::int64_t count = 1;
  for (const std::int64_t size : sizes) count *= size;
  if (count != static_cast<std::int64_t>(numbers.size())) {
    throw InvalidArgument(std::to_string(numbers.size()) + " numbers do not make a tensor of the shape " +
                          c10::str(sizes));
  }
  return at::from_blob(numbers.data(), sizes, at::kFloat).to(to_torch(device));
}

void infer(const std::function<at::Tensor(const at::Tensor&)>& forward, std::span<const float> rows, std::size_t n,
           const at::TensorOptions& options, std::span<float> out) {
  if (n == 0) return;
  if (rows.size() % n != 0) {
    throw InvalidArgument(std::to_string(rows.size()) + " numbers are not " + std::to_string(n) + " rows");
  }
  const c10::NoGradGuard no_gradient;
  // from_blob wants a pointer it may write to; nothing here does
  const at::Tensor input =
      at::from_blob(const_cast<float*>(rows.data()),
                    {static_cast<std::int64_t>(n), static_cast<std::int64_t>(rows.size() / n)}, at::kFloat);
  const at::Tensor output =
      forward(input.to(options.requires_grad(false))).to(at::TensorOptions(at::kFloat).device(at::kCPU)).contiguous();
  if (static_cast<std::size_t>(output.numel()) != out.size()) {
    throw InvalidArgument("the network gives " + std::to_string(output.numel()) + " numbers for " + std::to_string(n) +
                          " rows, and there is room for " + std::to_string(out.size()));
  }
  std::memcpy(out.data(), output.data_ptr<float>(), out.size() * sizeof(float));
}

void assign(at::Tensor tensor, const Array& array, const std::string& what) {
  const Shape shape = shape_of(tensor);
  if (!(shape == array.shape())) {
    throw TypeMismatch(what + " has shape " + shape.to_string() + ", and the array given for it " +
                       array.shape().to_string());
  }
  const at::ScalarType given = to_torch(array.dtype());
  if (given != tensor.scalar_type() && !(is_floating(array.dtype()) && at::isFloatingType(tensor.scalar_type()))) {
    throw TypeMismatch(what + " holds " + c10::toString(tensor.scalar_type()) + ", and the array given for it " +
                       std::string(name_of(array.dtype())));
  }
  const c10::NoGradGuard no_gradient;
  tensor.copy_(to_tensor(array));
}

}  // namespace ludus::nn
