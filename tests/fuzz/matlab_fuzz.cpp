// MATLAB files, and networks of MatConvNet in them.
#include <cstddef>
#include <cstdint>

#include "nn/io/matlab.h"
#include "nn/vision/matconvnet.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  try {
    const io::MatlabFile file = io::read_matlab(io::open_memory(bytes, "file", io::Compression::kNone),
                                                {.variable_bytes = 1 << 20, .elements = 10'000});
    for (const auto& [name, value] : file.variables) value.describe();
    vision::matconvnet_from(file);
  } catch (const InputError&) {
  }
  return 0;
}
