// The complete state of a training run in one safetensors file: named arrays, values and text metadata.
//
//   Checkpoint checkpoint;
//   parameters_and_optimiser_save(checkpoint.writer("agent"));
//   checkpoint.save("last.safetensors");
//
// Arrays are tensors of the file under their names, so that any reader of the format can load the weights. A Value is
// stored as its bytes (base/value_io.h) in a U8 tensor named "value/" plus its name. This header does not include
// torch.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/array.h"
#include "base/named_arrays.h"
#include "base/safetensors.h"
#include "base/value.h"

namespace ludus {

class CheckpointWriter;
class CheckpointReader;

class Checkpoint {
 public:
  /// Loads a file that save() wrote. Throws FileError if the file cannot be read, CorruptCheckpoint if it is damaged.
  static Checkpoint load(const std::filesystem::path& path);

  /// Writes the file atomically: an interrupted save leaves the old file intact. Throws FileError or WriteFailed.
  void save(const std::filesystem::path& path) const;

  /// Stores an array without copying it. Throws InvalidArgument if the name is already in use, is empty or begins with
  /// "value/".
  void put(std::string name, Array array);
  /// Stores a reference to data that are too large to copy, such as a replay buffer. The data must stay unchanged until
  /// the last save(). `bytes` is row-major. Throws InvalidArgument if its length does not match the shape.
  void put_borrowed(std::string name, DType dtype, const Shape& shape, std::span<const std::byte> bytes);
  void put_value(std::string name, const Value& value);

  /// Each throws CorruptCheckpoint, naming the entry and the file, if there is no entry of this name. array() returns
  /// arrays that were stored by put() or loaded, not borrowed ones.
  const Array& array(const std::string& name) const;
  Value value(const std::string& name) const;
  bool contains(const std::string& name) const;        // whether there is an array of this name
  bool contains_value(const std::string& name) const;  // whether there is a value of this name

  /// Returns the names of the arrays and of the values, in alphabetical order.
  std::vector<std::string> names() const;
  std::vector<std::string> value_names() const;

  /// Text entries that describe the file, readable by every safetensors reader.
  Metadata& metadata() { return metadata_; }
  const Metadata& metadata() const { return metadata_; }

  /// Returns the path of the file, or "memory" if the checkpoint was not loaded; used in error messages.
  const std::string& source() const { return source_; }

  /// Return views with a prefix: writer("agent").put("steps", …) stores "agent/steps". An empty prefix selects
  /// everything.
  CheckpointWriter writer(const std::string& prefix = "");
  CheckpointReader reader(const std::string& prefix = "") const;

 private:
  struct Entry {
    Array owned;
    bool borrowed = false;
    DType dtype = DType::kFloat32;           // dtype of the borrowed data
    Shape shape;                             // shape of the borrowed data
    std::span<const std::byte> elsewhere{};  // the borrowed data
  };

  void add(std::string name, Entry entry);
  const Entry& find(const std::string& name, const std::string& called) const;

  std::map<std::string, Entry> entries_;  // values under "value/…"
  Metadata metadata_;
  std::string source_ = "memory";
};

/// Writes the entries of one component into a checkpoint, under a prefix. Cheap to copy; the checkpoint must outlive
/// it.
class CheckpointWriter {
 public:
  void put(const std::string& name, Array array) const { checkpoint_->put(prefix_ + name, std::move(array)); }
  void put_borrowed(const std::string& name, DType dtype, const Shape& shape, std::span<const std::byte> bytes) const {
    checkpoint_->put_borrowed(prefix_ + name, dtype, shape, bytes);
  }
  void put_value(const std::string& name, const Value& value) const { checkpoint_->put_value(prefix_ + name, value); }
  /// Stores every array of a component's state under its name.
  void put_all(NamedArrays state) const;
  CheckpointWriter within(const std::string& prefix) const { return {*checkpoint_, prefix_ + prefix + "/"}; }

 private:
  friend class Checkpoint;
  CheckpointWriter(Checkpoint& checkpoint, std::string prefix) : checkpoint_(&checkpoint), prefix_(std::move(prefix)) {}
  Checkpoint* checkpoint_;
  std::string prefix_;  // "" or "…/"
};

/// Reads the entries of one component from a checkpoint, under a prefix. Cheap to copy; the checkpoint must outlive it.
class CheckpointReader {
 public:
  const Array& array(const std::string& name) const { return checkpoint_->array(prefix_ + name); }
  Value value(const std::string& name) const { return checkpoint_->value(prefix_ + name); }
  bool contains(const std::string& name) const { return checkpoint_->contains(prefix_ + name); }
  bool contains_value(const std::string& name) const { return checkpoint_->contains_value(prefix_ + name); }
  /// Returns every array that put_all() stored, without the prefix, in alphabetical order.
  NamedArrays all() const;
  CheckpointReader within(const std::string& prefix) const { return {*checkpoint_, prefix_ + prefix + "/"}; }
  /// Throws CorruptCheckpoint naming the file and the prefix.
  [[noreturn]] void fail(const std::string& fault) const;
  [[noreturn]] void fail(const std::string& name, const std::string& fault) const;  // names the entry as well

 private:
  friend class Checkpoint;
  CheckpointReader(const Checkpoint& checkpoint, std::string prefix)
      : checkpoint_(&checkpoint), prefix_(std::move(prefix)) {}
  const Checkpoint* checkpoint_;
  std::string prefix_;  // "" or "…/"
};

}  // namespace ludus
