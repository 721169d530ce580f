// The parts of which every layer of a description is made. A layer is a plain struct in namespace ludus::nn::layers
// with
//
//   static constexpr std::string_view kKind        its name in a description
//   fields(self, visit)                            its settings (base/fields.h), from which its JSON form follows
//   void check() const                             throws InvalidArgument for settings out of range
//   Shape output_shape(inputs) const               of one example, without the batch; throws ShapeMismatch
//   std::vector<ParameterSpec> parameters(inputs)  its parameters and buffers, in the order of torch's module
//   at::Tensor forward(layer, arguments)           a free function in the file pair of its family, with torch
//
// and a row in nn/layers/layer.h. This header does not include torch.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/array.h"
#include "base/fields.h"
#include "nn/layers/initializer.h"

namespace at {
class Tensor;
}

namespace ludus::nn {

/// Inputs of a layer do not fit it.
class ShapeMismatch : public InputError {
 public:
  using InputError::InputError;
};

/// Whether a network trains (dropout active, batch statistics) or infers.
enum class Mode : std::uint8_t { kTrain, kInfer };

/// Marks an extent that only the data determine, such as the length of a sequence; -1 in JSON and in messages.
inline constexpr std::int64_t kFree = 0;

/// The largest extent or setting of a layer. Products of two fit into 64 bits.
inline constexpr std::int64_t kMaxExtent = 1 << 30;

/// Returns "(3, -1, -1)": the shape with free extents as -1.
std::string to_text(const Shape& shape);

/// A parameter of a layer, or a buffer: state that no optimiser changes.
struct ParameterSpec {
  std::string name;  // as in torch's module: "weight", "running_mean"
  Shape shape;
  Initializer initializer = {};
  Fans fans = {};
  bool buffer = false;
  DType dtype = DType::kFloat32;
};

/// What a layer's forward function works on; defined in nn/layers/forward.h, which includes torch.
struct ForwardArguments;

namespace layers {

using Shapes = std::span<const Shape>;

/// Returns the input of a layer with one. Throws ShapeMismatch for another number.
const Shape& single(Shapes inputs);

/// Throws ShapeMismatch: "the input must have shape (C, H, W), got (3, 4)". `expected` in words or symbols.
[[noreturn]] void throw_input_shape(std::string_view expected, const Shape& input);

/// Throws ShapeMismatch unless the extent is known.
void require_known(std::string_view what, std::int64_t extent, const Shape& input);

/// Throws InvalidArgument unless low <= value <= high.
void check_range(std::string_view name, std::int64_t value, std::int64_t low, std::int64_t high = kMaxExtent);
void check_range(std::string_view name, double value, double low, double high);

/// Returns the value for dimension `d` of a setting with one value for each dimension, or one for all.
std::int64_t at_dimension(const std::vector<std::int64_t>& setting, std::size_t d);
/// Throws InvalidArgument unless the setting has 1 or `dimensions` values, each in [low, kMaxExtent].
void check_dimensions(std::string_view name, const std::vector<std::int64_t>& setting, std::size_t dimensions,
                      std::int64_t low);

/// Returns the index of an axis that counts from the end if negative. Throws ShapeMismatch if there is no such axis.
std::size_t axis_of(std::int64_t axis, const Shape& input);

/// Returns a shape whose extents are `extents`. Throws ShapeMismatch for more than Shape::kMaxRank.
Shape make_shape(const std::vector<std::int64_t>& extents);

}  // namespace layers
}  // namespace ludus::nn
