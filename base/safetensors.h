// The safetensors format: named tensors and a few words about them in one file, readable from Python in one line.
//
//   u64 little-endian N | N bytes of JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …} | data
//
// Offsets count from the end of the JSON; "__metadata__" maps strings to strings. Source: the format's own description,
// github.com/huggingface/safetensors, README "Format". This header does not include torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/array.h"

namespace ludus {

// A checkpoint or a file of tensors is damaged, or is not what it claims to be. Names the file and the fault.
class CorruptCheckpoint : public InputError {
 public:
  using InputError::InputError;
};

// The element types of the format that are read and written here; its 8-bit floats and complex numbers are not.
enum class TensorType : std::uint8_t {
  kBool,
  kUInt8,
  kInt8,
  kInt16,
  kUInt16,
  kFloat16,
  kBFloat16,
  kInt32,
  kUInt32,
  kFloat32,
  kFloat64,
  kInt64,
  kUInt64,
};

std::size_t size_of(TensorType type);       // bytes of one element
std::string_view name_of(TensorType type);  // the format's name: "F32", "BF16", "BOOL"
TensorType tensor_type_of(DType dtype);     // every dtype has one
DType array_type_of(TensorType type);       // of the array that to_array() makes: F16 and BF16 become float32

using Metadata = std::map<std::string, std::string>;

// Numbers with a name, not owned: what a writer takes. Row-major, little-endian.
struct TensorView {
  std::string name;
  TensorType type;
  Shape shape;
  std::span<const std::byte> bytes;
};

// Numbers with a name.
struct NamedTensor {
  std::string name;
  TensorType type;
  Shape shape;
  std::vector<std::byte> bytes;  // row-major, little-endian

  TensorView view() const { return {name, type, shape, bytes}; }
};

struct TensorFile {
  std::vector<NamedTensor> tensors;  // in the order of their bytes in the file
  Metadata metadata;

  // The tensor of that name; throws CorruptCheckpoint naming those there are.
  const NamedTensor& at(std::string_view name) const;
};

// The numbers as an array; F16 and BF16 are widened to float32, which is exact.
Array to_array(const NamedTensor& tensor);
// The array as something to write, looking at the array's memory.
TensorView view_of(std::string name, const Array& array);

// Reads a file piece by piece: the header when made, each tensor when asked for, so that a large tensor is copied once,
// into the place it is for.
class TensorReader {
 public:
  struct Entry {
    std::string name;
    TensorType type;
    Shape shape;
    std::uint64_t begin;  // first byte, from the start of the data
    std::uint64_t end;    // one past the last
  };

  // Checks the whole header against the format and the file's length. Throws FileError where the file cannot be read,
  // CorruptCheckpoint where it is not a valid file of this format or holds tensors that are not read here (other
  // element types, more than Shape::kMaxRank dimensions).
  explicit TensorReader(const std::filesystem::path& path);
  // The same for a file in memory, which must outlive the reader; `name` is for messages.
  TensorReader(std::span<const std::byte> file, std::string name);
  ~TensorReader();
  TensorReader(TensorReader&&) noexcept;
  TensorReader& operator=(TensorReader&&) noexcept;

  const std::vector<Entry>& entries() const { return entries_; }  // in the order of their bytes
  const Metadata& metadata() const { return metadata_; }
  const std::string& name() const { return name_; }

  // Fills `bytes`, which has end - begin of them. Throws CorruptCheckpoint if the file was cut meanwhile or a BOOL is
  // neither 0 nor 1.
  void read(const Entry& entry, std::span<std::byte> bytes) const;

 private:
  class Source;
  void read_header();
  [[noreturn]] void fail(const std::string& fault) const;

  std::string name_;
  std::unique_ptr<Source> source_;
  std::vector<Entry> entries_;
  Metadata metadata_;
  std::uint64_t data_begin_ = 0;  // where the data starts in the file
};

// The whole file, or a whole file in memory; throws as TensorReader does.
TensorFile read_safetensors(const std::filesystem::path& path);
TensorFile parse_safetensors(std::span<const std::byte> file, std::string name);

// Writes the file so that a kill leaves the old one or the new one (base/file.h). Tensors are laid out by falling size
// of their elements, so that each is aligned, and the data begins at a multiple of 8. Throws InvalidArgument for a name
// given twice, empty or "__metadata__", text that is not UTF-8, a length that does not fit the shape; FileError and
// WriteFailed as write_atomically does.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const Metadata& metadata = {});

// The bytes of that file.
std::vector<std::byte> to_safetensors(std::span<const TensorView> tensors, const Metadata& metadata = {});

}  // namespace ludus
