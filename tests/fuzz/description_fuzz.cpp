// Descriptions of networks in JSON: what is accepted is read again from its own text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/error.h"
#include "nn/model/description.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const nn::Description description = nn::description_from_json({reinterpret_cast<const char*>(data), size});
    nn::parameter_count(description);
    if (!(nn::description_from_json(nn::to_json(description)) == description)) std::abort();
  } catch (const InputError&) {
  }
  return 0;
}
