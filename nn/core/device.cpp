#include "nn/core/device.h"

#include <torch/cuda.h>

#include <charconv>

namespace ludus::nn {

std::string Device::to_string() const {
  return cuda ? "cuda:" + std::to_string(index) : "cpu";
}

int cuda_device_count() {
  return static_cast<int>(torch::cuda::device_count());
}

Device parse_device(std::string_view name) {
  if (name == "cpu") return {};
  if (name == "auto") return {.cuda = cuda_device_count() > 0};

  // "cuda" or "cuda:N"
  constexpr std::string_view kCuda = "cuda";
  int index = 0;
  bool understood = name == kCuda;
  if (name.starts_with("cuda:")) {
    const std::string_view digits = name.substr(kCuda.size() + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    understood = !digits.empty() && error == std::errc() && end == digits.data() + digits.size() && index >= 0;
  }
  if (!understood) {
    throw InvalidArgument("there is no device \"" + std::string(name) +
                          "\"; choose auto, cpu, cuda or cuda:N for card number N");
  }

  const int count = cuda_device_count();
  if (count == 0) {
    throw InvalidArgument("the device \"" + std::string(name) +
                          "\" was asked for, but libtorch finds no CUDA graphics card here; choose auto or cpu");
  }
  if (index >= count) {
    throw InvalidArgument("the device \"" + std::string(name) +
                          "\" was asked for, but the last graphics card here is cuda:" + std::to_string(count - 1));
  }
  return {.cuda = true, .index = index};
}

}  // namespace ludus::nn
