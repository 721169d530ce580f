#include "nn/layers/conv2d.h"

#include <ATen/ATen.h>

#include <cmath>

#include "base/error.h"
#include "base/fields.h"
#include "base/format.h"
#include "base/size_limit.h"

namespace ludus::nn {

Shape Conv2dOptions::output_shape(const Shape& input) const {
  if (input.rank() != 3 || input[0] != in_channels || input[1] < kernel_size || input[2] < kernel_size) {
    throw InvalidArgument(
        formatted("conv2d: the input must have shape ({}, height, width) of {} x {} pixels or more, got {}",
                  in_channels, kernel_size, kernel_size, input.to_string()));
  }
  return Shape{out_channels, (input[1] - kernel_size) / stride + 1, (input[2] - kernel_size) / stride + 1};
}

void Conv2dOptions::validate() const {
  check_field(in_channels, at_least(1), "conv2d", "in_channels");
  check_field(out_channels, at_least(1), "conv2d", "out_channels");
  check_field(kernel_size, at_least(1), "conv2d", "kernel_size");
  check_field(stride, at_least(1), "conv2d", "stride");
  check_field(gain, finite_number(), "conv2d", "gain");
}

Conv2d::Conv2d(const Conv2dOptions& options, at::Generator& generator) : options_(options) {
  options_.validate();
  const std::int64_t size = options_.kernel_size;
  SizeLimit::require(sizeof(float) * static_cast<double>(options_.in_channels) *
                     static_cast<double>(options_.out_channels) * static_cast<double>(size * size));
  weight =
      register_parameter("weight", at::zeros({options_.out_channels, options_.in_channels, size, size}, at::kFloat));
  bias = register_parameter("bias", at::zeros({options_.out_channels}, at::kFloat));
  init_layer(weight, bias, options_.initialisation, options_.gain, generator);
}

at::Tensor Conv2d::forward(const at::Tensor& input) const {
  return at::conv2d(input, weight, bias, options_.stride);
}

}  // namespace ludus::nn
