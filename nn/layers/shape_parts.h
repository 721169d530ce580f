// Shapes and parameters that several families of layers compute alike. Included by their source files only.
#pragma once

#include <vector>

#include "base/format.h"
#include "nn/layers/window.h"

namespace ludus::nn::layers {

/// The form of an input with channels first, by the number of spatial dimensions less one.
inline constexpr std::string_view kChannelsFirst[] = {"(channels, length)", "(channels, height, width)"};

/// Returns (channels, windows …) for an input (channels, extents …) with `dimensions` extents; `window_of(d)` is the
/// window of dimension d. Throws ShapeMismatch if no window fits.
template <class WindowOf>
Shape windowed_shape(const Shape& input, std::int64_t channels, std::size_t dimensions, const Padding& padding,
                     WindowOf window_of, bool ceil_mode = false) {
  std::vector<std::int64_t> extents{channels};
  for (std::size_t d = 0; d < dimensions; ++d) {
    const Window window = window_of(d);
    extents.push_back(window_count(window, padding, d, input[d + 1], ceil_mode));
    if (extents.back() < 0) {
      throw_input_shape(formatted("with {} positions or more, padding included, in dimension {}", window.span(), d),
                        input);
    }
  }
  return make_shape(extents);
}

/// Returns "weight", and "bias" of `outputs` numbers if the layer has one.
template <class Layer>
std::vector<ParameterSpec> weight_and_bias(const Layer& layer, const Shape& weight, std::int64_t outputs,
                                           const Fans& fans) {
  std::vector<ParameterSpec> specs{{.name = "weight", .shape = weight, .initializer = layer.weight_init, .fans = fans}};
  if (layer.bias) {
    specs.push_back({.name = "bias", .shape = Shape{outputs}, .initializer = layer.bias_init, .fans = fans});
  }
  return specs;
}

}  // namespace ludus::nn::layers
