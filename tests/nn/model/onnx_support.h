// Helpers of the tests of ONNX.
#pragma once

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "base/error.h"

namespace ludus::nn::testing {

/// Returns the message of the InputError that f throws.
inline std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_EQ(a.sizes(), b.sizes());
  return a.sizes() != b.sizes() ? 1e9 : (a - b).abs().max().item<double>();
}

}  // namespace ludus::nn::testing
