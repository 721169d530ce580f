// The state of a whole training in one safetensors file: arrays, values and words under names with slashes.
//
//   Checkpoint checkpoint;
//   parameters_and_optimiser_save(checkpoint.writer("agent"));
//   checkpoint.save("last.safetensors");
//
// Arrays are tensors of the file under their own names, so that any reader of the format can take the weights; a Value
// is stored as its bytes (base/value_io.h), a U8 tensor called "value/" and its name. This header does not include torch.
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
  // Everything that save() wrote. Throws FileError where the file cannot be read, CorruptCheckpoint where it is damaged.
  static Checkpoint load(const std::filesystem::path& path);

  // Writes the file so that a kill leaves the old one or the new one. Throws FileError or WriteFailed.
  void save(const std::filesystem::path& path) const;

  // Keeps an array, which is moved in, not copied. Throws InvalidArgument for a name that is there already, is empty
  // or begins with "value/".
  void put(std::string name, Array array);
  // Keeps only where the numbers lie: for what is too large to copy, such as a replay. They must stay as they are until
  // the last save(). `bytes` are row-major, as many as the shape says, or InvalidArgument is thrown.
  void put_borrowed(std::string name, DType dtype, const Shape& shape, std::span<const std::byte> bytes);
  void put_value(std::string name, const Value& value);

  // Each throws CorruptCheckpoint naming the entry and the file where there is none of that name. array() is for what
  // was put as an array or loaded, not for what is borrowed.
  const Array& array(const std::string& name) const;
  Value value(const std::string& name) const;
  bool contains(const std::string& name) const;        // an array
  bool contains_value(const std::string& name) const;  // a value

  // Names of the arrays and of the values, in alphabetical order.
  std::vector<std::string> names() const;
  std::vector<std::string> value_names() const;

  // A few words about the file, readable by anybody who opens it.
  Metadata& metadata() { return metadata_; }
  const Metadata& metadata() const { return metadata_; }

  // "memory", or the path that it was loaded from: for messages.
  const std::string& source() const { return source_; }

  // Writing and reading under a prefix: writer("agent").put("steps", …) makes "agent/steps". "" is everything.
  CheckpointWriter writer(const std::string& prefix = "");
  CheckpointReader reader(const std::string& prefix = "") const;

 private:
  struct Entry {
    Array owned;
    bool borrowed = false;
    DType dtype = DType::kFloat32;           // of what is borrowed
    Shape shape;                             //
    std::span<const std::byte> elsewhere{};  //
  };

  void add(std::string name, Entry entry);
  const Entry& find(const std::string& name, const std::string& called) const;

  std::map<std::string, Entry> entries_;  // values under "value/…"
  Metadata metadata_;
  std::string source_ = "memory";
};

// A part's view of a checkpoint that is being made. Cheap to copy; the checkpoint must outlive it.
class CheckpointWriter {
 public:
  void put(const std::string& name, Array array) const { checkpoint_->put(prefix_ + name, std::move(array)); }
  void put_borrowed(const std::string& name, DType dtype, const Shape& shape, std::span<const std::byte> bytes) const {
    checkpoint_->put_borrowed(prefix_ + name, dtype, shape, bytes);
  }
  void put_value(const std::string& name, const Value& value) const { checkpoint_->put_value(prefix_ + name, value); }
  // Every array of a part's state, each under its own name.
  void put_all(NamedArrays state) const;
  CheckpointWriter within(const std::string& prefix) const { return {*checkpoint_, prefix_ + prefix + "/"}; }

 private:
  friend class Checkpoint;
  CheckpointWriter(Checkpoint& checkpoint, std::string prefix) : checkpoint_(&checkpoint), prefix_(std::move(prefix)) {}
  Checkpoint* checkpoint_;
  std::string prefix_;  // "" or "…/"
};

// A part's view of a checkpoint that is being read. Cheap to copy; the checkpoint must outlive it.
class CheckpointReader {
 public:
  const Array& array(const std::string& name) const { return checkpoint_->array(prefix_ + name); }
  Value value(const std::string& name) const { return checkpoint_->value(prefix_ + name); }
  bool contains(const std::string& name) const { return checkpoint_->contains(prefix_ + name); }
  bool contains_value(const std::string& name) const { return checkpoint_->contains_value(prefix_ + name); }
  // Every array under the prefix, without it: what put_all() stored, in alphabetical order.
  NamedArrays all() const;
  CheckpointReader within(const std::string& prefix) const { return {*checkpoint_, prefix_ + prefix + "/"}; }
  // For a part's own complaints: throws CorruptCheckpoint naming the file and the place.
  [[noreturn]] void fail(const std::string& fault) const;
  [[noreturn]] void fail(const std::string& name, const std::string& fault) const;  // of one entry

 private:
  friend class Checkpoint;
  CheckpointReader(const Checkpoint& checkpoint, std::string prefix)
      : checkpoint_(&checkpoint), prefix_(std::move(prefix)) {}
  const Checkpoint* checkpoint_;
  std::string prefix_;  // "" or "…/"
};

}  // namespace ludus
