#include "base/state_fields.h"

#include <algorithm>

#include "base/value_io.h"

namespace ludus {

// --- writing

void StateWriter::put(const std::string& path, Array array) {
  if (dict_) {
    (*dict_)[path] = std::move(array);
  } else {
    checkpoint_->put(path, std::move(array));
  }
}

void StateWriter::put_value(const std::string& path, Value value) {
  if (dict_) {
    (*dict_)[path] = std::move(value);
  } else {
    checkpoint_->put_value(path, value);
  }
}

// --- reading

StateReader::~StateReader() {
  for (auto step = log_.rbegin(); step != log_.rend(); ++step) (*step)->undo();
}

void StateReader::commit() {
  for (const auto& load : at_commit_) load();
  at_commit_.clear();
  log_.clear();
}

Value StateReader::value(const std::string& path) const {
  if (!dict_) return checkpoint_->value(path);
  const Value* entry = dict_->find(path);
  if (entry == nullptr) fail(path, "there is no such entry");
  return *entry;
}

const Array& StateReader::array(const std::string& path) const {
  if (!dict_) return checkpoint_->array(path);
  const Value* entry = dict_->find(path);
  if (entry == nullptr) fail(path, "there is no such entry");
  if (!entry->is_array()) fail(path, formatted("must be an array, and is {}", entry->describe()));
  return entry->as_array();
}

const Array& StateReader::array(const std::string& path, DType dtype, const Shape& shape) const {
  const Array& array = this->array(path);
  if (array.dtype() != dtype) {
    fail(path, formatted("must hold {}, and holds {}", name_of(dtype), name_of(array.dtype())));
  }
  if (!(array.shape() == shape)) {
    fail(path, formatted("must have the shape {}, and has {}; it belongs to other settings, another environment or "
                         "another number of environments",
                         shape.to_string(), array.shape().to_string()));
  }
  return array;
}

Shape StateReader::any_length(std::string_view name, AnyLength length) const {
  const Shape& shape = array(path(name)).shape();
  Shape expected{shape.rank() > 0 ? shape[0] : 0};
  if (length.columns) expected = expected.appended(static_cast<std::int64_t>(*length.columns));
  return expected;
}

NamedArrays StateReader::arrays_below() const {
  if (!dict_) return checkpoint_->within(prefix_.substr(0, prefix_.size() - 1)).all();
  NamedArrays arrays;
  for (const auto& [name, value] : *dict_) {
    if (name.starts_with(prefix_) && value.is_array()) {
      arrays.emplace_back(name.substr(prefix_.size()), value.as_array());
    }
  }
  std::ranges::sort(arrays, {}, &NamedArrays::value_type::first);
  return arrays;
}

bool StateReader::is_present(std::string_view name) {
  bool present = false;
  reading(path(name), [&] { present = value(path(name)).as_bool(); });
  return present;
}

void StateReader::check_count(std::string_view name, std::size_t count) {
  const auto saved = get<std::size_t>(name);
  if (saved == count) return;
  fail(path(name),
       formatted("must have {} parts, and has {}; it belongs to other settings, or another number of environments",
                 count, saved));
}

void StateReader::fail(const std::string& path, const std::string& fault) const {
  if (!dict_) checkpoint_->fail(path, fault);
  throw TypeMismatch(formatted("the saved state is wrong at \"{}\": {}", path, fault));
}

void StateReader::fail_presence(const std::string& path, bool expected) const {
  fail(path, expected ? "must be part of the state with these settings, and none was saved"
                      : "was saved, and is no part of the state with these settings");
}

// --- comparing

std::optional<std::string> first_difference(const Dict& a, const Dict& b) {
  for (const auto& [name, value] : a) {
    const Value* other = b.find(name);
    if (other == nullptr || encode(value) != encode(*other)) return name;
  }
  for (const auto& [name, value] : b) {
    if (!a.contains(name)) return name;
  }
  return std::nullopt;
}

std::optional<std::string> first_difference(const Checkpoint& a, const Checkpoint& b) {
  const auto difference = [&](const auto& names_a, const auto& names_b, auto equal) -> std::optional<std::string> {
    for (const std::string& name : names_a) {
      if (!std::ranges::binary_search(names_b, name) || !equal(name)) return name;
    }
    for (const std::string& name : names_b) {
      if (!std::ranges::binary_search(names_a, name)) return name;
    }
    return std::nullopt;
  };
  const auto arrays =
      difference(a.names(), b.names(), [&](const std::string& name) { return a.array(name) == b.array(name); });
  if (arrays) return arrays;
  return difference(a.value_names(), b.value_names(),
                    [&](const std::string& name) { return encode(a.value(name)) == encode(b.value(name)); });
}

}  // namespace ludus
