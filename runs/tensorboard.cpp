#include "runs/tensorboard.h"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstring>
#include <vector>

#include "base/crc32c.h"
#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "base/protobuf.h"

namespace ludus::runs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEventPrefix = "events.out.tfevents.";

static_assert(std::endian::native == std::endian::little, "the records are little-endian");

std::string record_of(std::string_view data) {
  std::string record;
  put_fixed(record, static_cast<std::uint64_t>(data.size()));
  put_fixed(record, masked_crc(crc32c(record)));
  record.append(data);
  put_fixed(record, masked_crc(crc32c(data)));
  return record;
}

std::string event_of(double wall_time) {
  std::string event;
  put_tag(event, 1, WireType::kFixed64);
  put_fixed(event, wall_time);
  return event;
}

// Returns the size of the record at `at`, or 0 if the file ends within it. Throws FileError if its checksums are wrong.
std::size_t record_size(std::string_view file, std::size_t at, const std::string& name) {
  constexpr std::size_t kLength = 8, kChecksum = 4;  // bytes: length, its checksum, the data, their checksum
  const auto check = [&](std::string_view bytes, std::size_t place) {
    std::uint32_t checksum = 0;
    std::memcpy(&checksum, file.data() + place, sizeof checksum);
    if (checksum != masked_crc(crc32c(bytes))) {
      throw FileError(formatted("{}: the event at byte {} is damaged; move the file away", name, at));
    }
  };
  if (file.size() - at < kLength + kChecksum) return 0;
  std::uint64_t length = 0;
  std::memcpy(&length, file.data() + at, sizeof length);
  check(file.substr(at, kLength), at + kLength);

  const std::size_t data = at + kLength + kChecksum;
  if (file.size() - data < kChecksum || length > file.size() - data - kChecksum) return 0;
  check(file.substr(data, length), data + length);
  return kLength + 2 * kChecksum + static_cast<std::size_t>(length);
}

// Measures events behind the record of the version.
AppendLog::Measure records_of(std::string name) {
  return [name = std::move(name)](std::string_view file, std::int64_t most) {
    AppendLog::Extent whole{.bytes = record_size(file, 0, name), .rows = 0};
    while (whole.bytes > 0 && whole.rows < most) {
      const std::size_t size = record_size(file, whole.bytes, name);
      if (size == 0) break;
      whole.bytes += size;
      ++whole.rows;
    }
    return whole;
  };
}

// The event file in the folder, of several the oldest by name, or the name of a new one. A kill may leave a temporary
// file beside it, which does not count.
fs::path event_file(const fs::path& folder, double seconds) {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kEventPrefix) && target_of_temporary(name).empty()) files.push_back(entry.path());
  }
  if (files.empty()) return folder / formatted("{}{}.ludus", kEventPrefix, static_cast<long long>(seconds));
  return *std::ranges::min_element(files);
}

std::string version_record(double wall_time) {
  std::string event = event_of(wall_time);
  put_bytes(event, 3, "brain.Event:2");
  return record_of(event);
}

}  // namespace

double TensorBoardWriter::system_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

TensorBoardWriter::TensorBoardWriter(const fs::path& folder, const WallClock& clock)
    : TensorBoardWriter(clock, event_file(folder, clock())) {}

TensorBoardWriter::TensorBoardWriter(const WallClock& clock, const fs::path& file)
    : AppendLog(file, version_record(clock()), records_of(file.string())), clock_(clock) {}

void TensorBoardWriter::append_event(std::int64_t step, std::uint32_t field, std::string_view message) {
  std::string event = event_of(clock_());
  put_tag(event, 2, WireType::kVarint);
  put_varint(event, static_cast<std::uint64_t>(step));
  put_bytes(event, field, message);
  append_bytes(record_of(event));
}

void TensorBoardWriter::append_summary(std::int64_t step, std::string_view summary) {
  append_event(step, 5, summary);
}

void TensorBoardWriter::append_graph(std::span<const GraphNode> nodes) {
  append_event(0, 4, graph_definition(nodes));
}

}  // namespace ludus::runs
