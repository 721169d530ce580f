// The statements in C of every kind of layer.
#include <cmath>
#include <type_traits>

#include "base/format.h"
#include "nn/model/c_source.h"

namespace ludus::nn {
namespace {

using layers::at_dimension;

std::size_t elements_from(const Shape& shape, std::size_t axis) {
  std::size_t count = 1;
  for (std::size_t d = axis; d < shape.rank(); ++d) count *= static_cast<std::size_t>(shape[d]);
  return count;
}

std::size_t elements_to(const Shape& shape, std::size_t axis) {
  std::size_t count = 1;
  for (std::size_t d = 0; d < axis; ++d) count *= static_cast<std::size_t>(shape[d]);
  return count;
}

// Writes one layer, by overloads for its kind.
class LayerWriter {
 public:
  LayerWriter(CSource& source, const CLayer& layer) : c_(source), at_(layer) {}

  void write(const layers::Dense& layer) {
    const Shape& input = at_.shapes[0];
    const auto inputs = static_cast<std::size_t>(input[input.rank() - 1]);
    const auto units = static_cast<std::size_t>(layer.units);
    const std::string weight = parameter("weight", units * inputs);
    c_.call("dense", x(), weight, bias(layer.bias, units), elements_to(input, input.rank() - 1), inputs, units, y());
    c_.activate(layer.activation, y(), at_.output_shape.elements());
  }

  template <std::size_t kDimensions>
  void write(const layers::Convolution<kDimensions>& layer) {
    convolve(layer, "conv", layer.groups);
  }
  template <std::size_t kDimensions>
  void write(const layers::DepthwiseConvolution<kDimensions>& layer) {
    write(layer.grouped(at_.shapes[0][0]));
  }
  template <std::size_t kDimensions>
  void write(const layers::TransposedConvolution<kDimensions>& layer) {
    const bool same = layer.padding.kind == Padding::Kind::kSame;
    const auto window = [&](std::size_t d) {
      return layers::Window{.kernel = at_dimension(layer.kernel_size, d),
                            .stride = at_dimension(layer.stride, d),
                            .dilation = at_dimension(layer.dilation, d)};
    };
    // with "same", the margins of the convolution of which this is the gradient
    const auto cut = [&](std::size_t d) {
      const std::int64_t extent = same ? at_.output_shape[d + 1] : at_.shapes[0][d + 1];
      return layers::margins(window(d), layer.padding, d, extent).before;
    };
    const std::string name = geometry(kDimensions, window, cut, layer.groups);
    weigh("conv_transpose", name, layer, layer.groups, kDimensions);
  }

  template <std::size_t kDimensions>
  void write(const layers::MaxPool<kDimensions>& layer) {
    c_.call("max_pool", pool_geometry(layer, kDimensions), x(), y());
  }
  template <std::size_t kDimensions>
  void write(const layers::AveragePool<kDimensions>& layer) {
    const bool counts = layer.count_include_pad && layer.padding.kind != Padding::Kind::kSame;
    c_.call("average_pool", pool_geometry(layer, kDimensions), counts ? 1 : 0, x(), y());
  }
  void write(const layers::GlobalMaxPool&) { c_.call("global_max_pool", x(), channels(), positions(), y()); }
  void write(const layers::GlobalAveragePool&) { c_.call("global_average_pool", x(), channels(), positions(), y()); }
  void write(const layers::Upsample& layer) {
    const Shape& input = at_.shapes[0];
    const bool plane = input.rank() == 3;
    const std::int64_t height = plane ? input[1] : 1, width = input[plane ? 2 : 1];
    const std::int64_t scale_y = plane ? at_dimension(layer.scale, 0) : 1, scale_x = at_dimension(layer.scale, plane);
    c_.call(layer.mode == "nearest" ? "upsample_nearest" : "upsample_linear", x(), input[0], height, width, scale_y,
            scale_x, y());
  }

  // (x − mean) / √(variance + ε) · weight + bias, as one scale and shift for each channel
  void write(const layers::BatchNorm& layer) {
    const std::size_t count = channels();
    const std::vector<float> mean = values("running_mean", count), variance = values("running_var", count);
    const std::vector<float> weight = layer.affine ? values("weight", count) : std::vector<float>(count, 1.0f);
    const std::vector<float> shift = layer.affine ? values("bias", count) : std::vector<float>(count, 0.0f);
    std::vector<float> scales, shifts;
    for (std::size_t c = 0; c < count; ++c) {
      const double scale = static_cast<double>(weight[c]) / std::sqrt(static_cast<double>(variance[c]) + layer.epsilon);
      scales.push_back(static_cast<float>(scale));
      shifts.push_back(static_cast<float>(static_cast<double>(shift[c]) - static_cast<double>(mean[c]) * scale));
    }
    c_.call("scale_shift", x(), c_.constants(name("scale"), std::span<const float>(scales)),
            c_.constants(name("shift"), std::span<const float>(shifts)), 1, count, positions(), y());
  }
  // x ∘ weight + bias; the constants vary over the axes [first, last) of the input and are repeated over the others
  void write(const layers::Affine& layer) {
    const Shape& input = at_.shapes[0];
    const std::size_t lead = input.rank() - layer.shape.size();
    std::size_t first = input.rank(), last = 0, count = 1;
    for (std::size_t d = 0; d < layer.shape.size(); ++d) {
      if (layer.shape[d] == 1) continue;
      first = std::min(first, lead + d);
      last = lead + d + 1;
      count *= static_cast<std::size_t>(layer.shape[d]);
    }
    if (last == 0) first = 0;  // one number
    const std::size_t rows = elements_to(input, first), inner = elements_from(input, last);
    if (rows * count * inner != input.elements()) refuse();  // an axis of 1 between others
    const std::vector<float> scale = layer.scale ? values("weight", count) : std::vector<float>(count, 1.0f);
    const std::vector<float> shift = layer.bias ? values("bias", count) : std::vector<float>(count, 0.0f);
    c_.call("scale_shift", x(), c_.constants(name("scale"), std::span<const float>(scale)),
            c_.constants(name("shift"), std::span<const float>(shift)), rows, count, inner, y());
  }
  void write(const layers::LayerNorm& layer) {
    const Shape& input = at_.shapes[0];
    const std::size_t axis = input.rank() - static_cast<std::size_t>(layer.dimensions);
    normalize(elements_to(input, axis), elements_from(input, axis), layer.epsilon);
    if (layer.affine) scale_shift(elements_to(input, axis), elements_from(input, axis), 1);
  }
  void write(const layers::GroupNorm& layer) {
    const auto groups = static_cast<std::size_t>(layer.groups);
    normalize(groups, channels() / groups * positions(), layer.epsilon);
    if (layer.affine) scale_shift(1, channels(), positions());
  }

  void write(const layers::Embedding& layer) {
    const auto size = static_cast<std::size_t>(layer.vocabulary * layer.features);
    c_.call("embedding", x(), parameter("weight", size), at_.shapes[0].elements(), layer.features, y());
  }

  void write(const layers::Concatenate& layer) {
    const std::size_t axis = layers::axis_of(layer.axis, at_.output_shape);
    const std::size_t stride = elements_from(at_.output_shape, axis);
    std::size_t offset = 0;
    for (std::size_t i = 0; i < at_.inputs.size(); ++i) {
      const std::size_t size = elements_from(at_.shapes[i], axis);
      c_.call("copy", at_.inputs[i], elements_to(at_.output_shape, axis), size, stride,
              formatted("{} + {}", y(), offset));
      offset += size;
    }
  }
  void write(const layers::Add&) { combine("add"); }
  void write(const layers::Multiply&) { combine("multiply"); }

  void write(const layers::ActivationLayer& layer) {
    copy();
    c_.activate(layer.function, y(), count());
  }
  void write(const layers::LeakyRelu& layer) {
    const float slope = static_cast<float>(layer.slope);
    c_.call("leaky", x(), c_.constants(name("slope"), std::span(&slope, 1)), 1, 1, count(), y());
  }
  void write(const layers::Prelu& layer) {
    const std::size_t slopes = layer.per_channel ? channels() : 1;
    c_.call("leaky", x(), parameter("weight", slopes), slopes, layer.per_channel ? positions() : 1, count(), y());
  }
  void write(const layers::Softmax& layer) { softmax(layer.axis, 0); }
  void write(const layers::LogSoftmax& layer) { softmax(layer.axis, 1); }

  void write(const layers::Flatten&) {}
  void write(const layers::Reshape&) {}
  void write(const layers::Dropout&) {}
  void write(const layers::Pad&) { refuse(); }
  void write(const layers::Gru&) { refuse(); }
  void write(const layers::Lstm&) { refuse(); }

 private:
  const std::string& x() const { return at_.inputs[0]; }
  const std::string& y() const { return at_.output; }
  std::size_t count() const { return at_.shapes[0].elements(); }
  std::size_t channels() const { return static_cast<std::size_t>(at_.shapes[0][0]); }
  std::size_t positions() const { return elements_from(at_.shapes[0], 1); }
  std::string name(const char* part) const { return formatted("{}_{}", at_.node.name, part); }
  std::string full_name(const char* part) const { return formatted("{}.{}", at_.node.name, part); }
  std::string parameter(const char* part, std::size_t size) { return c_.parameter(full_name(part), size); }
  std::vector<float> values(const char* part, std::size_t size) { return c_.parameter_values(full_name(part), size); }
  std::string bias(bool has_bias, std::size_t size) {
    return has_bias ? parameter("bias", size) : std::string("(const float *)0");
  }

  [[noreturn]] void refuse() const {
    throw InvalidArgument(formatted("layer \"{}\": a {} layer cannot be exported to C; use a network without one",
                                    at_.node.name, kind_of(at_.node.layer)));
  }

  // Defines the geometry of windows, with one dimension as an image of height 1, and returns its address.
  template <class WindowOf, class MarginOf>
  std::string geometry(std::size_t dimensions, WindowOf window_of, MarginOf margin_of, std::int64_t groups) {
    c_.use("window");
    const Shape &in = at_.shapes[0], &out = at_.output_shape;
    const layers::Window one{.kernel = 1};
    const bool plane = dimensions == 2;
    const layers::Window v = plane ? window_of(0) : one, h = window_of(dimensions - 1);
    const std::int64_t pad_v = plane ? margin_of(0) : 0, pad_h = margin_of(dimensions - 1);
    const std::string identifier = c_.unique_name(name("window"));
    c_.define(formatted(
        "static const {}_window {} = {{.channels = {}, .height = {}, .width = {},\n"
        "    .out_channels = {}, .out_height = {}, .out_width = {}, .kernel_y = {}, .kernel_x = {}, .stride_y = {},\n"
        "    .stride_x = {}, .dilation_y = {}, .dilation_x = {}, .pad_y = {}, .pad_x = {}, .groups = {}}};\n",
        c_.prefix(), identifier, in[0], plane ? in[1] : 1, in[dimensions], out[0], plane ? out[1] : 1, out[dimensions],
        v.kernel, h.kernel, v.stride, h.stride, v.dilation, h.dilation, pad_v, pad_h, groups));
    return formatted("&{}", identifier);
  }

  template <class Pool>
  std::string pool_geometry(const Pool& layer, std::size_t dimensions) {
    const auto margin = [&](std::size_t d) {
      return layers::margins(layer.window(d), layer.padding, d, at_.shapes[0][d + 1]).before;
    };
    return geometry(
        dimensions, [&](std::size_t d) { return layer.window(d); }, margin, 1);
  }

  template <std::size_t kDimensions>
  void convolve(const layers::Convolution<kDimensions>& layer, const char* kernel, std::int64_t groups) {
    const auto margin = [&](std::size_t d) {
      return layers::margins(layer.window(d), layer.padding, d, at_.shapes[0][d + 1]).before;
    };
    const std::string window = geometry(
        kDimensions, [&](std::size_t d) { return layer.window(d); }, margin, groups);
    weigh(kernel, window, layer, groups, kDimensions);
  }

  template <class Layer>
  void weigh(const char* kernel, const std::string& window, const Layer& layer, std::int64_t groups,
             std::size_t dimensions) {
    const auto outputs = static_cast<std::size_t>(at_.output_shape[0]);
    std::size_t size = channels() * outputs / static_cast<std::size_t>(groups);
    for (std::size_t d = 0; d < dimensions; ++d) size *= static_cast<std::size_t>(at_dimension(layer.kernel_size, d));
    const std::string weight = parameter("weight", size);
    c_.call(kernel, window, x(), weight, bias(layer.bias, outputs), y());
    c_.activate(layer.activation, y(), at_.output_shape.elements());
  }

  void normalize(std::size_t rows, std::size_t size, double epsilon) {
    c_.call("normalize", x(), rows, size, c_constant(static_cast<float>(epsilon)), y());
  }
  void scale_shift(std::size_t rows, std::size_t number, std::size_t size) {
    const std::string weight = parameter("weight", number), shift = parameter("bias", number);
    c_.call("scale_shift", y(), weight, shift, rows, number, size, y());
  }
  void combine(const char* kernel) {
    c_.call(kernel, at_.inputs[0], at_.inputs[1], count(), y());
    for (std::size_t i = 2; i < at_.inputs.size(); ++i) c_.call(kernel, y(), at_.inputs[i], count(), y());
  }
  void copy() { c_.call("copy", x(), 1, count(), count(), y()); }
  void softmax(std::int64_t setting, int logarithm) {
    const std::size_t axis = layers::axis_of(setting, at_.shapes[0]);
    c_.call("softmax", x(), elements_to(at_.shapes[0], axis), at_.shapes[0][axis],
            elements_from(at_.shapes[0], axis + 1), logarithm, y());
  }

  CSource& c_;
  const CLayer& at_;
};

}  // namespace

bool passes_through(const Layer& layer) {
  return std::holds_alternative<layers::Flatten>(layer) || std::holds_alternative<layers::Reshape>(layer) ||
         std::holds_alternative<layers::Dropout>(layer);
}

void write_layer(CSource& source, const CLayer& layer) {
  std::visit([&](const auto& kind) { LayerWriter(source, layer).write(kind); }, layer.node.layer);
}

}  // namespace ludus::nn
