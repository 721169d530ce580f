#include "nn/io/matlab.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>
#include <optional>
#include <span>

#include "base/format.h"
#include "base/text.h"

namespace ludus::io {
namespace {

constexpr std::size_t kHeaderBytes = 128;
constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxCharacters = std::size_t{1} << 26;  // of one text

// Types of elements, table 1-1.
enum Type : std::uint32_t {
  kInt8 = 1,
  kUInt8 = 2,
  kInt16 = 3,
  kUInt16 = 4,
  kInt32 = 5,
  kUInt32 = 6,
  kSingle = 7,
  kDouble = 9,
  kInt64 = 12,
  kUInt64 = 13,
  kMatrix = 14,
  kCompressed = 15,
  kUtf8 = 16,
  kUtf16 = 17,
  kUtf32 = 18,
};

// Classes of arrays, table 1-3.
enum Class : std::uint32_t {
  kCellClass = 1,
  kStructClass = 2,
  kObjectClass = 3,
  kCharClass = 4,
  kSparseClass = 5,
  kFirstNumberClass = 6,
  kLastNumberClass = 15,
};
constexpr std::array<DType, 10> kNumberClasses{DType::kFloat64, DType::kFloat32, DType::kInt8,  DType::kUInt8,
                                               DType::kInt16,   DType::kUInt16,  DType::kInt32, DType::kUInt32,
                                               DType::kInt64,   DType::kUInt64};
constexpr std::uint32_t kComplexFlag = 0x0800, kLogicalFlag = 0x0200;

std::optional<DType> dtype_of_type(std::uint32_t type) {
  switch (type) {
    case kInt8: return DType::kInt8;
    case kUInt8: return DType::kUInt8;
    case kInt16: return DType::kInt16;
    case kUInt16: return DType::kUInt16;
    case kInt32: return DType::kInt32;
    case kUInt32: return DType::kUInt32;
    case kSingle: return DType::kFloat32;
    case kDouble: return DType::kFloat64;
    case kInt64: return DType::kInt64;
    case kUInt64: return DType::kUInt64;
    default: return std::nullopt;
  }
}

void append_utf8(std::string& text, std::uint32_t code) {
  if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) code = 0xFFFD;  // not a character
  if (code < 0x80) {
    text.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    text.push_back(static_cast<char>(0xC0 | (code >> 6)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else if (code < 0x10000) {
    text.push_back(static_cast<char>(0xE0 | (code >> 12)));
    text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  } else {
    text.push_back(static_cast<char>(0xF0 | (code >> 18)));
    text.push_back(static_cast<char>(0x80 | ((code >> 12) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3F)));
    text.push_back(static_cast<char>(0x80 | (code & 0x3F)));
  }
}

// Returns the code points of UTF-8; bytes that are none become U+FFFD.
std::vector<std::uint32_t> code_points_of(std::span<const std::byte> bytes) {
  std::vector<std::uint32_t> codes;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto lead = std::to_integer<std::uint32_t>(bytes[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
    if (length == 0 || i + length > bytes.size()) {
      codes.push_back(0xFFFD);
      ++i;
      continue;
    }
    std::uint32_t code = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    bool valid = true;
    for (std::size_t k = 1; k < length; ++k) {
      const auto next = std::to_integer<std::uint32_t>(bytes[i + k]);
      valid = valid && (next & 0xC0) == 0x80;
      code = (code << 6) | (next & 0x3F);
    }
    codes.push_back(valid ? code : 0xFFFD);
    i += valid ? length : 1;
  }
  return codes;
}

// Returns, for every element in row-major order, its place in column-major order.
std::vector<std::size_t> column_major_places(const Shape& shape) {
  std::vector<std::size_t> strides(shape.rank());
  std::size_t stride = 1;
  for (std::size_t d = 0; d < shape.rank(); ++d) {
    strides[d] = stride;
    stride *= static_cast<std::size_t>(shape[d]);
  }
  std::vector<std::size_t> places(shape.elements());
  std::vector<std::int64_t> index(shape.rank(), 0);
  std::size_t place = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    places[i] = place;
    for (std::size_t d = shape.rank(); d-- > 0;) {
      place += strides[d];
      if (++index[d] < shape[d]) break;
      place -= strides[d] * static_cast<std::size_t>(shape[d]);
      index[d] = 0;
    }
  }
  return places;
}

struct Element {
  std::uint32_t type = 0;
  std::span<const std::byte> data;
};

// Reads the elements of one variable, which is in memory.
class Reader {
 public:
  Reader(std::span<const std::byte> bytes, bool big_endian, const MatlabLimits& limits, const std::string& file)
      : rest_(bytes),
        swap_(big_endian != (std::endian::native == std::endian::big)),
        elements_left_(limits.elements),
        bytes_left_(limits.variable_bytes),
        file_(file) {}

  // The content of a miMATRIX element, whose tag has been read: name and value.
  std::pair<std::string, MatlabValue> variable() {
    std::string name;
    MatlabValue value = matrix(rest_, name, 0);
    return {std::move(name), std::move(value)};
  }

  // Reads a tag and its data from the front of `bytes`.
  Element element(std::span<const std::byte>& bytes) const {
    if (bytes.size() < 8) fail("it is truncated in the tag of an element");
    const auto first = number<std::uint32_t>(bytes, 0);
    if (first > 0xFFFF) {  // small form: bytes in the upper half, type in the lower
      const std::uint32_t size = first >> 16;
      if (size > 4) fail("a small element has more than 4 bytes");
      const Element small{.type = first & 0xFFFF, .data = bytes.subspan(4, size)};
      bytes = bytes.subspan(8);
      return small;
    }
    const auto size = number<std::uint32_t>(bytes, 4);
    bytes = bytes.subspan(8);
    if (size > bytes.size()) fail("an element is longer than what is left of the file");
    const Element whole{.type = first, .data = bytes.subspan(0, size)};
    // padded to a multiple of 8; the last one may lack it
    const std::size_t padded = std::min<std::size_t>(bytes.size(), (std::size_t{size} + 7) / 8 * 8);
    bytes = bytes.subspan(padded);
    return whole;
  }

 private:
  template <class T>
  T number(std::span<const std::byte> bytes, std::size_t at) const {
    std::array<std::byte, sizeof(T)> copy{};
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), sizeof(T), copy.begin());
    if (swap_) std::reverse(copy.begin(), copy.end());
    return std::bit_cast<T>(copy);
  }

  // Calls use(number) for the numbers of an element in the file's order.
  template <class Use>
  void for_each_number(const Element& element, Use use) const {
    const std::optional<DType> dtype = dtype_of_type(element.type);
    if (!dtype) fail(formatted("numbers cannot have the type {}", element.type));
    dispatch(*dtype, [&]<class T>(T) {
      if constexpr (!std::is_same_v<T, bool>) {
        for (std::size_t k = 0; (k + 1) * sizeof(T) <= element.data.size(); ++k) {
          use(number<T>(element.data, k * sizeof(T)));
        }
      }
    });
  }

  std::size_t count_of(const Element& element) const {
    const std::optional<DType> dtype = dtype_of_type(element.type);
    if (!dtype) fail(formatted("numbers cannot have the type {}", element.type));
    return element.data.size() / size_of(*dtype);
  }

  Shape read_shape(std::span<const std::byte>& bytes) const {
    const Element dimensions = element(bytes);
    if (dimensions.type != kInt32 || dimensions.data.size() < 8 || dimensions.data.size() % 4 != 0) {
      fail("the extents of an array are missing");
    }
    if (dimensions.data.size() / 4 > Shape::kMaxRank) {
      fail(formatted("an array has {} dimensions, and at most {} are read", dimensions.data.size() / 4,
                     Shape::kMaxRank));
    }
    std::vector<std::int64_t> extents;
    for (std::size_t i = 0; i < dimensions.data.size(); i += 4) {
      const auto extent = number<std::int32_t>(dimensions.data, i);
      if (extent < 0) fail("an extent of an array is negative");
      extents.push_back(extent);
    }
    return Shape(extents);
  }

  // The product of the extents; fails for more than `limit`, before anything is allocated.
  std::size_t checked_count(const Shape& shape, std::uint64_t limit) const {
    std::uint64_t count = 1;
    for (const std::int64_t extent : shape) {
      if (extent == 0) return 0;
    }
    for (const std::int64_t extent : shape) {
      if (count > limit / static_cast<std::uint64_t>(extent)) {
        fail(formatted("an array claims the extents {}, which the file cannot hold", shape.to_string()));
      }
      count *= static_cast<std::uint64_t>(extent);
    }
    return static_cast<std::size_t>(count);
  }

  MatlabValue matrix(std::span<const std::byte> bytes, std::string& name, int depth) {
    MatlabValue value;
    if (bytes.empty()) return value;  // the short form of []
    if (depth > kMaxDepth) fail(formatted("it nests more than {} levels deep", kMaxDepth));
    const Element flags = element(bytes);
    if (flags.type != kUInt32 || flags.data.size() != 8) fail("the flags of an array are missing");
    const auto bits = number<std::uint32_t>(flags.data, 0);
    const std::uint32_t array_class = bits & 0xFF;
    value.shape = read_shape(bytes);
    const Element name_element = element(bytes);
    if (name_element.type != kInt8 && name_element.type != kUtf8) fail("the name of an array is missing");
    name.assign(reinterpret_cast<const char*>(name_element.data.data()), name_element.data.size());

    if (array_class >= kFirstNumberClass && array_class <= kLastNumberClass) {
      read_numbers(value, bytes, bits);
    } else if (array_class == kCharClass) {
      read_text(value, bytes);
    } else if (array_class == kCellClass) {
      value.kind = MatlabValue::Kind::kCell;
      read_elements(value, bytes, 1, depth);
    } else if (array_class == kStructClass) {
      value.kind = MatlabValue::Kind::kStruct;
      read_field_names(value, bytes);
      read_elements(value, bytes, value.field_names.size(), depth);
    } else {
      const char* kind = array_class == kSparseClass ? "a sparse array; store it with full()"
                         : array_class == kObjectClass
                             ? "an object; store its properties as a structure"
                             : "an object or a function handle; store its content as numbers, "
                               "texts, cells or structures";
      fail(formatted("the variable \"{}\" holds {}", name, kind));
    }
    return value;
  }

  void read_numbers(MatlabValue& value, std::span<const std::byte>& bytes, std::uint32_t bits) {
    value.kind = MatlabValue::Kind::kNumbers;
    const DType dtype = (bits & kLogicalFlag) != 0 ? DType::kBool : kNumberClasses[(bits & 0xFF) - kFirstNumberClass];
    value.numbers = numbers(value.shape, dtype, bytes);
    if ((bits & kComplexFlag) != 0) value.imaginary.push_back(numbers(value.shape, dtype, bytes));
  }

  // The class says what MATLAB shows; the file may store small numbers in a smaller type.
  Array numbers(const Shape& shape, DType dtype, std::span<const std::byte>& bytes) {
    const Element stored = element(bytes);
    const std::size_t count = checked_count(shape, stored.data.size());
    if (count_of(stored) != count) {
      fail(formatted("an array of the extents {} has {} numbers", shape.to_string(), count_of(stored)));
    }
    if (count * size_of(dtype) > bytes_left_) fail("its numbers need more memory than a variable may have");
    bytes_left_ -= count * size_of(dtype);
    Array array(dtype, shape);
    if (count == 0) return array;
    // counts through the array in the file's order, the first index fastest
    const std::size_t rank = shape.rank();
    std::vector<std::size_t> strides(rank, 1);
    for (std::size_t d = rank - 1; d > 0; --d) strides[d - 1] = strides[d] * static_cast<std::size_t>(shape[d]);
    std::vector<std::int64_t> index(rank, 0);
    std::size_t place = 0;
    const auto advance = [&] {
      for (std::size_t d = 0; d < rank; ++d) {
        place += strides[d];
        if (++index[d] < shape[d]) return;
        place -= strides[d] * static_cast<std::size_t>(shape[d]);
        index[d] = 0;
      }
    };
    dispatch(dtype, [&]<class T>(T) {
      const auto out = array.data<T>();
      for_each_number(stored, [&](auto number) {
        if constexpr (std::is_same_v<T, bool>) {
          out[place] = number != 0;
        } else if constexpr (std::is_integral_v<T> && std::is_floating_point_v<decltype(number)>) {
          fail("integers are stored as floating-point numbers");
        } else {
          out[place] = static_cast<T>(number);
        }
        advance();
      });
    });
    return array;
  }

  void read_text(MatlabValue& value, std::span<const std::byte>& bytes) const {
    value.kind = MatlabValue::Kind::kText;
    const Element stored = element(bytes);
    const std::size_t count = checked_count(value.shape, std::min(stored.data.size(), kMaxCharacters));
    std::vector<std::uint32_t> units;
    if (stored.type == kUtf8) {
      units = code_points_of(stored.data);
      // MATLAB counts UTF-16 units: a character beyond the first 65536 is two
      std::vector<std::uint32_t> pairs;
      for (const std::uint32_t code : units) {
        if (code < 0x10000) {
          pairs.push_back(code);
        } else {
          pairs.push_back(0xD800 + ((code - 0x10000) >> 10));
          pairs.push_back(0xDC00 + ((code - 0x10000) & 0x3FF));
        }
      }
      if (units.size() != count) units = std::move(pairs);
    } else {
      Element as_numbers = stored;
      if (stored.type == kUtf16) as_numbers.type = kUInt16;
      if (stored.type == kUtf32) as_numbers.type = kUInt32;
      for_each_number(as_numbers, [&](auto number) {
        if constexpr (std::is_floating_point_v<decltype(number)>)
          fail("characters are stored as floating-point numbers");
        units.push_back(static_cast<std::uint32_t>(number));
      });
    }
    if (units.size() != count) {
      fail(formatted("a text of the extents {} has {} characters", value.shape.to_string(), units.size()));
    }
    const std::vector<std::size_t> places = column_major_places(value.shape);
    const auto width = static_cast<std::size_t>(value.shape[value.shape.rank() - 1]);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0 && i % width == 0) value.text.push_back('\n');
      std::uint32_t code = units[places[i]];
      if (code >= 0xD800 && code < 0xDC00 && i + 1 < count && (i + 1) % width != 0) {
        const std::uint32_t low = units[places[i + 1]];
        if (low >= 0xDC00 && low < 0xE000) {
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
          ++i;
        }
      }
      append_utf8(value.text, code);
    }
  }

  void read_field_names(MatlabValue& value, std::span<const std::byte>& bytes) const {
    const Element length_element = element(bytes);
    if (length_element.type != kInt32 || length_element.data.size() != 4) fail("the length of field names is missing");
    const auto length = number<std::int32_t>(length_element.data, 0);
    const Element block = element(bytes);
    if (length < 1 || block.data.size() % static_cast<std::size_t>(length) != 0) {
      fail("the names of fields are damaged");
    }
    for (std::size_t i = 0; i < block.data.size(); i += static_cast<std::size_t>(length)) {
      const auto* text = reinterpret_cast<const char*>(block.data.data() + i);
      value.field_names.emplace_back(text, std::find(text, text + length, '\0'));
    }
  }

  // The miMATRIX elements of a cell or structure array, which are stored element by element in column-major order.
  void read_elements(MatlabValue& value, std::span<const std::byte>& bytes, std::size_t fields, int depth) {
    constexpr std::size_t kSmallest = 8;  // bytes of an element: its tag
    const std::size_t count = checked_count(value.shape, fields == 0 ? elements_left_ : bytes.size() / kSmallest);
    if (fields > 0 && count > bytes.size() / kSmallest / fields) fail("it has fewer elements than it claims");
    if (count * fields > elements_left_) fail("it has too many cells and fields");
    elements_left_ -= count * fields;
    std::vector<MatlabValue> stored;
    stored.reserve(count * fields);
    for (std::size_t i = 0; i < count * fields; ++i) {
      const Element child = element(bytes);
      if (child.type != kMatrix) fail("an element of a cell or structure is not an array");
      std::string ignored;
      stored.push_back(matrix(child.data, ignored, depth + 1));
    }
    if (fields == 0) return;
    const std::vector<std::size_t> places = column_major_places(value.shape);
    value.elements.reserve(stored.size());
    for (const std::size_t place : places) {
      for (std::size_t f = 0; f < fields; ++f) value.elements.push_back(std::move(stored[place * fields + f]));
    }
  }

  [[noreturn]] void fail(const std::string& fault) const {
    throw FileError(formatted("{}: the MATLAB file cannot be read: {}", file_, fault));
  }

  std::span<const std::byte> rest_;
  bool swap_;
  std::uint64_t elements_left_;
  std::uint64_t bytes_left_;  // for numbers: a file may store doubles as bytes
  const std::string& file_;
};

std::string extents_of(const Shape& shape) {
  std::string text;
  for (std::size_t d = 0; d < shape.rank(); ++d) text += formatted("{}{}", d == 0 ? "" : " x ", shape[d]);
  return text;
}

}  // namespace

bool MatlabValue::has_field(std::string_view name) const {
  return kind == Kind::kStruct && std::find(field_names.begin(), field_names.end(), name) != field_names.end();
}

const MatlabValue& MatlabValue::field(std::string_view name, std::size_t i) const {
  const auto place = std::find(field_names.begin(), field_names.end(), name);
  if (kind != Kind::kStruct || place == field_names.end()) {
    throw InvalidArgument(formatted("a structure with the field \"{}\" is needed, got {}", name, describe()));
  }
  const std::size_t index = i * field_names.size() + static_cast<std::size_t>(place - field_names.begin());
  if (index >= elements.size()) {
    throw InvalidArgument(formatted("element {} is needed, got {}", i, describe()));
  }
  return elements[index];
}

const MatlabValue& MatlabValue::cell(std::size_t i) const {
  if (kind != Kind::kCell || i >= elements.size()) {
    throw InvalidArgument(formatted("a cell array with element {} is needed, got {}", i, describe()));
  }
  return elements[i];
}

std::string MatlabValue::describe() const {
  switch (kind) {
    case Kind::kNumbers: return formatted("a {} {} array", extents_of(shape), name_of(numbers.dtype()));
    case Kind::kText: return formatted("a {} text", extents_of(shape));
    case Kind::kCell: return formatted("a {} cell array", extents_of(shape));
    case Kind::kStruct: break;
  }
  return formatted("a {} structure with the fields {}", extents_of(shape), joined(field_names));
}

const MatlabValue& MatlabFile::at(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [key, value] : variables) {
    if (key == name) return value;
    names.push_back(key);
  }
  throw InvalidArgument(formatted("there is no variable \"{}\"; the file has {}", name, joined(names)));
}

MatlabFile read_matlab(ByteStreamPtr stream, const MatlabLimits& limits) {
  const std::string& file = stream->name();
  const auto fail = [&](const std::string& fault) {
    throw FileError(formatted("{}: the MATLAB file cannot be read: {}", file, fault));
  };
  std::array<std::byte, kHeaderBytes> header{};
  read_exactly(*stream, header, "the header of a MATLAB file");
  const std::string_view text(reinterpret_cast<const char*>(header.data()), kHeaderBytes);
  if (text.starts_with("MATLAB 7.3")) fail("version 7.3 is HDF5; save it with -v7");
  const std::string_view order = text.substr(126, 2);
  if (order != "IM" && order != "MI") fail("it is not of level 5 (save it with -v6 or -v7)");
  const bool big_endian = order == "MI";
  const std::size_t high = big_endian ? 124 : 125;
  if (text[high] != 1) fail("its version is not 1; save it with -v6 or -v7");

  MatlabFile result;
  std::array<std::byte, 8> tag{};
  while (true) {
    const std::size_t read = stream->read(tag);
    if (read == 0) return result;
    if (read < tag.size()) fail("it is truncated in the tag of a variable");
    const auto word = [&](std::size_t at) {
      std::uint32_t number = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        number |= std::to_integer<std::uint32_t>(tag[at + i]) << (8 * (big_endian ? 3 - i : i));
      }
      return number;
    };
    const std::uint32_t type = word(0), size = word(4);
    if (type != kMatrix && type != kCompressed) fail(formatted("an element of type {} stands for a variable", type));
    if (size > limits.variable_bytes) {
      fail(formatted("a variable has {} bytes, and up to {} are read", size, limits.variable_bytes));
    }
    std::string bytes = read_claimed(*stream, size, "a variable");
    if (type == kMatrix) {
      // padded to a multiple of 8 in principle; MATLAB's own sizes are multiples already
      Reader reader(std::as_bytes(std::span(bytes)), big_endian, limits, file);
      result.variables.push_back(reader.variable());
      continue;
    }
    const ByteStreamPtr inflated = open_memory(bytes, file, Compression::kZlib);
    read_exactly(*inflated, tag, "a compressed variable");
    if (word(0) != kMatrix) fail(formatted("an element of type {} stands for a compressed variable", word(0)));
    const std::uint32_t inflated_size = word(4);
    if (inflated_size > limits.variable_bytes) {
      fail(formatted("a variable has {} bytes, and up to {} are read", inflated_size, limits.variable_bytes));
    }
    const std::string variable = read_claimed(*inflated, inflated_size, "a compressed variable");
    Reader reader(std::as_bytes(std::span(variable)), big_endian, limits, file);
    result.variables.push_back(reader.variable());
  }
}

MatlabFile read_matlab(const std::filesystem::path& path, const MatlabLimits& limits) {
  return read_matlab(open_file(path, Compression::kNone), limits);
}

}  // namespace ludus::io
