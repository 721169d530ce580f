// NPZ. The reader wants a file: the bytes are written to one in memory.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/format.h"
#include "nn/io/npy.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int file = ::memfd_create("npz", 0);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  try {
    const io::NpzReader reader(formatted("/proc/self/fd/{}", file));
    for (const std::string& name : reader.names()) {
      try {
        reader.read(name);
      } catch (const InputError&) {
      }
      try {
        io::ArrayStream stream = reader.open(name);
        Array row;
        for (int i = 0; i < 100 && stream.next(row); ++i) {
        }
      } catch (const InputError&) {
      }
    }
  } catch (const InputError&) {
  }
  ::close(file);
  return 0;
}
