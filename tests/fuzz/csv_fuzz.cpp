// CSV: the first byte selects delimiter and header.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "nn/io/csv.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const io::CsvReader::Options options{
      .delimiter = (data[0] & 1) ? ';' : ',', .header = (data[0] & 2) != 0, .max_row_bytes = 1 << 12};
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    io::CsvReader reader(io::open_memory(text, "file"), options);
    io::CsvRow row;
    while (true) {
      try {
        if (!reader.next(row)) break;
      } catch (const io::CsvError&) {
        continue;
      }
      // a row written and read again is the same
      std::vector<std::string> cells;
      for (const io::CsvCell& cell : row.cells) cells.push_back(cell.text);
      const std::string written = io::csv_row(cells, options.delimiter);
      io::CsvReader again(io::open_memory(written, "row", io::Compression::kNone),
                          {.delimiter = options.delimiter, .header = false});
      io::CsvRow copy;
      if (written.starts_with("\xEF\xBB\xBF")) continue;  // would be taken for a byte-order mark
      if (!again.next(copy) || copy.cells.size() != cells.size()) std::abort();
      for (std::size_t i = 0; i < cells.size(); ++i) {
        if (copy.cells[i].text != cells[i]) std::abort();
      }
    }
  } catch (const InputError&) {
  }
  return 0;
}
