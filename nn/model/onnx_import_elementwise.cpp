// Operators on every element: activations, sums and products, and the activations that are written by several of them.
#include "nn/model/onnx_importer.h"

#include <cmath>

namespace ludus::nn::onnx {

void Importer::identity() {
  alias(0);
}

void Importer::dropout() {
  allow({"ratio", "seed", "is_test"});
  if (is_used(1)) fail("its second output, the mask, has no layer");
  if (has_input(2)) {
    const Array& training = constant(2, "training_mode");
    if (training.size() != 1 || training.get(0) != 0) fail("training_mode must be false");
  }
  const Value& x = computed(0);
  const float rate = has_input(1) ? scalar(1, "the ratio") : real("ratio", 0.5f);
  if (x.view != View::kBatchFirst) return alias(0);  // it does nothing in inference
  define(add(layers::Dropout{.rate = decimal(rate)}, {&x}));
}

void Importer::cast() {
  allow({"to", "saturate"});
  const Value& x = computed(0);
  const auto type = static_cast<io::OnnxType>(integer("to", 0));
  const bool to_floating = type == io::OnnxType::kFloat || type == io::OnnxType::kFloat16 ||
                           type == io::OnnxType::kDouble || type == io::OnnxType::kBfloat16;
  const bool to_integer = type == io::OnnxType::kInt64 || type == io::OnnxType::kInt32;
  if (x.floating ? !to_floating : !to_integer)
    fail("numbers must stay floating-point, or integers, since no layer rounds");
  alias(0);
}

void Importer::activation(Activation function) {
  const Value& x = computed(0);
  require_pointwise_view(x);
  define(add(layers::ActivationLayer{.function = function}, {&x}));
}

void Importer::relu() {
  allow({}), activation(Activation::kRelu);
}

void Importer::tanh() {
  allow({}), activation(Activation::kTanh);
}

void Importer::sigmoid() {
  allow({}), activation(Activation::kSigmoid);
}

void Importer::softplus() {
  allow({}), activation(Activation::kSoftplus);
}

void Importer::softsign() {
  allow({}), activation(Activation::kSoftsign);
}

void Importer::hard_swish() {
  allow({}), activation(Activation::kHardSwish);
}

void Importer::mish() {
  allow({}), activation(Activation::kMish);
}

void Importer::elu() {
  allow({"alpha"});
  require_number("alpha", real("alpha", 1.0f), 1.0);
  activation(Activation::kElu);
}

void Importer::selu() {
  allow({"alpha", "gamma"});
  require_number("alpha", real("alpha", static_cast<float>(kSeluAlpha)), kSeluAlpha);
  require_number("gamma", real("gamma", static_cast<float>(kSeluScale)), kSeluScale);
  activation(Activation::kSelu);
}

void Importer::hard_sigmoid() {
  allow({"alpha", "beta"});
  require_number("alpha", real("alpha", 0.2f), 1.0 / 6);
  require_number("beta", real("beta", 0.5f), 0.5);
  activation(Activation::kHardSigmoid);
}

void Importer::gelu_node() {
  allow({"approximate"});
  const std::string form = text("approximate", "none");
  if (form != "none" && form != "tanh") fail(formatted("approximate must be none or tanh, got {}", printable(form)));
  activation(form == "none" ? Activation::kGelu : Activation::kGeluTanh);
}

void Importer::shrink() {
  allow({"lambd", "bias"});
  require_number("lambd", real("lambd", 0.5f), 0.5);
  const float bias = real("bias", 0.0f);
  if (bias != 0.0f) require_number("bias", bias, 0.5);
  activation(bias == 0.0f ? Activation::kHardShrink : Activation::kSoftShrink);
}

void Importer::require_number(const char* name, float value, double expected) const {
  if (std::fabs(value - expected) > 1e-5)
    fail(formatted("no layer has another {} than {}, got {}", name, expected, value));
}

void Importer::clip() {
  allow({"min", "max", "consumed_inputs"});
  constexpr float kLargest = std::numeric_limits<float>::max();
  const bool inputs = model_.opset() >= 11;
  const float low = inputs ? (has_input(1) ? scalar(1, "min") : -kLargest) : real("min", -kLargest);
  const float high = inputs ? (has_input(2) ? scalar(2, "max") : kLargest) : real("max", kLargest);
  if (low == 0 && high == 6) return activation(Activation::kRelu6);
  if (low == -1 && high == 1) return activation(Activation::kHardTanh);
  if (low == 0 && high >= kLargest) return activation(Activation::kRelu);
  fail(formatted("no layer limits numbers to [{}, {}]; [0, 6], [-1, 1] and [0, infinity) have one", low, high));
}

void Importer::leaky_relu() {
  allow({"alpha"});
  const Value& x = computed(0);
  require_pointwise_view(x);
  define(add(layers::LeakyRelu{.slope = decimal(real("alpha", 0.01f))}, {&x}));
}

void Importer::prelu() {
  allow({});
  const Value& x = batched(0);
  const Array slope = numbers(1, "the slope");
  if (slope.size() == 1) return define(add(layers::Prelu{}, {&x}, {{"weight", slope.reshaped(Shape{1})}}));
  std::optional<Array> slopes;
  if (x.shape.rank() > 0 && x.shape[0] != kFree) slopes = along_channels(slope, x.shape[0], x.shape.rank() + 1);
  if (!slopes)
    fail(formatted("the slope must be one number or one for each channel, got shape {}", slope.shape().to_string()));
  define(add(layers::Prelu{.per_channel = true}, {&x}, {{"weight", std::move(*slopes)}}));
}

template <class L>
void Importer::softmax_of() {
  allow({"axis"});
  const Value& x = batched(0);
  const auto rank = static_cast<std::int64_t>(x.shape.rank()) + 1;
  std::int64_t axis = integer("axis", model_.opset() < 13 ? 1 : -1);
  if (axis < -rank || axis >= rank) fail(formatted("axis must be in [{}, {}], got {}", -rank, rank - 1, axis));
  if (axis < 0) axis += rank;
  if (axis == 0) fail("axis must not be that of the batch");
  const std::int64_t example_axis = axis - 1;
  // before opset 13 over all axes from this one on
  Integers long_axes;
  for (std::int64_t d = example_axis; d < rank - 1; ++d) {
    if (x.shape[static_cast<std::size_t>(d)] != 1) long_axes.push_back(d);
  }
  if (model_.opset() >= 13 || example_axis == rank - 2) return define(add(L{.axis = example_axis}, {&x}));
  if (long_axes.size() < 2) return define(add(L{.axis = long_axes.empty() ? example_axis : long_axes[0]}, {&x}));
  if (!is_known(x.shape)) fail("every extent must be known, since several axes are normalised together");
  Integers flat(x.shape.begin(), x.shape.begin() + example_axis);
  flat.push_back(-1);
  const Value rows = add(layers::Reshape{.shape = flat}, {&x});
  const Value normal = add(L{.axis = -1}, {&rows});
  define(add(layers::Reshape{.shape = Integers(x.shape.begin(), x.shape.end())}, {&normal}));
}

void Importer::softmax() {
  softmax_of<layers::Softmax>();
}

void Importer::log_softmax() {
  softmax_of<layers::LogSoftmax>();
}

// The constant operand of a binary operator; `i` becomes the index of the computed one. Null: both are computed.
std::optional<Array> Importer::constant_operand(std::size_t& i) {
  allow({"broadcast", "axis", "consumed_inputs"});
  if (current_->inputs.size() != 2) fail(formatted("it must have two inputs, got {}", current_->inputs.size()));
  const bool first = static_cast<bool>(input(0).constant), second = static_cast<bool>(input(1).constant);
  i = first ? 1 : 0;
  if (!first && !second) {
    batched(0);
    batched(1);
    return std::nullopt;
  }
  Array array = numbers(1 - i, "the constant operand");
  const std::size_t rank = computed(i).shape.rank() + 1;
  // up to opset 6 an axis says where the shape of the second operand begins
  if (model_.opset() < 7 && current_->find("axis")) {
    const std::int64_t axis = integer("axis", 0);
    Integers extents(array.shape().begin(), array.shape().end());
    if (axis < 0 || axis + static_cast<std::int64_t>(extents.size()) > static_cast<std::int64_t>(rank)) {
      fail(formatted("axis must be a dimension of the first input, got {}", axis));
    }
    extents.resize(rank - static_cast<std::size_t>(axis), 1);
    array = array.reshaped(layers::make_shape(extents));
  }
  if (array.shape().rank() > rank) {
    fail(formatted("its constant operand must have at most {} dimensions, as the computed one, got shape {}", rank,
                   array.shape().to_string()));
  }
  return array;
}

// Adds a constant: as the bias of the layer before, or as a layer.
void Importer::add_constant(std::size_t i, Array number) {
  const Value& x = computed(i);
  require_pointwise_view(x);
  if (may_change(i)) {
    const bool fused = visit_linear(x, [&](auto& layer, bool dense) {
      if (layer.bias || layer.activation != Activation::kNone) return false;
      const std::size_t rank = x.shape.rank() + 1;
      auto bias = dense ? along_last(number, x.shape[x.shape.rank() - 1]) : along_channels(number, x.shape[0], rank);
      if (!bias) return false;
      layer.bias = true;
      parameters_[x.node].emplace_back("bias", std::move(*bias));
      return true;
    });
    if (fused) return define_changed(i);
    auto* scale = layer_of<layers::Affine>(x);
    Array shift = without_batch(number, x.shape.rank());
    if (x.view == View::kBatchFirst && scale && !scale->bias &&
        Shape(std::span<const std::int64_t>(scale->shape)) == shift.shape()) {
      scale->bias = true;
      parameters_[x.node].emplace_back("bias", std::move(shift));
      return define_changed(i);
    }
  }
  if (x.view != View::kBatchFirst) batched(i);
  define(affine(x, std::nullopt, without_batch(std::move(number), x.shape.rank())));
}

Value Importer::negative(const Value& x) {
  return affine(x, Array::scalar(-1.0f), std::nullopt);
}

void Importer::add_node() {
  std::size_t i = 0;
  if (auto number = constant_operand(i)) return add_constant(i, std::move(*number));
  define(add(layers::Add{}, {&input(0), &input(1)}));
}

void Importer::sum() {
  allow({"consumed_inputs"});
  if (current_->inputs.size() == 1) return alias(0);
  std::vector<const Value*> values;
  for (std::size_t i = 0; i < current_->inputs.size(); ++i) values.push_back(&batched(i));
  define(add(layers::Add{}, values));
}

void Importer::subtract() {
  std::size_t i = 0;
  if (auto number = constant_operand(i)) {
    if (i == 0) return add_constant(0, scaled(std::move(*number), -1.0f));
    const Value& x = batched(1);
    Array bias = without_batch(std::move(*number), x.shape.rank());
    Array weight(DType::kFloat32, bias.shape());
    std::fill(weight.data<float>().begin(), weight.data<float>().end(), -1.0f);
    return define(affine(x, std::move(weight), std::move(bias)));
  }
  const Value x = input(0);
  if (is_activation_of(1, Activation::kTanh, x)) return replace_by_activation(1, Activation::kTanhShrink, x);
  const Value minus = negative(input(1));
  define(add(layers::Add{}, {&x, &minus}));
}

void Importer::multiply() {
  std::size_t i = 0;
  if (auto number = constant_operand(i)) {
    if (number->size() == 1 && std::fabs(number->data<float>()[0] - 0.70710678f) < 1e-4f &&
        gelu(current_->inputs[i], current_->outputs[0])) {
      return;
    }
    const Value& x = batched(i);
    return define(affine(x, without_batch(std::move(*number), x.shape.rank()), std::nullopt));
  }
  for (const std::size_t k : {1u, 0u}) {
    const Value x = input(1 - k);
    if (is_activation_of(k, Activation::kSigmoid, x)) return replace_by_activation(k, Activation::kSilu, x);
    if (is_activation_of(k, Activation::kHardSigmoid, x)) return replace_by_activation(k, Activation::kHardSwish, x);
    if (is_tanh_of_softplus(k, x)) return replace_by_activation(k, Activation::kMish, x);
  }
  define(add(layers::Multiply{}, {&input(0), &input(1)}));
}

void Importer::divide() {
  std::size_t i = 0;
  auto number = constant_operand(i);
  if (!number) fail("no layer divides one computed value by another");
  if (i == 1) fail("no layer divides a constant by a computed value");
  if (number->size() == 1 && std::fabs(number->data<float>()[0] - 1.41421356f) < 1e-4f &&
      gelu(current_->inputs[0], current_->outputs[0])) {
    return;
  }
  const Value& x = batched(0);
  for (float& n : number->data<float>()) n = 1.0f / n;
  define(affine(x, without_batch(std::move(*number), x.shape.rank()), std::nullopt));
}

void Importer::negate() {
  allow({});
  const Value& y = batched(0);
  // -softplus(-x) is the logarithm of the sigmoid
  const auto* layer = layer_of<layers::ActivationLayer>(y);
  if (layer && layer->function == Activation::kSoftplus && may_change(0)) {
    const std::string before = description_.nodes[y.node].inputs[0];
    for (std::size_t n = y.node; n-- > 0;) {
      if (description_.nodes[n].name != before) continue;
      const auto* minus = std::get_if<layers::Affine>(&description_.nodes[n].layer);
      if (minus && minus->shape.empty() && !minus->bias && parameters_[n][0].second.data<float>()[0] == -1.0f) {
        return replace_by_activation(0, Activation::kLogSigmoid,
                                     {.constant = nullptr, .source = description_.nodes[n].inputs[0]});
      }
      break;
    }
  }
  define(negative(y));
}

// The layer of `node` becomes an activation of `x`.
void Importer::replace_by_activation(std::size_t i, Activation function, const Value& x) {
  Node& node = description_.nodes[input(i).node];
  node.layer = layers::ActivationLayer{.function = function};
  node.inputs = {x.source};
  parameters_[input(i).node].clear();
  define_changed(i);
}

// Whether value `i` is f(x) by an activation layer.
bool Importer::is_activation_of(std::size_t i, Activation function, const Value& x) {
  const auto* layer = layer_of<layers::ActivationLayer>(input(i));
  return layer && layer->function == function && may_change(i) &&
         description_.nodes[input(i).node].inputs[0] == x.source;
}

// Whether value `i` is tanh(softplus(x)).
bool Importer::is_tanh_of_softplus(std::size_t i, const Value& x) {
  const auto* layer = layer_of<layers::ActivationLayer>(input(i));
  if (!layer || layer->function != Activation::kTanh || !may_change(i)) return false;
  const std::string& before = description_.nodes[input(i).node].inputs[0];
  for (std::size_t n = input(i).node; n-- > 0;) {
    const Node& node = description_.nodes[n];
    if (node.name != before) continue;
    const auto* softplus = std::get_if<layers::ActivationLayer>(&node.layer);
    return softplus && softplus->function == Activation::kSoftplus && node.inputs[0] == x.source;
  }
  return false;
}

// x / √2 → erf → + 1 → · x → · ½, or · ½ → · x: GELU, as torch exports it.
bool Importer::gelu(const std::string& x, const std::string& scaled_input) {
  const OnnxNode* erf = reader(scaled_input, "Erf");
  const OnnxNode* sum = erf ? reader(erf->outputs[0], "Add") : nullptr;
  if (!sum || !has_scalar(*sum, erf->outputs[0], 1.0)) return false;
  const OnnxNode* first = reader(sum->outputs[0], "Mul");
  const OnnxNode* second = first ? reader(first->outputs[0], "Mul") : nullptr;
  if (!second) return false;
  const auto multiplies_x = [&](const OnnxNode& node, const std::string& value) {
    return node.inputs.size() == 2 &&
           ((node.inputs[0] == value && node.inputs[1] == x) || (node.inputs[1] == value && node.inputs[0] == x));
  };
  const bool torch_form = multiplies_x(*first, sum->outputs[0]) && has_scalar(*second, first->outputs[0], 0.5);
  const bool other_form = has_scalar(*first, sum->outputs[0], 0.5) && multiplies_x(*second, first->outputs[0]);
  if (!torch_form && !other_form) return false;
  const Value value = batched(current_->inputs[0] == x ? 0 : 1);
  for (const OnnxNode* node : {erf, sum, first}) mark_done(node);
  continue_at(second);
  define(add(layers::ActivationLayer{.function = Activation::kGelu}, {&value}));
  return true;
}

}  // namespace ludus::nn::onnx
