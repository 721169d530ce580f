#include "nn/model/onnx_export.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "base/format.h"

namespace ludus::nn {
namespace {

using io::OnnxAttribute;
using io::OnnxType;
using layers::Margins;
using layers::Window;
using Integers = std::vector<std::int64_t>;

OnnxAttribute attribute(const char* name, std::int64_t value) {
  return {.name = name, .value = value};
}
OnnxAttribute attribute(const char* name, double value) {
  return {.name = name, .value = static_cast<float>(value)};
}
OnnxAttribute attribute(const char* name, Integers values) {
  return {.name = name, .value = std::move(values)};
}
OnnxAttribute text_attribute(const char* name, std::string text) {
  return {.name = name, .value = std::move(text)};
}

// Floating-point numbers are written as float32.
DType exported(DType dtype) {
  return is_floating(dtype) ? DType::kFloat32 : dtype;
}

// The axis of a batch for the axis of an example.
std::int64_t batch_axis(std::int64_t axis) {
  return axis < 0 ? axis : axis + 1;
}

Integers each_dimension(const Integers& setting, std::size_t dimensions) {
  return setting.size() == 1 ? Integers(dimensions, setting[0]) : setting;
}

bool any_positive(const Integers& values) {
  return std::any_of(values.begin(), values.end(), [](std::int64_t value) { return value > 0; });
}

// The operators of one network, layer by layer.
class Exporter {
 public:
  Exporter(OnnxGraph& graph, const Description& description, const NamedArrays& parameters)
      : graph_(graph), description_(description), shapes_(network_shapes(description)) {
    for (const auto& [name, array] : parameters) arrays_.emplace(name, &array);
    for (const NetworkParameter& p : network_parameters(description)) {
      const auto place = arrays_.find(p.name);
      if (place == arrays_.end()) {
        throw InvalidArgument(
            formatted("ONNX export of network \"{}\": the parameter \"{}\" is missing", description.name, p.name));
      }
      if (!(place->second->shape() == p.spec.shape)) {
        throw InvalidArgument(
            formatted("ONNX export of network \"{}\": the parameter \"{}\" must have shape {}, got {}",
                      description.name, p.name, p.spec.shape.to_string(), place->second->shape().to_string()));
      }
    }
  }

  std::vector<std::string> run(std::span<const std::string> inputs) {
    if (inputs.size() != description_.inputs.size()) {
      throw InvalidArgument(formatted("ONNX export of network \"{}\": it must get {} inputs, got {}", description_.name,
                                      description_.inputs.size(), inputs.size()));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      values_[description_.inputs[i].name] = {inputs[i], exported(description_.inputs[i].dtype)};
    }
    for (std::size_t i = 0; i < description_.nodes.size(); ++i) {
      node_ = &description_.nodes[i];
      input_shapes_ = shapes_.node_inputs[i];
      inputs_.clear();
      for (const std::string& input : node_->inputs) inputs_.push_back(values_.at(input).name);
      dtype_ = values_.at(node_->inputs[0]).dtype;
      const std::string value = std::visit([&](const auto& layer) { return add(layer); }, node_->layer);
      values_[node_->name] = {value, dtype_};
    }
    std::vector<std::string> outputs;
    for (const std::string& output : description_.outputs) outputs.push_back(values_.at(output).name);
    return outputs;
  }

  OnnxType type_of(const std::string& value) const { return io::onnx_type(values_.at(value).dtype); }
  const NetworkShapes& shapes() const { return shapes_; }

 private:
  struct Value {
    std::string name;  // in the graph
    DType dtype;
  };

  // ---- parts of layers

  const std::string& x() const { return inputs_.front(); }
  const Shape& shape() const { return input_shapes_.front(); }
  std::size_t dimensions() const { return shape().rank() - 1; }  // of the positions of (channels, positions …)

  // An operator inside the layer, and the one that computes its output.
  std::string step(const char* op, std::vector<std::string> inputs, std::vector<OnnxAttribute> attributes = {}) {
    std::string name = node_->name + ".";
    for (const char* c = op; *c; ++c) name += *c >= 'A' && *c <= 'Z' ? static_cast<char>(*c - 'A' + 'a') : *c;
    return graph_.add_node(op, std::move(inputs), std::move(attributes), name);
  }
  std::string last(const char* op, std::vector<std::string> inputs, std::vector<OnnxAttribute> attributes = {}) {
    return graph_.add_node(op, std::move(inputs), std::move(attributes), node_->name);
  }

  std::string label(const char* name) const { return node_->name + "." + name; }
  Array parameter(const std::string& name) const { return arrays_.at(node_->name + "." + name)->cast(DType::kFloat32); }
  std::string weight(const char* name) { return graph_.add_constant(label(name), parameter(name)); }
  std::string weight(const char* name, Shape shape) {
    return graph_.add_constant(label(name), parameter(name).reshaped(shape));
  }
  std::string number(const char* name, double value) {
    return graph_.add_constant(label(name), Array::scalar(static_cast<float>(value)));
  }
  std::string integers(const char* name, const Integers& values) { return graph_.add_integers(label(name), values); }
  std::string filled(const char* name, std::int64_t count, float value) {
    return graph_.add_constant(
        label(name), Array::of(std::span<const float>(std::vector<float>(static_cast<std::size_t>(count), value))));
  }

  // ---- activations

  // The function of x, as the output of the layer.
  std::string activated(const std::string& v, Activation function) {
    switch (function) {
      case Activation::kNone: return v;
      case Activation::kRelu: return last("Relu", {v});
      case Activation::kLeakyRelu: return last("LeakyRelu", {v}, {attribute("alpha", 0.01)});
      case Activation::kElu: return last("Elu", {v}, {attribute("alpha", 1.0)});
      case Activation::kTanh: return last("Tanh", {v});
      case Activation::kSigmoid: return last("Sigmoid", {v});
      case Activation::kRelu6: return last("Clip", {v, number("low", 0), number("high", 6)});
      case Activation::kHardTanh: return last("Clip", {v, number("low", -1), number("high", 1)});
      case Activation::kSelu:
        return last("Selu", {v}, {attribute("alpha", kSeluAlpha), attribute("gamma", kSeluScale)});
      case Activation::kSoftplus: return last("Softplus", {v});
      case Activation::kSoftsign: return last("Softsign", {v});
      case Activation::kHardSigmoid: return last("HardSigmoid", {v}, hard_sigmoid());
      case Activation::kLogSigmoid: return last("Neg", {step("Softplus", {step("Neg", {v})})});
      case Activation::kGelu: {  // in the form that torch exports
        const std::string erf = step("Erf", {step("Div", {v, number("sqrt_2", 1.4142135623730951)})});
        return last("Mul", {step("Mul", {v, step("Add", {erf, number("one", 1)})}), number("half", 0.5)});
      }
      case Activation::kGeluTanh: {
        const std::string cube = step("Mul", {step("Mul", {v, v}), v});
        const std::string sum = step("Add", {v, step("Mul", {cube, number("cubic", 0.044715)})});
        const std::string tanh = step("Tanh", {step("Mul", {sum, number("root", kGeluRoot)})});
        return last("Mul", {step("Mul", {v, step("Add", {tanh, number("one", 1)})}), number("half", 0.5)});
      }
      case Activation::kSilu: return last("Mul", {v, step("Sigmoid", {v})});
      case Activation::kMish: return last("Mul", {v, step("Tanh", {step("Softplus", {v})})});
      case Activation::kHardSwish: return last("Mul", {v, step("HardSigmoid", {v}, hard_sigmoid())});
      case Activation::kTanhShrink: return last("Sub", {v, step("Tanh", {v})});
      case Activation::kSoftShrink: return last("Shrink", {v}, {attribute("lambd", 0.5), attribute("bias", 0.5)});
      case Activation::kHardShrink: return last("Shrink", {v}, {attribute("lambd", 0.5), attribute("bias", 0.0)});
    }
    return v;
  }

  static std::vector<OnnxAttribute> hard_sigmoid() { return {attribute("alpha", 1.0 / 6), attribute("beta", 0.5)}; }

  // An operator followed by the layer's activation.
  std::string with_activation(const char* op, std::vector<std::string> inputs, std::vector<OnnxAttribute> attributes,
                              Activation activation) {
    if (activation == Activation::kNone) return last(op, std::move(inputs), std::move(attributes));
    return activated(step(op, std::move(inputs), std::move(attributes)), activation);
  }

  // ---- dense and convolution

  std::string add(const layers::Dense& layer) {
    if (shape().rank() == 1) {
      std::vector<std::string> inputs{x(), weight("weight")};
      if (layer.bias) inputs.push_back(weight("bias"));
      return with_activation("Gemm", std::move(inputs), {attribute("transB", std::int64_t{1})}, layer.activation);
    }
    const Array rows = parameter("weight");
    const std::int64_t units = rows.shape()[0], features = rows.shape()[1];
    Array columns(DType::kFloat32, Shape{features, units});
    for (std::int64_t u = 0; u < units; ++u) {
      for (std::int64_t f = 0; f < features; ++f) {
        columns.data<float>()[static_cast<std::size_t>(f * units + u)] =
            rows.data<float>()[static_cast<std::size_t>(u * features + f)];
      }
    }
    std::vector<std::string> inputs{x(), graph_.add_constant(label("weight"), std::move(columns))};
    if (!layer.bias) return with_activation("MatMul", std::move(inputs), {}, layer.activation);
    return with_activation("Add", {step("MatMul", std::move(inputs)), weight("bias")}, {}, layer.activation);
  }

  // Explicit padding where it is known, since all readers have it; else TensorFlow's rule by its name.
  template <class WindowOf>
  void add_padding(std::vector<OnnxAttribute>& attributes, const Padding& padding, std::size_t count,
                   WindowOf window_of) {
    Integers before, after;
    for (std::size_t d = 0; d < count; ++d) {
      const Window window = window_of(d);
      std::int64_t extent = shape()[d + 1];
      if (padding.kind == Padding::Kind::kSame && extent == kFree) {
        if (window.stride != 1) {
          attributes.push_back(text_attribute("auto_pad", "SAME_UPPER"));
          return;
        }
        extent = window.span();  // at stride 1 the padding does not depend on the extent
      }
      const Margins margin = layers::margins(window, padding, d, extent);
      before.push_back(margin.before);
      after.push_back(margin.after);
    }
    before.insert(before.end(), after.begin(), after.end());
    attributes.push_back(attribute("pads", std::move(before)));
  }

  template <std::size_t kDimensions>
  std::string add(const layers::Convolution<kDimensions>& layer) {
    std::vector<OnnxAttribute> attributes{attribute("kernel_shape", each_dimension(layer.kernel_size, kDimensions)),
                                          attribute("strides", each_dimension(layer.stride, kDimensions)),
                                          attribute("dilations", each_dimension(layer.dilation, kDimensions)),
                                          attribute("group", layer.groups)};
    add_padding(attributes, layer.padding, kDimensions, [&](std::size_t d) { return layer.window(d); });
    std::vector<std::string> inputs{x(), weight("weight")};
    if (layer.bias) inputs.push_back(weight("bias"));
    return with_activation("Conv", std::move(inputs), std::move(attributes), layer.activation);
  }

  template <std::size_t kDimensions>
  std::string add(const layers::DepthwiseConvolution<kDimensions>& layer) {
    return add(layer.grouped(shape()[0]));
  }

  template <std::size_t kDimensions>
  std::string add(const layers::TransposedConvolution<kDimensions>& layer) {
    const Integers stride = each_dimension(layer.stride, kDimensions),
                   dilation = each_dimension(layer.dilation, kDimensions);
    Integers before, after, output_padding = each_dimension(layer.output_padding, kDimensions);
    for (std::size_t d = 0; d < kDimensions; ++d) {
      const Window window{layers::at_dimension(layer.kernel_size, d), stride[d], dilation[d]};
      // with "same" what is cut off does not depend on the extent: any multiple of the stride shows it
      const bool same = layer.padding.kind == Padding::Kind::kSame;
      const Margins cut = layers::margins(window, layer.padding, d, stride[d]);
      before.push_back(cut.before);
      after.push_back(cut.after);
      if (same) output_padding[d] = std::max<std::int64_t>(stride[d] - window.span(), 0);
    }
    before.insert(before.end(), after.begin(), after.end());
    std::vector<std::string> inputs{x(), weight("weight")};
    if (layer.bias) inputs.push_back(weight("bias"));
    return with_activation(
        "ConvTranspose", std::move(inputs),
        {attribute("kernel_shape", each_dimension(layer.kernel_size, kDimensions)), attribute("strides", stride),
         attribute("dilations", dilation), attribute("group", layer.groups), attribute("pads", std::move(before)),
         attribute("output_padding", std::move(output_padding))},
        layer.activation);
  }

  // ---- pooling

  // The padding of pooling windows, so that rounding down gives the layer's number of windows.
  struct PoolPadding {
    Integers before, after;  // what the layer pads
    Integers extra;          // what it needs behind that, so that the last window of ceil_mode is whole
    bool known = true;       // whether all extents are
  };

  template <class Pool>
  PoolPadding pool_padding(const Pool& layer, std::size_t count) const {
    PoolPadding padding;
    for (std::size_t d = 0; d < count; ++d) {
      const std::int64_t extent = shape()[d + 1];
      const Window window = layer.window(d);
      padding.known = padding.known && extent != kFree;
      const bool same = layer.padding.kind == Padding::Kind::kSame;
      const Margins margin =
          same && extent == kFree ? Margins{0, 0} : layers::margins(window, layer.padding, d, extent);
      padding.before.push_back(margin.before);
      padding.after.push_back(margin.after);
      padding.extra.push_back(0);
      if (same || extent == kFree || !layer.ceil_mode) continue;
      const std::int64_t windows = layers::window_count(window, layer.padding, d, extent, true);
      padding.extra.back() = std::max<std::int64_t>(
          (windows - 1) * window.stride + window.span() - extent - margin.before - margin.after, 0);
    }
    return padding;
  }

  template <class Pool>
  std::vector<OnnxAttribute> pool_attributes(const Pool& layer, std::size_t count) const {
    Integers kernel, stride;
    for (std::size_t d = 0; d < count; ++d) {
      kernel.push_back(layer.window(d).kernel);
      stride.push_back(layer.window(d).stride);
    }
    return {attribute("kernel_shape", std::move(kernel)), attribute("strides", std::move(stride))};
  }

  std::string padded(const Integers& before, const Integers& after, double value) {
    Integers pads{0, 0};
    pads.insert(pads.end(), before.begin(), before.end());
    pads.insert(pads.end(), {0, 0});
    pads.insert(pads.end(), after.begin(), after.end());
    return step("Pad", {x(), integers("pads", pads), number("padding", value)});
  }

  template <std::size_t kDimensions>
  std::string add(const layers::MaxPool<kDimensions>& layer) {
    std::vector<OnnxAttribute> attributes = pool_attributes(layer, kDimensions);
    attributes.push_back(attribute("dilations", each_dimension(layer.dilation, kDimensions)));
    PoolPadding padding = pool_padding(layer, kDimensions);
    if (!padding.known) {
      add_padding(attributes, layer.padding, kDimensions, [&](std::size_t d) { return layer.window(d); });
      if (layer.ceil_mode) attributes.push_back(attribute("ceil_mode", std::int64_t{1}));
      return last("MaxPool", {x()}, std::move(attributes));
    }
    // padding counts as -infinity, so that more of it changes nothing
    bool below_kernel = true;  // as readers demand
    for (std::size_t d = 0; d < kDimensions; ++d) {
      padding.after[d] += padding.extra[d];
      below_kernel = below_kernel && std::max(padding.before[d], padding.after[d]) < layer.window(d).kernel;
    }
    std::string input = x();
    if (!below_kernel) {
      input = padded(padding.before, padding.after, std::numeric_limits<float>::lowest());
    } else {
      padding.before.insert(padding.before.end(), padding.after.begin(), padding.after.end());
      attributes.push_back(attribute("pads", padding.before));
    }
    return last("MaxPool", {input}, std::move(attributes));
  }

  template <std::size_t kDimensions>
  std::string add(const layers::AveragePool<kDimensions>& layer) {
    std::vector<OnnxAttribute> attributes = pool_attributes(layer, kDimensions);
    PoolPadding padding = pool_padding(layer, kDimensions);
    const bool same = layer.padding.kind == Padding::Kind::kSame, ceil = layer.ceil_mode && !same;
    bool include = layer.count_include_pad && !same;
    std::string input = x();
    if (include && any_positive(padding.before) && any_positive(padding.extra)) {
      // the layer's padding counts, and what completes the last window does not
      input = padded(padding.before, padding.after, 0);
      padding.before.assign(kDimensions, 0);
      padding.after.assign(kDimensions, 0);
      include = false;
    }
    if (same && !padding.known) {
      attributes.push_back(text_attribute("auto_pad", "SAME_UPPER"));
    } else {
      if (any_positive(padding.extra)) include = false;
      for (std::size_t d = 0; d < kDimensions; ++d) padding.before.push_back(padding.after[d] + padding.extra[d]);
      attributes.push_back(attribute("pads", padding.before));
    }
    if (ceil && !padding.known) attributes.push_back(attribute("ceil_mode", std::int64_t{1}));
    attributes.push_back(attribute("count_include_pad", std::int64_t{include ? 1 : 0}));
    return last("AveragePool", {input}, std::move(attributes));
  }

  std::string globally_pooled(const char* op, bool keep_dimensions) {
    if (keep_dimensions) return last(op, {x()});
    return last("Flatten", {step(op, {x()})}, {attribute("axis", std::int64_t{1})});
  }
  std::string add(const layers::GlobalMaxPool& layer) {
    return globally_pooled("GlobalMaxPool", layer.keep_dimensions);
  }
  std::string add(const layers::GlobalAveragePool& layer) {
    return globally_pooled("GlobalAveragePool", layer.keep_dimensions);
  }

  std::string add(const layers::Upsample& layer) {
    std::vector<float> scales{1, 1};
    for (std::size_t d = 0; d < dimensions(); ++d) {
      scales.push_back(static_cast<float>(layers::at_dimension(layer.scale, d)));
    }
    const std::string factors = graph_.add_constant(label("scales"), Array::of(std::span<const float>(scales)));
    const bool nearest = layer.mode == "nearest";
    std::vector<OnnxAttribute> attributes{
        text_attribute("mode", nearest ? "nearest" : "linear"),
        text_attribute("coordinate_transformation_mode", nearest ? "asymmetric" : "half_pixel")};
    if (nearest) attributes.push_back(text_attribute("nearest_mode", "floor"));
    return last("Resize", {x(), "", factors}, std::move(attributes));
  }

  // ---- normalisation

  std::string add(const layers::BatchNorm& layer) {
    const std::int64_t channels = shape()[0];
    return last(
        "BatchNormalization",
        {x(), layer.affine ? weight("weight") : filled("weight", channels, 1),
         layer.affine ? weight("bias") : filled("bias", channels, 0), weight("running_mean"), weight("running_var")},
        {attribute("epsilon", layer.epsilon), attribute("momentum", 1 - layer.momentum)});
  }

  std::string add(const layers::LayerNorm& layer) {
    Integers axes;
    for (std::int64_t axis = -layer.dimensions; axis < 0; ++axis) axes.push_back(axis);
    const std::string mean = step("ReduceMean", {x()}, {attribute("axes", axes)});
    const std::string centred = step("Sub", {x(), mean});
    const std::string squares = step("Pow", {centred, number("two", 2)});
    const std::string variance = step("ReduceMean", {squares}, {attribute("axes", axes)});
    const std::string std = step("Sqrt", {step("Add", {variance, number("epsilon", layer.epsilon)})});
    if (!layer.affine) return last("Div", {centred, std});
    const std::string scaled = step("Mul", {step("Div", {centred, std}), weight("weight")});
    return last("Add", {scaled, weight("bias")});
  }

  // Each group as one channel of InstanceNormalization.
  std::string add(const layers::GroupNorm& layer) {
    const std::string grouped = step("Reshape", {x(), integers("groups", {0, layer.groups, -1})});
    const std::string normal =
        step("InstanceNormalization", {grouped, filled("ones", layer.groups, 1), filled("zeros", layer.groups, 0)},
             {attribute("epsilon", layer.epsilon)});
    const bool known = std::find(shape().begin(), shape().end(), kFree) == shape().end();
    Integers extents{0};
    extents.insert(extents.end(), shape().begin(), shape().end());
    const std::string sizes = known ? integers("shape", extents) : step("Shape", {x()});
    if (!layer.affine) return last("Reshape", {normal, sizes});
    const std::string back = step("Reshape", {normal, sizes});
    const Shape per_channel = channels_first(shape()[0]);
    return last("Add", {step("Mul", {back, weight("weight", per_channel)}), weight("bias", per_channel)});
  }

  // (channels, 1, …), which is broadcast to (batch, channels, …).
  Shape channels_first(std::int64_t channels) const {
    Integers extents(shape().rank(), 1);
    extents[0] = channels;
    return layers::make_shape(extents);
  }

  std::string add(const layers::Affine& layer) {
    if (!layer.bias) return last("Mul", {x(), weight("weight")});
    return last("Add", {layer.scale ? step("Mul", {x(), weight("weight")}) : x(), weight("bias")});
  }

  std::string add(const layers::Dropout&) { return x(); }

  // ---- indices and sequences

  std::string add(const layers::Embedding&) {
    const bool cast = dtype_ != DType::kInt32 && dtype_ != DType::kInt64;
    const std::string indices =
        cast ? step("Cast", {x()}, {attribute("to", static_cast<std::int64_t>(OnnxType::kInt64))}) : x();
    dtype_ = DType::kFloat32;
    return last("Gather", {weight("weight"), indices}, {attribute("axis", std::int64_t{0})});
  }

  // Rows of a parameter, gate by gate, in the order of ONNX, appended to `out`.
  void append_gates(std::vector<float>& out, const std::string& name, const std::vector<std::size_t>& order) const {
    const Array array = parameter(name);
    const std::span<const float> rows = array.data<float>();
    const std::size_t block = rows.size() / order.size();
    for (const std::size_t gate : order)
      out.insert(out.end(), rows.begin() + static_cast<std::ptrdiff_t>(gate * block),
                 rows.begin() + static_cast<std::ptrdiff_t>((gate + 1) * block));
  }

  // `order`: torch's index of every gate of ONNX.
  std::string recurrent(const layers::RecurrentSettings& layer, const char* op, const std::vector<std::size_t>& order) {
    const std::int64_t directions = layer.bidirectional ? 2 : 1, units = layer.units;
    const auto gates = static_cast<std::int64_t>(order.size());
    std::int64_t features = shape()[1];
    std::string input = step("Transpose", {x()}, {attribute("perm", Integers{1, 0, 2})});
    for (std::int64_t l = 0;; ++l) {
      std::vector<float> w, r, b;
      for (std::int64_t d = 0; d < directions; ++d) {
        const std::string suffix = formatted("_l{}{}", l, d == 1 ? "_reverse" : "");
        append_gates(w, "weight_ih" + suffix, order);
        append_gates(r, "weight_hh" + suffix, order);
        if (!layer.bias) continue;
        append_gates(b, "bias_ih" + suffix, order);
        append_gates(b, "bias_hh" + suffix, order);
      }
      const auto constant = [&](const char* name, const std::vector<float>& numbers, Shape extents) {
        return graph_.add_constant(label(formatted("{}_l{}", name, l).c_str()),
                                   Array::of(std::span<const float>(numbers), extents));
      };
      std::vector<std::string> inputs{input, constant("weight_ih", w, Shape{directions, gates * units, features}),
                                      constant("weight_hh", r, Shape{directions, gates * units, units})};
      if (layer.bias) inputs.push_back(constant("bias", b, Shape{directions, 2 * gates * units}));
      std::vector<OnnxAttribute> attributes{
          attribute("hidden_size", units),
          text_attribute("direction", layer.bidirectional ? "bidirectional" : "forward")};
      if (order.size() == 3) attributes.push_back(attribute("linear_before_reset", std::int64_t{1}));  // torch's form
      const bool top = l + 1 == layer.layers;
      const bool sequence = !top || layer.return_sequence;
      // outputs: every hidden state (time, directions, batch, units), and the last (directions, batch, units)
      const auto names = graph_.add_node_with_outputs(
          op, std::move(inputs),
          sequence ? std::vector<std::string>{label("sequence")} : std::vector<std::string>{"", label("hidden")},
          std::move(attributes));
      if (!sequence) {
        const std::string by_example = step("Transpose", {names[1]}, {attribute("perm", Integers{1, 0, 2})});
        return last("Reshape", {by_example, integers("shape", {0, directions * units})});
      }
      if (top) {
        const std::string by_example = step("Transpose", {names[0]}, {attribute("perm", Integers{2, 0, 1, 3})});
        return last("Reshape", {by_example, integers("shape", {0, 0, directions * units})});
      }
      const std::string by_time = step("Transpose", {names[0]}, {attribute("perm", Integers{0, 2, 1, 3})});
      input = step("Reshape", {by_time, integers("shape", {0, 0, directions * units})});
      features = directions * units;
    }
  }

  // torch's gates: reset, update, new; ONNX's: update, reset, hidden
  std::string add(const layers::Gru& layer) { return recurrent(layer, "GRU", {1, 0, 2}); }
  // torch's gates: input, forget, cell, output; ONNX's: input, output, forget, cell
  std::string add(const layers::Lstm& layer) { return recurrent(layer, "LSTM", {0, 3, 1, 2}); }

  // ---- shapes and combinations

  std::string add(const layers::Flatten&) { return last("Flatten", {x()}, {attribute("axis", std::int64_t{1})}); }

  std::string add(const layers::Reshape& layer) {
    Integers extents{0};  // the batch
    extents.insert(extents.end(), layer.shape.begin(), layer.shape.end());
    return last("Reshape", {x(), integers("shape", extents)});
  }

  std::string add(const layers::Pad& layer) {
    Integers pads{0};
    pads.insert(pads.end(), layer.before.begin(), layer.before.end());
    pads.push_back(0);
    pads.insert(pads.end(), layer.after.begin(), layer.after.end());
    Array value(dtype_, Shape{});
    value.set(0, layer.value);
    return last("Pad", {x(), integers("pads", pads), graph_.add_constant(label("value"), std::move(value))});
  }

  std::string add(const layers::Concatenate& layer) {
    return last("Concat", inputs_, {attribute("axis", batch_axis(layer.axis))});
  }

  std::string combined(const char* op) {
    std::string value = inputs_[0];
    for (std::size_t i = 1; i + 1 < inputs_.size(); ++i) value = step(op, {value, inputs_[i]});
    return last(op, {value, inputs_.back()});
  }
  std::string add(const layers::Add&) { return combined("Add"); }
  std::string add(const layers::Multiply&) { return combined("Mul"); }

  // ---- activation layers

  std::string add(const layers::ActivationLayer& layer) { return activated(x(), layer.function); }
  std::string add(const layers::LeakyRelu& layer) {
    return last("LeakyRelu", {x()}, {attribute("alpha", layer.slope)});
  }
  std::string add(const layers::Prelu& layer) {
    return last("PRelu", {x(), layer.per_channel ? weight("weight", channels_first(shape()[0])) : weight("weight")});
  }
  std::string add(const layers::Softmax& layer) {
    return last("Softmax", {x()}, {attribute("axis", batch_axis(layer.axis))});
  }
  std::string add(const layers::LogSoftmax& layer) {
    return last("LogSoftmax", {x()}, {attribute("axis", batch_axis(layer.axis))});
  }

  OnnxGraph& graph_;
  const Description& description_;
  NetworkShapes shapes_;
  std::unordered_map<std::string, const Array*> arrays_;
  std::unordered_map<std::string, Value> values_;  // by the names of the description

  // the layer that is being added
  const Node* node_ = nullptr;
  std::vector<Shape> input_shapes_;
  std::vector<std::string> inputs_;
  DType dtype_ = DType::kFloat32;  // of its first input, then of its output
};

// "batch" and the extents of an example; free ones named by the value and the axis.
std::vector<io::OnnxDimension> batch_of(const Shape& shape, const std::string& name) {
  std::vector<io::OnnxDimension> dimensions{OnnxGraph::batch()};
  for (std::size_t d = 0; d < shape.rank(); ++d) {
    if (shape[d] == kFree) {
      dimensions.push_back({.name = formatted("{}_{}", name, d)});
    } else {
      dimensions.push_back({.value = shape[d]});
    }
  }
  return dimensions;
}

}  // namespace

std::vector<std::string> add_network(OnnxGraph& graph, const Description& description, const NamedArrays& parameters,
                                     std::span<const std::string> inputs) {
  return Exporter(graph, description, parameters).run(inputs);
}

io::OnnxModel export_onnx(const Description& description, const NamedArrays& parameters) {
  OnnxGraph graph(description.name);
  Exporter exporter(graph, description, parameters);
  std::vector<std::string> inputs;
  for (const InputSpec& input : description.inputs) {
    const OnnxType type = io::onnx_type(exported(input.dtype));
    inputs.push_back(graph.add_input(input.name, type, batch_of(input.shape, input.name)));
  }
  const std::vector<std::string> values = exporter.run(inputs);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& name = description.outputs[i];
    const auto used = [&](const std::vector<io::OnnxValueInfo>& infos) {
      return std::any_of(infos.begin(), infos.end(), [&](const auto& info) { return info.name == values[i]; });
    };
    // layers that are left out, inputs, and values that are outputs twice need a value of their own
    const bool fresh = values[i] == name && !used(graph.model().inputs) && !used(graph.model().outputs);
    const std::string output = fresh ? values[i] : graph.add_node("Identity", {values[i]}, {}, name);
    graph.add_output(output, exporter.type_of(name), batch_of(exporter.shapes().outputs[i], output));
  }
  return graph.model();
}

void save_onnx(const std::filesystem::path& path, const Description& description, const NamedArrays& parameters) {
  io::write_onnx(path, export_onnx(description, parameters));
}

}  // namespace ludus::nn
