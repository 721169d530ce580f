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

// Converts a half to a float, which is exact.
float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1fu;
  const std::uint32_t fraction = half & 0x3ffu;
  if (exponent == 0) {  // zero, or a denormal: fraction · 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  // infinity and NaN have the largest exponent; other exponents change from a bias of 15 to one of 127
  const std::uint32_t wide = exponent == 0x1f ? 0xffu : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

// a BF16 is the upper half of a float
float bfloat_to_float(std::uint16_t upper) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(upper) << 16);
}

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
  throw CorruptCheckpoint("there is no tensor " + in_quotes(name) + " in the file; it holds " + joined(known));
}

// ---- reading -----------------------------------------------------------------------------------------------------

// Random access to the bytes of a file in memory or on disk.
class TensorReader::Source {
 public:
  explicit Source(std::span<const std::byte> memory) : memory_(memory), size_(memory.size()) {}

  explicit Source(const std::filesystem::path& path) {
    const std::string trouble = "cannot read " + path.string() + ": ";
    // without O_NONBLOCK, opening a pipe waits for a writer
    file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file_ < 0) throw FileError(trouble + std::strerror(errno));
    struct stat facts {};
    if (::fstat(file_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
      ::close(file_);
      throw FileError(trouble + "it is not an ordinary file");
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
  throw CorruptCheckpoint(name_ + " is damaged or not a safetensors file: " + fault +
                          "; use another checkpoint, or fetch the file again");
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
      if (!keys.back().insert(key).second) throw HeaderFault{"the key " + in_quotes(key) + " is given twice"};
    }
    return true;
  };
  const char* begin = reinterpret_cast<const char*>(text.data());
  try {
    return Json::parse(begin, begin + text.size(), watch);
  } catch (const Json::parse_error& error) {
    throw HeaderFault{"its header is not JSON from byte " + std::to_string(error.byte) + " on"};
  } catch (const Json::exception&) {
    throw HeaderFault{"its header holds a number out of range"};
  }
}

}  // namespace

void TensorReader::read_header() {
  // length of the header
  std::array<std::byte, kLengthBytes> length_bytes{};
  if (!source_->read(0, length_bytes))
    fail("it has " + std::to_string(source_->size()) + " bytes and needs 8 at least");
  const auto length = std::bit_cast<std::uint64_t>(length_bytes);
  if (length > kMaxHeaderBytes) fail("its header would have " + std::to_string(length) + " bytes");
  if (length > source_->size() - kLengthBytes) {
    fail("its header should have " + std::to_string(length) + " bytes and is cut off");
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
        if (!value.is_string()) fail("its metadata under " + in_quotes(key) + " is not a string");
        metadata_.emplace(key, value.get<std::string>());
      }
      continue;
    }

    // {"dtype": …, "shape": […], "data_offsets": [begin, end]}, and nothing else
    const std::string what = "the tensor " + in_quotes(name);
    if (name.empty()) fail("a tensor has no name");
    if (!facts.is_object() || facts.size() != 3 || !facts.contains("dtype") || !facts.contains("shape") ||
        !facts.contains("data_offsets")) {
      fail(what + " is not described by dtype, shape and data_offsets");
    }
    const Json& dtype = facts["dtype"];
    const Json& shape = facts["shape"];
    const Json& offsets = facts["data_offsets"];
    if (!dtype.is_string() || !shape.is_array() || !offsets.is_array() || offsets.size() != 2 ||
        !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned()) {
      fail(what + " has a dtype, shape or data_offsets of the wrong kind");
    }

    const std::string type_name = dtype.get<std::string>();
    const auto type =
        std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeFacts& t) { return t.name == type_name; });
    if (type == kTypes.end()) fail(what + " has the element type " + in_quotes(type_name) + ", which is not read here");
    if (shape.size() > Shape::kMaxRank) {
      fail(what + " has " + std::to_string(shape.size()) + " dimensions, and at most " +
           std::to_string(Shape::kMaxRank) + " are read here");
    }

    // byte length = element size times the extents; rejected if the product overflows
    std::vector<std::int64_t> extents;
    std::uint64_t bytes = type->bytes;
    for (const Json& extent : shape) {
      if (!extent.is_number_unsigned()) fail(what + " has an extent that is not a whole number");
      const auto value = extent.get<std::uint64_t>();
      constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
      if (value > kLargest || (value != 0 && bytes > kLargest / value)) fail(what + " is larger than any memory");
      bytes *= value;
      extents.push_back(static_cast<std::int64_t>(value));
    }
    const auto begin = offsets[0].get<std::uint64_t>();
    const auto end = offsets[1].get<std::uint64_t>();
    if (begin > end || end > data_size) fail(what + " lies outside the file, which is cut off or was changed");
    if (end - begin != bytes) {
      fail(what + " should have " + std::to_string(bytes) + " bytes and has " + std::to_string(end - begin));
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
    if (entry.begin > reached) fail("there is a hole before the tensor " + in_quotes(entry.name));
    if (entry.begin < reached) fail("the tensor " + in_quotes(entry.name) + " overlaps another");
    reached = entry.end;
  }
  if (reached != data_size) fail(std::to_string(data_size - reached) + " bytes follow the last tensor");
}

void TensorReader::read(const Entry& entry, std::span<std::byte> bytes) const {
  if (bytes.size() != entry.end - entry.begin) {
    throw InvalidArgument("the tensor " + in_quotes(entry.name) + " has " + std::to_string(entry.end - entry.begin) +
                          " bytes, and the place given for it " + std::to_string(bytes.size()));
  }
  if (!source_->read(data_begin_ + entry.begin, bytes)) fail("the tensor " + in_quotes(entry.name) + " cannot be read");
  if (entry.type == TensorType::kBool &&
      std::any_of(bytes.begin(), bytes.end(), [](std::byte b) { return b > std::byte{1}; })) {
    fail("the tensor " + in_quotes(entry.name) + " holds something else than true and false");
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
      throw InvalidArgument("a tensor cannot be called " + in_quotes(tensor.name) + "; choose another name");
    }
    if (!names.insert(tensor.name).second) {
      throw InvalidArgument("two tensors are called " + in_quotes(tensor.name) + "; a file holds each name once");
    }
    if (tensor.bytes.size() != tensor.shape.elements() * size_of(tensor.type)) {
      throw InvalidArgument("the tensor " + in_quotes(tensor.name) + " of shape " + tensor.shape.to_string() +
                            " and type " + std::string(name_of(tensor.type)) + " cannot have " +
                            std::to_string(tensor.bytes.size()) + " bytes");
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
