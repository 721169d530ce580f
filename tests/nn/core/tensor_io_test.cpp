#include "nn/core/tensor_io.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace ludus::nn {
namespace {

TEST(TensorIo, CommonTypesRoundTrip) {
  for (const DType dtype : {DType::kBool, DType::kInt8, DType::kUInt8, DType::kInt16, DType::kInt32, DType::kInt64,
                            DType::kFloat32, DType::kFloat64}) {
    Array array(dtype, Shape{2, 3});
    for (std::size_t i = 0; i < 6; ++i) array.set(i, static_cast<double>(i % 2));
    const at::Tensor tensor = to_tensor(array);
    EXPECT_EQ(from_torch(tensor.scalar_type()), dtype);
    EXPECT_EQ(tensor.sizes(), (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(tensor[0][1].item<double>(), 1.0);
    EXPECT_EQ(to_array(tensor), array);
  }
  EXPECT_EQ(to_array(to_tensor(Array::scalar(2.5))), Array::scalar(2.5));
  EXPECT_EQ(to_array(to_tensor(Array(DType::kFloat32, Shape{0, 4}))), Array(DType::kFloat32, Shape{0, 4}));
}

TEST(TensorIo, RejectsTypesThatOneSideLacks) {
  for (const DType dtype : {DType::kUInt16, DType::kUInt32, DType::kUInt64}) {
    EXPECT_THROW(to_tensor(Array(dtype, Shape{1})), TypeMismatch);
  }
  EXPECT_THROW(to_array(at::zeros({1}, at::kHalf)), TypeMismatch);
  EXPECT_THROW(to_array(at::zeros({1}, at::kBFloat16)), TypeMismatch);
}

TEST(TensorIo, CopiesAnyStridesAndDetaches) {
  const at::Tensor tensor = at::arange(6, at::kFloat).view({2, 3}).t().set_requires_grad(true);
  EXPECT_EQ(to_array(tensor), Array::of<float>(std::vector<float>{0, 3, 1, 4, 2, 5}, Shape{3, 2}));
}

TEST(TensorIo, AssignKeepsMemoryAndTypeAndRejectsOtherShapes) {
  at::Tensor tensor = at::zeros({2, 2}, at::kDouble).set_requires_grad(true);
  const void* memory = tensor.data_ptr();
  assign(tensor, Array::of<float>(std::vector<float>{1, 2, 3, 4}, Shape{2, 2}), "w");
  EXPECT_EQ(tensor.data_ptr(), memory);
  EXPECT_EQ(tensor.scalar_type(), at::kDouble);
  EXPECT_EQ(tensor[1][0].item<double>(), 3.0);
  EXPECT_THROW(assign(tensor, Array(DType::kFloat32, Shape{4}), "w"), TypeMismatch);
  EXPECT_THROW(assign(tensor, Array(DType::kInt32, Shape{2, 2}), "w"), TypeMismatch);
}

TEST(TensorIo, ViewSharesMemory) {
  std::vector<float> row{1, 2, 3, 4, 5, 6};
  const at::Tensor tensor = view_of(row, {3, 2}, Device{});
  row[5] = 7;
  EXPECT_EQ(tensor[2][1].item<float>(), 7);
  EXPECT_THROW(view_of(row, {2, 2}, Device{}), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
