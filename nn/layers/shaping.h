// Layers of a description that only change shapes or combine inputs. This header does not include torch.
#pragma once

#include "nn/layers/layer_parts.h"

namespace ludus::nn::layers {

/// One axis out of all axes of an example, in row-major order.
struct Flatten {
  static constexpr std::string_view kKind = "flatten";

  template <class Self, class Visit>
  static void fields(Self&, Visit&&) {}

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Flatten&, const Flatten&) = default;
};

/// The same elements in another shape, in row-major order.
struct Reshape {
  static constexpr std::string_view kKind = "reshape";

  std::vector<std::int64_t> shape = {};  // without the batch; one extent may be -1: what is left

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("shape", self.shape, "shape of an example; one extent may be -1, which stands for what is left");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Reshape&, const Reshape&) = default;
};

/// Adds elements of one value around an example: before and after it, of each axis.
struct Pad {
  static constexpr std::string_view kKind = "pad";

  std::vector<std::int64_t> before = {};  // of each axis of an example, without the batch; so is after
  std::vector<std::int64_t> after = {};
  double value = 0.0;

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("before", self.before, "number of elements before the example, of each axis without the batch");
    visit("after", self.after, "number of elements after the example, of each axis without the batch");
    visit("value", self.value, "the elements that are added");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Pad&, const Pad&) = default;
};

/// The inputs one after the other along an axis; their other extents must agree.
struct Concatenate {
  static constexpr std::string_view kKind = "concatenate";

  std::int64_t axis = 0;  // of an example; 0 for channels, negative from the end

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("axis", self.axis, "axis of an example, without the batch; negative from the end");
  }

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Concatenate&, const Concatenate&) = default;
};

/// The sum of two or more inputs of one shape.
struct Add {
  static constexpr std::string_view kKind = "add";

  template <class Self, class Visit>
  static void fields(Self&, Visit&&) {}

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Add&, const Add&) = default;
};

/// The product, element by element, of two or more inputs of one shape.
struct Multiply {
  static constexpr std::string_view kKind = "multiply";

  template <class Self, class Visit>
  static void fields(Self&, Visit&&) {}

  void check() const {}
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes) const { return {}; }

  friend bool operator==(const Multiply&, const Multiply&) = default;
};

at::Tensor forward(const Flatten& layer, const ForwardArguments& arguments);
at::Tensor forward(const Reshape& layer, const ForwardArguments& arguments);
at::Tensor forward(const Pad& layer, const ForwardArguments& arguments);
at::Tensor forward(const Concatenate& layer, const ForwardArguments& arguments);
at::Tensor forward(const Add& layer, const ForwardArguments& arguments);
at::Tensor forward(const Multiply& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
