#include "nn/model/bundle.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "base/file.h"
#include "base/format.h"
#include "base/safetensors.h"
#include "nn/model/formats.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using layers::Dense;
using test_support::Scratch;

// Two heads on one input: four classes and three numbers.
Description two_heads() {
  Description d{.name = "heads"};
  d.add_input("x", Shape{2});
  const std::string trunk = d.add(Dense{.units = 3}, {"x"}, "trunk");
  d.outputs = {d.add(Dense{.units = 4}, {trunk}, "class"), d.add(Dense{.units = 3}, {trunk}, "box")};
  return d;
}

NamedArrays weights_of(const Description& description) {
  NamedArrays weights;
  double number = 0;
  for (const NetworkParameter& parameter : network_parameters(description)) {
    Array array(DType::kFloat32, parameter.spec.shape);
    for (std::size_t i = 0; i < array.size(); ++i) array.set(i, number += 0.5);
    weights.emplace_back(parameter.name, std::move(array));
  }
  return weights;
}

Bundle heads_bundle() {
  Bundle bundle{.description = two_heads(), .weights = weights_of(two_heads())};
  bundle.interface.inputs = {{.shift = {1, 2}, .scale = {0.5}, .columns = {"a", "b"}}};
  bundle.interface.outputs = {{.kind = OutputKind::kClasses, .labels = {"sun", "rain", "fog", "snow"}}, {}};
  bundle.interface.signatures = {
      {.name = "both", .inputs = {"x"}, .outputs = {"class", "box"}},
      {.name = "weather", .method = Signature::Method::kClassify, .inputs = {"x"}, .outputs = {"class"}}};
  return bundle;
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

void expect_message(const std::function<void()>& call, const std::string& part) {
  const std::string message = message_of(call);
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(Bundle, IsReadAsItWasWritten) {
  const Scratch scratch;
  const Bundle bundle = heads_bundle();
  write_bundle(scratch / "heads.safetensors", bundle);
  const Bundle read = read_bundle(scratch / "heads.safetensors");
  EXPECT_EQ(read.description, bundle.description);
  EXPECT_EQ(read.weights, bundle.weights);
  EXPECT_EQ(read.interface, bundle.interface);
  EXPECT_TRUE(holds_model(scratch / "heads.safetensors"));
  EXPECT_FALSE(holds_model(scratch / "absent.safetensors"));
}

TEST(Bundle, TheDefaultSignatureFollowsFromTheOutputs) {
  const Description one = sequential(Shape{2}, {Dense{.units = 4}});
  EXPECT_EQ(completed({}, one).signatures[0].method, Signature::Method::kRegress);
  const ModelInterface classes = completed({.outputs = {{.kind = OutputKind::kClasses}}}, one);
  EXPECT_EQ(classes.signatures[0].method, Signature::Method::kClassify);
  EXPECT_EQ(classes.signatures[0].name, "serving_default");
  const ModelInterface heads = completed({}, two_heads());
  EXPECT_EQ(heads.signatures[0].method, Signature::Method::kPredict);
  EXPECT_EQ(heads.signatures[0].outputs, (std::vector<std::string>{"class", "box"}));
}

TEST(Bundle, AnInterfaceMustFitItsNetwork) {
  const Description heads = two_heads();
  const auto check = [&](ModelInterface interface) { return [&heads, interface] { completed(interface, heads); }; };
  expect_message(check({.inputs = {{.scale = {1, 2, 3}}}}), "input \"x\": scale must have one number, or one for each");
  expect_message(check({.inputs = {{.scale = {0}}}}), "other than 0, got 0");
  expect_message(check({.outputs = {{.kind = OutputKind::kClasses, .labels = {"a"}}, {}}}), "labels must be 4");
  expect_message(check({.outputs = {{.labels = {"a"}}, {}}}), "labels must be left out for numbers");
  expect_message(check({.outputs = {{}}}), "must have 1 inputs and 2 outputs");
  expect_message(check({.signatures = {{.inputs = {"x"}, .outputs = {"clas"}}}}), "Did you mean `class`?");
  expect_message(check({.signatures = {{.inputs = {}, .outputs = {"class"}}}}), "must name each of the inputs x");
  expect_message(check({.signatures = {{.method = Signature::Method::kClassify, .inputs = {"x"}, .outputs = {"box"}}}}),
                 "classify must have one output of classes, got box");
}

TEST(Bundle, TheJsonOfAnInterfaceIsChecked) {
  const Description heads = two_heads();
  const auto read = [&](const std::string& text) { return [&heads, text] { interface_from_json(text, heads); }; };
  EXPECT_EQ(interface_from_json(to_json(heads_bundle().interface, heads), heads), heads_bundle().interface);
  expect_message(read(R"({"version": 2})"), "must have version 1, got 2");
  expect_message(read(R"({"inputs": {"y": {}}})"), "\"y\"");
  expect_message(read(R"({"inputs": {"x": {"sift": []}}})"), "Did you mean `shift`?");
  expect_message(read(R"({"outputs": {"class": {"kind": "clases"}}})"), "Did you mean `classes`?");
  expect_message(read(R"({"outputs": 3})"), "");
  expect_message(read(R"({"signatures": [{"method": "guess"}]})"), "predict, classify, regress");
}

// Every prefix of a file and every changed byte of its header: one sentence, or a model.
TEST(Bundle, DamagedFilesAreRejected) {
  const Scratch scratch;
  const auto path = scratch / "heads.safetensors";
  write_bundle(path, heads_bundle());
  std::vector<std::byte> bytes = read_bytes(path);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THROW(parse_bundle(std::span(bytes).first(size), "cut"), InputError) << size;
  }
  std::size_t rejected = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::byte before = bytes[i];
    bytes[i] ^= std::byte{0x15};
    try {
      parse_bundle(bytes, "changed");
    } catch (const InputError&) {
      ++rejected;
    }
    bytes[i] = before;
  }
  EXPECT_GT(rejected, bytes.size() / 2);
}

TEST(Bundle, ArraysMustBeThoseOfTheDescription) {
  const auto file_of = [](const std::string& description, const NamedArrays& weights) {
    std::vector<TensorView> views;
    for (const auto& [name, array] : weights) views.push_back(view_of(name, array));
    return to_safetensors(views, {{"format", std::string(kModelFormat)}, {"description", description}});
  };
  Bundle bundle = heads_bundle();
  const std::string json = to_json(bundle.description);
  const auto parse = [&](const std::string& text) { parse_bundle(file_of(text, bundle.weights), "file"); };
  EXPECT_NO_THROW(parse(json));
  const Array weight = bundle.weights[0].second;
  bundle.weights[0].second = Array(DType::kInt32, weight.shape());
  expect_message([&] { parse(json); }, "file: the array \"trunk.weight\" must be of type float32, got int32");
  bundle.weights[0].second = weight.reshaped(Shape{2, 3});
  expect_message([&] { parse(json); }, "must have shape (3, 2), got (2, 3)");
  bundle.weights[0].first = "other";
  expect_message([&] { parse(json); }, "\"trunk.weight\" of the network is missing");
  // 2^20 x 2^20 x 4096 positions without a single weight
  expect_message(
      [&] {
        parse(R"({"inputs": [{"name": "x", "shape": [4096, 16, 16]}],
                  "layers": [{"kind": "upsample", "scale": [65536]}]})");
      },
      "must deliver at most");
}

TEST(Bundle, KeepsWhatTheNamedOutputsNeed) {
  const Bundle kept = keep_outputs(heads_bundle(), {"class"});
  EXPECT_EQ(kept.description.outputs, (std::vector<std::string>{"class"}));
  ASSERT_EQ(kept.weights.size(), 4u);  // weight and bias of trunk and class
  EXPECT_EQ(kept.weights[2].first, "class.weight");
  ASSERT_EQ(kept.interface.signatures.size(), 1u);
  EXPECT_EQ(kept.interface.signatures[0].name, "weather");
  EXPECT_EQ(kept.interface.outputs[0].labels[3], "snow");

  const Bundle trunk = keep_outputs(heads_bundle(), {"trunk"});
  EXPECT_EQ(trunk.weights.size(), 2u);
  EXPECT_EQ(trunk.interface.signatures[0].outputs, (std::vector<std::string>{"trunk"}));
  expect_message([] { keep_outputs(heads_bundle(), {"clas"}); }, "Did you mean `class`?");
  expect_message([] { keep_outputs(heads_bundle(), {}); }, "got none");
}

// Of an input of two channels: (x - 1) · 0.5 in the first, (x - 2) · 0.25 in the second.
TEST(Bundle, PreprocessingMayDifferByChannel) {
  const InputSpec image{.name = "image", .shape = Shape{2, 1, 2}};
  const Array result =
      preprocess(Array::of<std::uint8_t>({3, 5, 6, 10}), image, {.shift = {1, 2}, .scale = {0.5, 0.25}});
  EXPECT_EQ(result, Array::of<float>({1, 2, 1, 2}).reshaped(Shape{2, 1, 2}));
  const Description network{.inputs = {image}, .outputs = {"image"}};
  EXPECT_EQ(completed({.inputs = {{.shift = {1, 2}}}}, network).inputs[0].shift, (std::vector<double>{1, 2}));
  expect_message([&] { completed({.inputs = {{.shift = {1, 2, 3}}}}, network); }, "one for each channel");
}

// (x - shift) · scale: ((10, 20) - (1, 2)) · 0.5
TEST(Bundle, PreprocessingScalesAndReshapes) {
  const InputSpec input{.name = "x", .shape = Shape{2}};
  const Array numbers = Array::of<std::uint8_t>({10, 20}).reshaped(Shape{1, 2});
  const Array result = preprocess(numbers, input, {.shift = {1, 2}, .scale = {0.5}});
  EXPECT_EQ(result, Array::of<float>({4.5F, 9.0F}));
  EXPECT_EQ(preprocess(Array::of<double>({1, 2}), {.name = "i", .shape = Shape{2}, .dtype = DType::kInt64}, {}),
            Array::of<std::int64_t>({1, 2}));
  const InputSpec free{.name = "s", .shape = Shape{kFree, 2}};
  EXPECT_EQ(preprocess(Array(DType::kFloat32, Shape{5, 2}), free, {}).shape(), (Shape{5, 2}));
  expect_message([&] { preprocess(Array(DType::kFloat32, Shape{5, 3}), free, {}); }, "must have shape (-1, 2)");
  expect_message([&] { preprocess(Array::of<float>({1, 2, 3}), input, {}); }, "must have shape (2,)");
  expect_message(
      [&] {
        preprocess(Array::of<float>({1, std::numeric_limits<float>::quiet_NaN()}), input, {});
      },
      "must be finite, got nan as number 1");
}

// softmax of (0, ln 3) is (1/4, 3/4), of the position beside it (1/2, 1/2); the sigmoid of ln 3 is 3/4
TEST(Bundle, ProbabilitiesOfClassesAndLabels) {
  const auto log3 = static_cast<float>(std::log(3.0));
  const Array logits = Array::of<float>({0, 7, log3, 7}).reshaped(Shape{1, 2, 2});
  const Array classes = probabilities(logits, OutputKind::kClasses);
  EXPECT_NEAR(classes.get(0), 0.25, 1e-6);
  EXPECT_NEAR(classes.get(1), 0.5, 1e-6);
  EXPECT_NEAR(classes.get(2), 0.75, 1e-6);
  EXPECT_NEAR(probabilities(logits, OutputKind::kLabels).get(2), 0.75, 1e-6);
  EXPECT_EQ(probabilities(logits, OutputKind::kNumbers), logits);
}

TEST(ModelFormats, EachIsWrittenAndReadByItsExtension) {
  const Scratch scratch;
  const Bundle bundle = heads_bundle();
  for (const ModelFormat& format : model_formats()) {
    SCOPED_TRACE(format.extension);
    const auto path = scratch / formatted("model{}", format.extension);
    EXPECT_EQ(model_format(path).extension, format.extension);
    if (!format.write) continue;
    write_model_file(path, bundle);
    if (format.complete) {
      EXPECT_EQ(read_model_file(path).weights, bundle.weights);
    }
  }
  // a description and weights in two files
  for (const char* weights : {"model.npz", "model.weights.safetensors"}) {
    const Bundle read = read_model_file(scratch / "model.json", scratch / weights);
    EXPECT_EQ(read.description, bundle.description);
    EXPECT_EQ(read.weights, bundle.weights) << weights;
  }
  expect_message([&] { read_model_file(scratch / "model.json"); }, "name a file with them by --weights");
  expect_message([&] { read_model_file(scratch / "model.safetensors", "w.npz"); }, "holds weights already");
  expect_message([&] { read_model_file(scratch / "model.npz"); }, "which is not a model");
  expect_message([&] { model_format("model.h5"); }, "must end in one of .safetensors");
  EXPECT_EQ(model_path(scratch.path()), scratch / "model.safetensors");
  std::filesystem::create_directory(scratch / "empty");
  expect_message([&] { read_model_file(scratch / "empty"); }, "holds no model");
  EXPECT_EQ(read_description(scratch / "model.json"), bundle.description);
}

}  // namespace
}  // namespace ludus::nn
