// Bundles and whole models (nn/model/bundle.h): what is accepted can be cut down, preprocessed and written again.
#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "nn/model/bundle.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const nn::Bundle bundle = nn::parse_bundle({reinterpret_cast<const std::byte*>(data), size}, "file");
    nn::keep_outputs(bundle, {bundle.description.outputs.front()});
    nn::interface_from_json(nn::to_json(bundle.interface, bundle.description), bundle.description);
    const nn::InputSpec& input = bundle.description.inputs.front();
    nn::preprocess(Array(DType::kUInt8, Shape{4}), input, bundle.interface.inputs.front());
  } catch (const InputError&) {
  }
  return 0;
}
