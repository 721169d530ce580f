// IDX, plain or gzip, read whole and row by row.
#include <cstddef>
#include <cstdint>

#include "nn/io/idx.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte*>(data), size);
  try {
    io::read_idx(io::open_memory(bytes, "file"));
  } catch (const InputError&) {
  }
  try {
    io::ArrayStream stream = io::open_idx(io::open_memory(bytes, "file"));
    stream.skip(1);
    Array row;
    for (int i = 0; i < 1000 && stream.next(row); ++i) {
    }
  } catch (const InputError&) {
  }
  return 0;
}
