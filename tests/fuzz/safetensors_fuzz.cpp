// safetensors.
#include <cstddef>
#include <cstdint>

#include "base/safetensors.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const TensorFile file = parse_safetensors({reinterpret_cast<const std::byte*>(data), size}, "file");
    for (const NamedTensor& tensor : file.tensors) to_array(tensor);
  } catch (const InputError&) {
  }
  return 0;
}
