// Reshape, Flatten, Squeeze, Unsqueeze, Concat and Pad.
#include "nn/model/onnx_importer.h"

#include <cmath>

namespace ludus::nn::onnx {

// The extents that a constant has after Squeeze and Unsqueeze.
Integers Importer::axes_of(std::size_t index) const {
  if (model_.opset() < 13) {
    allow({"axes"});
    return list("axes", {});
  }
  allow({});
  return has_input(index) ? integers(index, "the axes") : Integers{};
}

Integers Importer::squeezed(const Shape& shape) const {
  const auto rank = static_cast<std::int64_t>(shape.rank());
  Integers axes = axes_of(1);
  Integers extents;
  for (std::int64_t d = 0; d < rank; ++d) {
    const std::int64_t extent = shape[static_cast<std::size_t>(d)];
    const bool named = std::any_of(axes.begin(), axes.end(), [&](std::int64_t a) { return a == d || a + rank == d; });
    const bool removed = axes.empty() ? extent == 1 : named;
    if (removed && extent != 1) fail(formatted("an axis that is removed must have extent 1, got {}", extent));
    if (!removed) extents.push_back(extent);
  }
  return extents;
}

Integers Importer::unsqueezed(const Shape& shape) const {
  const Integers axes = axes_of(1);
  const std::size_t rank = shape.rank() + axes.size();
  if (rank > Shape::kMaxRank)
    fail(formatted("its output must have at most {} dimensions, got {}", Shape::kMaxRank, rank));
  std::vector<bool> added(rank, false);
  for (const std::int64_t axis : axes) {
    const std::int64_t index = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
    if (index < 0 || index >= static_cast<std::int64_t>(rank) || added[static_cast<std::size_t>(index)]) {
      fail(formatted("the axes must be {} different ones below {}, got {}", axes.size(), rank, axis));
    }
    added[static_cast<std::size_t>(index)] = true;
  }
  Integers extents;
  std::size_t next = 0;
  for (std::size_t d = 0; d < rank; ++d) extents.push_back(added[d] ? 1 : shape[next++]);
  return extents;
}

bool Importer::is_batch(std::int64_t extent) const {
  return extent == 0 || extent == kBatchExtent || (batch_ && extent == *batch_);
}

// The shape that Reshape states.
Integers Importer::shape_operand() const {
  allow({"shape", "allowzero", "consumed_inputs"});
  Integers extents = integers(1, "the shape");
  if (extents.size() > Shape::kMaxRank)
    fail(formatted("the shape must have at most {} extents, got {}", Shape::kMaxRank, extents.size()));
  if (integer("allowzero", 0) != 0 && std::find(extents.begin(), extents.end(), 0) != extents.end())
    fail("extents of 0 are not supported");
  return extents;
}

void Importer::reshape() {
  const Integers extents = shape_operand();
  if (computed(0).view != View::kBatchFirst && reshape_states(extents)) return;
  const Value& x = batched(0);
  if (extents.empty()) fail("the shape must begin with the batch");
  if (group_norm(extents)) return;

  // the extents of an example, -1 for what is left or free
  Integers example;
  std::int64_t known = 1;
  for (std::size_t d = 1; d < extents.size(); ++d) {
    std::int64_t extent = extents[d];
    if (extent == 0) {
      if (d > x.shape.rank()) fail(formatted("the extent {} of the shape copies one that its input does not have", d));
      extent = x.shape[d - 1] == kFree ? -1 : x.shape[d - 1];
    }
    if (extent == kFreeExtent) extent = -1;
    if (extent != -1 && (extent < 1 || extent > kMaxExtent))
      fail(formatted("each extent of the shape must be in [1, {}], got {}", kMaxExtent, extent));
    example.push_back(extent);
    if (extent != -1) known = known > kMaxExtent ? known : known * extent;
  }
  const bool rest = std::find(example.begin(), example.end(), -1) != example.end();
  // -1 is the batch if the other extents are all elements of an example
  std::int64_t elements = 1;
  for (const std::int64_t extent : x.shape) elements = elements > kMaxExtent ? elements : elements * extent;
  const bool left_is_batch = extents[0] == -1 && !rest && is_known(x.shape) && known == elements;
  if (!is_batch(extents[0]) && !left_is_batch)
    fail("the first extent of the shape must be the batch, and must not change");
  if (example.size() == x.shape.rank() && is_known(x.shape) &&
      std::equal(example.begin(), example.end(), x.shape.begin()))
    return alias(0);
  if (example == Integers{-1} || (example.size() == 1 && example[0] == elements)) {
    if (x.shape.rank() == 1) return alias(0);
    return define(add(layers::Flatten{}, {&x}));
  }
  if (std::count(example.begin(), example.end(), -1) > 1) fail("at most one extent of the shape may be free");
  define(add(layers::Reshape{.shape = example}, {&x}));
}

void Importer::flatten() {
  allow({"axis"});
  const Value& x = batched(0);
  const auto rank = static_cast<std::int64_t>(x.shape.rank()) + 1;
  const std::int64_t axis = integer("axis", 1);
  if (axis != 1 && axis + rank != 1) fail(formatted("axis must be 1, so that the batch stays, got {}", axis));
  if (rank == 2) return alias(0);
  define(add(layers::Flatten{}, {&x}));
}

// An example in another shape of the same elements.
void Importer::change_shape(const Value& x, const Integers& extents) {
  Integers example;
  for (const std::int64_t extent : extents) example.push_back(extent == kFree ? -1 : extent);
  if (std::count(example.begin(), example.end(), -1) > 1) fail("at most one extent may be free");
  if (example.size() == x.shape.rank()) return alias(0);
  define(add(layers::Reshape{.shape = example}, {&x}));
}

// The shape of a batch, with a mark in the place of its extent.
Shape Importer::with_batch(const Shape& example) {
  return example.prepended(std::numeric_limits<std::int64_t>::max());
}

void Importer::squeeze() {
  const Integers axes = axes_of(1);
  if (computed(0).view != View::kBatchFirst && squeeze_directions(axes)) return;
  const Value& x = batched(0);
  if (axes.empty()) fail("the axes must be stated");
  if (x.shape.rank() + 1 > Shape::kMaxRank) fail("its input has too many dimensions");
  const Integers extents = squeezed(with_batch(x.shape));
  change_shape(x, Integers(extents.begin() + 1, extents.end()));
}

void Importer::unsqueeze() {
  const Value& x = batched(0);
  if (x.shape.rank() + 1 > Shape::kMaxRank) fail("its input has too many dimensions");
  const Integers extents = unsqueezed(with_batch(x.shape));
  if (extents[0] == 1) fail("no axis may be added before the batch");
  change_shape(x, Integers(extents.begin() + 1, extents.end()));
}

void Importer::concatenate() {
  allow({"axis"});
  const std::int64_t axis = integer("axis", 1);
  std::vector<const Value*> values;
  for (std::size_t i = 0; i < current_->inputs.size(); ++i) values.push_back(&batched(i));
  if (values.empty()) fail("it must have inputs");
  const auto rank = static_cast<std::int64_t>(values[0]->shape.rank()) + 1;
  if (axis == 0 || axis == -rank) fail("axis must not be that of the batch");
  if (values.size() == 1) return alias(0);
  define(add(layers::Concatenate{.axis = axis < 0 ? axis : axis - 1}, values));
}

void Importer::pad() {
  allow({"mode", "pads", "value"});
  if (text("mode", "constant") != "constant")
    fail(formatted("mode must be constant, got {}", printable(text("mode", ""))));
  const Value& x = batched(0);
  const std::size_t rank = x.shape.rank() + 1;
  const bool inputs = model_.opset() >= 11;
  Integers pads = inputs ? integers(1, "the pads") : list("pads", {});
  if (has_input(3)) {  // of some axes
    const Integers axes = integers(3, "the axes");
    if (pads.size() != 2 * axes.size()) fail("there must be two pads for each axis");
    Integers all(2 * rank, 0);
    for (std::size_t k = 0; k < axes.size(); ++k) {
      const std::int64_t axis = axes[k] < 0 ? axes[k] + static_cast<std::int64_t>(rank) : axes[k];
      if (axis < 0 || axis >= static_cast<std::int64_t>(rank))
        fail(formatted("each axis must be below {}, got {}", rank, axes[k]));
      all[static_cast<std::size_t>(axis)] = pads[k];
      all[static_cast<std::size_t>(axis) + rank] = pads[k + axes.size()];
    }
    pads = std::move(all);
  }
  if (pads.size() != 2 * rank) fail(formatted("there must be {} pads, got {}", 2 * rank, pads.size()));
  for (const std::int64_t size : pads) {
    if (size < 0 || size > kMaxExtent) fail(formatted("each pad must be in [0, {}], got {}", kMaxExtent, size));
  }
  if (pads[0] != 0 || pads[rank] != 0) fail("the batch must not be padded");
  double value = inputs ? 0.0 : decimal(real("value", 0.0f));
  if (inputs && has_input(2)) {
    const Array& number = constant(2, "the value");
    if (number.size() != 1 || is_floating(number.dtype()) != x.floating)
      fail("the value must be one number of the type of the input");
    value = x.floating ? decimal(static_cast<float>(number.get(0))) : number.get(0);
  }
  if (!std::isfinite(value)) fail(formatted("the value must be finite, got {}", value));
  if (all_equal(pads, 0)) return alias(0);
  layers::Pad layer{.value = value};
  layer.before.assign(pads.begin() + 1, pads.begin() + static_cast<std::ptrdiff_t>(rank));
  layer.after.assign(pads.begin() + static_cast<std::ptrdiff_t>(rank) + 1, pads.end());
  define(add(std::move(layer), {&x}));
}

}  // namespace ludus::nn::onnx
