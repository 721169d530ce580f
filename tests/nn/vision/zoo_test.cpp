#include "nn/vision/zoo/zoo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/file.h"
#include "nn/model/summary.h"
#include "nn/vision/zoo/imagenet_labels.h"
#include "nn/vision/zoo/inception_v3.h"
#include "nn/vision/zoo/lenet.h"
#include "nn/vision/zoo/mobilenet.h"
#include "nn/vision/zoo/resnet.h"
#include "nn/vision/zoo/squeezenet.h"
#include "nn/vision/zoo/vgg.h"

namespace ludus::vision::zoo {
namespace {

using nn::Description;

// Running means and variances.
std::int64_t statistics(const Description& network) {
  std::int64_t count = 0;
  for (const nn::NetworkParameter& parameter : nn::network_parameters(network)) {
    if (parameter.spec.buffer && parameter.spec.dtype == DType::kFloat32) {
      count += static_cast<std::int64_t>(parameter.spec.shape.elements());
    }
  }
  return count;
}

std::set<std::string> names_of(const Description& network) {
  std::set<std::string> names;
  for (const nn::NetworkParameter& parameter : nn::network_parameters(network)) names.insert(parameter.name);
  return names;
}

// Output shapes by name of the node.
std::map<std::string, Shape> shapes_of(const Description& network) {
  const nn::NetworkShapes shapes = nn::network_shapes(network);
  std::map<std::string, Shape> named;
  for (std::size_t i = 0; i < network.nodes.size(); ++i) named[network.nodes[i].name] = shapes.nodes[i];
  return named;
}

TEST(Zoo, DescriptionsOfExamplesAreThoseOfTheZoo) {
  const std::string folder = LUDUS_SOURCE_DIR "/examples/models/";
  EXPECT_EQ(nn::to_json(nn::load_description(folder + "lenet5.json")), nn::to_json(lenet5()));
  EXPECT_EQ(nn::to_json(nn::load_description(folder + "mnist_convnet.json")), nn::to_json(mnist_convnet()));
}

TEST(Zoo, ParameterCountsAreThePublished) {
  EXPECT_EQ(nn::parameter_count(lenet5()), 61'706);
  EXPECT_EQ(nn::parameter_count(lenet5_wide()), 1'663'370);
  EXPECT_EQ(nn::parameter_count(mnist_convnet()), 253'018);
  EXPECT_EQ(nn::parameter_count(squeezenet1_1()), 1'235'496);
  EXPECT_EQ(nn::parameter_count(squeezenet1_1_caffe()), 1'235'496);
  EXPECT_EQ(nn::parameter_count(mobilenet_v1()), 4'231'976);
  EXPECT_EQ(nn::parameter_count(mobilenet_v1()) + statistics(mobilenet_v1()), 4'253'864);  // Keras's total
  EXPECT_EQ(nn::parameter_count(mobilenet_v2()), 3'504'872);
  EXPECT_EQ(nn::parameter_count(vgg16()), 138'357'544);
  EXPECT_EQ(nn::parameter_count(vgg19()), 143'667'240);
  EXPECT_EQ(nn::parameter_count(vgg16_features()), 14'714'688);
  EXPECT_EQ(nn::parameter_count(inception_v3()), 23'834'568);
  EXPECT_EQ(nn::parameter_count(inception_v3({.auxiliary = true})), 27'161'264);
  // Keras's total counts running statistics and has no scale: one value a channel more
  EXPECT_EQ(nn::parameter_count(inception_v3()) + statistics(inception_v3()) / 2, 23'851'784);
  EXPECT_EQ(nn::parameter_count(resnet18()), 11'689'512);
  EXPECT_EQ(nn::parameter_count(resnet50()), 25'557'032);
}

// Folding batch normalisation leaves a bias for each channel: shift and scale of torchvision's count minus one a
// channel.
TEST(Zoo, FoldedMobileNetHasABiasForEachChannel) {
  const std::int64_t channels = statistics(mobilenet_v2()) / 2;
  EXPECT_EQ(nn::parameter_count(mobilenet_v2_folded(1000)), nn::parameter_count(mobilenet_v2(1000)) - channels);
  EXPECT_EQ(nn::parameter_count(mobilenet_v2_folded()), nn::parameter_count(mobilenet_v2(1001)) - channels);
}

// Capabilities of the founding tutorial: VGG16 without top, Flatten-Dense256-Dropout0.5-Dense8, 15 layers frozen.
TEST(Zoo, Vgg16WithANewHeadAndFifteenFrozenLayers) {
  Description network = vgg16_features();
  const std::size_t base = network.nodes.size();
  network.add(nn::layers::Flatten{});
  network.add(nn::layers::Dense{.units = 256, .activation = nn::Activation::kRelu}, {}, "head.0");
  network.add(nn::layers::Dropout{.rate = 0.5});
  network.outputs = {network.add(nn::layers::Dense{.units = 8}, {}, "head.1")};
  EXPECT_EQ(base, 18u);  // Keras counts the input as a layer, too: 19

  std::set<std::string> frozen;  // the first 15 of Keras: the input and 14 nodes
  for (std::size_t i = 0; i < 14; ++i) frozen.insert(network.nodes[i].name);
  const nn::Summary summary = nn::summarize(network, [&](std::string_view parameter) {
    return !frozen.contains(std::string(parameter.substr(0, parameter.rfind('.'))));
  });
  EXPECT_EQ(summary.total, 21'139'528);
  EXPECT_EQ(summary.trainable, 13'504'264);
  EXPECT_EQ(summary.frozen, 7'635'264);
}

TEST(Zoo, MultiplyAddsAreThePublished) {
  EXPECT_EQ(multiply_adds(lenet5()), 416'520);  // 117,600 + 240,000 + 48,000 + 10,080 + 840
  EXPECT_NEAR(static_cast<double>(multiply_adds(mobilenet_v1())), 569e6, 1e6);  // the paper, table 6
  EXPECT_NEAR(static_cast<double>(multiply_adds(mobilenet_v2())), 300e6, 2e6);  // the paper, table 4
  EXPECT_NEAR(static_cast<double>(multiply_adds(squeezenet1_1())), 349e6, 4e6);
  EXPECT_NEAR(static_cast<double>(multiply_adds(resnet18())), 1.814e9, 2e6);
  EXPECT_NEAR(static_cast<double>(multiply_adds(resnet50())), 4.089e9, 2e6);
  EXPECT_NEAR(static_cast<double>(multiply_adds(inception_v3())), 5.713e9, 5e6);
  EXPECT_NEAR(static_cast<double>(multiply_adds(vgg16())), 15.47e9, 1e7);
  EXPECT_NEAR(static_cast<double>(multiply_adds(vgg19())), 19.632e9, 1e7);
}

TEST(Zoo, MultiplyAddsOfTransposedConvolutionByHand) {
  // 4 x 4 x 3 inputs, each times a 2 x 2 kernel of 5 channels
  const Description network = nn::sequential(
      Shape{3, 4, 4}, {nn::layers::ConvTranspose2d{.out_channels = 5, .kernel_size = {2}, .stride = {2}}});
  EXPECT_EQ(multiply_adds(network), 4 * 4 * 3 * 2 * 2 * 5);
}

// Table 1 of the paper, and torchvision's layers.
TEST(Zoo, ShapesOfInceptionV3) {
  const auto shapes = shapes_of(inception_v3({.auxiliary = true}));
  const std::vector<std::pair<std::string, Shape>> table{
      {"Conv2d_1a_3x3.bn", {32, 149, 149}},
      {"Conv2d_2a_3x3.bn", {32, 147, 147}},
      {"Conv2d_2b_3x3.bn", {64, 147, 147}},
      {"max_pool2d", {64, 73, 73}},
      {"Conv2d_3b_1x1.bn", {80, 73, 73}},
      {"Conv2d_4a_3x3.bn", {192, 71, 71}},
      {"max_pool2d_1", {192, 35, 35}},
      {"Mixed_5b.branch1x1.bn", {64, 35, 35}},
      {"Mixed_5b.branch5x5_2.bn", {64, 35, 35}},
      {"Mixed_5b.branch3x3dbl_3.bn", {96, 35, 35}},
      {"Mixed_5b.branch_pool.bn", {32, 35, 35}},
      {"Mixed_5b", {256, 35, 35}},
      {"Mixed_5c", {288, 35, 35}},
      {"Mixed_5d", {288, 35, 35}},
      {"Mixed_6a.branch3x3.bn", {384, 17, 17}},
      {"Mixed_6a.branch3x3dbl_3.bn", {96, 17, 17}},
      {"Mixed_6a", {768, 17, 17}},
      {"Mixed_6b.branch7x7_2.bn", {128, 17, 17}},
      {"Mixed_6b.branch7x7dbl_5.bn", {192, 17, 17}},
      {"Mixed_6b", {768, 17, 17}},
      {"Mixed_6c", {768, 17, 17}},
      {"Mixed_6d", {768, 17, 17}},
      {"Mixed_6e", {768, 17, 17}},
      {"Mixed_7a.branch3x3_2.bn", {320, 8, 8}},
      {"Mixed_7a.branch7x7x3_4.bn", {192, 8, 8}},
      {"Mixed_7a", {1280, 8, 8}},
      {"Mixed_7b.branch3x3_2", {768, 8, 8}},
      {"Mixed_7b.branch3x3dbl_3", {768, 8, 8}},
      {"Mixed_7b", {2048, 8, 8}},
      {"Mixed_7c", {2048, 8, 8}},
      {"avgpool", {2048}},
      {"fc", {1000}},
      {"AuxLogits.pool", {768, 5, 5}},
      {"AuxLogits.conv0.bn", {128, 5, 5}},
      {"AuxLogits.conv1.bn", {768, 1, 1}},
      {"AuxLogits.fc", {1000}},
  };
  for (const auto& [name, shape] : table) {
    ASSERT_TRUE(shapes.contains(name)) << name;
    EXPECT_EQ(shapes.at(name), shape) << name;
  }
  EXPECT_EQ(nn::output_shapes(inception_v3({.auxiliary = true})).size(), 2u);
  EXPECT_EQ(nn::output_shapes(inception_v3()), (std::vector<Shape>{Shape{1000}}));
}

// Table 1 of the paper: every block of every stage.
TEST(Zoo, ShapesOfResNet50) {
  const auto shapes = shapes_of(resnet50());
  EXPECT_EQ(shapes.at("conv1"), (Shape{64, 112, 112}));
  EXPECT_EQ(shapes.at("maxpool"), (Shape{64, 56, 56}));
  const std::array<int, 4> depths{3, 4, 6, 3};
  for (std::size_t stage = 0; stage < 4; ++stage) {
    const std::int64_t width = 64 << stage, extent = 56 >> stage;
    for (int i = 0; i < depths[stage]; ++i) {
      const std::string block = "layer" + std::to_string(stage + 1) + "." + std::to_string(i);
      const std::int64_t before = i == 0 && stage > 0 ? 2 * extent : extent;
      EXPECT_EQ(shapes.at(block + ".conv1"), (Shape{width, before, before})) << block;
      EXPECT_EQ(shapes.at(block + ".conv2"), (Shape{width, extent, extent})) << block;
      EXPECT_EQ(shapes.at(block + ".conv3"), (Shape{4 * width, extent, extent})) << block;
      EXPECT_EQ(shapes.at(block), (Shape{4 * width, extent, extent})) << block;
      EXPECT_EQ(shapes.contains(block + ".downsample.0"), i == 0) << block;
    }
  }
  EXPECT_EQ(shapes.at("avgpool"), (Shape{2048}));
  EXPECT_EQ(shapes.at("fc"), (Shape{1000}));
  EXPECT_FALSE(shapes_of(resnet18()).contains("layer1.0.downsample.0"));
  EXPECT_EQ(shapes_of(resnet18()).at("layer4.1"), (Shape{512, 7, 7}));
}

TEST(Zoo, ShapesOfTheOthers) {
  EXPECT_EQ(shapes_of(vgg16()).at("features.30"), (Shape{512, 7, 7}));
  EXPECT_EQ(shapes_of(vgg19()).at("features.36"), (Shape{512, 7, 7}));
  EXPECT_EQ(shapes_of(squeezenet1_1_caffe()).at("conv10"), (Shape{1000, 13, 13}));
  EXPECT_EQ(shapes_of(mobilenet_v1()).at("conv_pw_13"), (Shape{1024, 7, 7}));
  EXPECT_EQ(shapes_of(mobilenet_v2()).at("features.18.0"), (Shape{1280, 7, 7}));
  EXPECT_EQ(shapes_of(mobilenet_v2_folded()).at("block16.project"), (Shape{320, 7, 7}));
  EXPECT_EQ(shapes_of(lenet5()).at("s4"), (Shape{16, 5, 5}));
  EXPECT_EQ(shapes_of(mnist_convnet()).at("flatten"), (Shape{640}));
}

// Names of torchvision's state_dict, from its published files.
TEST(Zoo, NamesAreThoseOfPublishedWeights) {
  const auto expect_names = [](const Description& network, std::size_t count, std::vector<std::string> some) {
    const std::set<std::string> names = names_of(network);
    EXPECT_EQ(names.size(), count) << network.name;
    for (const std::string& name : some) EXPECT_TRUE(names.contains(name)) << network.name << ": " << name;
  };
  // the number of entries of each state_dict
  expect_names(squeezenet1_1(), 52,
               {"features.0.weight", "features.3.squeeze.bias", "features.12.expand3x3.weight", "classifier.1.weight"});
  expect_names(vgg16(), 32, {"features.28.weight", "classifier.0.weight", "classifier.3.bias", "classifier.6.bias"});
  expect_names(vgg19(), 38, {"features.34.weight"});
  expect_names(resnet18(), 122,
               {"conv1.weight", "bn1.running_var", "layer2.0.downsample.1.num_batches_tracked", "layer4.1.bn2.weight",
                "fc.bias"});
  expect_names(resnet50(), 320, {"layer1.0.downsample.0.weight", "layer4.2.conv3.weight"});
  expect_names(
      mobilenet_v2(), 314,
      {"features.0.0.weight", "features.1.conv.0.0.weight", "features.1.conv.1.weight", "features.1.conv.2.bias",
       "features.2.conv.1.1.running_mean", "features.17.conv.3.weight", "features.18.1.weight", "classifier.1.weight"});
  expect_names(inception_v3({.auxiliary = true}), 580,
               {"Conv2d_1a_3x3.conv.weight", "Mixed_6c.branch7x7dbl_4.bn.running_mean",
                "Mixed_7c.branch3x3dbl_3b.conv.weight", "AuxLogits.conv1.bn.weight", "AuxLogits.fc.weight", "fc.bias"});
}

TEST(Zoo, EveryEntryFitsItsManifest) {
  for (const Entry& entry : zoo_entries()) {
    const Description network = entry.describe();
    const Manifest manifest = entry.manifest();
    EXPECT_NO_THROW(check_fields(manifest, entry.name));
    EXPECT_EQ(network.name, entry.name);
    EXPECT_EQ(network.inputs.front().shape, (Shape{manifest.channels(), manifest.size[0], manifest.size[1]}));
    EXPECT_EQ(nn::output_shapes(network).front(), (Shape{static_cast<std::int64_t>(manifest.labels.size())}));
    EXPECT_EQ(nn::description_from_json(nn::to_json(network)), network);
    EXPECT_EQ(entry.weights.empty(), entry.licence.empty());
    EXPECT_EQ(entry.weights.empty(), !entry.top1 || !entry.top5);
  }
}

TEST(Zoo, TheTableHasALineForEveryNetwork) {
  const std::vector<Row> rows = zoo_table();
  EXPECT_EQ(rows.size(), zoo_entries().size());
  const std::string text = to_text(rows);
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), rows.size() + 1);
  EXPECT_NE(text.find("138.36 M"), std::string::npos) << text;
  EXPECT_EQ(to_value(rows).as_list().size(), rows.size());
  try {
    zoo_entry("resnet_50");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `resnet50`?"), std::string::npos) << error.what();
  }
}

// Each line of the table, its columns separated by two spaces or more, is a row of the page.
TEST(Zoo, ThePageHasTheTable) {
  const std::string page = read_text(LUDUS_SOURCE_DIR "/docs/learning/zoo.md");
  std::istringstream table(to_text(zoo_table()));
  std::string line;
  std::getline(table, line);  // the header
  while (std::getline(table, line)) {
    std::string row = "|";
    for (std::size_t begin = 0; begin < line.size();) {
      const std::size_t end = std::min(line.find("  ", begin), line.size());
      const std::string cell = line.substr(begin, end - begin);
      row += row == "|" ? " `" + cell + "` |" : cell == "-" ? " |" : " " + cell + " |";
      begin = std::min(line.find_first_not_of(' ', end), line.size());
    }
    EXPECT_NE(page.find(row + "\n"), std::string::npos) << "docs/learning/zoo.md needs the row\n" << row;
  }
}

TEST(ImagenetLabels, HaveTheirPlaces) {
  const std::vector<std::string> labels = imagenet_labels();
  ASSERT_EQ(labels.size(), 1000u);
  EXPECT_EQ(labels[0], "tench, Tinca tinca");
  EXPECT_EQ(labels[340], "zebra");
  EXPECT_EQ(labels[999], "toilet tissue, toilet paper, bathroom tissue");
  const std::vector<std::string> background = imagenet_labels(true);
  ASSERT_EQ(background.size(), 1001u);
  EXPECT_EQ(background[0], "background");
  EXPECT_EQ(background[341], "zebra");
}

}  // namespace
}  // namespace ludus::vision::zoo
