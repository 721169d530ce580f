#include "base/checkpoint.h"

#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "base/value_io.h"

namespace ludus {
namespace {

constexpr std::string_view kValuePrefix = "value/";

std::string value_key(const std::string& name) {
  return std::string(kValuePrefix) + name;
}

std::string as_prefix(const std::string& prefix) {
  return prefix.empty() ? "" : prefix + "/";
}

}  // namespace

Checkpoint Checkpoint::load(const std::filesystem::path& path) {
  const TensorReader reader(path);
  Checkpoint checkpoint;
  checkpoint.source_ = path.string();
  checkpoint.metadata_ = reader.metadata();
  for (const TensorReader::Entry& entry : reader.entries()) {
    Array array;
    if (entry.type == TensorType::kFloat16 || entry.type == TensorType::kBFloat16) {
      NamedTensor tensor{entry.name, entry.type, entry.shape, {}};
      tensor.bytes.resize(static_cast<std::size_t>(entry.end - entry.begin));
      reader.read(entry, tensor.bytes);
      array = to_array(tensor);
    } else {
      // reads directly into the array, without another copy
      array = Array(array_type_of(entry.type), entry.shape);
      reader.read(entry, array.bytes());
    }
    checkpoint.entries_[entry.name].owned = std::move(array);
  }
  return checkpoint;
}

void Checkpoint::save(const std::filesystem::path& path) const {
  std::vector<TensorView> views;
  views.reserve(entries_.size());
  for (const auto& [name, entry] : entries_) {
    views.push_back(entry.borrowed ? TensorView{name, tensor_type_of(entry.dtype), entry.shape, entry.elsewhere}
                                   : view_of(name, entry.owned));
  }
  write_safetensors(path, views, metadata_);
}

void Checkpoint::add(std::string name, Entry entry) {
  const auto [place, added] = entries_.try_emplace(std::move(name), std::move(entry));
  if (!added) throw InvalidArgument(formatted("checkpoint: names must be unique, got \"{}\" twice", place->first));
}

void Checkpoint::put(std::string name, Array array) {
  if (name.empty() || name.starts_with(kValuePrefix)) {
    throw InvalidArgument(formatted(
        "checkpoint: the name of an array must not be empty or begin with \"{}\", got \"{}\"", kValuePrefix, name));
  }
  Entry entry;
  entry.owned = std::move(array);
  add(std::move(name), std::move(entry));
}

void Checkpoint::put_borrowed(std::string name, DType dtype, const Shape& shape, std::span<const std::byte> bytes) {
  if (name.empty() || name.starts_with(kValuePrefix)) {
    throw InvalidArgument(formatted(
        "checkpoint: the name of an array must not be empty or begin with \"{}\", got \"{}\"", kValuePrefix, name));
  }
  if (bytes.size() != shape.elements() * size_of(dtype)) {
    throw InvalidArgument(formatted("checkpoint array \"{}\": shape {} of {} must have {} bytes, got {}", name,
                                    shape.to_string(), name_of(dtype), shape.elements() * size_of(dtype),
                                    bytes.size()));
  }
  Entry entry;
  entry.borrowed = true;
  entry.dtype = dtype;
  entry.shape = shape;
  entry.elsewhere = bytes;
  add(std::move(name), std::move(entry));
}

void Checkpoint::put_value(std::string name, const Value& value) {
  if (name.empty()) throw InvalidArgument("checkpoint: the name of a value must not be empty");
  const std::vector<std::byte> bytes = encode(value);
  Entry entry;
  entry.owned = Array(DType::kUInt8, Shape{static_cast<std::int64_t>(bytes.size())});
  std::copy(bytes.begin(), bytes.end(), entry.owned.bytes().begin());
  add(value_key(name), std::move(entry));
}

const Checkpoint::Entry& Checkpoint::find(const std::string& name, const std::string& description) const {
  const auto place = entries_.find(name);
  if (place == entries_.end()) {
    throw CorruptCheckpoint(formatted(
        "the checkpoint {} has no {}; it was saved by another kind of agent, or by another version of the program",
        source_, description));
  }
  return place->second;
}

const Array& Checkpoint::array(const std::string& name) const {
  const Entry& entry = find(name, formatted("array \"{}\"", name));
  if (entry.borrowed)
    throw InvalidArgument(formatted(
        "checkpoint array \"{}\": must be owned by the checkpoint; read a borrowed array from its owner", name));
  return entry.owned;
}

Value Checkpoint::value(const std::string& name) const {
  const Entry& entry = find(value_key(name), formatted("value \"{}\"", name));
  try {
    return decode(entry.owned.bytes());
  } catch (const InputError& error) {
    throw CorruptCheckpoint(
        formatted("the checkpoint {} is damaged at the value \"{}\": {}", source_, name, error.what()));
  }
}

bool Checkpoint::contains(const std::string& name) const {
  return !name.starts_with(kValuePrefix) && entries_.contains(name);
}

bool Checkpoint::contains_value(const std::string& name) const {
  return entries_.contains(value_key(name));
}

std::vector<std::string> Checkpoint::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) {
    if (!name.starts_with(kValuePrefix)) names.push_back(name);
  }
  return names;
}

std::vector<std::string> Checkpoint::value_names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) {
    if (name.starts_with(kValuePrefix)) names.push_back(name.substr(kValuePrefix.size()));
  }
  return names;
}

CheckpointWriter Checkpoint::writer(const std::string& prefix) {
  return {*this, as_prefix(prefix)};
}

CheckpointReader Checkpoint::reader(const std::string& prefix) const {
  return {*this, as_prefix(prefix)};
}

void CheckpointWriter::put_all(NamedArrays state) const {
  for (auto& [name, array] : state) put(name, std::move(array));
}

NamedArrays CheckpointReader::all() const {
  NamedArrays arrays;
  for (const std::string& name : checkpoint_->names()) {
    if (name.starts_with(prefix_)) arrays.emplace_back(name.substr(prefix_.size()), checkpoint_->array(name));
  }
  return arrays;
}

void CheckpointReader::fail(const std::string& name, const std::string& fault) const {
  throw CorruptCheckpoint(
      formatted("the checkpoint {} is wrong at \"{}{}\": {}", checkpoint_->source(), prefix_, name, fault));
}

void CheckpointReader::fail(const std::string& fault) const {
  throw CorruptCheckpoint(formatted("the checkpoint {}{}: {}", checkpoint_->source(),
                                    prefix_.empty() ? "" : formatted(" is wrong under \"{}\"", prefix_), fault));
}

}  // namespace ludus
