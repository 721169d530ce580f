// Networks written as ONNX and read again, here and by a program of its own; graphs around networks.
#include "base/value_io.h"
#include "nn/core/init.h"
#include "nn/core/tensor_io.h"
#include "nn/model/onnx_model.h"
#include "tests/nn/layers/layer_examples.h"
#include "tests/nn/model/onnx_support.h"
#include "tests/support/onnx_reference.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using io::OnnxModel;
using io::OnnxType;
using test_support::OnnxReference;
using test_support::Scratch;
using testing::largest_difference;
using testing::message_of;

// ---- our files -----------------------------------------------------------------------------------------------------

struct Sample {
  Description description;
  std::unique_ptr<Model> model;
  std::vector<at::Tensor> inputs;
};

// A model with weights of a normal distribution, and inputs; free extents of the inputs become `free`.
Sample sample_of(Description description, std::int64_t free = 7) {
  Sample sample{.description = description, .model = {}, .inputs = {}};
  Generator random(1);
  sample.model = std::make_unique<Model>(description, random);
  const at::NoGradGuard no_grad;
  at::Generator generator = make_generator(3);
  if (sample.model->parameters().size() > 0) sample.model->parameters().values().normal_(0, 0.7, generator);
  for (const NetworkParameter& p : network_parameters(description)) {
    if (p.spec.name == "running_mean") sample.model->parameter(p.name).normal_(0, 1, generator);
    if (p.spec.name == "running_var") sample.model->parameter(p.name).uniform_(0.5, 2, generator);
  }
  for (const InputSpec& input : description.inputs) {
    std::vector<std::int64_t> sizes{3};
    for (const std::int64_t extent : input.shape) sizes.push_back(extent == kFree ? free : extent);
    sample.inputs.push_back(is_floating(input.dtype) ? at::empty(sizes).normal_(0, 2, generator)
                                                     : at::randint(2, sizes, generator, to_torch(input.dtype)));
  }
  return sample;
}

Description network_of(const Layer& layer, const std::vector<Shape>& inputs) {
  Description d{.name = "one"};
  std::vector<std::string> names;
  const DType dtype = std::holds_alternative<layers::Embedding>(layer) ? DType::kInt64 : DType::kFloat32;
  for (const Shape& input : inputs) names.push_back(d.add_input("in" + std::to_string(names.size()), input, dtype));
  d.outputs = {d.add(layer, names, "layer")};
  return d;
}

std::string describe(const Description& description) {
  return to_json(description);
}

// The outputs after writing and reading, compared with those of the model; returns the network that was read.
ImportedNetwork expect_round_trip(const Sample& sample, double tolerance = 1e-5) {
  const std::string bytes = io::to_onnx(export_onnx(sample.description, sample.model->state()));
  ImportedNetwork network = import_onnx(io::parse_onnx(bytes));
  const auto copy = build_model(network);
  const std::vector<at::Tensor> expected = sample.model->predict(sample.inputs), outputs = copy->predict(sample.inputs);
  EXPECT_EQ(outputs.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_LT(largest_difference(outputs[i], expected[i]), tolerance) << describe(sample.description);
  }
  return network;
}

TEST(OnnxExport, EveryKindOfLayerIsReadAgain) {
  for (const auto& example : testing::layer_examples()) {
    SCOPED_TRACE(std::string(kind_of(example.layer)) + " " + ludus::to_json(layer_fields(example.layer)));
    const ImportedNetwork network = expect_round_trip(sample_of(network_of(example.layer, example.inputs)));
    // most are one layer of the same kind again
    const std::string_view kind = kind_of(example.layer);
    const bool several = kind == "global_max_pool" || kind == "global_average_pool" || kind == "gru" ||
                         kind == "lstm" || kind == "add" || kind == "multiply" || kind == "max_pool2d" ||
                         kind == "average_pool2d";
    if (!several && kind != "dropout") {
      ASSERT_EQ(network.description.nodes.size(), 1u) << describe(network.description);
      EXPECT_EQ(kind_of(network.description.nodes[0].layer), kind);
    }
  }
}

TEST(OnnxExport, EveryActivationIsReadAgain) {
  for (const Activation function : kActivations) {
    SCOPED_TRACE(name_of(function));
    const ImportedNetwork network =
        expect_round_trip(sample_of(network_of(layers::ActivationLayer{.function = function}, {Shape{40}})));
    if (function != Activation::kNone && function != Activation::kLeakyRelu && function != Activation::kGeluTanh) {
      ASSERT_EQ(network.description.nodes.size(), 1u) << describe(network.description);
      EXPECT_EQ(network.description.nodes[0].layer, Layer(layers::ActivationLayer{.function = function}));
    }
    expect_round_trip(sample_of(network_of(layers::Dense{.units = 5, .activation = function}, {Shape{4}})));
  }
}

// Layers over inputs with free extents.
std::vector<std::pair<Layer, Shape>> free_examples() {
  using namespace layers;
  return {
      {Conv2d{.out_channels = 2, .kernel_size = {3}, .stride = {2}, .padding = Padding::same()},
       Shape{3, kFree, kFree}},
      {Conv2d{.out_channels = 2, .kernel_size = {4}, .padding = Padding::same()}, Shape{3, 9, kFree}},
      {Conv2d{.out_channels = 2, .kernel_size = {2}, .padding = Padding::same(), .dilation = {3}},
       Shape{3, kFree, kFree}},
      {Conv1d{.out_channels = 2, .padding = Padding::of({2})}, Shape{3, kFree}},
      {ConvTranspose1d{.out_channels = 2, .kernel_size = {5}, .stride = {2}, .padding = Padding::same()},
       Shape{3, kFree}},
      {MaxPool2d{.kernel_size = {3}, .stride = {{2}}, .padding = Padding::same()}, Shape{3, kFree, kFree}},
      {MaxPool2d{.kernel_size = {2}, .ceil_mode = true}, Shape{3, kFree, kFree}},
      {AveragePool2d{.kernel_size = {3}, .stride = {{2}}, .padding = Padding::same()}, Shape{3, kFree, kFree}},
      {AveragePool2d{.kernel_size = {3}, .padding = Padding::of({1}), .ceil_mode = true}, Shape{3, kFree, kFree}},
      {GlobalAveragePool{}, Shape{3, kFree, kFree}},
      {Upsample{.scale = {2, 3}, .mode = "linear"}, Shape{3, kFree, kFree}},
      {BatchNorm{}, Shape{3, kFree}},
      {LayerNorm{}, Shape{kFree, 5}},
      {GroupNorm{.groups = 2}, Shape{4, kFree, kFree}},
      {GroupNorm{.groups = 2, .affine = false}, Shape{4, kFree}},
      {Embedding{.vocabulary = 4, .features = 3}, Shape{kFree}},
      {Gru{{.units = 3, .layers = 2, .return_sequence = true}}, Shape{kFree, 2}},
      {Lstm{{.units = 3, .bidirectional = true}}, Shape{kFree, 2}},
      {Flatten{}, Shape{2, kFree}},
      {Reshape{.shape = {2, -1}}, Shape{4, kFree}},
      {Dense{.units = 4}, Shape{kFree, 3}},
      {Affine{.shape = {3, 1}}, Shape{3, kFree}},
      {Pad{.before = {0, 1}, .after = {0, 2}}, Shape{3, kFree}},
      {Softmax{}, Shape{kFree, 4}},
  };
}

TEST(OnnxExport, FreeExtentsStayFree) {
  for (const auto& [layer, shape] : free_examples()) {
    SCOPED_TRACE(std::string(kind_of(layer)) + " " + ludus::to_json(layer_fields(layer)));
    for (const std::int64_t free : {7, 8}) {
      const ImportedNetwork network = expect_round_trip(sample_of(network_of(layer, {shape}), free));
      EXPECT_EQ(network.description.inputs[0].shape, shape);
    }
  }
}

// Two inputs, branches, an input that is also an output, and one value that is two outputs.
Description graph_example() {
  Description d{.name = "graph"};
  const std::string image = d.add_input("image", Shape{2, 6, 6});
  const std::string numbers = d.add_input("numbers", Shape{3});
  d.add(layers::Conv2d{.out_channels = 4, .activation = Activation::kSilu}, {image}, "features.0");
  d.add(layers::BatchNorm{});
  d.add(layers::ActivationLayer{});
  d.add(layers::Dropout{});
  const std::string pooled = d.add(layers::GlobalAveragePool{}, {}, "pooled");
  const std::string both = d.add(layers::Concatenate{}, {pooled, numbers});
  const std::string policy = d.add(layers::Dense{.units = 3, .activation = Activation::kTanh}, {both}, "policy");
  const std::string value = d.add(layers::Dense{.units = 1}, {both}, "value");
  const std::string dropped = d.add(layers::Dropout{.rate = 0.2}, {value}, "dropped");
  d.outputs = {policy, value, policy, numbers, dropped};
  return d;
}

TEST(OnnxExport, GraphsWithSeveralInputsAndOutputs) {
  const Description d = graph_example();
  const Sample sample = sample_of(d);
  const OnnxModel model = export_onnx(d, sample.model->state());
  std::vector<std::string> names;
  for (const auto& output : model.outputs) names.push_back(output.name);
  EXPECT_EQ(names, (std::vector<std::string>{"policy", "value", "policy_1", "numbers_1", "dropped"}));
  EXPECT_EQ(model.inputs[0].shape->at(0), io::OnnxDimension{.name = "batch"});
  const ImportedNetwork network = expect_round_trip(sample);
  EXPECT_EQ(network.description.node("features.0").layer, d.nodes[0].layer);
}

TEST(OnnxExport, FilesOfModels) {
  const Scratch scratch;
  const Sample sample = sample_of(sequential(Shape{4}, {layers::Dense{.units = 3}}));
  save_onnx(scratch / "model.onnx", *sample.model);
  const auto model = load_onnx_model(scratch / "model.onnx");
  EXPECT_TRUE(at::equal(model->predict(sample.inputs)[0], sample.model->predict(sample.inputs)[0]));
  EXPECT_EQ(model->description().nodes[0].name, "dense");
  EXPECT_THROW(save_onnx(scratch / "no" / "model.onnx", *sample.model), FileError);
}

TEST(OnnxExport, ParametersMustFit) {
  const Description d = sequential(Shape{4}, {layers::Dense{.units = 3}}, "net");
  NamedArrays state = sample_of(d).model->state();
  state[0].second = Array(DType::kFloat32, Shape{3, 5});
  EXPECT_EQ(message_of([&] { export_onnx(d, state); }),
            "ONNX export of network \"net\": the parameter \"dense.weight\" must have shape (3, 4), got (3, 5)");
  state.erase(state.begin());
  EXPECT_EQ(message_of([&] { export_onnx(d, state); }),
            "ONNX export of network \"net\": the parameter \"dense.weight\" is missing");
}

// What a program adds around a network: standardisation before, the best action after.
TEST(OnnxGraph, AddsOperatorsAroundANetwork) {
  const Description d = sequential(Shape{2}, {layers::Dense{.units = 3}});
  const Sample sample = sample_of(d);
  OnnxGraph graph("policy");
  const std::string raw = graph.add_input("observation", OnnxType::kFloat, {OnnxGraph::batch(), {.value = 2}});
  const std::string centred = graph.add_node("Sub", {raw, graph.add_constant("mean", Array::of<float>({1, 2}))});
  const std::string x = graph.add_node("Div", {centred, graph.add_constant("std", Array::of<float>({2, 4}))});
  const std::string logits = add_network(graph, d, sample.model->state(), std::vector<std::string>{x}).front();
  EXPECT_EQ(logits, "dense");
  const std::string action = graph.add_node("ArgMax", {logits}, {{"axis", std::int64_t{-1}}}, "action");
  graph.add_output(action, OnnxType::kInt64, {OnnxGraph::batch(), {.value = 1}});
  EXPECT_EQ(graph.model().nodes.size(), 4u);
  EXPECT_EQ(graph.add_node("Sub", {raw, "mean"}), "sub_1");  // names are unique
  EXPECT_THROW(graph.add_input("observation", OnnxType::kFloat, {}), InvalidArgument);
  EXPECT_THROW(graph.add_output("action", OnnxType::kInt64, {}), InvalidArgument);
  EXPECT_THROW(graph.add_output("actoin", OnnxType::kInt64, {}), InvalidArgument);
  EXPECT_THROW(add_network(graph, d, sample.model->state(), {}), InvalidArgument);

  // the same with another end is read as affine layers and a dense one
  OnnxGraph plain("plain");
  const std::string input = plain.add_input("observation", OnnxType::kFloat, {OnnxGraph::batch(), {.value = 2}});
  const std::string shifted = plain.add_node("Sub", {input, plain.add_constant("mean", Array::of<float>({1, 2}))});
  const std::string scaled = plain.add_node("Div", {shifted, plain.add_constant("std", Array::of<float>({2, 4}))});
  const std::string y = add_network(plain, d, sample.model->state(), std::vector<std::string>{scaled}).front();
  plain.add_output(y, OnnxType::kFloat, {OnnxGraph::batch(), {.value = 3}});
  const auto model = build_model(import_onnx(plain.model()));
  const at::Tensor normalised = (sample.inputs[0] - at::tensor({1.f, 2.f})) / at::tensor({2.f, 4.f});
  EXPECT_LT(largest_difference(model->predict(sample.inputs[0]), sample.model->predict(normalised)), 1e-5);
}

// ---- an independent reader -----------------------------------------------------------------------------------------

std::vector<Array> arrays_of(const std::vector<at::Tensor>& tensors) {
  std::vector<Array> arrays;
  for (const at::Tensor& tensor : tensors) arrays.push_back(to_array(tensor.contiguous()));
  return arrays;
}

TEST(OnnxExport, AnIndependentReaderComputesTheSame) {
  if (!OnnxReference::is_available()) GTEST_SKIP() << "skipped: no python3-onnx";
  OnnxReference reference;
  const auto add = [&](const Description& description, std::int64_t free = 7) {
    const Sample sample = sample_of(description, free);
    reference.add(export_onnx(description, sample.model->state()), arrays_of(sample.inputs),
                  arrays_of(sample.model->predict(sample.inputs)));
  };
  for (const auto& example : testing::layer_examples()) add(network_of(example.layer, example.inputs));
  for (const Activation function : kActivations) {
    add(network_of(layers::ActivationLayer{.function = function}, {Shape{40}}));
    add(network_of(layers::Dense{.units = 5, .activation = function}, {Shape{4}}));
  }
  for (const auto& [layer, shape] : free_examples()) {
    for (const std::int64_t free : {7, 8}) add(network_of(layer, {shape}), free);
  }
  add(graph_example());
  Description tokens{.name = "tokens"};  // of integers, until they are embedded
  tokens.add_input("tokens", Shape{4}, DType::kInt64);
  tokens.add(layers::Pad{.before = {1}, .after = {2}, .value = 1});
  tokens.outputs = {tokens.add(layers::Embedding{.vocabulary = 3, .features = 2})};
  expect_round_trip(sample_of(tokens));
  add(tokens);

  // standardisation and clipping before the network, the best action behind it
  const Description d = sequential(Shape{2}, {layers::Dense{.units = 3}});
  const Sample sample = sample_of(d);
  OnnxGraph graph("policy");
  const auto number = [&](const char* name, float value) { return graph.add_constant(name, Array::scalar(value)); };
  const std::string raw = graph.add_input("observation", OnnxType::kFloat, {OnnxGraph::batch(), {.value = 2}});
  const std::string centred = graph.add_node("Sub", {raw, graph.add_constant("mean", Array::of<float>({1, 2}))});
  const std::string scaled = graph.add_node("Div", {centred, graph.add_constant("std", Array::of<float>({2, 4}))});
  const std::string x = graph.add_node("Clip", {scaled, number("low", -0.5f), number("high", 0.5f)});
  const std::string logits = add_network(graph, d, sample.model->state(), std::vector<std::string>{x}).front();
  const std::string action =
      graph.add_node("ArgMax", {logits}, {{"axis", std::int64_t{-1}}, {"keepdims", std::int64_t{0}}}, "action");
  graph.add_output(action, OnnxType::kInt64, {OnnxGraph::batch()});
  graph.add_output(logits, OnnxType::kFloat, {OnnxGraph::batch(), {.value = 3}});
  const at::Tensor normalised = ((sample.inputs[0] - at::tensor({1.f, 2.f})) / at::tensor({2.f, 4.f})).clamp(-0.5, 0.5);
  const at::Tensor expected = sample.model->predict(normalised);
  reference.add(graph.model(), arrays_of(sample.inputs), arrays_of({expected.argmax(1), expected}));

  const auto [equal, report] = reference.compare();
  EXPECT_TRUE(equal) << report;
  EXPECT_TRUE(report.starts_with(std::to_string(reference.count()) + " files, largest difference ")) << report;
  RecordProperty("report", report);
}

}  // namespace
}  // namespace ludus::nn
