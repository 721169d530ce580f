// Where tensors live: the processor, or one of the graphics cards. This header does not include torch.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace ludus::nn {

struct Device {
  bool cuda = false;  // false: the processor
  int index = 0;      // which graphics card; 0 on the processor

  std::string to_string() const;  // "cpu", "cuda:0"; parse_device() reads it back

  friend bool operator==(const Device&, const Device&) = default;
};

// How many graphics cards torch can use; 0 where it was built without CUDA.
int cuda_device_count();

// The device of "cpu", "cuda" (the first card), "cuda:N" or "auto" (the first card if there is one, else the
// processor). Throws InvalidArgument for any other word and for a card that is not there.
Device parse_device(std::string_view name);

}  // namespace ludus::nn
