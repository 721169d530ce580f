// batch(): stacks consecutive elements.
#include <algorithm>
#include <cstring>

#include "base/format.h"
#include "nn/data/steps.h"

namespace ludus::data {
namespace {

// The largest extents of the arrays, which have the same dtype, and the same shape unless they are padded.
Shape common_shape(std::string_view field, const std::vector<const Array*>& arrays, const BatchOptions& options) {
  const Array& first = *arrays.front();
  std::vector<std::int64_t> extents(first.shape().begin(), first.shape().end());
  for (std::size_t i = 1; i < arrays.size(); ++i) {
    const Array& array = *arrays[i];
    if (array.dtype() != first.dtype() || array.shape().rank() != extents.size()) {
      throw TypeMismatch(
          formatted("batch: field \"{}\" holds {} {} in element 0 and {} {} in element {}; all must have one "
                    "dtype and rank",
                    field, name_of(first.dtype()), first.shape().to_string(), name_of(array.dtype()),
                    array.shape().to_string(), i));
    }
    if (!options.pad && !(array.shape() == first.shape())) {
      throw TypeMismatch(
          formatted("batch: field \"{}\" has the shape {} in element 0 and {} in element {}; set "
                    "BatchOptions::pad to pad ragged arrays",
                    field, first.shape().to_string(), array.shape().to_string(), i));
    }
    for (std::size_t axis = 0; axis < extents.size(); ++axis)
      extents[axis] = std::max(extents[axis], array.shape()[axis]);
  }
  if (extents.size() == Shape::kMaxRank) {
    throw TypeMismatch(formatted("batch: field \"{}\" has {} dimensions already, and an array has at most {}", field,
                                 extents.size(), Shape::kMaxRank));
  }
  return Shape(std::span<const std::int64_t>(extents));
}

// Copies `from` into the corner of an element of shape `to_shape` at `to`, one row of the last axis at a time.
void copy_to_corner(const Array& from, std::byte* to, const Shape& to_shape) {
  const Shape& shape = from.shape();
  if (from.size() == 0) return;
  const std::size_t last = shape.rank() - 1;  // equal shapes, rank 0 among them, are copied whole
  const std::size_t row_bytes = static_cast<std::size_t>(shape[last]) * size_of(from.dtype());
  std::vector<std::int64_t> index(last, 0);
  const std::byte* source = from.bytes().data();
  while (true) {
    std::size_t row = 0;  // in rows of the target
    for (std::size_t axis = 0; axis < last; ++axis) {
      row = row * static_cast<std::size_t>(to_shape[axis]) + static_cast<std::size_t>(index[axis]);
    }
    std::memcpy(to + row * static_cast<std::size_t>(to_shape[last]) * size_of(from.dtype()), source, row_bytes);
    source += row_bytes;
    std::size_t axis = last;
    while (axis-- > 0) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
    if (axis == static_cast<std::size_t>(-1)) return;
  }
}

Array stacked(std::string_view field, const std::vector<const Array*>& arrays, const BatchOptions& options) {
  const Shape shape = common_shape(field, arrays, options);
  Array batch(arrays.front()->dtype(), shape.prepended(static_cast<std::int64_t>(arrays.size())));
  const std::size_t bytes = shape.elements() * size_of(batch.dtype());
  const bool ragged =
      std::any_of(arrays.begin(), arrays.end(), [&](const Array* array) { return !(array->shape() == shape); });
  if (ragged && *options.pad != 0) {
    for (std::size_t i = 0; i < batch.size(); ++i) batch.set(i, *options.pad);
  }
  std::byte* to = batch.bytes().data();
  for (const Array* array : arrays) {
    if (array->shape() == shape) {
      if (bytes > 0) std::memcpy(to, array->bytes().data(), bytes);
    } else {
      copy_to_corner(*array, to, shape);
    }
    to += bytes;
  }
  return batch;
}

template <class T, class Get>
Array column(const std::vector<const Value*>& values, Get get) {
  Array column(dtype_for<T>(), Shape{static_cast<std::int64_t>(values.size())});
  for (std::size_t i = 0; i < values.size(); ++i) column.data<T>()[i] = get(*values[i]);
  return column;
}

Value collated(std::string_view field, const std::vector<const Value*>& values, const BatchOptions& options) {
  const auto all = [&](auto is) {
    return std::all_of(values.begin(), values.end(), [&](const Value* v) { return is(*v); });
  };
  if (all([](const Value& v) { return v.is_array(); })) {
    std::vector<const Array*> arrays;
    for (const Value* value : values) arrays.push_back(&value->as_array());
    return stacked(field, arrays, options);
  }
  if (all([](const Value& v) { return v.is_int(); })) {
    return column<std::int64_t>(values, [](const Value& v) { return v.as_int(); });
  }
  if (all([](const Value& v) { return v.is_number(); })) {
    return column<double>(values, [](const Value& v) { return v.as_double(); });
  }
  if (all([](const Value& v) { return v.is_bool(); })) {
    return column<bool>(values, [](const Value& v) { return v.as_bool(); });
  }
  if (std::any_of(values.begin(), values.end(), [](const Value* v) { return v->is_array(); })) {
    throw TypeMismatch(
        formatted("batch: field \"{}\" holds arrays in some elements and other values in others", field));
  }
  List list;
  for (const Value* value : values) list.push_back(*value);
  return list;
}

Batch collate(const std::vector<Example>& examples, const BatchOptions& options) {
  Batch batch;
  batch.origin = examples.front().origin;
  std::vector<const Value*> values(examples.size());
  for (const auto& [name, first] : examples.front()) {
    for (std::size_t i = 0; i < examples.size(); ++i) {
      values[i] = examples[i].find(name);
      if (!values[i] || examples[i].size() != examples.front().size()) {
        throw TypeMismatch(
            formatted("batch: element {} has other fields than element 0, which has a field \"{}\"; all must "
                      "have the same",
                      i, name));
      }
    }
    batch[name] = collated(name, values, options);
  }
  return batch;
}

class BatchStage final : public Stage {
 public:
  BatchStage(StagePtr upstream, std::size_t size, BatchOptions options)
      : upstream_(std::move(upstream)), size_(size), options_(options) {}

  bool next(Example& batch) override {
    std::vector<Example> examples;
    examples.reserve(std::min<std::size_t>(size_, 4096));
    Example example;
    while (examples.size() < size_ && upstream_->next(example)) examples.push_back(std::move(example));
    if (examples.empty() || (options_.drop_remainder && examples.size() < size_)) return false;
    try {
      batch = collate(examples, options_);
    } catch (Error& error) {
      const std::string origin = examples.front().origin.text();
      if (!origin.empty()) error.prepend(formatted("the batch from {} on", origin));
      throw;
    }
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t most = count > Node::kUnlimited / size_ ? Node::kUnlimited : count * size_;
    const std::uint64_t skipped = upstream_->skip(most);
    return skipped / size_ + (skipped % size_ != 0 && !options_.drop_remainder ? 1 : 0);
  }

 private:
  StagePtr upstream_;
  std::uint64_t size_;
  BatchOptions options_;
};

class BatchNode final : public Step {
 public:
  BatchNode(NodePtr upstream, std::size_t size, BatchOptions options)
      : Step(std::move(upstream)), size_(size), options_(options) {
    if (size == 0) throw InvalidArgument("batch: the size must be at least 1, got 0");
  }
  StagePtr open(const Pass& pass) const override {
    return std::make_unique<BatchStage>(upstream().open(pass), size_, options_);
  }
  std::optional<std::uint64_t> size() const override {
    const auto size = upstream().size();
    if (!size || *size == kUnlimited) return size;
    return *size / size_ + (*size % size_ != 0 && !options_.drop_remainder ? 1 : 0);
  }
  std::string order() const override { return order_with(text()); }
  std::string key() const override {
    return key_with(options_.pad ? formatted("{} padded with {}", text(), *options_.pad) : text());
  }

 private:
  std::string text() const {
    return formatted("batch({}{})", size_, options_.drop_remainder ? ", drop_remainder" : "");
  }
  std::size_t size_;
  BatchOptions options_;
};

}  // namespace

NodePtr make_batch(NodePtr upstream, std::size_t size, BatchOptions options) {
  return std::make_shared<BatchNode>(std::move(upstream), size, options);
}

}  // namespace ludus::data
