// Values as bytes, which checkpoints and caches hold; what can be read is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/value_io.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Value value = decode({reinterpret_cast<const std::byte*>(data), size});
    const std::vector<std::byte> written = encode(value);
    if (encode(decode(written)) != written) std::abort();
  } catch (const InputError&) {
  }
  return 0;
}
