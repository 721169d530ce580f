// TFRecord. Random bytes have no right checksums: with an odd first byte, the rest is taken as a list of records that
// are framed rightly (u8 length, data), of which one byte is changed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "base/crc32c.h"
#include "base/protobuf.h"
#include "nn/io/tfrecord.h"

using namespace ludus;

namespace {

std::string framed(std::string_view bytes) {
  std::string file;
  while (!bytes.empty()) {
    const std::string_view record = bytes.substr(1, static_cast<std::uint8_t>(bytes[0]));
    bytes.remove_prefix(1 + record.size());
    std::string length;
    put_fixed(length, static_cast<std::uint64_t>(record.size()));
    file += length;
    put_fixed(file, masked_crc(crc32c(length)));
    file += record;
    put_fixed(file, masked_crc(crc32c(record)));
  }
  return file;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::string file(bytes.substr(1));
  if (data[0] & 1) {
    file = framed(bytes.substr(3));
    if (!file.empty()) file[(data[1] * 256u + data[2]) % file.size()] ^= static_cast<char>(data[0] & 0xFE);
  }
  io::TfRecordReader reader(io::open_memory(file, "file", io::Compression::kNone));
  std::string_view record;
  for (bool ended = false; !ended;) {
    try {
      ended = !reader.next(record);
    } catch (const io::BrokenRecord& error) {
      if (error.last() && reader.next(record)) std::abort();  // nothing may follow
    }
  }
  return 0;
}
