// Manifests of preprocessing; what can be read is written and read again, and preprocesses a small image.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "nn/vision/transforms.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const vision::Manifest manifest = vision::manifest_from_json({reinterpret_cast<const char*>(data), size});
    if (!(vision::manifest_from_json(vision::to_json(manifest)) == manifest)) std::abort();
    if (manifest.size[0] * manifest.size[1] > 10'000) return 0;  // for speed
    vision::preprocess(Array(DType::kUInt8, Shape{3, 5, 3}), manifest);
  } catch (const InputError&) {
  }
  return 0;
}
