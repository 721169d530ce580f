// The current node: its operands and attributes, and the layers that are made of it.
#include "nn/model/onnx_importer.h"

#include <charconv>
#include <cmath>

namespace ludus::nn::onnx {

std::string usable_name(std::string_view name) {
  std::string result;
  for (const char c : name.substr(0, 150)) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    result += letter_or_digit || c == '_' || c == '-' || c == '.' ? c : c == '/' ? '.' : '_';
  }
  result.erase(0, result.find_first_not_of('.'));
  const bool has_letter =
      std::any_of(result.begin(), result.end(), [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; });
  return has_letter ? result : "";
}

double decimal(float number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  double result = number;
  std::from_chars(text, end, result);
  return result;
}

Integers shortened(Integers values) {
  const bool same = std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == values[0]; });
  if (same && !values.empty()) values.resize(1);
  return values;
}

bool all_equal(const Integers& values, std::int64_t value) {
  return std::all_of(values.begin(), values.end(), [&](std::int64_t v) { return v == value; });
}

bool is_known(const Shape& shape) {
  return std::find(shape.begin(), shape.end(), kFree) == shape.end();
}

Array scaled(Array array, float factor) {
  if (factor != 1.0f) {
    for (float& number : array.data<float>()) number *= factor;
  }
  return array;
}

std::string Importer::label() const {
  const OnnxNode& n = *current_;
  std::string name = n.name;
  if (name.empty() && !n.outputs.empty()) name = n.outputs[0];
  return formatted("ONNX: node \"{}\" ({})", printable(name), printable(n.op_type));
}

const Value& Importer::input(std::size_t i) const {
  if (!has_input(i)) fail(formatted("it must have an input {}", i));
  const std::string& name = current_->inputs[i];
  const auto place = values_.find(name);
  if (place == values_.end()) {
    fail(formatted("its input \"{}\" must be an initialiser, an input of the graph or the output of an earlier node{}",
                   printable(name), computed_.contains(name) ? ", and a later node computes it" : ""));
  }
  return place->second;
}

const Array& Importer::constant(std::size_t i, const char* what) const {
  const Value& value = input(i);
  if (!value.constant)
    fail(formatted("{} must be constant, and \"{}\" is computed", what, printable(current_->inputs[i])));
  return *value.constant;
}

Array Importer::numbers(std::size_t i, const char* what) {
  const Array& array = constant(i, what);
  if (!is_floating(array.dtype()))
    fail(formatted("{} must be floating-point numbers, got {}", what, name_of(array.dtype())));
  budget_.spend(array.shape(), 4);
  return array.cast(DType::kFloat32);
}

Integers Importer::integers(std::size_t i, const char* what) const {
  const Array& array = constant(i, what);
  return at_node([&] { return integers_of(array); });
}

float Importer::scalar(std::size_t i, const char* what) {
  const Array array = numbers(i, what);
  if (array.size() != 1) fail(formatted("{} must be one number, got {}", what, array.size()));
  return array.data<float>()[0];
}

const Value& Importer::computed(std::size_t i) const {
  const Value& value = input(i);
  if (value.constant)
    fail(formatted("its input \"{}\" must be computed from an input of the graph, and is constant",
                   printable(current_->inputs[i])));
  return value;
}

const Value& Importer::batched(std::size_t i) const {
  const Value& value = computed(i);
  if (value.view != View::kBatchFirst) {
    fail(
        formatted("the first axis of its input \"{}\" must be the batch; a transposition of the output of a recurrent "
                  "operator is missing",
                  printable(current_->inputs[i])));
  }
  return value;
}

void Importer::require_pointwise_view(const Value& x) const {
  if (x.view != View::kBatchFirst && x.view != View::kTimeFirst) batched(0);
}

bool Importer::is_used(std::size_t output) const {
  return output < current_->outputs.size() && !current_->outputs[output].empty() &&
         consumers_.contains(current_->outputs[output]);
}

bool Importer::may_change(std::size_t i) const {
  const Value& value = input(i);
  return value.node != kNoNode && value.only_use && consumers_.at(current_->inputs[i]).size() == 1;
}

std::int64_t Importer::integer(const char* name, std::int64_t default_value) const {
  return attribute<std::int64_t>(name, default_value, "an integer");
}

std::string Importer::text(const char* name, std::string default_value) const {
  return attribute<std::string>(name, std::move(default_value), "a string");
}

Integers Importer::list(const char* name, Integers default_value) const {
  return attribute<Integers>(name, std::move(default_value), "a list of integers");
}

void Importer::allow(std::initializer_list<std::string_view> names) const {
  for (const io::OnnxAttribute& a : current_->attributes) {
    if (std::find(names.begin(), names.end(), a.name) == names.end()) {
      fail(formatted("the attribute {} is not supported", printable(a.name)));
    }
  }
}

Integers Importer::sizes(const char* name, std::size_t count, std::int64_t default_value, std::int64_t low) const {
  const Integers values = list(name, Integers(count, default_value));
  if (values.size() != count)
    fail(formatted("the attribute {} must have {} numbers, got {}", name, count, values.size()));
  for (const std::int64_t value : values) {
    if (value < low || value > kMaxExtent)
      fail(formatted("the attribute {} must be in [{}, {}], got {}", name, low, kMaxExtent, value));
  }
  return values;
}

std::string Importer::unique_name(const std::string& name, std::string_view fallback) {
  const std::string base = name.empty() ? std::string(fallback) : name;
  if (names_.insert(base).second) return base;
  int& number = numbers_[base];
  std::string candidate;
  do {
    candidate = formatted("{}_{}", base, ++number);
  } while (!names_.insert(candidate).second);
  return candidate;
}

std::string Importer::name_for(std::string_view kind) {
  static constexpr std::string_view kEndings[] = {".weight", ".bias", ".weight_ih_l0", ".weight_ih_l1",
                                                  ".weight_ih_l2"};
  for (const std::string& input : current_->inputs) {
    if (!initializers_.contains(input)) continue;
    for (const std::string_view ending : kEndings) {
      if (!input.ends_with(ending)) continue;
      const std::string name = usable_name(std::string_view(input).substr(0, input.size() - ending.size()));
      if (!name.empty()) return unique_name(name, kind);
    }
  }
  std::string name = usable_name(current_->name);
  if (name.empty() && !current_->outputs.empty()) name = usable_name(current_->outputs[0]);
  return unique_name(name, kind);
}

Value Importer::add(Layer layer, const std::vector<const Value*>& from, NamedArrays parameters) {
  std::vector<Shape> shapes;
  std::vector<std::string> names;
  bool floating = true;
  for (const Value* value : from) {
    shapes.push_back(value->shape);
    names.push_back(value->source);
    floating = floating && value->floating;
  }
  const std::string_view kind = kind_of(layer);
  const bool any_type =
      kind == "embedding" || kind == "flatten" || kind == "reshape" || kind == "concatenate" || kind == "pad";
  if (!floating && !any_type) fail("its input must be floating-point numbers, and is integers");
  const Shape shape = output_shape(layer, shapes);
  std::string name = name_for(kind);
  for (const ParameterSpec& spec : parameters_of(layer, shapes)) {
    const auto place =
        std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.first == spec.name; });
    if (place == parameters.end() || !(place->second.shape() == spec.shape)) {
      fail(formatted("its parameter {} must have shape {}, got {}", spec.name, spec.shape.to_string(),
                     place == parameters.end() ? "none" : place->second.shape().to_string()));
    }
  }
  description_.nodes.push_back({.name = name, .layer = std::move(layer), .inputs = std::move(names)});
  parameters_.push_back(std::move(parameters));
  return {.source = std::move(name),
          .node = description_.nodes.size() - 1,
          .shape = shape,
          .view = from[0]->view,
          .floating = floating || kind == "embedding",
          .only_use = true};
}

void Importer::define(std::size_t output, Value value) {
  if (output < current_->outputs.size() && !current_->outputs[output].empty()) {
    values_[current_->outputs[output]] = std::move(value);
  }
}

void Importer::alias(std::size_t i) {
  Value value = input(i);
  value.only_use = value.only_use && consumers_.at(current_->inputs[i]).size() == 1;
  define(std::move(value));
}

void Importer::define_changed(std::size_t i) {
  Value value = input(i);
  define(std::move(value));
}

Value Importer::affine(const Value& x, std::optional<Array> weight, std::optional<Array> bias) {
  const Shape shape = weight ? weight->shape() : bias->shape();
  layers::Affine layer{
      .shape = Integers(shape.begin(), shape.end()), .scale = weight.has_value(), .bias = bias.has_value()};
  NamedArrays parameters;
  if (weight) parameters.emplace_back("weight", std::move(*weight));
  if (bias) parameters.emplace_back("bias", std::move(*bias));
  return add(std::move(layer), {&x}, std::move(parameters));
}

Array Importer::filled(std::int64_t count, float number) {
  const Shape shape{count};
  budget_.spend(shape, 4);
  Array array(DType::kFloat32, shape);
  std::fill(array.data<float>().begin(), array.data<float>().end(), number);
  return array;
}

std::optional<Array> Importer::along_last(const Array& array, std::int64_t count) {
  const Shape& shape = array.shape();
  if (array.size() == 1) return filled(count, array.data<float>()[0]);
  if (static_cast<std::int64_t>(array.size()) != count || shape[shape.rank() - 1] != count) return std::nullopt;
  return array.reshaped(Shape{count});
}

std::optional<Array> Importer::along_channels(const Array& array, std::int64_t channels, std::size_t rank) {
  if (array.size() == 1) return filled(channels, array.data<float>()[0]);
  const Shape& shape = array.shape();
  if (static_cast<std::int64_t>(array.size()) != channels || shape.rank() + 1 < rank) return std::nullopt;
  const std::size_t axis = shape.rank() - (rank - 1);
  if (shape.rank() > rank || shape[axis] != channels) return std::nullopt;
  return array.reshaped(Shape{channels});
}

Array Importer::without_batch(Array array, std::size_t example_rank) const {
  Integers extents(array.shape().begin(), array.shape().end());
  while (extents.size() > example_rank) {
    if (extents.front() != 1) {
      fail(formatted("a constant operand must not depend on the example, got shape {}", array.shape().to_string()));
    }
    extents.erase(extents.begin());
  }
  return array.reshaped(layers::make_shape(extents));
}

Array Importer::transposed_matrix(const Array& matrix) {
  return transposed(matrix, Integers{1, 0}, budget_);
}

std::size_t Importer::reader_of(const std::string& value) const {
  const auto place = consumers_.find(value);
  return place == consumers_.end() || place->second.size() != 1 ? kNoNode : place->second[0];
}

const OnnxNode* Importer::reader(const std::string& value, std::string_view op) const {
  const std::size_t index = reader_of(value);
  if (index == kNoNode || done_[index]) return nullptr;
  const OnnxNode& node = model_.nodes[index];
  return node.op_type == op && node.domain.empty() && !node.outputs.empty() ? &node : nullptr;
}

const Array* Importer::other_operand(const OnnxNode& node, const std::string& value) const {
  if (node.inputs.size() != 2) return nullptr;
  const std::string& other = node.inputs[0] == value ? node.inputs[1] : node.inputs[0];
  const auto place = values_.find(other);
  return place == values_.end() ? nullptr : place->second.constant.get();
}

bool Importer::has_scalar(const OnnxNode& node, const std::string& value, double number) const {
  const Array* array = other_operand(node, value);
  return array && array->size() == 1 && std::fabs(array->get(0) - number) < 1e-4;
}

void Importer::continue_at(const OnnxNode* node) {
  mark_done(node);
  current_ = node;
}

std::optional<Array> Importer::operand_of_shape(const OnnxNode* node, const std::string& value, const Integers& shape) {
  const Array* array = node ? other_operand(*node, value) : nullptr;
  if (!array || !is_floating(array->dtype())) return std::nullopt;
  Integers extents(array->shape().begin(), array->shape().end());
  while (extents.size() > shape.size() && extents.front() == 1) extents.erase(extents.begin());
  if (extents != shape) return std::nullopt;
  budget_.spend(array->shape(), 4);
  return array->cast(DType::kFloat32);
}

}  // namespace ludus::nn::onnx
