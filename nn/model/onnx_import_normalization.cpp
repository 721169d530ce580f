// BatchNormalization, InstanceNormalization, LayerNormalization, and the elementary operators of layer and group
// normalisation.
#include "nn/model/onnx_importer.h"

namespace ludus::nn::onnx {

// A list of numbers, one for each channel.
Array Importer::per_channel(std::size_t i, const char* what, std::int64_t channels) {
  Array array = numbers(i, what);
  if (static_cast<std::int64_t>(array.size()) != channels) {
    fail(formatted("{} must have {} numbers, one for each channel, got {}", what, channels, array.size()));
  }
  return array.reshaped(Shape{channels});
}

std::int64_t Importer::channels_of(const Value& x) const {
  if (x.shape.rank() < 1 || x.shape[0] == kFree) fail("the number of channels of its input must be known");
  return x.shape[0];
}

void Importer::batch_norm() {
  allow({"epsilon", "momentum", "is_test", "spatial", "training_mode", "consumed_inputs"});
  if (integer("training_mode", 0) != 0) fail("training_mode must be 0");
  if (model_.opset() < 7 && integer("is_test", 0) == 0) fail("is_test must be 1, its mode of inference");
  if (integer("spatial", 1) != 1) fail("spatial must be 1");
  const Value& x = batched(0);
  const std::int64_t channels = channels_of(x);
  NamedArrays parameters{{"weight", per_channel(1, "the scale", channels)},
                         {"bias", per_channel(2, "the bias", channels)},
                         {"running_mean", per_channel(3, "the mean", channels)},
                         {"running_var", per_channel(4, "the variance", channels)},
                         {"num_batches_tracked", Array::scalar(std::int64_t{0})}};
  define(add(layers::BatchNorm{.epsilon = decimal(real("epsilon", 1e-5f)), .momentum = momentum()}, {&x},
             std::move(parameters)));
}

// ONNX states the weight of the running statistics, a layer that of the batch.
double Importer::momentum() const {
  return decimal(static_cast<float>(1.0 - decimal(real("momentum", 0.9f))));
}

void Importer::instance_norm() {
  allow({"epsilon", "consumed_inputs"});
  const Value& x = batched(0);
  const std::int64_t channels = channels_of(x);
  NamedArrays parameters{{"weight", per_channel(1, "the scale", channels)},
                         {"bias", per_channel(2, "the bias", channels)}};
  define(add(layers::GroupNorm{.groups = channels, .epsilon = decimal(real("epsilon", 1e-5f))}, {&x},
             std::move(parameters)));
}

void Importer::layer_norm_node() {
  allow({"axis", "epsilon", "stash_type"});
  if (is_used(1) || is_used(2)) fail("its second and third outputs have no layer");
  const Value& x = batched(0);
  const auto rank = static_cast<std::int64_t>(x.shape.rank()) + 1;
  const std::int64_t stated = integer("axis", -1), axis = stated < 0 ? stated + rank : stated;
  if (axis < 1 || axis >= rank) fail(formatted("axis must be in [1, {}], got {}", rank - 1, stated));
  const Shape shape = layers::make_shape(Integers(x.shape.begin() + axis - 1, x.shape.end()));
  const auto parameter = [&](std::size_t i, const char* what) {
    Array array = numbers(i, what);
    if (array.size() != shape.elements())
      fail(formatted("{} must have shape {}, got {}", what, shape.to_string(), array.shape().to_string()));
    return array.reshaped(shape);
  };
  Array weight = parameter(1, "the scale"), bias(DType::kFloat32, weight.shape());
  if (has_input(2)) bias = parameter(2, "the bias");
  define(add(layers::LayerNorm{.dimensions = rank - axis, .epsilon = decimal(real("epsilon", 1e-5f))}, {&x},
             {{"weight", std::move(weight)}, {"bias", std::move(bias)}}));
}

// The node ReduceMean(x) as the beginning of (x - mean) / sqrt(mean((x - mean)²) + ε), and · weight + bias.
bool Importer::layer_norm(const Integers& axes) {
  const Value x = computed(0);
  const std::string x_name = current_->inputs[0];
  const auto rank = static_cast<std::int64_t>(x.shape.rank()) + 1;
  const auto dimensions = static_cast<std::int64_t>(axes.size());
  for (std::int64_t k = 0; k < dimensions; ++k) {
    if (axes[static_cast<std::size_t>(k)] != rank - dimensions + k) return false;
  }
  if (dimensions == 0 || dimensions >= rank || x.view != View::kBatchFirst || !x.floating) return false;
  const OnnxNode* centred = reader(current_->outputs[0], "Sub");
  if (!centred || centred->inputs.size() != 2 || centred->inputs[0] != x_name) return false;
  const std::string& difference = centred->outputs[0];
  const auto readers = consumers_.find(difference);
  if (readers == consumers_.end()) return false;
  const OnnxNode *squares = nullptr, *quotient = nullptr;
  for (const std::size_t index : readers->second) {
    if (index == kNoNode || done_[index]) return false;
    const OnnxNode& node = model_.nodes[index];
    if (node.outputs.empty()) return false;
    if (node.op_type == "Div" && node.inputs.size() == 2 && node.inputs[0] == difference) quotient = &node;
    if (node.op_type == "Pow" && node.inputs[0] == difference && has_scalar(node, difference, 2.0)) squares = &node;
    if (node.op_type == "Mul" && node.inputs == std::vector<std::string>{difference, difference}) squares = &node;
  }
  if (!squares || !quotient || readers->second.size() != (squares->op_type == "Mul" ? 3u : 2u)) return false;
  const OnnxNode* variance = reader(squares->outputs[0], "ReduceMean");
  if (!variance) return false;
  const OnnxNode* mean = current_;
  current_ = variance;
  const bool same_axes = reduced_axes(rank) == axes && integer("keepdims", 1) == 1;
  current_ = mean;
  const OnnxNode* sum = same_axes ? reader(variance->outputs[0], "Add") : nullptr;
  const OnnxNode* root = sum ? reader(sum->outputs[0], "Sqrt") : nullptr;
  if (!root || reader(root->outputs[0], "Div") != quotient || quotient->inputs[1] != root->outputs[0]) return false;
  const Array* epsilon = other_operand(*sum, variance->outputs[0]);
  if (!epsilon || epsilon->size() != 1) return false;

  layers::LayerNorm layer{
      .dimensions = dimensions, .epsilon = decimal(static_cast<float>(epsilon->get(0))), .affine = false};
  NamedArrays parameters;
  const OnnxNode* end = quotient;
  const Integers extents(x.shape.end() - dimensions, x.shape.end());
  const OnnxNode* product = reader(quotient->outputs[0], "Mul");
  const OnnxNode* shifted = product ? reader(product->outputs[0], "Add") : nullptr;
  auto weight = operand_of_shape(product, quotient->outputs[0], extents);
  auto bias = shifted && weight ? operand_of_shape(shifted, product->outputs[0], extents) : std::nullopt;
  if (weight && bias) {
    const Shape shape = layers::make_shape(extents);
    layer.affine = true;
    parameters = {{"weight", weight->reshaped(shape)}, {"bias", bias->reshaped(shape)}};
    for (const OnnxNode* node : {quotient, product}) mark_done(node);
    end = shifted;
  }
  for (const OnnxNode* node : {centred, squares, variance, sum, root}) mark_done(node);
  if (layer.affine) current_ = product;  // which has the weight, for the name
  Value y = add(layer, {&x}, std::move(parameters));
  continue_at(end);
  define(std::move(y));
  return true;
}

// Reshape (batch, groups, -1) → InstanceNormalization → Reshape to the shape of x, and · weight + bias.
bool Importer::group_norm(const Integers& extents) {
  const Value& x = batched(0);
  const bool grouped = extents.size() == 3 && is_batch(extents[0]) && extents[1] > 0 && extents[2] == -1;
  const OnnxNode* normal = grouped ? reader(current_->outputs[0], "InstanceNormalization") : nullptr;
  const OnnxNode* back = normal ? reader(normal->outputs[0], "Reshape") : nullptr;
  if (!back || normal->inputs.size() != 3 || normal->inputs[0] != current_->outputs[0] || back->inputs.size() != 2 ||
      x.shape.rank() < 1 || x.shape[0] == kFree || x.shape[0] % extents[1] != 0) {
    return false;
  }
  for (const std::size_t i : {1u, 2u}) {
    const auto place = values_.find(normal->inputs[i]);
    const Array* array = place == values_.end() ? nullptr : place->second.constant.get();
    if (!array || static_cast<std::int64_t>(array->size()) != extents[1]) return false;
    for (std::size_t k = 0; k < array->size(); ++k) {
      if (array->get(k) != (i == 1 ? 1.0 : 0.0)) return false;
    }
  }
  if (!is_shape_of(back->inputs[1], current_->inputs[0], x.shape)) return false;

  const Value source = x;
  const OnnxNode* start = current_;
  current_ = normal;
  layers::GroupNorm layer{.groups = extents[1], .epsilon = decimal(real("epsilon", 1e-5f)), .affine = false};
  current_ = start;
  NamedArrays parameters;
  Integers per_channel(x.shape.rank(), 1);
  per_channel[0] = x.shape[0];
  const OnnxNode* product = reader(back->outputs[0], "Mul");
  const OnnxNode* shifted = product ? reader(product->outputs[0], "Add") : nullptr;
  auto weight = operand_of_shape(product, back->outputs[0], per_channel);
  auto bias = shifted && weight ? operand_of_shape(shifted, product->outputs[0], per_channel) : std::nullopt;
  for (const OnnxNode* node : {normal, back}) mark_done(node);
  const OnnxNode* end = back;
  if (weight && bias) {
    layer.affine = true;
    const Shape shape{source.shape[0]};
    parameters = {{"weight", weight->reshaped(shape)}, {"bias", bias->reshaped(shape)}};
    mark_done(product);
    current_ = product;
    end = shifted;
  }
  Value y = add(layer, {&source}, std::move(parameters));
  continue_at(end);
  define(std::move(y));
  return true;
}

// Whether `name` is the shape of the value `x`: computed by Shape, or a constant that says the same.
bool Importer::is_shape_of(const std::string& name, const std::string& x, const Shape& shape) const {
  const auto place = values_.find(name);
  if (place != values_.end() && place->second.constant) {
    if (is_floating(place->second.constant->dtype())) return false;
    const Integers extents = integers_of(*place->second.constant);
    bool same = extents.size() == shape.rank() + 1 && is_batch(extents[0]);
    for (std::size_t d = 0; same && d < shape.rank(); ++d) {
      same = extents[d + 1] == (shape[d] == kFree ? kFreeExtent : shape[d]);
    }
    return same;
  }
  return std::any_of(model_.nodes.begin(), model_.nodes.end(), [&](const OnnxNode& node) {
    return node.op_type == "Shape" && node.attributes.empty() && node.inputs == std::vector<std::string>{x} &&
           node.outputs == std::vector<std::string>{name};
  });
}

}  // namespace ludus::nn::onnx
