// MatMul, Gemm, Conv and ConvTranspose; the padding of sliding windows.
#include "nn/model/onnx_importer.h"

namespace ludus::nn::onnx {

void Importer::matmul() {
  allow({});
  const Value& x = computed(0);
  require_pointwise_view(x);
  if (!input(1).constant) fail("no layer multiplies two computed values");
  const Array matrix = numbers(1, "the matrix");
  if (matrix.shape().rank() != 2)
    fail(formatted("the matrix must have two dimensions, got shape {}", matrix.shape().to_string()));
  define(add(layers::Dense{.units = matrix.shape()[1], .bias = false}, {&x}, {{"weight", transposed_matrix(matrix)}}));
}

void Importer::gemm() {
  allow({"alpha", "beta", "transA", "transB", "broadcast"});
  const Value& x = batched(0);
  if (x.shape.rank() != 1)
    fail(formatted("its first input must have two dimensions, batch and features, got {} without the batch",
                   to_text(x.shape)));
  if (integer("transA", 0) != 0) fail("transA must be 0, since the batch comes first");
  Array matrix = numbers(1, "the matrix");
  if (matrix.shape().rank() != 2)
    fail(formatted("the matrix must have two dimensions, got shape {}", matrix.shape().to_string()));
  if (integer("transB", 0) == 0) matrix = transposed_matrix(matrix);
  layers::Dense layer{.units = matrix.shape()[0], .bias = has_input(2)};
  NamedArrays parameters{{"weight", scaled(std::move(matrix), real("alpha", 1.0f))}};
  if (layer.bias) {
    const Array number = numbers(2, "the bias");
    auto bias = along_last(number, layer.units);
    if (!bias)
      fail(formatted("the bias must be one number or {}, got shape {}", layer.units, number.shape().to_string()));
    parameters.emplace_back("bias", scaled(std::move(*bias), real("beta", 1.0f)));
  }
  define(add(std::move(layer), {&x}, std::move(parameters)));
}

PaddingPlan Importer::plan_padding(const Value& x, const std::vector<Window>& windows, const Integers& largest) const {
  const std::size_t count = windows.size();
  const std::string automatic = text("auto_pad", "NOTSET");
  PaddingPlan plan;
  if (automatic == "VALID") return plan;
  if (automatic == "SAME_UPPER") return {.padding = Padding::same(), .before = {}, .after = {}};
  Integers before, after;
  bool is_same = true;
  if (automatic == "SAME_LOWER") {
    for (std::size_t d = 0; d < count; ++d) {
      const std::int64_t extent = x.shape[d + 1];
      if (extent == kFree && (windows[d].stride != 1 || windows[d].span() % 2 == 0)) {
        fail("auto_pad SAME_LOWER needs known extents; state them in the shape of the input");
      }
      const Margins margin = layers::margins(windows[d], Padding::same(), d, std::max<std::int64_t>(extent, 1));
      before.push_back(extent == kFree ? (windows[d].span() - 1) / 2 : margin.after);
      after.push_back(extent == kFree ? before.back() : margin.before);
    }
  } else if (automatic == "NOTSET") {
    const Integers pads = sizes("pads", 2 * count, 0, 0);
    before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
    after.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());
  } else {
    fail(formatted("auto_pad must be NOTSET, SAME_UPPER, SAME_LOWER or VALID, got {}", printable(automatic)));
  }
  if (all_equal(before, 0) && all_equal(after, 0)) return plan;
  bool fits = before == after;
  for (std::size_t d = 0; d < count; ++d) {
    fits = fits && before[d] <= largest[d];
    // at stride 1 TensorFlow's padding does not depend on the extent
    const bool free = x.shape[d + 1] == kFree;
    const Margins same = free && windows[d].stride != 1 ? Margins{-1, -1}
                                                        : layers::margins(windows[d], Padding::same(), d,
                                                                          free ? windows[d].span() : x.shape[d + 1]);
    is_same = is_same && same.before == before[d] && same.after == after[d];
  }
  if (fits) {
    plan.padding = Padding::of(shortened(before));
  } else if (is_same) {
    plan.padding = Padding::same();
  } else {
    plan.before = std::move(before);
    plan.after = std::move(after);
  }
  return plan;
}

Value Importer::padded(const Value& x, const Integers& before, const Integers& after, double value) {
  layers::Pad pad{.before = {0}, .after = {0}, .value = value};
  pad.before.insert(pad.before.end(), before.begin(), before.end());
  pad.after.insert(pad.after.end(), after.begin(), after.end());
  return add(std::move(pad), {&x});
}

std::vector<Window> Importer::windows_of(const Integers& kernel, const Integers& stride,
                                         const Integers& dilation) const {
  std::vector<Window> windows;
  for (std::size_t d = 0; d < kernel.size(); ++d) {
    windows.push_back({kernel[d], stride[d], dilation[d]});
    if (windows.back().span() > kMaxExtent) fail(formatted("a window must span at most {} positions", kMaxExtent));
  }
  return windows;
}

// The number of spatial dimensions, 1 or 2, of (channels, positions …).
std::size_t Importer::spatial_dimensions(const Value& x) const {
  if (x.shape.rank() != 2 && x.shape.rank() != 3) {
    fail(formatted("its input must have 1 or 2 spatial dimensions, got {} without the batch", to_text(x.shape)));
  }
  if (x.shape[0] == kFree) fail("the number of channels of its input must be known");
  return x.shape.rank() - 1;
}

NamedArrays Importer::convolution_parameters(Array weight, std::int64_t outputs) {
  NamedArrays parameters{{"weight", std::move(weight)}};
  if (has_input(2)) {
    Array bias = numbers(2, "the bias");
    if (static_cast<std::int64_t>(bias.size()) != outputs)
      fail(formatted("the bias must have {} numbers, got {}", outputs, bias.size()));
    parameters.emplace_back("bias", bias.reshaped(Shape{outputs}));
  }
  return parameters;
}

void Importer::convolution() {
  allow({"auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"});
  const Value& x = batched(0);
  const std::size_t count = spatial_dimensions(x);
  Array weight = numbers(1, "the weight");
  if (weight.shape().rank() != count + 2)
    fail(formatted("the weight must have {} dimensions, got shape {}", count + 2, weight.shape().to_string()));
  const std::int64_t outputs = weight.shape()[0], channels = x.shape[0], group = integer("group", 1);
  const Integers kernel(weight.shape().begin() + 2, weight.shape().end());
  if (list("kernel_shape", kernel) != kernel) fail("kernel_shape must be that of the weight");
  if (group < 1 || group > kMaxExtent || weight.shape()[1] > kMaxExtent || weight.shape()[1] * group != channels) {
    fail(formatted("the weight of shape {} in {} groups must fit {} channels", weight.shape().to_string(), group,
                   channels));
  }
  if (weight.size() == 0) fail("the weight must have elements");
  const Integers stride = sizes("strides", count, 1, 1), dilation = sizes("dilations", count, 1, 1);
  const PaddingPlan plan = plan_padding(x, windows_of(kernel, stride, dilation), Integers(count, kMaxExtent));
  Value source = x;
  if (!plan.before.empty()) source = padded(x, plan.before, plan.after, 0.0);
  NamedArrays parameters = convolution_parameters(std::move(weight), outputs);
  const auto make = [&](auto layer) {
    layer.kernel_size = shortened(kernel);
    layer.stride = shortened(stride);
    layer.padding = plan.padding;
    layer.dilation = shortened(dilation);
    layer.bias = parameters.size() == 2;
    return add(std::move(layer), {&source}, std::move(parameters));
  };
  if (group == channels && group > 1) {
    if (outputs % channels != 0) fail(formatted("{} output channels must be a multiple of {} groups", outputs, group));
    if (count == 1) return define(make(layers::DepthwiseConv1d{.multiplier = outputs / channels}));
    return define(make(layers::DepthwiseConv2d{.multiplier = outputs / channels}));
  }
  if (count == 1) return define(make(layers::Conv1d{.out_channels = outputs, .groups = group}));
  define(make(layers::Conv2d{.out_channels = outputs, .groups = group}));
}

void Importer::transposed_convolution() {
  allow({"auto_pad", "dilations", "group", "kernel_shape", "output_padding", "pads", "strides"});
  const Value& x = batched(0);
  const std::size_t count = spatial_dimensions(x);
  Array weight = numbers(1, "the weight");
  if (weight.shape().rank() != count + 2)
    fail(formatted("the weight must have {} dimensions, got shape {}", count + 2, weight.shape().to_string()));
  const std::int64_t group = integer("group", 1);
  const Integers kernel(weight.shape().begin() + 2, weight.shape().end());
  if (list("kernel_shape", kernel) != kernel) fail("kernel_shape must be that of the weight");
  if (group < 1 || group > kMaxExtent || weight.size() == 0)
    fail("group must be 1 or more, and the weight must have elements");
  if (weight.shape()[1] > kMaxExtent / group) fail("the weight has too many output channels");
  const std::int64_t outputs = weight.shape()[1] * group;
  const Integers stride = sizes("strides", count, 1, 1), dilation = sizes("dilations", count, 1, 1);
  Integers extra = sizes("output_padding", count, 0, 0);
  const std::vector<Window> windows = windows_of(kernel, stride, dilation);
  Integers before(count, 0), after(count, 0);
  const std::string automatic = text("auto_pad", "NOTSET");
  if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    for (std::size_t d = 0; d < count; ++d) {  // the output has extent · stride positions
      const std::int64_t total = windows[d].span() + extra[d] - windows[d].stride;
      if (total < 0 || total % 2 != 0)
        fail(formatted("auto_pad {} is read where both sides are cut off alike; state pads", automatic));
      before[d] = after[d] = total / 2;
    }
  } else if (automatic == "NOTSET") {
    const Integers pads = sizes("pads", 2 * count, 0, 0);
    before.assign(pads.begin(), pads.begin() + static_cast<std::ptrdiff_t>(count));
    after.assign(pads.begin() + static_cast<std::ptrdiff_t>(count), pads.end());
  } else if (automatic != "VALID") {
    fail(formatted("auto_pad must be NOTSET, SAME_UPPER, SAME_LOWER or VALID, got {}", printable(automatic)));
  }
  bool is_same = true;
  for (std::size_t d = 0; d < count; ++d) {
    const Margins same = layers::margins(windows[d], Padding::same(), d, stride[d]);
    is_same = is_same && before[d] == same.before && after[d] == same.after &&
              extra[d] == std::max<std::int64_t>(stride[d] - windows[d].span(), 0);
  }
  Padding padding;
  if (before != after && is_same) {
    padding = Padding::same();
    extra.assign(count, 0);
  } else {
    // less cut off behind is more output padding
    for (std::size_t d = 0; d < count; ++d) {
      extra[d] += before[d] - after[d];
      if (extra[d] < 0 || extra[d] >= std::max(stride[d], dilation[d])) {
        fail(formatted("no layer cuts off {} positions before and {} behind at stride {}", before[d], after[d],
                       stride[d]));
      }
    }
    padding = all_equal(before, 0) ? Padding::valid() : Padding::of(shortened(before));
  }
  NamedArrays parameters = convolution_parameters(std::move(weight), outputs);
  const auto make = [&](auto layer) {
    layer.out_channels = outputs;
    layer.kernel_size = shortened(kernel);
    layer.stride = shortened(stride);
    layer.padding = padding;
    layer.output_padding = shortened(extra);
    layer.dilation = shortened(dilation);
    layer.groups = group;
    layer.bias = parameters.size() == 2;
    return add(std::move(layer), {&x}, std::move(parameters));
  };
  define(count == 1 ? make(layers::ConvTranspose1d{}) : make(layers::ConvTranspose2d{}));
}

}  // namespace ludus::nn::onnx
