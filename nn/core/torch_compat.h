// Compatibility between libtorch 1.13 and 2.11, and conversions between types of ludus and torch.
#pragma once

#include <c10/core/Device.h>
#include <torch/version.h>

#include "nn/core/device.h"

// 2.x replaces c10::optional by std::optional.
#if TORCH_VERSION_MAJOR >= 2
#include <optional>
#else
#include <c10/util/Optional.h>
#endif

namespace ludus::nn {

#if TORCH_VERSION_MAJOR >= 2
template <class T>
using TorchOptional = std::optional<T>;
#else
template <class T>
using TorchOptional = c10::optional<T>;
#endif

inline c10::Device to_torch(const Device& device) {
  if (!device.cuda) return c10::Device(c10::kCPU);
  return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(device.index));
}

inline Device from_torch(const c10::Device& device) {
  return {.cuda = device.is_cuda(), .index = device.has_index() ? device.index() : 0};
}

}  // namespace ludus::nn
