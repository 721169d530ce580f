#include "nn/io/npy.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <set>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace ludus::io {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::uint64_t kMaxHeaderBytes =
    1 << 20;                            // NumPy reads 10,000 unless told otherwise; record types may need more
constexpr std::size_t kAlignment = 64;  // of the elements in the file

// What the header of an NPY file says.
struct Header {
  std::string descr;
  bool fortran_order = false;
  std::vector<std::int64_t> extents;
};

// Parses the Python literal {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& file) : rest_(text), file_(file) {}

  Header parse() {
    Header header;
    std::set<std::string> keys;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      if (!keys.insert(key).second) fail(formatted("the key '{}' occurs twice", key));
      expect(':');
      if (key == "descr") {
        skip_spaces();
        if (rest_.starts_with('[')) fail("it holds records, which are not read; store each column as an array");
        header.descr = quoted();
      } else if (key == "fortran_order") {
        header.fortran_order = boolean();
      } else if (key == "shape") {
        header.extents = tuple();
      } else {
        fail(formatted("unknown key '{}'", key));
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (!rest_.empty()) fail("text follows the dictionary");
    if (keys.size() != 3) fail("it must have the keys descr, fortran_order and shape");
    return header;
  }

 private:
  void skip_spaces() {
    const std::size_t count = rest_.find_first_not_of(" \t\n\r");
    rest_.remove_prefix(count == std::string_view::npos ? rest_.size() : count);
  }
  bool accept(char letter) {
    skip_spaces();
    if (!rest_.starts_with(letter)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char letter) {
    if (!accept(letter)) fail(formatted("'{}' expected", letter));
  }
  std::string quoted() {
    skip_spaces();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) fail("a text in quotes expected");
    const std::size_t end = rest_.find(rest_.front(), 1);
    if (end == std::string_view::npos) fail("a quote is not closed");
    std::string text(rest_.substr(1, end - 1));
    if (text.size() > 100 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
      fail("a text is longer than 100 bytes or not printable");
    }
    rest_.remove_prefix(end + 1);
    return text;
  }
  bool boolean() {
    skip_spaces();
    for (const auto& [word, value] : {std::pair{std::string_view("True"), true}, {std::string_view("False"), false}}) {
      if (!rest_.starts_with(word)) continue;
      rest_.remove_prefix(word.size());
      return value;
    }
    fail("True or False expected");
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> numbers;
    expect('(');
    while (!accept(')')) {
      skip_spaces();
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
      if (error != std::errc() || number < 0) fail("an extent is not a whole number below 2^63");
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      if (rest_.starts_with('L')) rest_.remove_prefix(1);  // Python 2
      numbers.push_back(number);
      if (numbers.size() > 64) fail("the shape has more than 64 dimensions");
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return numbers;
  }
  [[noreturn]] void fail(const std::string& fault) const {
    throw FileError(formatted("{}: the header of this NPY file cannot be read: {}", file_, fault));
  }

  std::string_view rest_;
  const std::string& file_;
};

StoredType stored_type(const std::string& descr, const std::string& file) {
  struct Code {
    std::string_view code;
    DType dtype;
  };
  static constexpr std::array<Code, 12> kCodes{{{"b1", DType::kBool},
                                                {"i1", DType::kInt8},
                                                {"u1", DType::kUInt8},
                                                {"i2", DType::kInt16},
                                                {"u2", DType::kUInt16},
                                                {"i4", DType::kInt32},
                                                {"u4", DType::kUInt32},
                                                {"i8", DType::kInt64},
                                                {"u8", DType::kUInt64},
                                                {"f2", DType::kFloat32},
                                                {"f4", DType::kFloat32},
                                                {"f8", DType::kFloat64}}};
  std::string_view code = descr;
  const char order = code.empty() ? '?' : code.front();
  if (order == '<' || order == '>' || order == '|' || order == '=') code.remove_prefix(1);
  for (const Code& known : kCodes) {
    if (known.code != code) continue;
    const bool half = code == "f2";
    return {.dtype = known.dtype, .bytes = half ? 2 : size_of(known.dtype), .big_endian = order == '>', .half = half};
  }
  throw FileError(
      formatted("{}: elements of the type '{}' are not read; convert the array to bool, integers or floating "
                "point of 16 to 64 bits",
                file, descr));
}

// Reads magic, version and header; the stream is then at the first element.
Header read_header(ByteStream& stream) {
  std::array<char, 8> start{};
  read_exactly(stream, std::as_writable_bytes(std::span(start)), "the first 8 bytes of an NPY file");
  if (std::string_view(start.data(), kMagic.size()) != kMagic) {
    throw FileError(formatted("{}: not an NPY file: it does not begin with \\x93NUMPY", stream.name()));
  }
  const int major = static_cast<std::uint8_t>(start[6]);
  if (major < 1 || major > 3) {
    throw FileError(formatted("{}: versions 1 to 3 of NPY are read, got {}", stream.name(), major));
  }
  std::array<std::uint8_t, 4> length_bytes{};
  read_exactly(stream, std::as_writable_bytes(std::span(length_bytes)).first(major == 1 ? 2 : 4),
               "the header of an NPY file");
  const auto length = std::bit_cast<std::uint32_t>(length_bytes);
  if (length > kMaxHeaderBytes) {
    throw FileError(
        formatted("{}: a header of NPY has at most {} bytes here, got {}", stream.name(), kMaxHeaderBytes, length));
  }
  const std::string text = read_claimed(stream, length, "the header of an NPY file");
  return HeaderParser(text, stream.name()).parse();
}

// The bytes of a string that the stream owns.
class OwningStream final : public ByteStream {
 public:
  OwningStream(std::string bytes, std::string name)
      : ByteStream(std::move(name)),
        bytes_(std::move(bytes)),
        inner_(open_memory(bytes_, this->name(), Compression::kNone)) {}
  std::size_t read(std::span<std::byte> bytes) override { return inner_->read(bytes); }
  std::uint64_t skip(std::uint64_t count) override { return inner_->skip(count); }
  std::optional<std::uint64_t> remaining() const override { return inner_->remaining(); }

 private:
  std::string bytes_;
  ByteStreamPtr inner_;
};

// Reads an array in Fortran order and returns its stored elements in C order.
std::string in_c_order(ByteStreamPtr stream, const StoredType& type, const std::vector<std::int64_t>& extents) {
  const std::uint64_t count = checked_elements(extents, type.bytes, stream->name());
  const std::string stored = read_claimed(*stream, count * type.bytes, "an array in Fortran order");

  std::string ordered(stored.size(), '\0');
  std::vector<std::uint64_t> index(extents.size(), 0);
  std::vector<std::uint64_t> stride(extents.size(), 1);  // in elements of the file: the first extent varies fastest
  for (std::size_t axis = 1; axis < extents.size(); ++axis) {
    stride[axis] = stride[axis - 1] * static_cast<std::uint64_t>(extents[axis - 1]);
  }
  std::uint64_t from = 0;
  for (std::uint64_t to = 0; to < count; ++to) {
    std::memcpy(ordered.data() + to * type.bytes, stored.data() + from * type.bytes, type.bytes);
    for (std::size_t axis = extents.size(); axis-- > 0;) {  // the next index, the last extent fastest
      from += stride[axis];
      if (++index[axis] < static_cast<std::uint64_t>(extents[axis])) break;
      from -= stride[axis] * index[axis];
      index[axis] = 0;
    }
  }
  return ordered;
}

}  // namespace

ArrayStream open_npy(ByteStreamPtr stream) {
  const Header header = read_header(*stream);
  const StoredType type = stored_type(header.descr, stream->name());
  if (header.fortran_order && header.extents.size() > 1) {
    const std::string name = stream->name();
    std::string ordered = in_c_order(std::move(stream), type, header.extents);
    return {std::make_unique<OwningStream>(std::move(ordered), name), type, header.extents};
  }
  return {std::move(stream), type, header.extents};
}

ArrayStream open_npy(const std::filesystem::path& path) {
  return open_npy(open_file(path, Compression::kNone));
}

Array read_npy(ByteStreamPtr stream) {
  ArrayStream array = open_npy(std::move(stream));
  Array all = array.read_all();
  array.expect_end();
  return all;
}

Array read_npy(const std::filesystem::path& path) {
  return read_npy(open_file(path, Compression::kNone));
}

std::string to_npy(const Array& array) {
  static constexpr std::array<std::string_view, 11> kCodes{"|b1", "|i1", "|u1", "<i2", "<u2", "<i4",
                                                           "<u4", "<i8", "<u8", "<f4", "<f8"};  // by DType
  std::string header = formatted("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                 kCodes[static_cast<std::size_t>(array.dtype())], array.shape().to_string());
  const std::size_t before = kMagic.size() + 4;  // version and length
  header.append(kAlignment - 1 - (before + header.size()) % kAlignment, ' ');
  header.push_back('\n');

  std::string out(kMagic);
  out.push_back(1);
  out.push_back(0);
  out.push_back(static_cast<char>(header.size() & 0xFF));
  out.push_back(static_cast<char>(header.size() >> 8));
  out += header;
  const std::span<const std::byte> bytes = array.bytes();
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return out;
}

void write_npy(const std::filesystem::path& path, const Array& array) {
  write_atomically(path, to_npy(array));
}

// ---- NPZ -----------------------------------------------------------------------------------------------------------

namespace {

// Signatures of the records of a ZIP archive.
constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kDirectoryEntry = 0x02014b50;
constexpr std::uint32_t kDirectoryEnd = 0x06054b50;
constexpr std::uint32_t kZip64End = 0x06064b50;
constexpr std::uint32_t kZip64Locator = 0x07064b50;
constexpr std::size_t kLocalBytes = 30, kEntryBytes = 46, kEndBytes = 22, kLocatorBytes = 20, kZip64EndBytes = 56;
constexpr std::uint64_t kMaxDirectoryBytes = std::uint64_t{1} << 28;
constexpr std::uint64_t kMaxRatio = 1100;  // deflate expands at most 1032 times
constexpr std::string_view kEnding = ".npy";

template <class Number>
Number number_at(std::string_view bytes, std::size_t at) {
  Number number{};
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

std::string bytes_of_file(const std::filesystem::path& path, std::uint64_t begin, std::uint64_t size,
                          std::string_view what) {
  const ByteStreamPtr stream = open_part_of_file(path, begin, size);
  return read_claimed(*stream, size, what);
}

[[noreturn]] void fail_zip(const std::filesystem::path& path, const std::string& fault) {
  throw FileError(formatted("{}: not an NPZ file or damaged: {}; fetch the file again", path.string(), fault));
}

}  // namespace

NpzReader::NpzReader(const std::filesystem::path& path) : path_(path) {
  const std::uint64_t file_size = *open_file(path, Compression::kNone)->remaining();

  // the end record is the last of the file, before a comment of at most 65535 bytes
  const std::uint64_t tail_size = std::min<std::uint64_t>(file_size, kEndBytes + 0xFFFF + kLocatorBytes);
  const std::uint64_t tail_begin = file_size - tail_size;
  const std::string tail = bytes_of_file(path, tail_begin, tail_size, "the end of an archive");
  std::optional<std::size_t> end;
  for (std::size_t at = tail.size() < kEndBytes ? 0 : tail.size() - kEndBytes + 1; at-- > 0;) {
    if (number_at<std::uint32_t>(tail, at) != kDirectoryEnd) continue;
    if (number_at<std::uint16_t>(tail, at + 20) != tail.size() - at - kEndBytes) continue;  // length of the comment
    end = at;
    break;
  }
  if (!end) fail_zip(path, "the directory of a ZIP archive is missing");
  std::uint64_t count = number_at<std::uint16_t>(tail, *end + 10);
  std::uint64_t size = number_at<std::uint32_t>(tail, *end + 12);
  std::uint64_t begin = number_at<std::uint32_t>(tail, *end + 16);
  std::uint64_t directory_end = tail_begin + *end;

  // archives of more than 65535 entries or 4 GiB store the numbers in the zip64 record
  if (*end >= kLocatorBytes && number_at<std::uint32_t>(tail, *end - kLocatorBytes) == kZip64Locator) {
    const auto place = number_at<std::uint64_t>(tail, *end - kLocatorBytes + 8);
    if (place > file_size || kZip64EndBytes > file_size - place)
      fail_zip(path, "its zip64 record lies outside the file");
    const std::string record = bytes_of_file(path, place, kZip64EndBytes, "the zip64 record of an archive");
    if (number_at<std::uint32_t>(record, 0) != kZip64End) fail_zip(path, "its zip64 record is missing");
    count = number_at<std::uint64_t>(record, 32);
    size = number_at<std::uint64_t>(record, 40);
    begin = number_at<std::uint64_t>(record, 48);
    directory_end = place;
  }
  if (begin > directory_end || size > directory_end - begin || size > kMaxDirectoryBytes ||
      count > size / kEntryBytes) {
    fail_zip(path, "its directory lies outside the file");
  }

  const std::string directory = bytes_of_file(path, begin, size, "the directory of an archive");
  std::string_view rest = directory;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (rest.size() < kEntryBytes || number_at<std::uint32_t>(rest, 0) != kDirectoryEntry) {
      fail_zip(path, formatted("entry {} of its directory is damaged", i));
    }
    Entry entry{.name = {},
                .method = number_at<std::uint16_t>(rest, 10),
                .crc = number_at<std::uint32_t>(rest, 16),
                .compressed = number_at<std::uint32_t>(rest, 20),
                .size = number_at<std::uint32_t>(rest, 24),
                .header = number_at<std::uint32_t>(rest, 42)};
    const std::uint16_t flags = number_at<std::uint16_t>(rest, 8);
    const std::size_t name_size = number_at<std::uint16_t>(rest, 28);
    const std::size_t extra_size = number_at<std::uint16_t>(rest, 30);
    const std::size_t comment_size = number_at<std::uint16_t>(rest, 32);
    if (rest.size() - kEntryBytes < name_size + extra_size + comment_size) {
      fail_zip(path, formatted("entry {} of its directory is truncated", i));
    }
    entry.name = rest.substr(kEntryBytes, name_size);
    std::string_view extra = rest.substr(kEntryBytes + name_size, extra_size);
    rest.remove_prefix(kEntryBytes + name_size + extra_size + comment_size);

    // the zip64 field holds, in this order, the numbers that did not fit
    while (extra.size() >= 4) {
      const auto id = number_at<std::uint16_t>(extra, 0);
      const std::size_t length = number_at<std::uint16_t>(extra, 2);
      if (extra.size() - 4 < length) fail_zip(path, formatted("the extra fields of entry {} are damaged", i));
      std::string_view content = extra.substr(4, length);
      extra.remove_prefix(4 + length);
      if (id != 1) continue;
      for (std::uint64_t* number : {&entry.size, &entry.compressed, &entry.header}) {
        if (*number != 0xFFFFFFFF) continue;
        if (content.size() < 8) fail_zip(path, formatted("the zip64 field of entry {} is truncated", i));
        *number = number_at<std::uint64_t>(content, 0);
        content.remove_prefix(8);
      }
    }

    if (flags & 1) fail_zip(path, formatted("entry {} is encrypted", i));
    if (entry.method != 0 && entry.method != 8) {
      fail_zip(path,
               formatted("entry {} is compressed by method {}; stored (0) and deflated (8) are read", i, entry.method));
    }
    if (entry.header > begin || kLocalBytes > begin - entry.header ||
        entry.compressed > begin - entry.header - kLocalBytes) {
      fail_zip(path, formatted("entry {} lies outside the file", i));
    }
    if (entry.method == 0 ? entry.size != entry.compressed : entry.size / kMaxRatio > entry.compressed) {
      fail_zip(path, formatted("entry {} claims {} bytes out of {}", i, entry.size, entry.compressed));
    }
    if (!entry.name.ends_with(kEnding)) continue;
    entry.name.resize(entry.name.size() - kEnding.size());
    if (contains(entry.name)) fail_zip(path, formatted("two arrays have the name of entry {}", i));
    entries_.push_back(std::move(entry));
  }
}

std::vector<std::string> NpzReader::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.name);
  return names;
}

bool NpzReader::contains(std::string_view name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == name; });
}

const NpzReader::Entry& NpzReader::entry(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.name == name) return entry;
  }
  throw InvalidArgument(formatted("{}: there is no array \"{}\"; it holds {}", path_.string(), name, joined(names())));
}

// The decompressed bytes of an entry.
ByteStreamPtr NpzReader::stream_of(const Entry& entry) const {
  // name and extra fields of the local header may differ in length from those of the directory
  const std::string local = bytes_of_file(path_, entry.header, kLocalBytes, "a local header of an archive");
  if (number_at<std::uint32_t>(local, 0) != kLocalHeader) {
    fail_zip(path_, formatted("the local header of \"{}\" is missing", entry.name));
  }
  const std::uint64_t begin =
      entry.header + kLocalBytes + number_at<std::uint16_t>(local, 26) + number_at<std::uint16_t>(local, 28);
  ByteStreamPtr stored = open_part_of_file(path_, begin, entry.compressed);
  return entry.method == 0 ? std::move(stored) : inflated(std::move(stored));
}

ArrayStream NpzReader::open(std::string_view name) const {
  return open_npy(stream_of(entry(name)));
}

Array NpzReader::read(std::string_view name) const {
  const Entry& described = entry(name);
  const ByteStreamPtr stream = stream_of(described);
  const std::string bytes = read_claimed(*stream, described.size, formatted("the array \"{}\"", name));
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (crc != described.crc) fail_zip(path_, formatted("the checksum of \"{}\" is wrong", name));
  return read_npy(open_memory(bytes, formatted("{}, array \"{}\"", path_.string(), name), Compression::kNone));
}

NamedArrays read_npz(const std::filesystem::path& path) {
  const NpzReader reader(path);
  NamedArrays arrays;
  for (const std::string& name : reader.names()) arrays.emplace_back(name, reader.read(name));
  return arrays;
}

void write_npz(const std::filesystem::path& path, const NamedArrays& arrays, bool deflate) {
  std::string out, directory;
  std::set<std::string> names;
  const auto put = [](std::string& to, auto number) {
    to.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  for (const auto& [name, array] : arrays) {
    if (name.empty() || !names.insert(name).second) {
      throw InvalidArgument(
          formatted("{}: names of arrays must be unique and not empty, got \"{}\"", path.string(), name));
    }
    const std::string content = to_npy(array);
    const std::string stored = deflate ? deflated(content) : content;
    if (std::max(content.size(), out.size() + stored.size()) >= 0xFFFFFFFF || name.size() > 1000 ||
        names.size() > 0xFFFF) {
      throw InvalidArgument(
          formatted("{}: an archive written here holds less than 4 GiB and 65536 arrays; write \"{}\" with "
                    "write_npy()",
                    path.string(), name));
    }
    const std::string file = name + std::string(kEnding);

    // both headers share: version, flags (bit 11: names in UTF-8), method, time, date, checksum, sizes, name, extra
    std::string common;
    put(common, std::uint16_t{20});
    put(common, std::uint16_t{0x0800});
    put(common, static_cast<std::uint16_t>(deflate ? 8 : 0));
    put(common, std::uint16_t{0});
    put(common, std::uint16_t{0x21});  // 1980-01-01, so that the same arrays give the same file
    put(common, static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size())));
    put(common, static_cast<std::uint32_t>(stored.size()));
    put(common, static_cast<std::uint32_t>(content.size()));
    put(common, static_cast<std::uint16_t>(file.size()));
    put(common, std::uint16_t{0});

    put(directory, kDirectoryEntry);
    put(directory, std::uint16_t{20});  // written by
    directory += common;
    put(directory, std::uint16_t{0});                        // comment
    put(directory, std::uint16_t{0});                        // disk
    put(directory, std::uint16_t{0});                        // internal attributes
    put(directory, std::uint32_t{0});                        // external attributes
    put(directory, static_cast<std::uint32_t>(out.size()));  // local header
    directory += file;

    put(out, kLocalHeader);
    out += common;
    out += file;
    out += stored;
  }
  const auto begin = static_cast<std::uint32_t>(out.size());
  out += directory;
  put(out, kDirectoryEnd);
  put(out, std::uint32_t{0});  // disks
  put(out, static_cast<std::uint16_t>(names.size()));
  put(out, static_cast<std::uint16_t>(names.size()));
  put(out, static_cast<std::uint32_t>(directory.size()));
  put(out, begin);
  put(out, std::uint16_t{0});  // comment
  write_atomically(path, out);
}

}  // namespace ludus::io
