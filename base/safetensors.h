// Reader and writer of the safetensors format: named tensors and text metadata in one file.
//
//   u64 little-endian N | N bytes of JSON: {"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …} | data
//
// Offsets count from the end of the JSON; "__metadata__" maps strings to strings. Source: the specification at
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

/// A checkpoint or tensor file is damaged or not in the expected format. The message names the file and the fault.
class CorruptCheckpoint : public InputError {
 public:
  using InputError::InputError;
};

/// The supported element types. The format's 8-bit floats and complex numbers are not supported.
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

std::size_t size_of(TensorType type);       // size of one element in bytes
std::string_view name_of(TensorType type);  // name in the format: "F32", "BF16", "BOOL"
TensorType tensor_type_of(DType dtype);     // defined for every dtype
DType array_type_of(TensorType type);       // dtype of to_array()'s result: F16 and BF16 become float32

using Metadata = std::map<std::string, std::string>;

/// A named reference to row-major, little-endian data of a tensor to be written.
struct TensorView {
  std::string name;
  TensorType type;
  Shape shape;
  std::span<const std::byte> bytes;
};

/// A named tensor.
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

  /// Returns the tensor of this name. Throws CorruptCheckpoint listing the available names.
  const NamedTensor& at(std::string_view name) const;
};

/// Returns the tensor as an array. F16 and BF16 are widened to float32, which is exact.
Array to_array(const NamedTensor& tensor);
/// Returns a view of the array's data, for writing.
TensorView view_of(std::string name, const Array& array);

/// Reads a file in pieces: the header on construction and each tensor on request, so that a large tensor is copied only
/// once, directly to its destination.
class TensorReader {
 public:
  struct Entry {
    std::string name;
    TensorType type;
    Shape shape;
    std::uint64_t begin;  // first byte, from the start of the data
    std::uint64_t end;    // one past the last
  };

  /// Checks the whole header against the format and the length of the file. Throws FileError if the file cannot be
  /// read, CorruptCheckpoint if it is not a valid file of this format or holds unsupported tensors (other element
  /// types, more than Shape::kMaxRank dimensions).
  explicit TensorReader(const std::filesystem::path& path);
  /// Reads from a file in memory, which must outlive the reader. `name` is used in error messages.
  TensorReader(std::span<const std::byte> file, std::string name);
  ~TensorReader();
  TensorReader(TensorReader&&) noexcept;
  TensorReader& operator=(TensorReader&&) noexcept;

  const std::vector<Entry>& entries() const { return entries_; }  // in the order of their bytes
  const Metadata& metadata() const { return metadata_; }
  const std::string& name() const { return name_; }

  /// Fills `bytes`, of length end - begin. Throws CorruptCheckpoint if the file has been truncated since the header was
  /// read, or if a BOOL is neither 0 nor 1.
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

/// Read all tensors of a file on disk or in memory. Throw as TensorReader does.
TensorFile read_safetensors(const std::filesystem::path& path);
TensorFile parse_safetensors(std::span<const std::byte> file, std::string name);

/// Writes the file atomically (base/file.h). Tensors are ordered by decreasing element size, so that each is aligned,
/// and the data begin at a multiple of 8. Throws InvalidArgument for a name that is duplicated, empty or
/// "__metadata__", for text that is not UTF-8, and for a length that does not match the shape; FileError and
/// WriteFailed as write_atomically does.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const Metadata& metadata = {});

/// Returns the bytes that write_safetensors() writes.
std::vector<std::byte> to_safetensors(std::span<const TensorView> tensors, const Metadata& metadata = {});

}  // namespace ludus
