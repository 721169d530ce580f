// Policies written as ONNX: the reader in Python computes the actions that are computed here by the formulas of
// exported_policy.h.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "nn/core/init.h"
#include "nn/core/tensor_io.h"
#include "nn/model/build.h"
#include "nn/model/onnx_graph.h"
#include "nn/model/onnx_policy.h"
#include "tests/nn/model/onnx_support.h"
#include "tests/support/onnx_reference.h"

namespace ludus::nn {
namespace {

using test_support::OnnxReference;

// A policy with a network of `layers` over one flat input, and random weights.
ExportedPolicy policy_of(const Description& network, FeatureOptions features, ActionDecoder action) {
  Generator random(1);
  Model model(network, random);
  const at::NoGradGuard no_grad;
  model.parameters().values().normal_(0, 0.7, make_generator(3));
  return {
      .network = network, .parameters = model.state(), .features = std::move(features), .action = std::move(action)};
}

Description mlp(std::int64_t inputs, std::int64_t outputs, Activation last = Activation::kNone) {
  return sequential(Shape{inputs}, {layers::Dense{.units = 16, .activation = Activation::kTanh},
                                    layers::Dense{.units = outputs, .activation = last}});
}

at::Tensor output_of(const ExportedPolicy& policy, const std::vector<at::Tensor>& inputs) {
  Generator random(1);
  Model model(policy.network, random);
  model.load_state(policy.parameters);
  return model.predict(inputs)[0];
}

at::Tensor rows(std::int64_t count, std::int64_t columns) {
  return at::empty({count, columns}).normal_(0, 2, make_generator(5));
}

void add(OnnxReference& reference, const ExportedPolicy& policy, const at::Tensor& observations,
         const at::Tensor& actions) {
  reference.add(export_onnx(policy), std::vector{to_array(observations)}, std::vector{to_array(actions.contiguous())});
}

TEST(OnnxPolicy, AnIndependentReaderComputesTheActions) {
  if (!OnnxReference::is_available()) GTEST_SKIP() << "skipped: no python3-onnx";
  using Kind = ActionDecoder::Kind;
  const FeatureOptions plain = FeatureOptions::numbers(4);
  const at::Tensor x = rows(1000, 4);
  OnnxReference reference;
  {  // one choice, over normalised observations; the last number is constant
    ExportedPolicy policy = policy_of(mlp(4, 3), plain, {.kind = Kind::kArgmax, .classes = {3}, .start = {-1}});
    policy.scaling = ObservationScaling{.mean = {0.5, -1, 2, 3}, .scale = {1 / 3.0, 2, 0.1, 0}, .limit = 1.5};
    const at::Tensor mean = at::tensor(policy.scaling->mean, at::kDouble);
    const at::Tensor scale = at::tensor(policy.scaling->scale, at::kDouble);
    const at::Tensor normalised = ((x.to(at::kDouble) - mean) * scale).clamp(-1.5, 1.5).to(at::kFloat);
    add(reference, policy, x, output_of(policy, {normalised}).argmax(1, true) - 1);
  }
  {  // three choices; the first of equals
    ExportedPolicy policy =
        policy_of(mlp(4, 10), plain, {.kind = Kind::kArgmax, .classes = {2, 5, 3}, .start = {0, -1, 4}});
    const at::Tensor y = output_of(policy, {x});
    add(reference, policy, x,
        at::cat({y.narrow(1, 0, 2).argmax(1, true), y.narrow(1, 2, 5).argmax(1, true) - 1,
                 y.narrow(1, 7, 3).argmax(1, true) + 4},
                1));
    for (auto& [name, array] : policy.parameters) array = Array(DType::kFloat32, array.shape());
    add(reference, policy, x, at::tensor(policy.action.start, at::kLong).expand({1000, 3}));
  }
  for (const bool zero_is_one : {false, true}) {
    ExportedPolicy policy =
        policy_of(mlp(4, 2), plain, {.kind = Kind::kBinary, .start = {0, 3}, .zero_is_one = zero_is_one});
    const at::Tensor start = at::tensor(policy.action.start, at::kLong);
    add(reference, policy, x, (output_of(policy, {x}) > 0).to(at::kLong) + start);
    for (auto& [name, array] : policy.parameters) array = Array(DType::kFloat32, array.shape());
    add(reference, policy, x, (start + (zero_is_one ? 1 : 0)).expand({1000, 2}));
  }
  {  // bounds on one side
    const float inf = std::numeric_limits<float>::infinity();
    const ExportedPolicy policy =
        policy_of(mlp(4, 3), plain, {.kind = Kind::kClip, .low = {-0.5f, -inf, 0}, .high = {0.5f, 0.25f, inf}});
    const at::Tensor y = output_of(policy, {x});
    add(reference, policy, x,
        at::minimum(at::maximum(y, at::tensor(policy.action.low)), at::tensor(policy.action.high)));
  }
  {  // tanh, scaled to the bounds
    const ExportedPolicy policy =
        policy_of(mlp(4, 2, Activation::kTanh), plain, {.kind = Kind::kRescale, .low = {-2, 0}, .high = {2, 0.3f}});
    const at::Tensor low = at::tensor(policy.action.low), high = at::tensor(policy.action.high);
    add(reference, policy, x, low + 0.5 * (output_of(policy, {x}) + 1) * (high - low));
  }
  {  // numbers, two integers of {-1, …, 2}, and two frames of 3 x 2 pixels with 3 channels
    const FeatureOptions features{
        .parts = {
            {.kind = FeaturePart::Kind::kNumbers, .count = 3},
            {.kind = FeaturePart::Kind::kOneHot, .count = 2, .classes = 4, .start = -1},
            {.kind = FeaturePart::Kind::kImage, .count = 36, .frames = 2, .height = 3, .width = 2, .channels = 3}}};
    Description network{.name = "policy"};
    const std::string numbers = network.add_input("numbers", Shape{3}),
                      choices = network.add_input("one_hot", Shape{8});
    const std::string image = network.add_input("image", Shape{6, 3, 2});
    const std::string pixels = network.add(layers::Conv2d{.out_channels = 5, .kernel_size = {2}}, {image});
    const std::string all =
        network.add(layers::Concatenate{}, {numbers, choices, network.add(layers::Flatten{}, {pixels})});
    network.outputs = {network.add(layers::Dense{.units = 6}, {all})};
    const ExportedPolicy policy = policy_of(network, features, {.kind = Kind::kArgmax, .classes = {6}, .start = {0}});
    at::Generator generator = make_generator(9);
    const at::Tensor number = rows(200, 3), choice = at::randint(-1, 3, {200, 2}, generator).to(at::kFloat);
    const at::Tensor frames = at::randint(0, 256, {200, 36}, generator).to(at::kFloat);
    const at::Tensor one_hot = at::one_hot((choice + 1).to(at::kLong), 4).to(at::kFloat).flatten(1);
    const at::Tensor planes = frames.view({200, 2, 3, 2, 3}).permute({0, 1, 4, 2, 3}).reshape({200, 6, 3, 2}).div(255);
    add(reference, policy, at::cat({number, choice, frames}, 1),
        output_of(policy, {number, one_hot, planes}).argmax(1, true));
  }
  const auto [equal, report] = reference.compare("2e-6");
  EXPECT_TRUE(equal) << report;
  RecordProperty("report", report);
}

TEST(OnnxPolicy, InputAndOutputAreNamedAndTyped) {
  const io::OnnxModel model = export_onnx(policy_of(
      mlp(4, 2), FeatureOptions::numbers(4), {.kind = ActionDecoder::Kind::kClip, .low = {-1, -1}, .high = {1, 1}}));
  ASSERT_EQ(model.inputs.size(), 1u);
  EXPECT_EQ(model.inputs[0].name, "observation");
  EXPECT_EQ(*model.inputs[0].shape, (std::vector{OnnxGraph::batch(), io::OnnxDimension{.value = 4}}));
  ASSERT_EQ(model.outputs.size(), 1u);
  EXPECT_EQ(model.outputs[0].name, "action");
  EXPECT_EQ(model.outputs[0].type, io::OnnxType::kFloat);
  EXPECT_EQ(*model.outputs[0].shape, (std::vector{OnnxGraph::batch(), io::OnnxDimension{.value = 2}}));
}

TEST(OnnxPolicy, PartsMustFitEachOther) {
  const auto error = [](std::int64_t row, std::int64_t outputs, std::vector<double> mean) {
    ExportedPolicy policy = policy_of(mlp(4, outputs), FeatureOptions::numbers(row),
                                      {.kind = ActionDecoder::Kind::kArgmax, .classes = {2}, .start = {0}});
    if (!mean.empty()) policy.scaling = ObservationScaling{.mean = std::move(mean), .scale = {1, 1, 1, 1}};
    return testing::message_of([&] { export_onnx(policy); });
  };
  EXPECT_EQ(error(4, 2, {}), "no error");
  EXPECT_EQ(error(4, 3, {}), "ONNX export of a policy: the size of its output must be 2, got 3");
  EXPECT_EQ(error(4, 2, {1, 2}), "ONNX export of a policy: the number of means must be 4, got 2");
  EXPECT_EQ(error(5, 2, {}), "ONNX export of a policy: the size of its input must be 5, got 4");
}

}  // namespace
}  // namespace ludus::nn
