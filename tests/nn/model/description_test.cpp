#include "nn/model/description.h"

#include <gtest/gtest.h>

#include "base/fields.h"
#include "base/file.h"
#include "base/value_io.h"
#include "nn/model/loss_options.h"
#include "nn/model/name_pattern.h"
#include "nn/model/summary.h"
#include "tests/nn/layers/layer_examples.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using layers::Conv2d;
using layers::Dense;

Description policy_network() {
  return sequential(Shape{4}, {Dense{.units = 8, .activation = Activation::kRelu}, Dense{.units = 2}}, "policy");
}

// Features of an image, and two heads (weather of 4 classes, 13 labels of the ground).
Description two_heads() {
  Description d{.name = "planet"};
  const std::string image = d.add_input("image", Shape{3, 8, 8});
  d.add(Conv2d{.out_channels = 4, .padding = Padding::same()}, {image}, "features.0");
  const std::string pooled = d.add(layers::GlobalAveragePool{});
  d.outputs = {d.add(Dense{.units = 4}, {pooled}, "weather"), d.add(Dense{.units = 13}, {pooled}, "ground")};
  d.nodes[0].l2 = 0.5;
  return d;
}

std::string message_of(std::string_view json) {
  try {
    description_from_json(json);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

// 4 · 8 + 8 + 8 · 2 + 2
TEST(Description, PolicyNetworkHas58Parameters) {
  EXPECT_EQ(parameter_count(policy_network()), 58);
  EXPECT_EQ(output_shapes(policy_network()), (std::vector<Shape>{Shape{2}}));
}

TEST(Description, LayersAreNumberedByKind) {
  const Description d = sequential(Shape{3}, {Dense{.units = 4}, layers::Dropout{}, Dense{.units = 2}});
  EXPECT_EQ(d.nodes[0].name, "dense");
  EXPECT_EQ(d.nodes[1].name, "dropout");
  EXPECT_EQ(d.nodes[2].name, "dense_1");
  EXPECT_EQ(d.nodes[2].inputs, (std::vector<std::string>{"dropout"}));
  EXPECT_EQ(d.outputs, (std::vector<std::string>{"dense_1"}));
}

TEST(Description, GraphWithTwoOutputs) {
  EXPECT_EQ(output_shapes(two_heads()), (std::vector<Shape>{Shape{4}, Shape{13}}));
  // 3 · 4 · 9 + 4, 4 · 4 + 4, 4 · 13 + 13
  EXPECT_EQ(parameter_count(two_heads()), 112 + 20 + 65);
  EXPECT_EQ(network_shapes(two_heads(), std::vector{Shape{3, 20, 10}}).nodes[0], (Shape{4, 20, 10}));
}

TEST(Description, JsonRoundTripOfEveryLayer) {
  for (const auto& example : testing::layer_examples()) {
    Description d;
    std::vector<std::string> names;
    for (const Shape& input : example.inputs) {
      names.push_back(d.add_input("in" + std::to_string(names.size()), input));
    }
    d.outputs = {d.add(example.layer, names)};
    EXPECT_EQ(description_from_json(to_json(d)), d) << to_json(d);
  }
}

TEST(Description, JsonRoundTripOfGraphs) {
  for (Description d : {policy_network(), two_heads()}) {
    d.inputs[0].shape = d.inputs[0].shape.rank() == 3 ? Shape{3, kFree, kFree} : d.inputs[0].shape;
    EXPECT_EQ(description_from_json(to_json(d)), d) << to_json(d);
  }
  EXPECT_NE(to_json(two_heads()).find("\"l2\": 0.5"), std::string::npos);
}

TEST(Description, ShortJsonMeansASequence) {
  const Description d = description_from_json(R"({
    "inputs": [{"shape": [4]}],
    "layers": [{"kind": "dense", "units": 8, "activation": "relu"}, {"kind": "dense", "units": 2}]})");
  Description expected = policy_network();
  expected.name = "model";
  EXPECT_EQ(d, expected);
}

TEST(Description, MalformedJsonGivesOneSentence) {
  const std::string inputs = R"("inputs": [{"name": "x", "shape": [4]}])";
  const auto with = [&](const std::string& layers) { return "{" + inputs + ", \"layers\": [" + layers + "]}"; };
  EXPECT_EQ(message_of("{\"inputs\": [").substr(0, 24), "the JSON text is malform");
  EXPECT_EQ(message_of("[]"),
            "the description of a network must be a JSON object with inputs and layers, got a list of 0");
  EXPECT_EQ(message_of("{}"), "the description of a network: \"inputs\" is missing");
  EXPECT_EQ(message_of("{\"inputs\": []}"), "the description of a network: \"layers\" is missing");
  EXPECT_EQ(message_of("{\"inputs\": [], \"layers\": []}"), "a network must have an input; add one");
  EXPECT_EQ(message_of(with("")), "a network must have an output; name one in outputs");
  EXPECT_EQ(
      message_of("{\"input\": [], \"layers\": []}"),
      "the description of a network has no setting \"input\". Did you mean `inputs`? It has: name, inputs, layers, "
      "outputs.");
  EXPECT_EQ(message_of("{\"inputs\": [{\"name\": \"x\", \"shap\": [4]}], \"layers\": []}"),
            "an input has no setting \"shap\". Did you mean `shape`? It has: name, shape, dtype.");
  EXPECT_EQ(message_of("{\"inputs\": [{\"name\": \"x\"}], \"layers\": []}"), "input \"x\": \"shape\" is missing");
  EXPECT_EQ(message_of("{\"inputs\": [{\"name\": \"x\", \"shape\": [0]}], \"layers\": []}"),
            "input \"x\": each extent of a shape must be in [1, 1073741824], got 0");
  EXPECT_EQ(message_of(with(R"({"units": 3})")), "layer 1: \"kind\" is missing");
  EXPECT_EQ(message_of(with(R"({"kind": "dense", "units": 3, "activatio": "relu"})")),
            "layer 1 (dense) has no setting \"activatio\". Did you mean `activation`? It has: units, bias, activation, "
            "weight_init, bias_init.");
  EXPECT_EQ(message_of(with(R"({"kind": "dense", "name": "head"})")),
            "layer \"head\" (dense): units must be in [1, 1073741824], got 0");
  EXPECT_EQ(message_of(with(R"({"kind": "dense", "name": "a/b", "units": 1})")),
            "the name of an input or layer must be 1 to 200 letters, digits, \"_\", \"-\" and \".\", got \"a/b\"");
  EXPECT_EQ(message_of(with(R"({"kind": "dense", "name": "x", "units": 1})")),
            "the name \"x\" must be unique, and two inputs or layers have it");
  EXPECT_EQ(message_of(with(R"({"kind": "dense", "units": 1, "inputs": ["y"]})")),
            "layer \"dense\" (dense): \"y\" must be an input or an earlier layer.");
  EXPECT_EQ(message_of(with(R"({"kind": "conv2d", "name": "c", "out_channels": 1})")),
            "layer \"c\" (conv2d): the input must have shape (channels, height, width), got (4,)");
  EXPECT_EQ(message_of(with(R"({"kind": "flatten", "name": "f", "l2": 0.1})")),
            "layer \"f\" (flatten): l1 and l2 must be 0 for a layer without a weight of two or more dimensions");
  for (const char* json : {"3", "null", "{\"inputs\": 3, \"layers\": []}", "{\"inputs\": [3], \"layers\": []}",
                           "{\"inputs\": [{\"shape\": \"x\"}], \"layers\": []}",
                           "{\"inputs\": [{\"shape\": [1,1,1,1,1,1,1,1,1]}], \"layers\": []}",
                           "{\"inputs\": [{\"shape\": [1], \"dtype\": \"f\"}], \"layers\": []}",
                           "{\"inputs\": [{\"shape\": [1]}], \"layers\": [3]}",
                           "{\"inputs\": [{\"shape\": [1]}], \"layers\": [{\"kind\": 3}]}",
                           "{\"inputs\": [{\"shape\": [1]}], \"layers\": [], \"outputs\": [\"z\"]}"}) {
    EXPECT_THROW(description_from_json(json), InputError) << json;
  }
  EXPECT_THROW(description_from_json(std::string(100000, '[')), InputError);
}

TEST(Description, HugeParametersAreRejectedBeforeAnythingIsAllocated) {
  const Description d = sequential(Shape{kMaxExtent}, {Dense{.units = kMaxExtent}});
  EXPECT_THROW(parameter_count(d), InvalidArgument);
}

TEST(Description, FilesAreNamedInMessages) {
  const ludus::test_support::Scratch scratch;
  save_description(scratch.path() / "d.json", two_heads());
  EXPECT_EQ(load_description(scratch.path() / "d.json"), two_heads());
  write_atomically(scratch.path() / "bad.json", std::string_view("{}"));
  try {
    load_description(scratch.path() / "bad.json");
    FAIL() << "no error";
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()).find((scratch.path() / "bad.json").string()), 0u) << error.what();
  }
}

TEST(Description, UnknownNodeGetsASuggestion) {
  EXPECT_EQ(two_heads().node("weather").name, "weather");
  EXPECT_THROW(two_heads().node("wether"), InvalidArgument);
}

TEST(Summary, TableAndTotals) {
  const Summary summary = summarize(sequential(Shape{4}, {Dense{.units = 1000}, Dense{.units = 2}}, "small"),
                                    [](std::string_view name) { return !name_matches("dense.*", name); });
  EXPECT_EQ(summary.total, 7002);
  EXPECT_EQ(summary.trainable, 2002);
  EXPECT_EQ(summary.frozen, 5000);
  EXPECT_EQ(summary.to_string(),
            "network \"small\"\n"
            "layer    kind   inputs  output shape  parameters  frozen\n"
            "--------------------------------------------------------\n"
            "input    input          (N, 4)                 0       0\n"
            "dense    dense  input   (N, 1000)          5,000   5,000\n"
            "dense_1  dense  dense   (N, 2)             2,002       0\n"
            "parameters: 7,002 total, 2,002 trainable, 5,000 frozen\n");
}

TEST(NamePattern, StarsStandForAnyText) {
  EXPECT_TRUE(name_matches("*", "dense.weight"));
  EXPECT_TRUE(name_matches("dense.*", "dense.weight"));
  EXPECT_TRUE(name_matches("*.bias", "a.b.bias"));
  EXPECT_TRUE(name_matches("a*b*c", "a-b-b-c"));
  EXPECT_TRUE(name_matches("abc", "abc"));
  EXPECT_FALSE(name_matches("dense.*", "dense_1.weight"));
  EXPECT_FALSE(name_matches("abc", "abcd"));
  EXPECT_FALSE(name_matches("a*b", "a-c"));
  EXPECT_FALSE(name_matches("", "a"));
  EXPECT_EQ(Rename({.from = "vgg.*", .to = "*"}).apply("vgg.features.0"), "features.0");
  EXPECT_EQ(Rename({.from = "weights", .to = "dense.weight"}).apply("weights"), "dense.weight");
  EXPECT_EQ(Rename({.from = "vgg.*", .to = "*"}).apply("resnet.fc"), std::nullopt);
  EXPECT_THROW(Rename({.from = "*", .to = "a"}).check(), InvalidArgument);
  EXPECT_THROW(Rename({.from = "*.*", .to = "*.*"}).check(), InvalidArgument);
}

TEST(LossOptions, FieldsAndChecks) {
  LossOptions options;
  assign_fields(options, {{"kind", "huber"}, {"delta", 2.0}}, "loss");
  EXPECT_EQ(options.kind, LossKind::kHuber);
  options.check();
  EXPECT_THROW(assign_field(options, "kind", "hubert", "loss"), InvalidArgument);
  EXPECT_THROW((LossOptions{.label_smoothing = 1.0}).check(), InvalidArgument);
  EXPECT_THROW((LossOptions{.kind = LossKind::kHuber, .label_smoothing = 0.1}).check(), InvalidArgument);
  EXPECT_THROW((LossOptions{.kind = LossKind::kHuber, .delta = 0.0}).check(), InvalidArgument);
  EXPECT_THROW((LossOptions{.class_weights = {-1}}).check(), InvalidArgument);
  EXPECT_THROW((LossOptions{.positive_weights = {1}}).check(), InvalidArgument);
  EXPECT_THROW((LossOptions{.kind = LossKind::kMeanSquaredError, .class_weights = {1}}).check(), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
