// Feature networks, heads, folders of images and reports, without torch.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "base/value_io.h"
#include "nn/vision/transfer/feature_network.h"
#include "nn/vision/transfer/finetune_config.h"
#include "nn/vision/transfer/finetune_report.h"
#include "nn/vision/transfer/image_sets.h"
#include "nn/vision/zoo/zoo.h"
#include "tests/support/scratch.h"

namespace ludus::vision {
namespace {

using test_support::Scratch;

TEST(FeatureNetwork, IsTheNetworkBeforeItsLastLayer) {
  struct Expectation {
    const char *network, *layer;
    std::int64_t width;
  };
  for (const Expectation& expected : {Expectation{"squeezenet1_1_caffe", "fire9.concatenate", 512},
                                      {"squeezenet1_1", "features.12.concatenate", 512},
                                      {"mobilenet_v2_folded", "pool", 1280},
                                      {"mobilenet_v2", "pool", 1280},
                                      {"mobilenet_v1", "global_average_pool", 1024}}) {
    const FeatureNetwork features = feature_network(zoo::zoo_entry(expected.network).describe());
    EXPECT_EQ(features.layer, expected.layer);
    EXPECT_EQ(features.width, expected.width) << expected.network;
  }
  for (const auto& [network, width] : {std::pair("resnet18", 512),
                                       {"resnet50", 2048},
                                       {"inception_v3", 2048},
                                       {"vgg16", 4096},
                                       {"vgg19", 4096},
                                       {"lenet5", 84}}) {
    const FeatureNetwork features = feature_network(zoo::zoo_entry(network).describe());
    EXPECT_EQ(features.width, width) << network;
    EXPECT_EQ(nn::output_shapes(features.description), std::vector{Shape{width}}) << network;
  }
}

TEST(FeatureNetwork, EndsAtAnyLayer) {
  const nn::Description network = zoo::zoo_entry("squeezenet1_1_caffe").describe();
  const FeatureNetwork features = feature_network(network, "fire4.concatenate");
  EXPECT_EQ(features.width, 256);
  EXPECT_EQ(features.description.outputs, std::vector<std::string>{"features"});
  for (const nn::Node& node : features.description.nodes) EXPECT_FALSE(node.name.starts_with("fire5")) << node.name;
  EXPECT_THROW(feature_network(network, "fire99"), InvalidArgument);
  EXPECT_THROW(feature_network(nn::sequential(Shape{3, 4, 4}, {nn::layers::GlobalAveragePool{}})), InvalidArgument);
}

TEST(FeatureNetwork, GetsANewHead) {
  // the network has a layer "head" of its own
  const FeatureNetwork features = feature_network(zoo::zoo_entry("mobilenet_v2_folded").describe());
  const HeadedNetwork network = with_head(features, 8, 0.2);
  EXPECT_EQ(nn::output_shapes(network.description), std::vector{Shape{8}});
  EXPECT_EQ(nn::parameter_count(network.description), nn::parameter_count(features.description) + 1280 * 8 + 8);
  EXPECT_EQ(network.description.outputs, std::vector{network.head});
  const HeadedNetwork again = with_head(feature_network(network.description), 5, 0.2);
  EXPECT_EQ(nn::parameter_count(again.description), nn::parameter_count(features.description) + 1280 * 5 + 5);
}

TEST(FeatureNetwork, LastLayersComeWithTheirNormalisation) {
  const nn::Description network = feature_network(zoo::zoo_entry("mobilenet_v2").describe()).description;
  EXPECT_EQ(last_layers(network, 0), std::vector<std::string>{});
  EXPECT_EQ(last_layers(network, 1), (std::vector<std::string>{"features.18.0", "features.18.1"}));
  EXPECT_EQ(last_layers(network, 2),
            (std::vector<std::string>{"features.17.conv.2", "features.17.conv.3", "features.18.0", "features.18.1"}));
  EXPECT_EQ(last_layers(network, 1000).size(), 104u);  // 52 convolutions, each with a normalisation
}

TEST(ImageSets, ListsFoldersOfClasses) {
  const Scratch folder;
  const auto add = [&](const std::string& file) {
    std::filesystem::create_directories((folder / file).parent_path());
    std::ofstream(folder / file) << "x";
  };
  for (const char* file : {"b/2.png", "b/1.jpg", "a/3.png", "a/note.txt"}) add(std::string("flat/") + file);
  const ImageSets flat = list_image_sets(folder / "flat");
  EXPECT_EQ(flat.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(flat.train.files, (std::vector<std::string>{"a/3.png", "b/1.jpg", "b/2.png"}));
  EXPECT_EQ(flat.train.labels, (std::vector<std::int64_t>{0, 1, 1}));
  EXPECT_FALSE(flat.validation);

  for (const char* file : {"train/a/1.png", "train/b/2.png", "val/a/3.png", "val/b/4.png"}) {
    add(std::string("split/") + file);
  }
  const ImageSets split = list_image_sets(folder / "split");
  EXPECT_EQ(split.train.files, (std::vector<std::string>{"train/a/1.png", "train/b/2.png"}));
  ASSERT_TRUE(split.validation);
  EXPECT_EQ(split.validation->files, (std::vector<std::string>{"val/a/3.png", "val/b/4.png"}));
  add("split/val/c/5.png");
  EXPECT_THROW(list_image_sets(folder / "split"), InvalidArgument);
  EXPECT_THROW(list_image_sets(folder / "none"), FileError);
}

TEST(ImageSets, SplitsEveryClassByTheShare) {
  // 10 of class 0, 3 of class 1
  std::vector<std::int64_t> labels(10, 0);
  labels.insert(labels.end(), 3, 1);
  const std::vector<std::string> classes{"a", "b"};
  Generator random(1), same(1), other(2);
  const Split split = split_by_class(labels, classes, 0.2, random);
  EXPECT_EQ(split.train.size(), 10u);
  ASSERT_EQ(split.validation.size(), 3u);  // 2 of 10, round(0.6) of 3
  EXPECT_LT(split.validation[1], 10u);
  EXPECT_GE(split.validation[2], 10u);
  std::vector<std::size_t> all = split.train;
  all.insert(all.end(), split.validation.begin(), split.validation.end());
  std::sort(all.begin(), all.end());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], i);
  EXPECT_EQ(split_by_class(labels, classes, 0.2, same).validation, split.validation);
  EXPECT_NE(split_by_class(labels, classes, 0.2, other).validation, split.validation);
  // at least one of each part
  EXPECT_EQ(split_by_class(labels, classes, 0.001, random).validation.size(), 2u);
  EXPECT_EQ(split_by_class(labels, classes, 0.999, random).train.size(), 2u);
  labels.push_back(2);
  EXPECT_THROW(split_by_class(labels, {"a", "b", "c"}, 0.2, random), InvalidArgument);
}

// Four images of three classes; the softmax of (log 1, log 2, log 1) is (1/4, 1/2, 1/4).
Classification small_classification() {
  const auto log2 = static_cast<float>(std::log(2)), log8 = static_cast<float>(std::log(8));
  const Array logits = Array::of<float>({0, log2, 0, log8, 0, 0, 0, log2, 0, 0, log8, 0}).reshaped(Shape{4, 3});
  return classification_of(logits, {.files = {"p", "q", "r", "s"}, .labels = {1, 0, 0, 0}}, {"x", "y", "z"});
}

TEST(FinetuneReport, CountsPredictionsByClass) {
  const Classification result = small_classification();
  EXPECT_EQ(result.images(), 4);
  EXPECT_DOUBLE_EQ(result.accuracy, 0.5);
  EXPECT_EQ(result.confusion, (std::vector<std::vector<std::int64_t>>{{1, 2, 0}, {0, 1, 0}, {0, 0, 0}}));
  EXPECT_DOUBLE_EQ(result.recall(0), 1.0 / 3);
  EXPECT_TRUE(std::isnan(result.recall(2)));
  // -log of 1/2, 8/10, 1/4 and 1/10
  EXPECT_NEAR(result.loss, (std::log(2) + std::log(1.25) + std::log(4) + std::log(10)) / 4, 1e-6);
  // the most confident mistake first
  ASSERT_EQ(result.mistakes.size(), 2u);
  EXPECT_EQ(result.mistakes[0].file, "s");
  EXPECT_NEAR(result.mistakes[0].probability, 0.8, 1e-6);
  EXPECT_EQ(result.mistakes[1].file, "r");
  EXPECT_NEAR(result.mistakes[1].probability, 0.5, 1e-6);
  EXPECT_THROW(classification_of(Array::of<float>({1, 2}), {.files = {"p"}, .labels = {0}}, {"x", "y", "z"}),
               InvalidArgument);
}

TEST(FinetuneReport, IsTextAndJson) {
  const std::string text = to_text(small_classification());
  for (const char* part :
       {"accuracy 0.5000 (2 of 4 images", "  0 x       1   2   .  0.333\n", "s: x, predicted y (0.800)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
  const Dict json = from_json(to_json(to_value(small_classification()))).as_dict();
  EXPECT_EQ(json.at("confusion").as_list()[0].as_list()[1].as_int(), 2);
  EXPECT_TRUE(json.at("recall").as_list()[2].is_null());
  EXPECT_EQ(json.at("mistakes").as_list()[0].as_dict().at("predicted").as_string(), "y");
}

TEST(FinetuneConfig, IsWrittenAndReadAsToml) {
  FinetuneConfig config;
  config.seed = 7;
  config.set("data", "animals");
  config.set("model", "mobilenet_v2");
  config.set("epochs_fine", 3);
  config.set("augmentation.hue", 0.1);
  const FinetuneConfig read = FinetuneConfig::from_toml(config.to_toml(), "config.toml");
  EXPECT_EQ(read.to_toml(), config.to_toml());
  EXPECT_EQ(read.seed, 7u);
  EXPECT_EQ(read.finetune.epochs_fine, 3);
  EXPECT_EQ(read.augmentation, config.augmentation);
  EXPECT_THROW(config.set("epoch_fine", 3), UnknownField);
  EXPECT_THROW(config.set("validation", 1.0), InvalidArgument);
}

TEST(FinetuneConfig, FromScratchTakesNoWeights) {
  FinetuneConfig config;
  EXPECT_DOUBLE_EQ(config.fine_learning_rate(), 1e-4);
  config.finetune.from_scratch = true;
  EXPECT_DOUBLE_EQ(config.fine_learning_rate(), 1e-3);
  config.check();
  config.finetune.weights = "w.safetensors";
  EXPECT_THROW(config.check(), InvalidArgument);
  config.finetune.weights = "";
  config.finetune.epochs_fine = 0;
  EXPECT_THROW(config.check(), InvalidArgument);
}

}  // namespace
}  // namespace ludus::vision
