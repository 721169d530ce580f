// Gather, GRU and LSTM, and the transpositions around recurrent operators.
#include "nn/model/onnx_importer.h"

namespace ludus::nn::onnx {

void Importer::gather() {
  allow({"axis"});
  const std::int64_t axis = integer("axis", 0);
  if (input(0).constant) {
    const Array table = numbers(0, "the table");
    const Value& x = batched(1);
    if (x.floating) fail("its indices must be integers");
    if (axis != 0 || table.shape().rank() != 2) fail("only rows of a table of two dimensions are gathered, by axis 0");
    return define(add(layers::Embedding{.vocabulary = table.shape()[0], .features = table.shape()[1]}, {&x},
                      {{"weight", table}}));
  }
  // the last step of a sequence
  const Value& x = computed(0);
  const Integers index = integers(1, "the indices");
  const bool by_time =
      x.view == View::kTimeFirst ? axis == 0 : x.view == View::kBatchFirst && (axis == 1 || axis == -2);
  if (index == Integers{-1} && constant(1, "the indices").shape().rank() == 0 && by_time && may_change(0)) {
    const auto last = [&](auto* layer) {
      if (!layer || layer->bidirectional || !layer->return_sequence) return false;
      layer->return_sequence = false;
      Value y = x;
      y.shape = Shape{layer->units};
      y.view = View::kBatchFirst;
      define(std::move(y));
      return true;
    };
    if (last(layer_of<layers::Gru>(x)) || last(layer_of<layers::Lstm>(x))) return;
  }
  fail("only rows of a table are gathered, and the last step of a recurrent layer of one direction");
}

// Blocks of rows, one for each gate, in the order that torch has.
Array Importer::gates(const Array& all, std::int64_t direction, std::int64_t begin,
                      const std::vector<std::int64_t>& order, std::int64_t units, std::int64_t columns) {
  const auto count = static_cast<std::int64_t>(order.size());
  const Shape shape = columns == 0 ? Shape{count * units} : Shape{count * units, columns};
  budget_.spend(shape, 4);
  Array result(DType::kFloat32, shape);
  const std::int64_t width = std::max<std::int64_t>(columns, 1), block = units * width;
  const std::int64_t rows = static_cast<std::int64_t>(all.size()) / all.shape()[0];  // numbers of a direction
  for (std::size_t g = 0; g < order.size(); ++g) {
    const float* from = all.data<float>().data() + direction * rows + begin * width + order[g] * block;
    std::copy_n(from, block, result.data<float>().data() + static_cast<std::int64_t>(g) * block);
  }
  return result;
}

void Importer::require_zeros(std::size_t i, const char* what) const {
  if (!has_input(i)) return;
  const Array& state = constant(i, what);
  for (std::size_t k = 0; k < state.size(); ++k) {
    if (state.get(k) != 0) fail(formatted("{} must be zeros", what));
  }
}

// `order`: ONNX's index of every gate of torch.
template <class L>
void Importer::recurrent(const std::vector<std::int64_t>& order, const std::vector<std::string>& functions) {
  const Value& x = computed(0);
  if (x.view != View::kTimeFirst || x.shape.rank() != 2 || x.shape[1] == kFree) {
    fail("its input must be (time, batch, features), a transposition of (batch, time, features), with known features");
  }
  const std::int64_t features = x.shape[1], count = static_cast<std::int64_t>(order.size());
  const std::string direction = text("direction", "forward");
  if (direction != "forward" && direction != "bidirectional")
    fail(formatted("direction must be forward or bidirectional, got {}", printable(direction)));
  const std::int64_t directions = direction == "forward" ? 1 : 2;
  const Array w = numbers(1, "the input weight"), r = numbers(2, "the recurrent weight");
  if (r.shape().rank() != 3)
    fail(formatted("the recurrent weight must have 3 dimensions, got shape {}", r.shape().to_string()));
  const std::int64_t units = r.shape()[2];
  if (units < 1 || units > kMaxExtent / 8 || w.shape() != Shape{directions, count * units, features} ||
      r.shape() != Shape{directions, count * units, units}) {
    fail(formatted("the weights must have shapes ({0}, {1} units, {2}) and ({0}, {1} units, units), got {3} and {4}",
                   directions, count, features, w.shape().to_string(), r.shape().to_string()));
  }
  if (integer("hidden_size", units) != units)
    fail(formatted("hidden_size must be {}, got {}", units, integer("hidden_size", units)));
  if (integer("layout", 0) != 0) fail("layout must be 0");
  if (has_input(4)) {
    fail("sequence_lens must be left out");
  }
  require_zeros(5, "the initial state");
  if (current_->op_type == "LSTM") {
    require_zeros(6, "the initial cell");
    if (has_input(7)) fail("peephole weights must be left out");
    if (integer("input_forget", 0) != 0) fail("input_forget must be 0");
    if (is_used(2)) fail("its third output, the last cell, has no layer");
  }
  std::vector<std::string> expected;
  for (std::int64_t d = 0; d < directions; ++d) expected.insert(expected.end(), functions.begin(), functions.end());
  if (attribute<std::vector<std::string>>("activations", expected, "a list of strings") != expected) {
    fail("the activations must be those of torch: Sigmoid for the gates and Tanh");
  }
  if (is_used(0) && is_used(1)) fail("a layer returns every state or the last one, and both are used");
  if (!is_used(0) && !is_used(1)) return;

  L layer{};
  layer.units = units;
  layer.bidirectional = directions == 2;
  layer.bias = has_input(3);
  layer.return_sequence = is_used(0);
  std::optional<Array> b;
  if (layer.bias) {
    b = numbers(3, "the bias");
    if (b->shape() != Shape{directions, 2 * count * units}) {
      fail(formatted("the bias must have shape ({}, {}), got {}", directions, 2 * count * units,
                     b->shape().to_string()));
    }
  }
  NamedArrays parameters;
  for (std::int64_t d = 0; d < directions; ++d) {
    const std::string suffix = d == 0 ? "_l0" : "_l0_reverse";
    parameters.emplace_back("weight_ih" + suffix, gates(w, d, 0, order, units, features));
    parameters.emplace_back("weight_hh" + suffix, gates(r, d, 0, order, units, units));
    if (!b) continue;
    parameters.emplace_back("bias_ih" + suffix, gates(*b, d, 0, order, units, 0));
    parameters.emplace_back("bias_hh" + suffix, gates(*b, d, count * units, order, units, 0));
  }
  Value y = add(std::move(layer), {&x}, std::move(parameters));
  y.directions = directions;
  const std::size_t output = is_used(0) ? 0 : 1;
  y.view = output == 0 ? View::kSequence : View::kLastState;
  define(output, std::move(y));
}

void Importer::gru() {
  allow({"activations", "direction", "hidden_size", "layout", "linear_before_reset", "output_sequence"});
  if (integer("linear_before_reset", 0) != 1) fail("linear_before_reset must be 1, the form of torch");
  recurrent<layers::Gru>({1, 0, 2}, {"Sigmoid", "Tanh"});
}

void Importer::lstm() {
  allow({"activations", "direction", "hidden_size", "layout", "input_forget", "output_sequence"});
  recurrent<layers::Lstm>({0, 2, 3, 1}, {"Sigmoid", "Tanh", "Tanh"});
}

void Importer::transpose() {
  allow({"perm"});
  Value y = computed(0);
  const std::size_t rank = y.view == View::kBatchFirst || y.view == View::kTimeFirst       ? y.shape.rank() + 1
                           : y.view == View::kLastState || y.view == View::kLastStateBatch ? 3
                                                                                           : 4;
  Integers identity, reverse;
  for (std::size_t d = 0; d < rank; ++d) identity.push_back(static_cast<std::int64_t>(d));
  reverse.assign(identity.rbegin(), identity.rend());
  const Integers perm = list("perm", reverse);
  if (perm == identity) return alias(0);
  const auto becomes = [&](View from, const Integers& order, View to) {
    if (y.view != from || perm != order) return false;
    y.view = to;
    y.only_use = y.only_use && consumers_.at(current_->inputs[0]).size() == 1;
    define(std::move(y));
    return true;
  };
  const bool known = (y.shape.rank() == 2 && becomes(View::kBatchFirst, {1, 0, 2}, View::kTimeFirst)) ||
                     becomes(View::kTimeFirst, {1, 0, 2}, View::kBatchFirst) ||
                     becomes(View::kSequence, {0, 2, 1, 3}, View::kSequenceTimeBatch) ||
                     becomes(View::kSequence, {2, 0, 1, 3}, View::kSequenceBatchTime) ||
                     becomes(View::kLastState, {1, 0, 2}, View::kLastStateBatch);
  if (!known) fail("no layer transposes axes; batch and time around recurrent operators may be exchanged");
}

// Removes the axis of directions, of which there is one.
bool Importer::squeeze_directions(const Integers& axes) {
  Value y = computed(0);
  const bool sequence = y.view == View::kSequence && (axes == Integers{1} || axes == Integers{-3});
  const bool last = y.view == View::kLastState && (axes == Integers{0} || axes == Integers{-3});
  if (y.directions != 1 || (!sequence && !last)) return false;
  y.view = sequence ? View::kTimeFirst : View::kBatchFirst;
  y.only_use = y.only_use && consumers_.at(current_->inputs[0]).size() == 1;
  define(std::move(y));
  return true;
}

// Joins directions and units.
bool Importer::reshape_states(const Integers& extents) {
  Value y = computed(0);
  const std::int64_t width = y.shape[y.shape.rank() - 1];
  if (extents.empty() || (extents.back() != -1 && extents.back() != width)) return false;
  const auto is_time = [&](std::int64_t extent) {
    return extent == 0 || extent == kFreeExtent || (y.shape[0] != kFree && extent == y.shape[0]);
  };
  View view = View::kBatchFirst;
  if (y.view == View::kSequenceTimeBatch && extents.size() == 3 && is_time(extents[0]) && is_batch(extents[1])) {
    view = View::kTimeFirst;
  } else if (!(y.view == View::kSequenceBatchTime && extents.size() == 3 && is_batch(extents[0]) &&
               is_time(extents[1])) &&
             !(y.view == View::kLastStateBatch && extents.size() == 2 && is_batch(extents[0]))) {
    return false;
  }
  y.view = view;
  y.only_use = y.only_use && consumers_.at(current_->inputs[0]).size() == 1;
  define(std::move(y));
  return true;
}

}  // namespace ludus::nn::onnx
