// Operators over constants, computed while the graph is read.
#include "nn/model/onnx_importer.h"

#include <cmath>

namespace ludus::nn::onnx {

// Computes nodes whose inputs are constants. Returns whether it has.
bool Importer::fold() {
  const OnnxNode& node = *current_;
  if (node.inputs.empty()) return false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (has_input(i) && !input(i).constant) return false;
  }
  if (!has_input(0)) return false;
  const std::string& op = node.op_type;
  const Array& x = *input(0).constant;
  const auto rank = static_cast<std::int64_t>(x.shape().rank());
  if (op == "Identity" || op == "Dropout") {
    alias(0);
  } else if (op == "Cast") {
    define_constant(cast_constant(x));
  } else if (op == "Reshape") {
    define_constant(reshaped_as(x, shape_operand(), budget_));
  } else if (op == "Flatten") {
    allow({"axis"});
    const std::int64_t axis = integer("axis", 1) + (integer("axis", 1) < 0 ? rank : 0);
    if (axis < 0 || axis > rank) fail(formatted("axis must be in [{}, {}], got {}", -rank, rank, integer("axis", 1)));
    std::int64_t rows = 1, columns = 1;
    for (std::int64_t d = 0; d < rank; ++d) (d < axis ? rows : columns) *= x.shape()[static_cast<std::size_t>(d)];
    define_constant(reshaped_as(x, Integers{rows, columns}, budget_));
  } else if (op == "Transpose") {
    allow({"perm"});
    Integers perm;
    for (std::int64_t d = rank; d-- > 0;) perm.push_back(d);
    define_constant(transposed(x, list("perm", perm), budget_));
  } else if (op == "Squeeze" || op == "Unsqueeze") {
    define_constant(reshaped_as(x, op == "Squeeze" ? squeezed(x.shape()) : unsqueezed(x.shape()), budget_));
  } else if (op == "Concat") {
    allow({"axis"});
    std::vector<const Array*> arrays;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) arrays.push_back(input(i).constant.get());
    if (std::find(arrays.begin(), arrays.end(), nullptr) != arrays.end()) fail("it must have all inputs");
    define_constant(concatenated(arrays, integer("axis", 1), budget_));
  } else if (op == "Gather") {
    define_constant(gathered(x, constant(1, "the indices"), budget_));
  } else if (op == "Slice") {
    define_constant(sliced(x));
  } else if (op == "Neg") {
    define_constant(combined('*', x, minus_one(x.dtype()), budget_));
  } else if (op == "Sqrt") {
    Array roots = numbers(0, "the input");
    for (float& number : roots.data<float>()) number = std::sqrt(number);
    define_constant(std::move(roots));
  } else if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div") {
    allow({"broadcast", "consumed_inputs"});
    const char symbol = op == "Add" ? '+' : op == "Sub" ? '-' : op == "Mul" ? '*' : '/';
    define_constant(combined(symbol, x, constant(1, "the second input"), budget_));
  } else if (op == "Shape") {
    define_shape(Integers(x.shape().begin(), x.shape().end()));
  } else if (op == "ConstantOfShape") {
    constant_of_shape();
  } else if (op == "Expand") {
    expand();
  } else {
    return false;
  }
  return true;
}

Array Importer::minus_one(DType dtype) {
  Array array(dtype, Shape{});
  array.set(0, -1);
  return array;
}

Array Importer::cast_constant(const Array& x) {
  allow({"to", "saturate"});
  DType dtype = DType::kFloat32;
  switch (static_cast<io::OnnxType>(integer("to", 0))) {
    case io::OnnxType::kFloat:
    case io::OnnxType::kFloat16:
    case io::OnnxType::kBfloat16: break;
    case io::OnnxType::kDouble: dtype = DType::kFloat64; break;
    case io::OnnxType::kInt64: dtype = DType::kInt64; break;
    case io::OnnxType::kInt32: dtype = DType::kInt32; break;
    default:
      fail(formatted("the attribute to must be a floating-point type, int32 or int64, got {}", integer("to", 0)));
  }
  budget_.spend(x.shape(), size_of(dtype));
  if (!is_floating(dtype) && is_floating(x.dtype())) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      if (!(std::fabs(x.get(i)) < 2e9)) fail(formatted("the number {} does not fit an integer", x.get(i)));
    }
  }
  if (!is_floating(dtype) && !is_floating(x.dtype())) {  // without the detour over double, for large numbers
    const Integers values = integers_of(x);
    Array array = Array::of(std::span<const std::int64_t>(values), x.shape());
    return dtype == DType::kInt64 ? array : array.cast(dtype);
  }
  return x.cast(dtype);
}

// A part of a one-dimensional constant, such as the last extents of a shape.
Array Importer::sliced(const Array& x) {
  const bool inputs = model_.opset() >= 10;
  allow({"starts", "ends", "axes"});
  const Integers starts = inputs ? integers(1, "the starts") : list("starts", {});
  const Integers ends = inputs ? integers(2, "the ends") : list("ends", {});
  const Integers steps = inputs && has_input(4) ? integers(4, "the steps") : Integers{1};
  if (x.shape().rank() != 1 || starts.size() != 1 || ends.size() != 1 || steps != Integers{1}) {
    fail("only one-dimensional constants are sliced, in steps of 1");
  }
  const auto count = static_cast<std::int64_t>(x.size());
  const auto clipped = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? std::max(at, -count) + count : at, 0, count);
  };
  Integers indices;
  for (std::int64_t i = clipped(starts[0]); i < clipped(ends[0]); ++i) indices.push_back(i);
  return gathered(x, Array::of(std::span<const std::int64_t>(indices)), budget_);
}

// Zeros for the states of recurrent operators, whose shape depends on the batch, are one 0.
void Importer::constant_of_shape() {
  allow({"value"});
  const io::OnnxValue* value = current_->find("value");
  const auto* tensor = value ? std::get_if<io::OnnxTensor>(value) : nullptr;
  if (value && (!tensor || tensor->values.size() != 1)) fail("the attribute value must be a tensor of one element");
  const Array element = tensor ? tensor->values.reshaped(Shape{}) : Array::scalar(0.0f);
  fill(element, integers(0, "the shape"));
}

void Importer::expand() {
  const Array& x = constant(0, "the input");
  if (x.size() != 1) fail("only one number is expanded");
  fill(x.reshaped(Shape{}), integers(1, "the shape"));
}

void Importer::fill(const Array& element, const Integers& extents) {
  const bool known = std::all_of(extents.begin(), extents.end(), [](std::int64_t e) { return e > kFreeExtent; });
  if (!known) return define_constant(element);  // broadcast wherever it is used
  for (const std::int64_t extent : extents) {
    if (extent < 0) fail(formatted("each extent must be 0 or more, got {}", extent));
  }
  const Shape shape = layers::make_shape(extents);
  budget_.spend(shape, size_of(element.dtype()));
  Array array(element.dtype(), shape);
  for (std::size_t i = 0; i < array.size(); ++i) array.set(i, element.get(0));
  define_constant(std::move(array));
}

void Importer::constant_node() {
  allow({"value", "value_float", "value_int", "value_floats", "value_ints"});
  if (current_->attributes.size() != 1) fail("it must have one attribute with its value");
  const io::OnnxValue& value = current_->attributes[0].value;
  if (const auto* tensor = std::get_if<io::OnnxTensor>(&value)) {
    define({.constant = std::shared_ptr<const Array>(std::shared_ptr<void>(), &tensor->values)});
  } else if (const auto* f = std::get_if<float>(&value)) {
    define_constant(Array::scalar(*f));
  } else if (const auto* i = std::get_if<std::int64_t>(&value)) {
    define_constant(Array::scalar(*i));
  } else if (const auto* floats = std::get_if<std::vector<float>>(&value)) {
    define_constant(Array::of(std::span<const float>(*floats)));
  } else if (const auto* ints = std::get_if<Integers>(&value)) {
    define_constant(Array::of(std::span<const std::int64_t>(*ints)));
  } else {
    fail("its value must be numbers");
  }
}

// The extents of a computed value, with marks for those that the data determine.
void Importer::shape_node() {
  const Value& value = batched(0);
  Integers extents{kBatchExtent};
  for (const std::int64_t extent : value.shape) extents.push_back(extent == kFree ? kFreeExtent : extent);
  define_shape(extents);
}

// The part of the extents that the node selects; all of them before opset 15.
void Importer::define_shape(const Integers& extents) {
  allow({"start", "end"});
  const auto rank = static_cast<std::int64_t>(extents.size());
  const auto clipped = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank);
  };
  const std::int64_t start = clipped(integer("start", 0)), end = std::max(start, clipped(integer("end", rank)));
  define_constant(
      Array::of(std::span<const std::int64_t>(extents.data() + start, static_cast<std::size_t>(end - start))));
}

}  // namespace ludus::nn::onnx
