// Pooling, reductions over all positions, and Resize.
#include "nn/model/onnx_importer.h"

#include <cmath>

namespace ludus::nn::onnx {
namespace {

// The padding of pooling layers is at most half the kernel, as in torch.
Integers largest_padding(Integers kernel) {
  for (std::int64_t& extent : kernel) extent /= 2;
  return kernel;
}

}  // namespace

void Importer::max_pool() {
  allow({"auto_pad", "ceil_mode", "dilations", "kernel_shape", "pads", "storage_order", "strides"});
  if (is_used(1)) fail("its second output, the indices, has no layer");
  const Value& x = batched(0);
  const std::size_t count = spatial_dimensions(x);
  const Integers kernel = sizes("kernel_shape", count, 0, 1), stride = sizes("strides", count, 1, 1);
  const Integers dilation = sizes("dilations", count, 1, 1);
  const std::vector<Window> windows = windows_of(kernel, stride, dilation);
  PaddingPlan plan = plan_padding(x, windows, largest_padding(kernel));
  bool ceil = integer("ceil_mode", 0) != 0;
  Value source = x;
  if (!plan.before.empty()) {
    if (ceil) pad_to_whole_windows(x, windows, plan);
    ceil = false;
    // padding never is the maximum
    source = padded(x, plan.before, plan.after, static_cast<double>(std::numeric_limits<float>::lowest()));
  }
  const auto make = [&](auto layer) {
    layer.kernel_size = shortened(kernel);
    layer.stride = shortened(stride);
    layer.padding = plan.padding;
    layer.dilation = shortened(dilation);
    layer.ceil_mode = ceil;
    return add(std::move(layer), {&source});
  };
  define(count == 1 ? make(layers::MaxPool1d{}) : make(layers::MaxPool2d{}));
}

// Adds padding behind, so that rounding down gives as many windows as rounding up.
void Importer::pad_to_whole_windows(const Value& x, const std::vector<Window>& windows, PaddingPlan& plan) const {
  for (std::size_t d = 0; d < windows.size(); ++d) {
    const std::int64_t extent = x.shape[d + 1];
    if (extent == kFree)
      fail("ceil_mode with uneven padding needs known extents; state them in the shape of the input");
    const std::int64_t room = extent + plan.before[d] + plan.after[d] - windows[d].span();
    if (room < 0) fail("its window must fit into the input with its padding");
    std::int64_t more = (room + windows[d].stride - 1) / windows[d].stride;
    if (more * windows[d].stride >= extent + plan.before[d]) --more;  // a window must not begin behind the input
    plan.after[d] = std::max<std::int64_t>(more * windows[d].stride + windows[d].span() - extent - plan.before[d], 0);
  }
}

void Importer::average_pool() {
  allow({"auto_pad", "ceil_mode", "count_include_pad", "dilations", "kernel_shape", "pads", "strides"});
  const Value& x = batched(0);
  const std::size_t count = spatial_dimensions(x);
  const Integers kernel = sizes("kernel_shape", count, 0, 1), stride = sizes("strides", count, 1, 1);
  if (!all_equal(sizes("dilations", count, 1, 1), 1)) fail("dilations must be 1");
  const std::vector<Window> windows = windows_of(kernel, stride, Integers(count, 1));
  PaddingPlan plan = plan_padding(x, windows, largest_padding(kernel));
  bool ceil = integer("ceil_mode", 0) != 0;
  const bool include = integer("count_include_pad", 0) != 0;
  if (plan.padding.kind == Padding::Kind::kSame && include) {
    if (!is_known(x.shape)) fail("count_include_pad must be 0 with auto_pad");
    for (std::size_t d = 0; d < count; ++d) {
      const Margins margin = layers::margins(windows[d], plan.padding, d, x.shape[d + 1]);
      plan.before.push_back(margin.before);
      plan.after.push_back(margin.after);
    }
    plan.padding = Padding::valid();
  }
  Value source = x;
  bool counted = include || plan.padding.kind != Padding::Kind::kExplicit;
  if (!plan.before.empty() && include) {
    source = padded(x, plan.before, plan.after, 0.0);  // zeros that count
  } else if (!plan.before.empty()) {
    // more padding behind, which does not count, completes the last window of ceil_mode
    bool completes = !ceil;
    const Padding padding = all_equal(plan.before, 0) ? Padding::valid() : Padding::of(shortened(plan.before));
    for (std::size_t d = 0; completes && d < count; ++d) {
      const std::int64_t extent = x.shape[d + 1];
      completes = extent != kFree && plan.before[d] <= kernel[d] / 2 && plan.after[d] >= plan.before[d] &&
                  (extent + plan.before[d] + plan.after[d] - kernel[d]) >= 0 &&
                  layers::window_count(windows[d], padding, d, extent, true) ==
                      (extent + plan.before[d] + plan.after[d] - kernel[d]) / stride[d] + 1;
    }
    if (!completes) {
      fail("uneven padding that does not count must be TensorFlow's (SAME_UPPER), over known extents");
    }
    plan.padding = padding;
    ceil = true;
    counted = padding.kind != Padding::Kind::kExplicit;
  }
  const auto make = [&](auto layer) {
    layer.kernel_size = shortened(kernel);
    layer.stride = shortened(stride);
    layer.padding = plan.padding;
    layer.ceil_mode = ceil;
    layer.count_include_pad = counted;
    return add(std::move(layer), {&source});
  };
  define(count == 1 ? make(layers::AveragePool1d{}) : make(layers::AveragePool2d{}));
}

void Importer::global_average_pool() {
  allow({});
  define(add(layers::GlobalAveragePool{.keep_dimensions = true}, {&batched(0)}));
}

void Importer::global_max_pool() {
  allow({});
  define(add(layers::GlobalMaxPool{.keep_dimensions = true}, {&batched(0)}));
}

// The axes of a reduction of a value of `rank` dimensions, counted from 0 and in order.
Integers Importer::reduced_axes(std::int64_t rank) const {
  Integers axes = has_input(1) ? integers(1, "the axes") : list("axes", {});
  for (std::int64_t& axis : axes) {
    if (axis < -rank || axis >= rank) fail(formatted("each axis must be in [{}, {}], got {}", -rank, rank - 1, axis));
    if (axis < 0) axis += rank;
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

template <class L>
void Importer::reduction() {
  allow({"axes", "keepdims", "noop_with_empty_axes"});
  const Value& x = batched(0);
  const auto rank = static_cast<std::int64_t>(x.shape.rank()) + 1;
  const Integers axes = reduced_axes(rank);
  const bool keep = integer("keepdims", 1) != 0;
  if constexpr (std::is_same_v<L, layers::GlobalAveragePool>) {
    if (keep && layer_norm(axes)) return;
  }
  bool positions = rank >= 3 && static_cast<std::int64_t>(axes.size()) == rank - 2;
  for (std::size_t k = 0; positions && k < axes.size(); ++k) positions = axes[k] == static_cast<std::int64_t>(k) + 2;
  if (!positions) fail("no layer reduces other axes than all behind the channels");
  define(add(L{.keep_dimensions = keep}, {&x}));
}

void Importer::reduce_mean() {
  reduction<layers::GlobalAveragePool>();
}

void Importer::reduce_max() {
  reduction<layers::GlobalMaxPool>();
}

void Importer::resize() {
  allow({"mode", "coordinate_transformation_mode", "nearest_mode", "cubic_coeff_a", "exclude_outside",
         "extrapolation_value", "antialias", "scales"});
  const Value& x = batched(0);
  const std::size_t rank = x.shape.rank() + 1;
  const bool old = current_->op_type == "Upsample" || model_.opset() < 11;
  std::vector<double> factors;
  if (current_->find("scales")) {
    for (const float f : attribute<std::vector<float>>("scales", {}, "a list of floats")) factors.push_back(f);
  } else if (has_input(old ? 1 : 2) && constant(old ? 1 : 2, "the scales").size() > 0) {
    const Array& scales = constant(old ? 1 : 2, "the scales");
    for (std::size_t i = 0; i < std::min<std::size_t>(scales.size(), 9); ++i) factors.push_back(scales.get(i));
  } else if (!old && has_input(3)) {
    const Integers extents = integers(3, "the sizes");
    if (extents.size() != rank) fail(formatted("the sizes must be {} numbers, got {}", rank, extents.size()));
    if (!is_batch(extents[0])) fail("the number of examples must not change");
    factors.push_back(1);
    for (std::size_t d = 0; d + 1 < rank; ++d) {
      if (x.shape[d] == kFree) fail("sizes need known extents; state scales");
      factors.push_back(static_cast<double>(extents[d + 1]) / static_cast<double>(x.shape[d]));
    }
  }
  if (factors.size() != rank || rank < 3)
    fail(formatted("it must have {} scales or sizes, got {}", rank, factors.size()));
  if (factors[0] != 1 || factors[1] != 1) fail("the batch and the channels must not be scaled");
  Integers scale;
  for (std::size_t d = 2; d < rank; ++d) {
    if (!(factors[d] >= 1 && factors[d] <= 1e6 && factors[d] == std::floor(factors[d]))) {
      fail(formatted("each scale must be a whole number of 1 or more, got {}", factors[d]));
    }
    scale.push_back(static_cast<std::int64_t>(factors[d]));
  }
  if (integer("antialias", 0) != 0) fail("antialias must be 0");
  const std::string mode = text("mode", "nearest");
  const std::string transform = text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  const std::string rounding = text("nearest_mode", old ? "floor" : "round_prefer_floor");
  const bool half_pixel = transform == "half_pixel" || transform == "pytorch_half_pixel";
  const bool rounds = rounding == "round_prefer_floor" || rounding == "round_prefer_ceil";
  // at whole factors both are the repetition of every position
  const bool repeats = (transform == "asymmetric" && rounding == "floor") || (half_pixel && rounds);
  if (mode == "nearest" ? !repeats : mode != "linear" || !half_pixel) {
    fail(formatted(
        "no layer resizes by mode {} with {} and {}; nearest (asymmetric and floor, or half_pixel) and linear "
        "(half_pixel) have one",
        printable(mode), printable(transform), printable(rounding)));
  }
  define(add(layers::Upsample{.scale = shortened(scale), .mode = mode}, {&x}));
}

}  // namespace ludus::nn::onnx
