#include "nn/layers/shaping.h"

#include <algorithm>
#include <limits>

#include "base/format.h"

namespace ludus::nn::layers {
namespace {

// The product of known extents; kFree if one is free.
std::int64_t elements_of(const Shape& shape) {
  std::int64_t product = 1;
  for (const std::int64_t extent : shape) {
    product *= extent;
    check_range("number of elements of a shape", product, 0);
  }
  return product;
}

void require_several(Shapes inputs) {
  if (inputs.size() < 2) throw ShapeMismatch(formatted("it must have two inputs or more, got {}", inputs.size()));
}

[[noreturn]] void throw_differing(std::string_view rule, const Shape& a, const Shape& b) {
  throw ShapeMismatch(formatted("the inputs must {}, got {} and {}", rule, to_text(a), to_text(b)));
}

// The common shape of inputs that are combined element by element.
Shape common_shape(Shapes inputs) {
  require_several(inputs);
  std::vector<std::int64_t> extents(inputs[0].begin(), inputs[0].end());
  for (const Shape& input : inputs.subspan(1)) {
    bool same = input.rank() == extents.size();
    for (std::size_t i = 0; same && i < extents.size(); ++i) {
      if (extents[i] == kFree) extents[i] = input[i];
      same = input[i] == kFree || input[i] == extents[i];
    }
    if (!same) throw_differing("have one shape", inputs[0], input);
  }
  return make_shape(extents);
}

}  // namespace

Shape Flatten::output_shape(Shapes inputs) const {
  return Shape{elements_of(single(inputs))};
}

void Reshape::check() const {
  for (const std::int64_t extent : shape) {
    if (extent != -1) check_range("each extent of shape", extent, 1);
  }
  if (std::count(shape.begin(), shape.end(), -1) > 1) throw InvalidArgument("shape must have at most one extent of -1");
}

Shape Reshape::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  const std::int64_t elements = elements_of(input);
  std::vector<std::int64_t> extents = shape;
  std::int64_t known = 1;
  for (const std::int64_t extent : extents) {
    if (extent == -1) continue;
    known *= extent;
    check_range("number of elements of shape", known, 1);
  }
  const auto rest = std::find(extents.begin(), extents.end(), -1);
  if (elements == kFree) {
    if (rest != extents.end()) *rest = kFree;
    return make_shape(extents);
  }
  if (rest != extents.end() && elements % known == 0) *rest = elements / known;
  if (rest != extents.end() ? elements % known != 0 : elements != known) {
    std::string text = "(";
    for (std::size_t i = 0; i < shape.size(); ++i) text += formatted("{}{}", i == 0 ? "" : ", ", shape[i]);
    text += shape.size() == 1 ? ",)" : ")";
    throw ShapeMismatch(formatted("the input of shape {} has {} elements, which do not make the shape {}",
                                  to_text(input), elements, text));
  }
  return make_shape(extents);
}

void Pad::check() const {
  if (before.size() != after.size()) {
    throw InvalidArgument(formatted("before and after must have one number for each axis, got {} and {} numbers",
                                    before.size(), after.size()));
  }
  for (const auto* sizes : {&before, &after}) {
    for (const std::int64_t size : *sizes) check_range("each number of before and after", size, 0);
  }
  check_range("value", value, -std::numeric_limits<double>::max(), std::numeric_limits<double>::max());
}

Shape Pad::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  if (input.rank() != before.size())
    throw_input_shape(formatted("of {} dimensions, as before and after", before.size()), input);
  std::vector<std::int64_t> extents(input.begin(), input.end());
  for (std::size_t d = 0; d < extents.size(); ++d) {
    if (extents[d] != kFree) extents[d] += before[d] + after[d];
  }
  return make_shape(extents);
}

Shape Concatenate::output_shape(Shapes inputs) const {
  require_several(inputs);
  const std::size_t along = axis_of(axis, inputs[0]);
  std::vector<std::int64_t> extents(inputs[0].begin(), inputs[0].end());
  for (const Shape& input : inputs.subspan(1)) {
    bool same = input.rank() == extents.size();
    for (std::size_t i = 0; same && i < extents.size(); ++i) {
      if (i == along) continue;
      if (extents[i] == kFree) extents[i] = input[i];
      same = input[i] == kFree || input[i] == extents[i];
    }
    if (!same) throw_differing(formatted("differ in axis {} only", axis), inputs[0], input);
    const bool free = extents[along] == kFree || input[along] == kFree;
    extents[along] = free ? kFree : extents[along] + input[along];
  }
  return make_shape(extents);
}

Shape Add::output_shape(Shapes inputs) const {
  return common_shape(inputs);
}

Shape Multiply::output_shape(Shapes inputs) const {
  return common_shape(inputs);
}

}  // namespace ludus::nn::layers
