// The import of ONNX: one object reads one model, node by node. Every operator is a member function that reads the
// current node and defines its outputs, as constants or as outputs of layers; a function that begins at the first
// operator of a known pattern (GELU, layer normalisation) reads all of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/format.h"
#include "nn/model/onnx_constants.h"
#include "nn/model/onnx_import.h"

namespace ludus::nn::onnx {

using io::OnnxNode;
using io::printable;
using layers::Margins;
using layers::Window;
using Integers = std::vector<std::int64_t>;

inline constexpr std::size_t kNoNode = std::numeric_limits<std::size_t>::max();

/// Returns the name as a description allows it; "" if nothing of it is left.
std::string usable_name(std::string_view name);

/// Returns the double with the shortest decimal form of the float: 1e-5, not 9.99999974e-06.
double decimal(float number);

/// Returns the first value alone if all are equal, as layers state a setting of every dimension.
Integers shortened(Integers values);

bool all_equal(const Integers& values, std::int64_t value);

/// Whether the shape has no free extent.
bool is_known(const Shape& shape);

/// Returns the float32 array times the factor.
Array scaled(Array array, float factor);

/// The order of the axes of a computed value, which ONNX's recurrent operators change.
enum class View : std::uint8_t {
  kBatchFirst,         // (batch, extents …): as in a description
  kTimeFirst,          // (time, batch, features)
  kSequence,           // (time, directions, batch, units), the first output of a recurrent operator
  kSequenceTimeBatch,  // (time, batch, directions, units)
  kSequenceBatchTime,  // (batch, time, directions, units)
  kLastState,          // (directions, batch, units), its second output
  kLastStateBatch,     // (batch, directions, units)
};

/// A value of the graph: a constant, or the output of an input or layer of the description.
struct Value {
  std::shared_ptr<const Array> constant = {};  // null for a computed value
  // a computed value
  std::string source = {};     // input or layer of the description
  std::size_t node = kNoNode;  // index of the layer
  Shape shape = {};            // of an example of the layer's output
  View view = View::kBatchFirst;
  std::int64_t directions = 1;  // of a recurrent layer
  bool floating = true;
  bool only_use = false;  // no other value stands for the layer's output
};

/// The padding of sliding windows: as a layer has it, or as a layer of its own.
struct PaddingPlan {
  Padding padding = {};
  Integers before = {}, after = {};  // not empty: padding by a layer before the windows
};

class Importer {
 public:
  explicit Importer(const io::OnnxModel& model) : model_(model), budget_(budget_of(model)) {}

  ImportedNetwork run();

 private:
  using Operator = void (Importer::*)();

  // ---- the current node: messages

  std::string label() const;
  [[noreturn]] void fail(const std::string& message) const { throw InvalidArgument(label() + ": " + message); }
  // Runs f and adds the node to the messages of its errors.
  template <class F>
  auto at_node(F f) const {
    try {
      return f();
    } catch (Error& error) {
      if (!std::string_view(error.what()).starts_with("ONNX: ")) error.prepend(label());
      throw;
    }
  }

  // ---- the current node: operands

  bool has_input(std::size_t i) const { return i < current_->inputs.size() && !current_->inputs[i].empty(); }
  const Value& input(std::size_t i) const;
  const Array& constant(std::size_t i, const char* what) const;
  // A constant as float32. Throws for integers.
  Array numbers(std::size_t i, const char* what);
  Integers integers(std::size_t i, const char* what) const;
  float scalar(std::size_t i, const char* what);
  const Value& computed(std::size_t i) const;
  // A computed value as descriptions have it.
  const Value& batched(std::size_t i) const;
  void require_pointwise_view(const Value& x) const;
  bool is_used(std::size_t output) const;
  // The layer of a value may change if nothing else reads its output.
  bool may_change(std::size_t i) const;

  // ---- the current node: attributes

  template <class T>
  T attribute(const char* name, T default_value, const char* kind) const {
    const io::OnnxValue* value = current_->find(name);
    if (!value) return default_value;
    const T* typed = std::get_if<T>(value);
    if (!typed) fail(formatted("the attribute {} must be {}", name, kind));
    return *typed;
  }
  std::int64_t integer(const char* name, std::int64_t default_value) const;
  float real(const char* name, float default_value) const { return attribute<float>(name, default_value, "a float"); }
  std::string text(const char* name, std::string default_value) const;
  Integers list(const char* name, Integers default_value) const;
  // Throws for an attribute that would change the result and is not read.
  void allow(std::initializer_list<std::string_view> names) const;
  // An attribute with a number for each dimension, in [low, kMaxExtent].
  Integers sizes(const char* name, std::size_t count, std::int64_t default_value, std::int64_t low) const;

  // ---- layers

  std::string unique_name(const std::string& name, std::string_view fallback);
  // The name for a layer of the current node: that of its weight, of the node or of its output.
  std::string name_for(std::string_view kind);
  // Appends a layer and returns its output.
  Value add(Layer layer, const std::vector<const Value*>& from, NamedArrays parameters = {});
  void define(std::size_t output, Value value);
  void define(Value value) { define(0, std::move(value)); }
  void define_constant(Array array) { define({.constant = std::make_shared<const Array>(std::move(array))}); }
  // The output is the input.
  void alias(std::size_t i);
  // The output is that of a layer which has been changed.
  void define_changed(std::size_t i);
  Value affine(const Value& x, std::optional<Array> weight, std::optional<Array> bias);
  template <class L>
  L* layer_of(const Value& value) {
    return value.node == kNoNode ? nullptr : std::get_if<L>(&description_.nodes[value.node].layer);
  }
  // Calls f(layer) with the layer of a value if it is a dense or convolution layer; returns whether f has returned
  // true.
  template <class F>
  bool visit_linear(const Value& value, F f) {
    if (value.node == kNoNode) return false;
    return std::visit(
        [&](auto& layer) {
          using L = std::decay_t<decltype(layer)>;
          if constexpr (requires {
                          layer.activation;
                          layer.bias;
                        }) {
            return static_cast<bool>(f(layer, std::is_same_v<L, layers::Dense>));
          } else {
            return false;
          }
        },
        description_.nodes[value.node].layer);
  }

  // ---- constant operands

  Array filled(std::int64_t count, float number);
  // `count` numbers for the last axis of a result: one for each, or one for all. Null if the shape says default_value.
  std::optional<Array> along_last(const Array& array, std::int64_t count);
  // The numbers of a constant that has one for each channel of a result (batch, channels, …) of `rank` dimensions.
  std::optional<Array> along_channels(const Array& array, std::int64_t channels, std::size_t rank);
  // A constant operand without the axis of the batch, which must be 1.
  Array without_batch(Array array, std::size_t example_rank) const;
  Array transposed_matrix(const Array& matrix);

  // ---- nodes behind the current one

  // The only node that reads a value, once; kNoNode if there is no such node.
  std::size_t reader_of(const std::string& value) const;
  const OnnxNode* reader(const std::string& value, std::string_view op) const;
  // The constant operand of a node whose other operand is `value`; null if it has none.
  const Array* other_operand(const OnnxNode& node, const std::string& value) const;
  bool has_scalar(const OnnxNode& node, const std::string& value, double number) const;
  void mark_done(const OnnxNode* node) { done_[static_cast<std::size_t>(node - model_.nodes.data())] = true; }
  // Continues as if `node` were the current one, so that its output is defined.
  void continue_at(const OnnxNode* node);
  // The numbers of a node that multiplies or adds a constant of `shape` (leading extents of 1 apart).
  std::optional<Array> operand_of_shape(const OnnxNode* node, const std::string& value, const Integers& shape);

  // ---- the graph

  static std::uint64_t budget_of(const io::OnnxModel& model);
  void read_initializers();
  void read_inputs();
  template <class Select>
  void for_each_node(Select select);
  void read_node();
  ImportedNetwork result();
  void merge_activations();
  static bool set_activation(Layer& layer, Activation function);
  static const std::unordered_map<std::string_view, Operator>& operators();

  // ---- constants (onnx_import_constants.cpp)

  bool fold();
  static Array minus_one(DType dtype);
  Array cast_constant(const Array& x);
  Array sliced(const Array& x);
  void constant_of_shape();
  void expand();
  void fill(const Array& element, const Integers& extents);
  void constant_node();
  void shape_node();
  void define_shape(const Integers& extents);

  // ---- elements (onnx_import_elementwise.cpp)

  void identity();
  void dropout();
  void cast();
  void activation(Activation function);
  void relu();
  void tanh();
  void sigmoid();
  void softplus();
  void softsign();
  void hard_swish();
  void mish();
  void elu();
  void selu();
  void hard_sigmoid();
  void gelu_node();
  void shrink();
  void require_number(const char* name, float value, double expected) const;
  void clip();
  void leaky_relu();
  void prelu();
  template <class L>
  void softmax_of();
  void softmax();
  void log_softmax();
  std::optional<Array> constant_operand(std::size_t& i);
  void add_constant(std::size_t i, Array number);
  Value negative(const Value& x);
  void add_node();
  void sum();
  void subtract();
  void multiply();
  void divide();
  void negate();
  void replace_by_activation(std::size_t i, Activation function, const Value& x);
  bool is_activation_of(std::size_t i, Activation function, const Value& x);
  bool is_tanh_of_softplus(std::size_t i, const Value& x);
  bool gelu(const std::string& x, const std::string& scaled_input);

  // ---- dense and convolution (onnx_import_convolution.cpp)

  void matmul();
  void gemm();
  // `largest`: for each dimension, the largest padding that the layer itself has, alike on both sides.
  PaddingPlan plan_padding(const Value& x, const std::vector<Window>& windows, const Integers& largest) const;
  Value padded(const Value& x, const Integers& before, const Integers& after, double value);
  std::vector<Window> windows_of(const Integers& kernel, const Integers& stride, const Integers& dilation) const;
  std::size_t spatial_dimensions(const Value& x) const;
  NamedArrays convolution_parameters(Array weight, std::int64_t outputs);
  void convolution();
  void transposed_convolution();

  // ---- pooling and resizing (onnx_import_pooling.cpp)

  void max_pool();
  void pad_to_whole_windows(const Value& x, const std::vector<Window>& windows, PaddingPlan& plan) const;
  void average_pool();
  void global_average_pool();
  void global_max_pool();
  Integers reduced_axes(std::int64_t rank) const;
  template <class L>
  void reduction();
  void reduce_mean();
  void reduce_max();
  void resize();

  // ---- normalisation (onnx_import_normalization.cpp)

  Array per_channel(std::size_t i, const char* what, std::int64_t channels);
  std::int64_t channels_of(const Value& x) const;
  void batch_norm();
  double momentum() const;
  void instance_norm();
  void layer_norm_node();
  bool layer_norm(const Integers& axes);
  bool group_norm(const Integers& extents);
  bool is_shape_of(const std::string& name, const std::string& x, const Shape& shape) const;

  // ---- indices and sequences (onnx_import_sequences.cpp)

  void gather();
  Array gates(const Array& all, std::int64_t direction, std::int64_t begin, const std::vector<std::int64_t>& order,
              std::int64_t units, std::int64_t columns);
  void require_zeros(std::size_t i, const char* what) const;
  template <class L>
  void recurrent(const std::vector<std::int64_t>& order, const std::vector<std::string>& functions);
  void gru();
  void lstm();
  void transpose();
  bool squeeze_directions(const Integers& axes);
  bool reshape_states(const Integers& extents);

  // ---- shapes (onnx_import_shapes.cpp)

  Integers axes_of(std::size_t index) const;
  Integers squeezed(const Shape& shape) const;
  Integers unsqueezed(const Shape& shape) const;
  bool is_batch(std::int64_t extent) const;
  Integers shape_operand() const;
  void reshape();
  void flatten();
  void change_shape(const Value& x, const Integers& extents);
  static Shape with_batch(const Shape& example);
  void squeeze();
  void unsqueeze();
  void concatenate();
  void pad();

  const io::OnnxModel& model_;
  ConstantBudget budget_;
  std::unordered_map<std::string, Value> values_;
  std::unordered_set<std::string> initializers_, computed_;
  std::unordered_map<std::string, std::vector<std::size_t>> consumers_;  // nodes that read a value; kNoNode: an output
  std::vector<bool> done_;                                               // nodes that have been read
  std::optional<std::int64_t> batch_;                                    // the number of examples that the graph states
  const OnnxNode* current_ = nullptr;

  Description description_;
  std::vector<NamedArrays> parameters_;  // of every layer
  std::unordered_set<std::string> names_;
  std::unordered_map<std::string, int> numbers_;
};

}  // namespace ludus::nn::onnx
