#include "nn/layers/layer_parts.h"

#include <cmath>

#include "base/format.h"

namespace ludus::nn {

std::string to_text(const Shape& shape) {
  std::string text = "(";
  for (std::size_t i = 0; i < shape.rank(); ++i) {
    if (i > 0) text += ", ";
    text += shape[i] == kFree ? "-1" : formatted("{}", shape[i]);
  }
  return text + (shape.rank() == 1 ? ",)" : ")");
}

namespace layers {

const Shape& single(Shapes inputs) {
  if (inputs.size() != 1) throw ShapeMismatch(formatted("it must have one input, got {}", inputs.size()));
  return inputs[0];
}

void throw_input_shape(std::string_view expected, const Shape& input) {
  throw ShapeMismatch(formatted("the input must have shape {}, got {}", expected, to_text(input)));
}

void require_known(std::string_view what, std::int64_t extent, const Shape& input) {
  if (extent == kFree) {
    throw ShapeMismatch(
        formatted("the {} of the input must be known, got {}; state every extent of the shape", what, to_text(input)));
  }
}

void check_range(std::string_view name, std::int64_t value, std::int64_t low, std::int64_t high) {
  if (value < low || value > high) {
    throw InvalidArgument(formatted("{} must be in [{}, {}], got {}", name, low, high, value));
  }
}

void check_range(std::string_view name, double value, double low, double high) {
  if (!(value >= low && value <= high)) {
    throw InvalidArgument(formatted("{} must be in [{}, {}], got {}", name, low, high, value));
  }
}

std::int64_t at_dimension(const std::vector<std::int64_t>& setting, std::size_t d) {
  return setting.size() == 1 ? setting[0] : setting[d];
}

void check_dimensions(std::string_view name, const std::vector<std::int64_t>& setting, std::size_t dimensions,
                      std::int64_t low) {
  if (setting.size() != 1 && setting.size() != dimensions) {
    throw InvalidArgument(formatted("{} must have {}, got {}", name,
                                    dimensions == 1 ? "one value" : formatted("1 or {} values", dimensions),
                                    setting.size()));
  }
  for (const std::int64_t value : setting) check_range(name, value, low);
}

std::size_t axis_of(std::int64_t axis, const Shape& input) {
  const std::int64_t rank = static_cast<std::int64_t>(input.rank());
  if (axis < -rank || axis >= rank) {
    throw ShapeMismatch(
        formatted("axis must be in [{}, {}] for an input of shape {}, got {}", -rank, rank - 1, to_text(input), axis));
  }
  return static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
}

Shape make_shape(const std::vector<std::int64_t>& extents) {
  if (extents.size() > Shape::kMaxRank) {
    throw ShapeMismatch(formatted("a shape must have at most {} extents, got {}", Shape::kMaxRank, extents.size()));
  }
  return Shape(std::span<const std::int64_t>(extents));
}

}  // namespace layers
}  // namespace ludus::nn
