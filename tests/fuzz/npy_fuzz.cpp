// NPY, read whole and row by row; what can be read is written and read again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "nn/io/npy.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  const auto open = [&] { return io::open_memory(bytes, "file", io::Compression::kNone); };
  try {
    const Array array = io::read_npy(open());
    const std::string written = io::to_npy(array);
    if (!(io::read_npy(io::open_memory(written, "copy", io::Compression::kNone)) == array)) std::abort();
  } catch (const InputError&) {
  }
  try {
    io::ArrayStream stream = io::open_npy(open());
    Array row;
    for (int i = 0; i < 1000 && stream.next(row); ++i) stream.skip(1);
  } catch (const InputError&) {
  }
  return 0;
}
