// The device of tensors, the CPU or a GPU. This header does not include torch.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace ludus::nn {

struct Device {
  bool cuda = false;  // false for the CPU
  int index = 0;      // GPU index; 0 on the CPU

  std::string to_string() const;  ///< "cpu", "cuda:0"; the inverse of parse_device()

  friend bool operator==(const Device&, const Device&) = default;
};

/// Returns the number of GPUs that torch can use; 0 if it was built without CUDA.
int cuda_device_count();

/// Parses "cpu", "cuda" (the first GPU), "cuda:N" or "auto" (the first GPU if there is one, else the CPU). Throws
/// InvalidArgument for any other name and for a GPU that does not exist.
Device parse_device(std::string_view name);

}  // namespace ludus::nn
