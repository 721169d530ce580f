// Networks from ONNX: files of other programs, their forms of graphs, and graphs that no description has.
#include <cstdlib>

#include "base/file.h"
#include "base/safetensors.h"
#include "nn/core/init.h"
#include "nn/core/tensor_io.h"
#include "nn/io/idx.h"
#include "nn/model/onnx_model.h"
#include "tests/nn/model/onnx_support.h"

namespace ludus::nn {
namespace {

using io::OnnxAttribute;
using io::OnnxModel;
using io::OnnxType;
using testing::largest_difference;
using testing::message_of;
using Integers = std::vector<std::int64_t>;

const std::filesystem::path kFiles = LUDUS_TEST_DATA "/onnx";

std::filesystem::path data_folder() {
  const char* named = std::getenv("LUDUS_DATA_DIR");
  return named != nullptr ? std::filesystem::path(named)
                          : std::filesystem::path(LUDUS_SOURCE_DIR).parent_path() / "shared" / "data";
}

std::string bytes_of(const std::filesystem::path& path) {
  const auto bytes = read_bytes(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// ---- files of other programs ---------------------------------------------------------------------------------------

// (1, 2): relu(1.5, 4, 0) · (1, -1, 0.5) + 1 = -1.5; (-1, 3): relu(-0.5, 6, 3) · … + 1 = -3.5
TEST(OnnxImport, MlpByHand) {
  const ImportedNetwork network = load_onnx(kFiles / "mlp.onnx");
  const auto& nodes = network.description.nodes;
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(nodes[0].name, "fc1");  // of the weight
  EXPECT_EQ(nodes[1].name, "second");
  EXPECT_EQ(nodes[0].layer, Layer(layers::Dense{.units = 3, .activation = Activation::kRelu}));
  EXPECT_EQ(nodes[1].layer, Layer(layers::Dense{.units = 1}));
  const auto model = build_model(network);
  const at::Tensor y = model->predict(at::tensor({1.0f, 2.0f, -1.0f, 3.0f}).view({2, 2}));
  EXPECT_TRUE(at::equal(y, at::tensor({-1.5f, -3.5f}).view({2, 1}))) << y;
}

// sums of 2 x 2 neighbours in (1 2 3; 4 5 6; 7 8 9) with zeros behind
TEST(OnnxImport, TensorFlowsPaddingAndTheReshapeOfTorch) {
  const auto model = load_onnx_model(kFiles / "sums.onnx");
  EXPECT_EQ(model->description().nodes.size(), 2u);
  EXPECT_EQ(std::get<layers::Conv2d>(model->description().nodes[0].layer).padding, Padding::same());
  EXPECT_EQ(kind_of(model->description().nodes[1].layer), "flatten");
  const at::Tensor y = model->predict(at::arange(1, 10, at::kFloat).view({1, 1, 3, 3}));
  EXPECT_TRUE(at::equal(y, at::tensor({12.f, 16.f, 9.f, 24.f, 28.f, 15.f, 15.f, 17.f, 9.f}).view({1, 9}))) << y;
}

// The models of one operator of ONNX's own tests, with their inputs and outputs.
TEST(OnnxImport, OperatorModelsGiveTheirOutputs) {
  const std::filesystem::path folder = data_folder() / "formats" / "onnx";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  int models = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto tensor = [&](const char* name) {
      return to_tensor(io::parse_onnx_tensor(bytes_of(entry.path() / name), name).values).clone();
    };
    const auto model = load_onnx_model(entry.path() / "model.onnx");
    EXPECT_LT(largest_difference(model->predict(tensor("input_0.pb")), tensor("output_0.pb")), 1e-5) << entry.path();
    // and written by us, read again
    const auto copy = build_model(import_onnx(export_onnx(model->description(), model->state())));
    EXPECT_LT(largest_difference(copy->predict(tensor("input_0.pb")), tensor("output_0.pb")), 1e-5) << entry.path();
    ++models;
  }
  EXPECT_EQ(models, 15);
}

// A trained network of another program, which divides its input by 255 itself: 98.91 % of 10,000 digits.
TEST(OnnxImport, MnistNetworkScoresAsStated) {
  const std::filesystem::path folder = data_folder();
  if (!std::filesystem::exists(folder / "weights" / "mnist_cnn.onnx")) GTEST_SKIP() << "skipped: no data";
  const auto model = load_onnx_model(folder / "weights" / "mnist_cnn.onnx");
  const Array images = io::read_idx(folder / "mnist" / "t10k-images-idx3-ubyte.gz");
  const Array labels = io::read_idx(folder / "mnist" / "t10k-labels-idx1-ubyte.gz");
  const at::Tensor x = to_tensor(images).to(at::kFloat).view({-1, 1, 28, 28}), y = to_tensor(labels).to(at::kLong);
  std::int64_t right = 0, right_of_first = 0;
  for (std::int64_t begin = 0; begin < x.size(0); begin += 500) {
    const at::Tensor hits = model->predict(x.narrow(0, begin, 500)).argmax(1).eq(y.narrow(0, begin, 500));
    right += hits.sum().item<std::int64_t>();
    if (begin == 0) right_of_first = hits.narrow(0, 0, 100).sum().item<std::int64_t>();
  }
  EXPECT_EQ(right, 9891);
  EXPECT_EQ(right_of_first, 99);
}

// The same weights as float16 in ONNX and in safetensors; the graph is SqueezeNet's.
TEST(OnnxImport, SqueezeNetHasItsLayersAndWeights) {
  const std::filesystem::path folder = data_folder() / "weights";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  const ImportedNetwork network = load_onnx(folder / "squeezenet1_1.fp16.onnx");
  EXPECT_EQ(parameter_count(network.description), 1'235'496);
  EXPECT_EQ(output_shapes(network.description), (std::vector<Shape>{Shape{1000, 1, 1}}));
  const TensorFile weights = read_safetensors(folder / "squeezenet1_1.fp16.safetensors");
  EXPECT_EQ(network.parameters.size(), 52u);
  EXPECT_EQ(network.parameters[0].second, to_array(weights.at("conv1.weight")));
  EXPECT_EQ(network.parameters[51].second, to_array(weights.at("conv10.bias")));
  const auto model = build_model(network);
  const at::Tensor y = model->predict(at::zeros({1, 3, 224, 224}));
  EXPECT_NEAR(y.sum().item<double>(), 1.0, 1e-5);
}

// ---- graphs of other programs --------------------------------------------------------------------------------------

OnnxAttribute number(const char* name, std::int64_t value) {
  return {.name = name, .value = value};
}
OnnxAttribute numbers(const char* name, Integers values) {
  return {.name = name, .value = std::move(values)};
}
OnnxAttribute text(const char* name, std::string value) {
  return {.name = name, .value = std::move(value)};
}

// A graph over one input "x" of these extents, -1 for free ones; the last node's output is the graph's.
struct Graph {
  OnnxGraph graph{"test"};
  std::int64_t opset = 13;

  explicit Graph(const Integers& extents, std::int64_t operators = 13, OnnxType type = OnnxType::kFloat)
      : opset(operators) {
    std::vector<io::OnnxDimension> shape;
    for (const std::int64_t extent : extents) {
      shape.push_back(extent < 0 ? io::OnnxDimension{.name = "free"} : io::OnnxDimension{.value = extent});
    }
    graph.add_input("x", type, shape);
  }
  std::string add(const char* op, std::vector<std::string> inputs, std::vector<OnnxAttribute> attributes = {}) {
    return graph.add_node(op, std::move(inputs), std::move(attributes));
  }
  std::string constant(const char* name, std::vector<float> values, Shape shape) {
    return graph.add_constant(name, Array::of(std::span<const float>(values), shape));
  }
  std::string integers(const char* name, const Integers& values) { return graph.add_integers(name, values); }
  // normal numbers
  std::string random(const char* name, Integers sizes) {
    return graph.add_constant(name, to_array(at::empty(sizes).normal_(0, 1, make_generator(5))));
  }
  at::Tensor tensor(const std::string& name) const {
    for (const auto& t : graph.model().initializers) {
      if (t.name == name) return to_tensor(t.values).clone();
    }
    return {};
  }

  OnnxModel model() const {
    OnnxModel m = graph.model();
    m.opsets = {{"", opset}};
    if (m.outputs.empty()) m.outputs.push_back({.name = m.nodes.back().outputs[0]});
    return m;
  }
  std::unique_ptr<Model> build() const { return build_model(import_onnx(model())); }
  at::Tensor run(const at::Tensor& x) const { return build()->predict(x); }
  std::string error() const {
    return message_of([&] { import_onnx(model()); });
  }
};

at::Tensor normal(std::vector<std::int64_t> sizes) {
  return at::empty(sizes).normal_(0, 1, make_generator(11));
}

void expect_close(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_LT(largest_difference(a, b), 1e-5);
}

TEST(OnnxImport, GemmWithFactorsAndEitherOrientation) {
  const at::Tensor x = normal({5, 3});
  for (const std::int64_t transposed : {0, 1}) {
    Graph g({-1, 3});
    g.add("Gemm", {"x", transposed ? g.random("w", {4, 3}) : g.random("w", {3, 4}), g.random("b", {1, 4})},
          {number("transB", transposed), {.name = "alpha", .value = 0.5f}, {.name = "beta", .value = -2.0f}});
    const at::Tensor w = transposed ? g.tensor("w").t() : g.tensor("w");
    expect_close(g.run(x), 0.5 * x.mm(w) - 2 * g.tensor("b"));
  }
  Graph scalar({-1, 3});
  scalar.add("Gemm", {"x", scalar.random("w", {3, 4}), scalar.constant("b", {0.5f}, Shape{})});
  expect_close(scalar.run(x), x.mm(scalar.tensor("w")) + 0.5);
  Graph wrong({-1, 3});
  wrong.add("Gemm", {"x", wrong.random("w", {3, 4})}, {number("transA", 1)});
  EXPECT_EQ(wrong.error(), "ONNX: node \"gemm\" (Gemm): transA must be 0, since the batch comes first");
}

TEST(OnnxImport, ConstantOperandsBecomeBiasesOrAffineLayers) {
  const at::Tensor x = normal({5, 3});
  {  // the bias of a dense layer, and its activation
    Graph g({-1, 3});
    g.add("Relu", {g.add("Add", {g.random("b", {4}), g.add("MatMul", {"x", g.random("w", {3, 4})})})});
    const auto model = g.build();
    EXPECT_EQ(model->description().nodes.size(), 1u);
    expect_close(model->predict(x), at::relu(x.mm(g.tensor("w")) + g.tensor("b")));
  }
  {  // two readers: the layer stays as it is
    Graph g({-1, 3});
    const std::string y = g.add("MatMul", {"x", g.random("w", {3, 4})});
    g.add("Add", {y, g.add("Add", {y, g.random("b", {4})})});
    expect_close(g.run(x), 2 * x.mm(g.tensor("w")) + g.tensor("b"));
  }
  {  // an output of the graph is a reader, too
    Graph g({-1, 3});
    const std::string y = g.add("MatMul", {"x", g.random("w", {3, 4})});
    g.graph.add_output(y, OnnxType::kFloat, {});
    g.graph.add_output(g.add("Relu", {y}), OnnxType::kFloat, {});
    const auto outputs = g.build()->predict(at::TensorList(x));
    expect_close(outputs[0], x.mm(g.tensor("w")));
    expect_close(outputs[1], at::relu(x.mm(g.tensor("w"))));
  }
  {  // the same through an alias
    Graph g({-1, 3});
    const std::string y = g.add("MatMul", {"x", g.random("w", {3, 4})});
    const std::string copy = g.add("Identity", {y});
    g.add("Add", {g.add("Relu", {copy}), g.add("Tanh", {y})});
    expect_close(g.run(x), at::relu(x.mm(g.tensor("w"))) + at::tanh(x.mm(g.tensor("w"))));
  }
  {  // normalisation by constants
    Graph g({-1, 3});
    g.add("Div", {g.add("Sub", {"x", g.random("mean", {1, 3})}), g.constant("std", {4}, Shape{})});
    expect_close(g.run(x), (x - g.tensor("mean")) / 4);
  }
  {  // constant - x, and -x
    Graph g({-1, 3});
    g.add("Neg", {g.add("Sub", {g.random("c", {3}), "x"})});
    expect_close(g.run(x), x - g.tensor("c"));
  }
  {  // one number for each channel behind a convolution
    Graph g({1, 3, 5, 5}, 7);
    g.add("Add", {g.add("Conv", {"x", g.random("w", {4, 3, 3, 3})}), g.random("b", {4, 1, 1})});
    const auto model = g.build();
    EXPECT_EQ(model->description().nodes.size(), 1u);
    const at::Tensor image = normal({2, 3, 5, 5});
    expect_close(model->predict(image), at::conv2d(image, g.tensor("w"), g.tensor("b").view({4})));
  }
  {  // up to opset 6 an axis says where the constant begins
    Graph g({1, 3, 5, 5}, 6);
    g.add("Add", {"x", g.random("b", {3})}, {number("axis", 1), number("broadcast", 1)});
    const at::Tensor image = normal({2, 3, 5, 5});
    expect_close(g.run(image), image + g.tensor("b").view({3, 1, 1}));
  }
  {  // one number for each position
    Graph g({-1, 2, 3});
    g.add("Mul", {"x", g.random("c", {1, 2, 3})});
    const at::Tensor rows = normal({2, 2, 3});
    expect_close(g.run(rows), rows * g.tensor("c"));
  }
  Graph dependent({4, 3});
  dependent.add("Mul", {"x", dependent.random("c", {4, 3})});
  EXPECT_EQ(dependent.error(),
            "ONNX: node \"mul\" (Mul): a constant operand must not depend on the example, got shape (4, 3)");
}

TEST(OnnxImport, PaddingOfConvolutions) {
  const at::Tensor x = normal({2, 2, 7, 6});
  // `pads`: left, right, top, bottom
  const auto expect = [&](const Integers& extents, std::vector<OnnxAttribute> attributes, const Integers& pads,
                          std::int64_t stride) {
    Graph g(extents);
    g.add("Conv", {"x", g.random("w", {3, 2, 3, 3})}, std::move(attributes));
    expect_close(g.run(x), at::conv2d(at::constant_pad_nd(x, pads), g.tensor("w"), {}, stride));
  };
  const Integers known{-1, 2, 7, 6}, free{-1, 2, -1, -1};
  const OnnxAttribute upper = text("auto_pad", "SAME_UPPER"), lower = text("auto_pad", "SAME_LOWER"),
                      by_two = numbers("strides", {2, 2});
  expect(known, {numbers("pads", {2, 0, 1, 3})}, {0, 3, 2, 1}, 1);
  expect(known, {upper, by_two}, {0, 1, 1, 1}, 2);  // of 6 columns at stride 2 TensorFlow pads the last one
  expect(known, {numbers("pads", {1, 0, 1, 1}), by_two}, {0, 1, 1, 1}, 2);
  expect(known, {lower, by_two}, {1, 0, 1, 1}, 2);
  expect(known, {text("auto_pad", "VALID")}, {0, 0, 0, 0}, 1);
  expect(free, {upper, by_two}, {0, 1, 1, 1}, 2);  // whatever the extents are
  expect(free, {lower}, {1, 1, 1, 1}, 1);
  Graph g({-1, 2, -1, -1});
  g.add("Conv", {"x", g.random("w", {3, 2, 3, 3})}, {text("auto_pad", "SAME_LOWER"), numbers("strides", {2, 2})});
  EXPECT_EQ(
      g.error(),
      "ONNX: node \"conv\" (Conv): auto_pad SAME_LOWER needs known extents; state them in the shape of the input");
}

TEST(OnnxImport, PaddingOfPoolingWindows) {
  const at::Tensor x = normal({2, 2, 7, 6});
  const auto run = [&](const char* op, std::vector<OnnxAttribute> attributes) {
    Graph g({-1, 2, 7, 6}, 11);
    attributes.push_back(numbers("kernel_shape", {3, 3}));
    g.add(op, {"x"}, std::move(attributes));
    return g.run(x);
  };
  const double low = -1e30;
  // one row before and two columns behind; the padding is more than half the kernel
  expect_close(run("MaxPool", {numbers("pads", {1, 0, 0, 2}), numbers("strides", {2, 2})}),
               at::max_pool2d(at::constant_pad_nd(x, {0, 2, 1, 0}, low), 3, 2));
  // 6 columns and 1 behind in steps of 3 from windows of 3: rounded up 3 windows, of which the last begins at 6 in the
  // padding
  expect_close(run("MaxPool", {numbers("pads", {0, 0, 0, 1}), numbers("strides", {3, 3}), number("ceil_mode", 1)}),
               at::max_pool2d(at::constant_pad_nd(x, {0, 0, 0, 2}, low), 3, 3));
  expect_close(run("AveragePool", {numbers("pads", {1, 0, 0, 2}), number("count_include_pad", 1)}),
               at::avg_pool2d(at::constant_pad_nd(x, {0, 2, 1, 0}), 3, 1));
  expect_close(run("AveragePool", {numbers("pads", {1, 1, 1, 1})}), at::avg_pool2d(x, 3, 1, 1, false, false));
  expect_close(run("AveragePool", {numbers("strides", {2, 2}), number("ceil_mode", 1)}),
               at::avg_pool2d(x, 3, 2, 0, true));
  // TensorFlow's: the column behind does not count
  const at::Tensor ones = at::constant_pad_nd(at::ones_like(x), {0, 1, 1, 1});
  expect_close(run("AveragePool", {text("auto_pad", "SAME_UPPER"), numbers("strides", {2, 2})}),
               at::avg_pool2d(at::constant_pad_nd(x, {0, 1, 1, 1}), 3, 2) / at::avg_pool2d(ones, 3, 2));
  Graph g({-1, 2, 7, 6}, 11);
  g.add("AveragePool", {"x"}, {numbers("kernel_shape", {3, 3}), numbers("pads", {2, 0, 0, 1})});
  EXPECT_EQ(
      g.error(),
      "ONNX: node \"averagepool\" (AveragePool): uneven padding that does not count must be TensorFlow's (SAME_UPPER), "
      "over known extents");
}

TEST(OnnxImport, TransposedConvolutionsCutOffUnevenly) {
  const at::Tensor x = normal({2, 2, 4, 5});
  Graph g({-1, 2, 4, 5});
  g.add("ConvTranspose", {"x", g.random("w", {2, 3, 3, 3}), g.random("b", {3})},
        {numbers("strides", {2, 2}), numbers("pads", {1, 1, 0, 1})});
  const at::Tensor whole = at::conv_transpose2d(x, g.tensor("w"), g.tensor("b"), 2);
  expect_close(g.run(x), whole.narrow(2, 1, whole.size(2) - 1).narrow(3, 1, whole.size(3) - 2));
  Graph wrong({-1, 2, 4, 5});
  wrong.add("ConvTranspose", {"x", wrong.random("w", {2, 3, 3, 3})}, {numbers("pads", {0, 0, 1, 1})});
  EXPECT_EQ(
      wrong.error(),
      "ONNX: node \"convtranspose\" (ConvTranspose): no layer cuts off 0 positions before and 1 behind at stride 1");
}

TEST(OnnxImport, SoftmaxBeforeOpset13IsOverAllAxesBehind) {
  const at::Tensor x = normal({2, 3, 4, 5});
  const auto run = [&](std::int64_t opset, std::vector<OnnxAttribute> attributes) {
    Graph g({-1, 3, 4, 5}, opset);
    g.add("Softmax", {"x"}, std::move(attributes));
    return g.run(x);
  };
  expect_close(run(11, {}), at::softmax(x.flatten(1), 1).view_as(x));
  expect_close(run(11, {number("axis", 2)}), at::softmax(x.flatten(2), 2).view_as(x));
  expect_close(run(11, {number("axis", -1)}), at::softmax(x, 3));
  expect_close(run(13, {}), at::softmax(x, 3));
  expect_close(run(13, {number("axis", 1)}), at::softmax(x, 1));
}

TEST(OnnxImport, ClipDropoutAndActivations) {
  const at::Tensor x = 4 * normal({20, 3});
  const auto clipped = [&](std::int64_t opset, std::optional<float> low, std::optional<float> high) {
    Graph g({-1, 3}, opset);
    std::vector<std::string> inputs{"x"};
    std::vector<OnnxAttribute> attributes;
    if (opset < 11) {
      if (low) attributes.push_back({.name = "min", .value = *low});
      if (high) attributes.push_back({.name = "max", .value = *high});
    } else {
      inputs.push_back(low ? g.constant("low", {*low}, Shape{}) : "");
      if (high) inputs.push_back(g.constant("high", {*high}, Shape{}));
    }
    g.add("Clip", inputs, attributes);
    return g;
  };
  expect_close(clipped(7, 0.0f, 6.0f).run(x), at::clamp(x, 0, 6));
  expect_close(clipped(13, 0.0f, 6.0f).run(x), at::clamp(x, 0, 6));
  expect_close(clipped(13, -1.0f, 1.0f).run(x), at::clamp(x, -1, 1));
  expect_close(clipped(13, 0.0f, std::nullopt).run(x), at::relu(x));
  EXPECT_EQ(
      clipped(13, 0.0f, 5.0f).error(),
      "ONNX: node \"clip\" (Clip): no layer limits numbers to [0, 5]; [0, 6], [-1, 1] and [0, infinity) have one");
  Graph dropout({-1, 3}, 12);
  dropout.add("Dropout", {"x", dropout.constant("ratio", {0.25f}, Shape{})});
  const auto model = dropout.build();
  EXPECT_EQ(model->description().nodes[0].layer, Layer(layers::Dropout{.rate = 0.25}));
  EXPECT_TRUE(at::equal(model->predict(x), x));
  Graph hard({-1, 3});
  hard.add("HardSigmoid", {"x"});
  EXPECT_EQ(hard.error(),
            "ONNX: node \"hardsigmoid\" (HardSigmoid): no layer has another alpha than 0.16666666666666666, got 0.2");
  Graph gelu({-1, 3});  // the other form
  const std::string erf = gelu.add("Erf", {gelu.add("Mul", {"x", gelu.constant("c", {0.70710677f}, Shape{})})});
  const std::string sum = gelu.add("Add", {erf, gelu.constant("one", {1}, Shape{})});
  gelu.add("Mul", {"x", gelu.add("Mul", {sum, gelu.constant("half", {0.5f}, Shape{})})});
  EXPECT_EQ(gelu.build()->description().nodes.size(), 1u);
  expect_close(gelu.run(x), at::gelu(x));
}

// (time, batch, directions …) as torch exports them, with initial states of zeros made from the shape
TEST(OnnxImport, RecurrentLayersOfTorch) {
  const at::Tensor x = normal({2, 5, 3});
  Graph g({-1, -1, 3});
  const std::string extents = g.add("Shape", {"x"});
  const std::string batch = g.add("Gather", {extents, g.graph.add_constant("zero", Array::scalar(std::int64_t{0}))});
  const std::string rows = g.add("Unsqueeze", {batch, g.integers("axes", {0})});
  const std::string shape =
      g.graph.add_node("Concat", {g.integers("d", {1}), rows, g.integers("h", {4})}, {number("axis", 0)});
  const std::string zeros = g.add("ConstantOfShape", {shape});
  const std::string time_first = g.add("Transpose", {"x"}, {numbers("perm", {1, 0, 2})});
  const std::string y = g.graph.add_node_with_outputs(
      "LSTM",
      {time_first, g.random("w", {1, 16, 3}), g.random("r", {1, 16, 4}), g.random("b", {1, 32}), "", zeros, zeros},
      {"y", "h", "c"}, {number("hidden_size", 4)})[0];
  const std::string squeezed = g.add("Squeeze", {y, g.integers("one", {1})});
  const std::string sequence = g.add("Transpose", {squeezed}, {numbers("perm", {1, 0, 2})});
  const auto in_torchs_order = [](const at::Tensor& t) {  // ONNX: input, output, forget, cell
    const auto parts = t.chunk(4);
    return at::cat({parts[0], parts[2], parts[3], parts[1]});
  };
  const at::Tensor b = g.tensor("b")[0];
  const std::vector<at::Tensor> parameters{in_torchs_order(g.tensor("w")[0]), in_torchs_order(g.tensor("r")[0]),
                                           in_torchs_order(b.narrow(0, 0, 16)), in_torchs_order(b.narrow(0, 16, 16))};
  const at::Tensor start = at::zeros({1, 2, 4});
  const at::Tensor expected = std::get<0>(at::lstm(x, {start, start}, parameters, true, 1, 0.0, false, false, true));
  expect_close(g.run(x), expected);
  // and the last step
  g.graph.add_node("Gather", {sequence, g.graph.add_constant("minus", Array::scalar(std::int64_t{-1}))},
                   {number("axis", 1)});
  expect_close(g.run(x), expected.select(1, 4));
}

TEST(OnnxImport, RecurrentLayersOfAnotherForm) {
  const auto gru = [](std::vector<OnnxAttribute> attributes, std::vector<std::string> more = {}) {
    Graph g({-1, 5, 3});
    std::vector<std::string> inputs{g.add("Transpose", {"x"}, {numbers("perm", {1, 0, 2})}), g.random("w", {1, 12, 3}),
                                    g.random("r", {1, 12, 4})};
    inputs.insert(inputs.end(), more.begin(), more.end());
    g.add("GRU", inputs, std::move(attributes));
    return g.error();
  };
  EXPECT_EQ(gru({}), "ONNX: node \"gru\" (GRU): linear_before_reset must be 1, the form of torch");
  EXPECT_EQ(gru({number("linear_before_reset", 1), text("direction", "reverse")}),
            "ONNX: node \"gru\" (GRU): direction must be forward or bidirectional, got reverse");
  EXPECT_EQ(gru({number("linear_before_reset", 1), {.name = "clip", .value = 1.0f}}),
            "ONNX: node \"gru\" (GRU): the attribute clip is not supported");
  EXPECT_EQ(gru({number("linear_before_reset", 1), number("hidden_size", 5)}),
            "ONNX: node \"gru\" (GRU): hidden_size must be 4, got 5");
  EXPECT_EQ(gru({number("linear_before_reset", 1)}), "ONNX: output \"gru\" must have the batch as its first axis");
}

TEST(OnnxImport, ShapesThatAreComputed) {
  const at::Tensor x = normal({2, 3, 4});
  {  // x.view(x.size(0), 6, -1)
    Graph g({-1, 3, -1});
    const std::string batch = g.add("Slice", {g.add("Shape", {"x"}), g.integers("from", {0}), g.integers("to", {1})});
    g.add("Reshape", {"x", g.add("Concat", {batch, g.integers("rest", {6, -1})}, {number("axis", 0)})});
    expect_close(g.run(x), x.view({2, 6, 2}));
  }
  {  // a graph that states one example, and means a batch
    Graph g({1, 3, 4});
    g.add("Reshape", {"x", g.integers("shape", {1, 12})});
    expect_close(g.run(x), x.view({2, 12}));
  }
  {
    Graph g({-1, 3, 4});
    g.add("Squeeze", {g.add("Unsqueeze", {"x", g.integers("at", {2})}), g.integers("from", {-2})});
    expect_close(g.run(x), x);
  }
  Graph merged({-1, 3, 4});
  merged.add("Reshape", {"x", merged.integers("shape", {-1, 4})});
  EXPECT_EQ(merged.error(),
            "ONNX: node \"reshape\" (Reshape): the first extent of the shape must be the batch, and must not change");
  Graph free({-1, 3, -1});
  free.add("Reshape", {"x", free.integers("shape", {0, 3, 1, 0})});
  EXPECT_NE(free.error().find("the extent 3 of the shape"), std::string::npos) << free.error();
  Graph transposed({-1, 3, 4});
  transposed.add("Transpose", {"x"}, {numbers("perm", {0, 2, 1})});
  EXPECT_EQ(transposed.error(),
            "ONNX: node \"transpose\" (Transpose): no layer transposes axes; batch and time around recurrent operators "
            "may be "
            "exchanged");
}

TEST(OnnxImport, ALayerWithAnotherReaderStaysAsItIs) {
  const at::Tensor x = normal({5, 3});
  Graph g({-1, 3});
  const std::string y = g.add("MatMul", {"x", g.random("w", {3, 4})});
  const std::string same = g.add("Reshape", {y, g.integers("shape", {0, -1})});  // (batch, 4), as it is
  g.add("Add", {g.add("Add", {same, g.random("b", {4})}), g.add("Relu", {y})});
  const at::Tensor product = x.mm(g.tensor("w"));
  expect_close(g.run(x), product + g.tensor("b") + at::relu(product));
}

TEST(OnnxImport, PartsOfTheShapesOfConstants) {
  const at::Tensor x = normal({2, 3, 4});
  Graph g({-1, 3, 4}, 15);
  const std::string rest = g.add("Shape", {g.random("c", {9, 6, 2})}, {number("start", 1), number("end", -1)});
  g.add("Reshape",
        {"x", g.add("Concat", {g.integers("batch", {0}), rest, g.integers("two", {2})}, {number("axis", 0)})});
  expect_close(g.run(x), x.view({2, 6, 2}));
}

// ONNX would add a dimension before the batch.
TEST(OnnxImport, ConstantOperandsHaveNoMoreDimensionsThanTheOther) {
  Graph g({-1, 4});
  g.add("Add", {g.add("MatMul", {"x", g.random("w", {4, 4})}), g.random("b", {1, 1, 4})});
  EXPECT_EQ(g.error(),
            "ONNX: node \"add\" (Add): its constant operand must have at most 2 dimensions, as the computed one, got "
            "shape (1, 1, 4)");
}

TEST(OnnxImport, ResizingRepeatsOrInterpolates) {
  const at::Tensor x = normal({2, 3, 4, 5});
  const auto resized = [&](std::int64_t opset, std::vector<OnnxAttribute> attributes, const Integers& sizes = {}) {
    Graph g({-1, 3, 4, 5}, opset);
    std::vector<std::string> inputs{"x"};
    if (opset >= 11) inputs.push_back("");
    if (sizes.empty()) inputs.push_back(g.constant("scales", {1, 1, 2, 3}, Shape{4}));
    if (!sizes.empty()) inputs.insert(inputs.end(), {"", g.integers("sizes", sizes)});
    g.add(opset < 10 ? "Upsample" : "Resize", inputs, std::move(attributes));
    return g;
  };
  const at::Tensor repeated = at::upsample_nearest2d(x, {8, 15}),
                   interpolated = at::upsample_bilinear2d(x, {8, 15}, false);
  expect_close(resized(9, {text("mode", "nearest")}).run(x), repeated);
  expect_close(resized(11, {text("mode", "nearest")}).run(x), repeated);
  expect_close(resized(11, {text("mode", "nearest")}, {0, 3, 8, 15}).run(x), repeated);
  expect_close(
      resized(11, {text("mode", "linear"), text("coordinate_transformation_mode", "pytorch_half_pixel")}).run(x),
      interpolated);
  EXPECT_NE(resized(11, {text("mode", "linear"), text("coordinate_transformation_mode", "align_corners")})
                .error()
                .find("no layer resizes by mode linear with align_corners"),
            std::string::npos);
  EXPECT_NE(resized(11, {}, {0, 3, 6, 15}).error().find("each scale must be a whole number of 1 or more, got 1.5"),
            std::string::npos);
}

TEST(OnnxImport, NormalisationOfOtherForms) {
  const at::Tensor x = normal({2, 4, 5});
  Graph layer({-1, 4, 5}, 17);
  layer.add("LayerNormalization", {"x", layer.random("w", {5}), layer.random("b", {5})});
  expect_close(layer.run(x), at::layer_norm(x, {5}, layer.tensor("w"), layer.tensor("b")));
  Graph instance({-1, 4, 5});
  instance.add("InstanceNormalization", {"x", instance.random("w", {4}), instance.random("b", {4})});
  expect_close(instance.run(x), at::group_norm(x, 4, instance.tensor("w"), instance.tensor("b")));
  Graph mean({-1, 4, 5}, 18);
  mean.add("ReduceMean", {"x", mean.integers("axes", {-1})}, {number("keepdims", 0)});
  expect_close(mean.run(x), x.mean(2));
  Graph training({-1, 3}, 6);  // where is_test is 0 by default
  training.add("BatchNormalization", {"x", training.random("w", {3}), training.random("b", {3}),
                                      training.random("m", {3}), training.random("v", {3})});
  EXPECT_EQ(training.error(),
            "ONNX: node \"batchnormalization\" (BatchNormalization): is_test must be 1, its mode of inference");
  Graph statistics({-1, 3});
  statistics.add("BatchNormalization", {"x", statistics.random("w", {4})});
  EXPECT_EQ(statistics.error(),
            "ONNX: node \"batchnormalization\" (BatchNormalization): the scale must have 3 numbers, one for each "
            "channel, got 4");
}

// ---- graphs that no description has --------------------------------------------------------------------------------

TEST(OnnxImport, InvalidGraphsAreOneSentence) {
  const auto error = [](const std::function<void(OnnxModel&)>& change) {
    Graph g({-1, 3});
    g.add("Relu", {g.add("Gemm", {"x", g.random("w", {3, 4})})});
    OnnxModel m = g.model();
    change(m);
    return message_of([&] { import_onnx(m); });
  };
  EXPECT_EQ(error([](OnnxModel&) {}), "no error");
  EXPECT_EQ(
      error([](OnnxModel& m) { m.nodes[0].inputs[1] = "v"; }),
      "ONNX: node \"gemm\" (Gemm): its input \"v\" must be an initialiser, an input of the graph or the output of an "
      "earlier node");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[0].inputs[0] = "relu"; }),  // a cycle
            "ONNX: node \"gemm\" (Gemm): its input \"relu\" must be an initialiser, an input of the graph or the "
            "output of an "
            "earlier node, and a later node computes it");
  EXPECT_EQ(error([](OnnxModel& m) { std::swap(m.nodes[0], m.nodes[1]); }),
            "ONNX: node \"relu\" (Relu): its input \"gemm\" must be an initialiser, an input of the graph or the "
            "output of an "
            "earlier node, and a later node computes it");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[1].outputs[0] = "gemm"; }),
            "ONNX: node \"relu\" (Relu): its output \"gemm\" must be the only value of this name");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[1].outputs.clear(); }),
            "ONNX: node \"relu\" (Relu): it must have an output");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[1].inputs.clear(); }),
            "ONNX: node \"relu\" (Relu): it must have an input 0");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[1].op_type = "Relo"; }),
            "ONNX: node \"relu\" (Relo): no layer computes this operator; docs/learning/onnx.md lists those that are "
            "read. Did "
            "you mean `Relu`?");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[1].domain = "com.microsoft"; }),
            "ONNX: node \"relu\" (Relu): operators of the domain \"com.microsoft\" are not supported");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[1].attributes = {number("alpha", 1)}; }),
            "ONNX: node \"relu\" (Relu): the attribute alpha is not supported");
  EXPECT_EQ(error([](OnnxModel& m) { m.nodes[0].attributes = {text("transB", "1")}; }),
            "ONNX: node \"gemm\" (Gemm): the attribute transB must be an integer");
  EXPECT_EQ(error([](OnnxModel& m) { m.inputs[0].shape->at(1).value = 5; }),
            "ONNX: node \"gemm\" (Gemm): its parameter weight must have shape (4, 5), got (4, 3)");
  EXPECT_EQ(error([](OnnxModel& m) { m.inputs[0].shape->at(1).value = -3; }),
            "ONNX: input \"x\": each extent must be in [1, 1073741824], got -3");
  EXPECT_EQ(error([](OnnxModel& m) { m.inputs[0].shape->at(1).value = std::int64_t{1} << 40; }),
            "ONNX: input \"x\": each extent must be in [1, 1073741824], got 1099511627776");
  EXPECT_EQ(error([](OnnxModel& m) { m.inputs[0].shape.reset(); }),
            "ONNX: input \"x\": its shape must be stated, the batch first");
  EXPECT_EQ(error([](OnnxModel& m) { m.inputs[0].type = OnnxType::kString; }),
            "ONNX: input \"x\": its elements must be floating-point numbers, int32 or int64, got type 8");
  EXPECT_EQ(error([](OnnxModel& m) { m.inputs[0].type = OnnxType::kInt64; }),
            "ONNX: node \"gemm\" (Gemm): its input must be floating-point numbers, and is integers");
  EXPECT_EQ(error([](OnnxModel& m) { m.inputs.clear(); }),
            "ONNX: a graph must have an input that is no initialiser, got none");
  EXPECT_EQ(error([](OnnxModel& m) { m.outputs.clear(); }), "ONNX: a graph must have an output, got none");
  EXPECT_EQ(error([](OnnxModel& m) { m.outputs[0].name = "y"; }), "ONNX: output \"y\" must be computed by a node");
  EXPECT_EQ(error([](OnnxModel& m) { m.outputs[0].name = "w"; }),
            "ONNX: output \"w\" must depend on an input, and is constant");
  EXPECT_EQ(error([](OnnxModel& m) { m.initializers.push_back(m.initializers[0]); }),
            "ONNX: the name of an initialiser must be unique, got \"w\"");
  EXPECT_EQ(error([](OnnxModel& m) {
              m.opsets = {{"", 5}};
            }),
            "ONNX: the version of the operators must be 6 to 21, got 5; convert the model");
  EXPECT_EQ(error([](OnnxModel& m) {
              m.initializers[0] = io::onnx_tensor("w", Array(DType::kFloat32, Shape{3, 0}));
            }),
            "ONNX: node \"gemm\" (Gemm): units must be in [1, 1073741824], got 0");
  EXPECT_EQ(error([](OnnxModel& m) {
              m.initializers[0] = io::onnx_tensor("w", Array(DType::kInt64, Shape{3, 4}));
            }),
            "ONNX: node \"gemm\" (Gemm): the matrix must be floating-point numbers, got int64");
}

// A few nodes that name constants of 2^40 elements.
TEST(OnnxImport, ConstantsDoNotGrowWithoutBound) {
  Graph doubled({-1, 3});
  std::string c = doubled.constant("c", std::vector<float>(1000, 1), Shape{1000});
  for (int i = 0; i < 30; ++i) c = doubled.add("Concat", {c, c}, {number("axis", 0)});
  doubled.add("Add", {"x", c});
  EXPECT_NE(doubled.error().find("must not be many times larger than those of the file"), std::string::npos)
      << doubled.error();

  Graph filled({-1, 3});
  filled.add("Add", {"x", filled.add("ConstantOfShape", {filled.integers("shape", {1 << 20, 1 << 20})})});
  EXPECT_NE(filled.error().find("must not be many times larger than those of the file"), std::string::npos)
      << filled.error();

  Graph bias({-1, 1 << 30});
  bias.add("Add", {bias.add("Relu", {"x"}), bias.add("ConstantOfShape", {bias.integers("shape", {1 << 30})})});
  EXPECT_NE(bias.error().find("must not be many times larger than those of the file"), std::string::npos)
      << bias.error();
}

}  // namespace
}  // namespace ludus::nn
