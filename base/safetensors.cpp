#include "base/safetensors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/file.h"
#include "base/format.h"
#include "base/half.h"
#include "base/text.h"

namespace ludus {
namespace {

static_assert(std::endian::native == std::endian::little, "the format is little-endian, and so must the machine be");

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr std::uint64_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // limit of the reference implementation
constexpr std::size_t kAlignment = 8;
constexpr std::string_view kMetadataKey = "__metadata__";

struct TypeFacts {
  std::string_view name;
  std::size_t bytes;
};

// in the order of the enumeration
constexpr std::array<TypeFacts, 13> kTypes{{{"BOOL", 1},
                                            {"U8", 1},
                                            {"I8", 1},
                                            {"I16", 2},
                                            {"U16", 2},
                                            {"F16", 2},
                                            {"BF16", 2},
                                            {"I32", 4},
                                            {"U32", 4},
                                            {"F32", 4},
                                            {"F64", 8},
                                            {"I64", 8},
                                            {"U64", 8}}};

template <class Widen>
Array widened(const NamedTensor& tensor, Widen widen) {
  Array array(DType::kFloat32, tensor.shape);
  const std::span<float> numbers = array.data<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::uint16_t half = 0;
    std::memcpy(&half, tensor.bytes.data() + 2 * i, sizeof half);
    numbers[i] = widen(half);
  }
  return array;
}

std::string in_quotes(std::string_view name) {
  // a name from a damaged file may be long and contain any bytes: show its beginning, escaped
  constexpr std::size_t kShown = 60;
  const std::string shown(name.substr(0, kShown));
  return Json(shown).dump(-1, ' ', true, Json::error_handler_t::replace) + (name.size() > kShown ? "…" : "");
}

}  // namespace

std::size_t size_of(TensorType type) {
  return kTypes[static_cast<std::size_t>(type)].bytes;
}

std::string_view name_of(TensorType type) {
  return kTypes[static_cast<std::size_t>(type)].name;
}

TensorType tensor_type_of(DType dtype) {
  switch (dtype) {
    case DType::kBool: return TensorType::kBool;
    case DType::kInt8: return TensorType::kInt8;
    case DType::kUInt8: return TensorType::kUInt8;
    case DType::kInt16: return TensorType::kInt16;
    case DType::kUInt16: return TensorType::kUInt16;
    case DType::kInt32: return TensorType::kInt32;
    case DType::kUInt32: return TensorType::kUInt32;
    case DType::kInt64: return TensorType::kInt64;
    case DType::kUInt64: return TensorType::kUInt64;
    case DType::kFloat32: return TensorType::kFloat32;
    case DType::kFloat64: break;
  }
  return TensorType::kFloat64;
}

DType array_type_of(TensorType type) {
  switch (type) {
    case TensorType::kBool: return DType::kBool;
    case TensorType::kUInt8: return DType::kUInt8;
    case TensorType::kInt8: return DType::kInt8;
    case TensorType::kInt16: return DType::kInt16;
    case TensorType::kUInt16: return DType::kUInt16;
    case TensorType::kInt32: return DType::kInt32;
    case TensorType::kUInt32: return DType::kUInt32;
    case TensorType::kFloat64: return DType::kFloat64;
    case TensorType::kInt64: return DType::kInt64;
    case TensorType::kUInt64: return DType::kUInt64;
    case TensorType::kFloat16:
    case TensorType::kBFloat16:
    case TensorType::kFloat32: break;
  }
  return DType::kFloat32;
}

Array to_array(const NamedTensor& tensor) {
  if (tensor.type == TensorType::kFloat16) return widened(tensor, half_to_float);
  if (tensor.type == TensorType::kBFloat16) return widened(tensor, bfloat_to_float);
  Array array(array_type_of(tensor.type), tensor.shape);
  std::copy(tensor.bytes.begin(), tensor.bytes.end(), array.bytes().begin());
  return array;
}

TensorView view_of(std::string name, const Array& array) {
  return {std::move(name), tensor_type_of(array.dtype()), array.shape(), array.bytes()};
}

const NamedTensor& TensorFile::at(std::string_view name) const {
  std::vector<std::string> known;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == name) return tensor;
    known.push_back(tensor.name);
  }
  throw CorruptCheckpoint(formatted("no tensor is named {}; the file contains {}", in_quotes(name), joined(known)));
}

// ---- reading -----------------------------------------------------------------------------------------------------

// Random access to the bytes of a file in memory or on disk.
class TensorReader::Source {
 public:
  explicit Source(std::span<const std::byte> memory) : memory_(memory), size_(memory.size()) {}

  explicit Source(const std::filesystem::path& path) {
    // without O_NONBLOCK, opening a pipe waits for a writer
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file_ < 0) throw FileError(formatted("cannot read {}: {}", path.string(), std::strerror(errno)));
    struct stat facts {};
    if (::fstat(file_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
      ::close(file_);
      throw FileError(formatted("cannot read {}: not a regular file", path.string()));
    }
    size_ = static_cast<std::uint64_t>(facts.st_size);
  }

  ~Source() {
    if (file_ >= 0) ::close(file_);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  std::uint64_t size() const { return size_; }

  // Fills `bytes` from `position` on. Returns false if the file is too short or cannot be read.
  bool read(std::uint64_t position, std::span<std::byte> bytes) const {
    if (position > size_ || bytes.size() > size_ - position) return false;
    if (file_ < 0) {
      std::copy_n(memory_.begin() + static_cast<std::ptrdiff_t>(position), bytes.size(), bytes.begin());
      return true;
    }
    while (!bytes.empty()) {
      const ssize_t got = ::pread(file_, bytes.data(), bytes.size(), static_cast<off_t>(position));
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return false;
      bytes = bytes.subspan(static_cast<std::size_t>(got));
      position += static_cast<std::uint64_t>(got);
    }
    return true;
  }

 private:
  std::span<const std::byte> memory_;
  int file_ = -1;
  std::uint64_t size_ = 0;
};

TensorReader::TensorReader(const std::filesystem::path& path)
    : name_(path.string()), source_(std::make_unique<Source>(path)) {
  read_header();
}

TensorReader::TensorReader(std::span<const std::byte> file, std::string name)
    : name_(std::move(name)), source_(std::make_unique<Source>(file)) {
  read_header();
}

TensorReader::~TensorReader() = default;
TensorReader::TensorReader(TensorReader&&) noexcept = default;
TensorReader& TensorReader::operator=(TensorReader&&) noexcept = default;

void TensorReader::fail(const std::string& fault) const {
  throw CorruptCheckpoint(formatted(
      "{} is damaged or not a safetensors file: {}; use another checkpoint, or fetch the file again", name_, fault));
}

namespace {

// A fault in the text of a header.
struct HeaderFault {
  std::string what;
};

// Parses the JSON of the header. Throws HeaderFault, also for duplicated keys, which a plain JSON parser accepts, and
// for nesting deeper than the format allows, before it exhausts memory.
Json parse_header(std::span<const std::byte> text) {
  constexpr int kDeepest = 3;               // the header, a tensor, its shape
  std::vector<std::set<std::string>> keys;  // keys of the currently open objects
  const auto watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepest) throw HeaderFault{"its header is nested too deeply"};
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const std::string& key = parsed.get_ref<const std::string&>();
      if (!keys.back().insert(key).second) throw HeaderFault{formatted("the key {} occurs twice", in_quotes(key))};
    }
    return true;
  };
  const char* begin = reinterpret_cast<const char*>(text.data());
  try {
    return Json::parse(begin, begin + text.size(), watch);
  } catch (const Json::parse_error& error) {
    throw HeaderFault{formatted("its header is not JSON from byte {} on", error.byte)};
  } catch (const Json::exception&) {
    throw HeaderFault{"its header has a number out of range"};
  }
}

}  // namespace

void TensorReader::read_header() {
  // length of the header
  std::array<std::byte, kLengthBytes> length_bytes{};
  if (!source_->read(0, length_bytes)) {
    fail(formatted("it must have at least {} bytes, got {}", kLengthBytes, source_->size()));
  }
  const auto length = std::bit_cast<std::uint64_t>(length_bytes);
  if (length > kMaxHeaderBytes) {
    fail(formatted("its header must have at most {} bytes, got {}", kMaxHeaderBytes, length));
  }
  if (length > source_->size() - kLengthBytes) {
    fail(formatted("its header of {} bytes is truncated", length));
  }
  data_begin_ = kLengthBytes + length;
  const std::uint64_t data_size = source_->size() - data_begin_;

  // the header must begin with an object
  std::vector<std::byte> text(static_cast<std::size_t>(length));
  if (!source_->read(kLengthBytes, text)) fail("its header cannot be read");
  if (text.empty() || text.front() != std::byte{'{'}) fail("its header does not begin with {");
  Json header;
  try {
    header = parse_header(text);
  } catch (const HeaderFault& fault) {
    fail(fault.what);
  }

  for (const auto& [name, facts] : std::as_const(header).items()) {
    if (name == kMetadataKey) {
      if (!facts.is_object()) fail("its metadata is not an object");
      for (const auto& [key, value] : facts.items()) {
        if (!value.is_string()) fail(formatted("its metadata under {} is not a string", in_quotes(key)));
        metadata_.emplace(key, value.get<std::string>());
      }
      continue;
    }

    // {"dtype": …, "shape": […], "data_offsets": [begin, end]}, and nothing else
    const std::string what = formatted("the tensor {}", in_quotes(name));
    if (name.empty()) fail("a tensor has no name");
    if (!facts.is_object() || facts.size() != 3 || !facts.contains("dtype") || !facts.contains("shape") ||
        !facts.contains("data_offsets")) {
      fail(formatted("{} is not described by dtype, shape and data_offsets", what));
    }
    const Json& dtype = facts["dtype"];
    const Json& shape = facts["shape"];
    const Json& offsets = facts["data_offsets"];
    if (!dtype.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2 ||
        !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
      fail(formatted("{} has a dtype, shape or data_offsets of the wrong kind", what));
    }

    const std::string type_name = dtype.get<std::string>();
    const auto type =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeFacts& t) { return t.name == type_name; });
    if (type == kTypes.end())
      fail(formatted("{} has the element type {}, which is not supported", what, in_quotes(type_name)));
    if (shape.size() > Shape::kMaxRank) {
      fail(formatted("{} has {} dimensions, at most {} are supported", what, shape.size(), Shape::kMaxRank));
    }

    // byte length = element size times the extents; rejected if the product overflows
    std::vector<std::int64_t> extents;
    std::uint64_t bytes = type->bytes;
    for (const Json& extent : shape) {
      if (!extent.is_number_unsigned()) fail(formatted("{} has an extent that is not a whole number", what));
      const auto value = extent.get<std::uint64_t>();
      constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
      if (value > kLargest || (value != 0 && bytes > kLargest / value))
        fail(formatted("{} is larger than any memory", what));
      bytes *= value;
      extents.push_back(static_cast<std::int64_t>(value));
    }
    const auto begin = offsets[0].get<std::uint64_t>();
    const auto end = offsets[1].get<std::uint64_t>();
    if (begin > end || end > data_size)
      fail(formatted("{} lies outside the file, which is truncated or was changed", what));
    if (end - begin != bytes) {
      fail(formatted("{} must have {} bytes, got {}", what, bytes, end - begin));
    }
    entries_.push_back({.name = name,
                        .type = static_cast<TensorType>(type - kTypes.begin()),
                        .shape = Shape(std::span<const std::int64_t>(extents)),
                        .begin = begin,
                        .end = end});
  }

  // tensors must be contiguous from the first byte to the last, without gaps or overlaps
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) { return a.begin != b.begin ? a.begin < b.begin : a.end < b.end; });
  std::uint64_t reached = 0;
  for (const Entry& entry : entries_) {
    if (entry.begin > reached) fail(formatted("there is a hole before the tensor {}", in_quotes(entry.name)));
    if (entry.begin < reached) fail(formatted("the tensor {} overlaps another", in_quotes(entry.name)));
    reached = entry.end;
  }
  if (reached != data_size) fail(formatted("{} bytes follow the last tensor", data_size - reached));
}

void TensorReader::read(const Entry& entry, std::span<std::byte> bytes) const {
  if (bytes.size() != entry.end - entry.begin) {
    throw InvalidArgument(formatted("tensor {}: the destination must have {} bytes, got {}", in_quotes(entry.name),
                                    entry.end - entry.begin, bytes.size()));
  }
  if (!source_->read(data_begin_ + entry.begin, bytes))
    fail(formatted("the tensor {} cannot be read", in_quotes(entry.name)));
  if (entry.type == TensorType::kBool &&
      std::any_of(bytes.begin(), bytes.end(), [](std::byte b) { return b > std::byte{1}; })) {
    fail(formatted("the tensor {} has a value other than true and false", in_quotes(entry.name)));
  }
}

namespace {

TensorFile read_all(const TensorReader& reader) {
  TensorFile file{.tensors = {}, .metadata = reader.metadata()};
  for (const TensorReader::Entry& entry : reader.entries()) {
    NamedTensor& tensor = file.tensors.emplace_back(NamedTensor{entry.name, entry.type, entry.shape, {}});
    tensor.bytes.resize(static_cast<std::size_t>(entry.end - entry.begin));
    reader.read(entry, tensor.bytes);
  }
  return file;
}

}  // namespace

TensorFile read_safetensors(const std::filesystem::path& path) {
  return read_all(TensorReader(path));
}

TensorFile parse_safetensors(std::span<const std::byte> file, std::string name) {
  return read_all(TensorReader(file, std::move(name)));
}

// ---- writing -----------------------------------------------------------------------------------------------------

namespace {

// The file in pieces: length and header are built here, tensor data are referenced.
struct Pieces {
  std::string head;
  std::vector<std::span<const std::byte>> parts;
};

Pieces lay_out(std::span<const TensorView> tensors, const Metadata& metadata) {
  // sort by decreasing element size, otherwise keep the order, so that every tensor is aligned
  std::vector<const TensorView*> order;
  std::set<std::string_view> names;
  for (const TensorView& tensor : tensors) {
    if (tensor.name.empty() || tensor.name == kMetadataKey) {
      throw InvalidArgument(
          formatted("tensor: the name must not be empty or \"{}\", got {}", kMetadataKey, in_quotes(tensor.name)));
    }
    if (!names.insert(tensor.name).second) {
      throw InvalidArgument(formatted("tensors: names must be unique, got {} twice", in_quotes(tensor.name)));
    }
    if (tensor.bytes.size() != tensor.shape.elements() * size_of(tensor.type)) {
      throw InvalidArgument(formatted("tensor {}: shape {} of type {} must have {} bytes, got {}",
                                      in_quotes(tensor.name), tensor.shape.to_string(), name_of(tensor.type),
                                      tensor.shape.elements() * size_of(tensor.type), tensor.bytes.size()));
    }
    order.push_back(&tensor);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const TensorView* a, const TensorView* b) { return size_of(a->type) > size_of(b->type); });

  OrderedJson header = OrderedJson::object();
  if (!metadata.empty()) header[std::string(kMetadataKey)] = metadata;
  Pieces pieces;
  std::uint64_t offset = 0;
  for (const TensorView* tensor : order) {
    const std::uint64_t end = offset + tensor->bytes.size();
    OrderedJson& facts = header[tensor->name];
    facts["dtype"] = name_of(tensor->type);
    facts["shape"] = std::vector<std::int64_t>(tensor->shape.begin(), tensor->shape.end());
    facts["data_offsets"] = {offset, end};
    offset = end;
    pieces.parts.push_back(tensor->bytes);
  }

  // pad the header with spaces so that the data begin at a multiple of 8
  std::string text;
  try {
    text = header.dump();
  } catch (const OrderedJson::exception&) {
    throw InvalidArgument("the names of tensors and the metadata must be text in UTF-8");
  }
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  const auto length = std::bit_cast<std::array<char, kLengthBytes>>(static_cast<std::uint64_t>(text.size()));
  pieces.head.assign(length.begin(), length.end());
  pieces.head += text;
  return pieces;
}

}  // namespace

std::vector<std::byte> to_safetensors(std::span<const TensorView> tensors, const Metadata& metadata) {
  const Pieces pieces = lay_out(tensors, metadata);
  const auto head = std::as_bytes(std::span(pieces.head));
  std::vector<std::byte> bytes(head.begin(), head.end());
  for (const auto& part : pieces.parts) bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const Metadata& metadata) {
  Pieces pieces = lay_out(tensors, metadata);
  pieces.parts.insert(pieces.parts.begin(), std::as_bytes(std::span(pieces.head)));
  write_atomically(path, std::span<const std::span<const std::byte>>(pieces.parts));
}

}  // namespace ludus
