#include "nn/core/device.h"

#include <torch/cuda.h>

#include <charconv>

#include "base/format.h"

namespace ludus::nn {

std::string Device::to_string() const {
  return cuda ? formatted("cuda:{}", index) : "cpu";
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
  bool valid = name == kCuda;
  if (name.starts_with("cuda:")) {
    const std::string_view digits = name.substr(kCuda.size() + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    valid = !digits.empty() && error == std::errc() && end == digits.data() + digits.size() && index >= 0;
  }
  if (!valid) {
    throw InvalidArgument(formatted("device must be auto, cpu, cuda or cuda:N for GPU number N, got \"{}\"", name));
  }

  const int count = cuda_device_count();
  if (count == 0) {
    throw InvalidArgument(formatted("device \"{}\": libtorch finds no CUDA GPU; choose auto or cpu", name));
  }
  if (index >= count) {
    throw InvalidArgument(formatted("device \"{}\" does not exist; the last GPU is cuda:{}", name, count - 1));
  }
  return {.cuda = true, .index = index};
}

}  // namespace ludus::nn
