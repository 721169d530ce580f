#include "nn/model/fold_batch_norm.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "nn/model/build.h"
#include "nn/vision/zoo/inception_v3.h"
#include "nn/vision/zoo/mobilenet.h"
#include "nn/vision/zoo/resnet.h"

namespace ludus::nn {
namespace {

Array numbers(std::vector<float> values, Shape shape) {
  return Array::of<float>(std::span<const float>(values), shape);
}

const Array& array_of(const NamedArrays& arrays, const std::string& name) {
  for (const auto& [key, array] : arrays) {
    if (key == name) return array;
  }
  throw InvalidArgument("no array " + name);
}

// Dense 2 x + 1, then γ = 5, β = 7, μ = 3, σ² + ε = 4: 5 / 2 (2 x + 1 - 3) + 7 = 5 x + 2.
TEST(FoldBatchNorm, ByHand) {
  const Description network =
      sequential(Shape{1}, {layers::Dense{.units = 1}, layers::BatchNorm{.epsilon = 0.5}, layers::Dense{.units = 1}});
  const NamedArrays parameters{
      {"dense.weight", numbers({2}, Shape{1, 1})},         {"dense.bias", numbers({1}, Shape{1})},
      {"batch_norm.weight", numbers({5}, Shape{1})},       {"batch_norm.bias", numbers({7}, Shape{1})},
      {"batch_norm.running_mean", numbers({3}, Shape{1})}, {"batch_norm.running_var", numbers({3.5}, Shape{1})},
      {"dense_1.weight", numbers({1}, Shape{1, 1})},       {"dense_1.bias", numbers({0}, Shape{1})}};
  const FoldedNetwork result = fold_batch_norm(network, parameters);
  EXPECT_EQ(result.folded, std::vector<std::string>{"batch_norm"});
  ASSERT_EQ(result.description.nodes.size(), 2u);
  EXPECT_EQ(result.description.nodes[1].inputs, std::vector<std::string>{"dense"});
  EXPECT_EQ(result.description.outputs, network.outputs);
  ASSERT_EQ(result.parameters.size(), 4u);
  EXPECT_EQ(array_of(result.parameters, "dense.weight"), numbers({5}, Shape{1, 1}));
  EXPECT_EQ(array_of(result.parameters, "dense.bias"), numbers({2}, Shape{1}));
  EXPECT_EQ(array_of(result.parameters, "dense_1.weight"), numbers({1}, Shape{1, 1}));
}

TEST(FoldBatchNorm, LeavesWhatWouldChangeAnOutput) {
  Generator random(1);
  const auto folded = [&](const Description& network) {
    return fold_batch_norm(network, Model(network, random).state()).folded;
  };
  const layers::Conv2d conv{.out_channels = 2, .kernel_size = {1}};
  layers::Conv2d activated = conv;
  activated.activation = Activation::kRelu;
  const Shape input{2, 3, 3};
  EXPECT_EQ(folded(sequential(input, {conv, layers::BatchNorm{}, layers::Flatten{}})).size(), 1u);
  EXPECT_TRUE(folded(sequential(input, {activated, layers::BatchNorm{}, layers::Flatten{}})).empty());
  EXPECT_TRUE(folded(sequential(input, {conv, layers::BatchNorm{}})).empty());  // it is an output
  EXPECT_TRUE(folded(sequential(input, {layers::BatchNorm{}, conv})).empty());

  Description branches{.name = "branches"};  // the convolution is read twice
  branches.add_input("image", input);
  const std::string x = branches.add(conv);
  const std::string y = branches.add(layers::BatchNorm{});
  branches.outputs = {branches.add(layers::Add{}, {x, y})};
  EXPECT_TRUE(folded(branches).empty());
}

TEST(FoldBatchNorm, MissingArraysAreNamed) {
  const Description network = sequential(Shape{1}, {layers::Dense{.units = 1}, layers::BatchNorm{}});
  Generator random(1);
  NamedArrays parameters = Model(network, random).state();
  EXPECT_NO_THROW(fold_batch_norm(network, parameters));
  std::erase_if(parameters, [](const auto& entry) { return entry.first == "batch_norm.running_var"; });
  try {
    fold_batch_norm(network, parameters);
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("batch_norm.running_var"), std::string::npos) << error.what();
  }
  parameters.emplace_back("batch_norm.running_var", Array(DType::kFloat32, Shape{2}));
  EXPECT_THROW(fold_batch_norm(network, parameters), InvalidArgument);
}

// With statistics that are not those of a new network, the folded networks compute the same.
TEST(FoldBatchNorm, FoldedNetworksOfTheZooComputeTheSame) {
  Generator random(7);
  for (const auto& [network, count] :
       {std::pair(vision::zoo::resnet18(), 20u), std::pair(vision::zoo::mobilenet_v2(), 52u)}) {
    SCOPED_TRACE(network.name);
    Model model(network, random);
    NamedArrays state = model.state();
    for (auto& [name, array] : state) {
      const bool norm = name.ends_with(".running_mean") || name.ends_with(".running_var") || array.shape().rank() == 1;
      if (!norm || array.dtype() != DType::kFloat32) continue;
      const bool mean = name.ends_with(".running_mean") || name.ends_with(".bias");
      for (float& value : array.data<float>()) {
        value = static_cast<float>(mean ? random.uniform(-0.2, 0.2) : random.uniform(0.7, 1.3));
      }
    }
    model.load_state(state);
    const FoldedNetwork result = fold_batch_norm(network, state);
    EXPECT_EQ(result.folded.size(), count);
    Model folded(result.description, random);
    folded.load_state(result.parameters);
    const at::Tensor image = at::linspace(-1, 1, 3 * 224 * 224).sin().reshape({1, 3, 224, 224});
    const at::Tensor expected = model.predict(image), outputs = folded.predict(image);
    const double scale = expected.abs().max().item<double>();
    EXPECT_GT(expected.std().item<double>(), 1e-3 * scale);
    EXPECT_LT((outputs - expected).abs().max().item<double>(), 1e-4 * scale);
  }
}

TEST(FoldBatchNorm, FoldsEveryNormalisationOfInceptionV3) {
  Generator random(1);
  const Description network = vision::zoo::inception_v3({.auxiliary = true});
  EXPECT_EQ(fold_batch_norm(network, Model(network, random).state()).folded.size(), 96u);
}

}  // namespace
}  // namespace ludus::nn
