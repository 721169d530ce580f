#include "nn/vision/zoo/classifier.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/file.h"
#include "base/safetensors.h"
#include "base/value_io.h"
#include "nn/io/image_file.h"
#include "nn/model/restore.h"
#include "nn/vision/zoo/zoo.h"
#include "tests/nn/vision/vision_files.h"
#include "tests/support/scratch.h"

namespace ludus::vision::zoo {
namespace {

using test_support::Scratch;

// Two classes: brighter in red, or in blue.
nn::Description red_or_blue() {
  return nn::sequential(Shape{3, 4, 4}, {nn::layers::GlobalAveragePool{}, nn::layers::Dense{.units = 2}},
                        "red_or_blue");
}
const Manifest kManifest{.size = {4, 4}, .resize = "exact", .labels = {"red", "blue"}};

std::filesystem::path write_weights(const Scratch& folder) {
  const Array weight = Array::of<float>({1, 0, 0, 0, 0, 1}).reshaped(Shape{2, 3});
  const Array bias = Array::of<float>({0, 0});
  const std::filesystem::path path = folder / "weights.safetensors";
  const std::vector<TensorView> tensors{view_of("dense.weight", weight), view_of("dense.bias", bias)};
  write_safetensors(path, tensors);
  return path;
}

Array colored(std::uint8_t red, std::uint8_t blue) {
  Array image(DType::kUInt8, Shape{6, 9, 3});
  for (std::size_t i = 0; i < image.size(); i += 3) {
    image.data<std::uint8_t>()[i] = red;
    image.data<std::uint8_t>()[i + 2] = blue;
  }
  return image;
}

TEST(Classifier, NamesTheMostProbableClass) {
  const Scratch folder;
  Classifier classifier(red_or_blue(), kManifest, write_weights(folder));
  EXPECT_EQ(classifier.classes(), 2);
  EXPECT_TRUE(classifier.unused_weights().empty());
  const std::vector<Prediction> best = classifier.classify(colored(0, 255), 2);
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0].label, "blue");
  EXPECT_EQ(best[0].index, 1);
  EXPECT_NEAR(best[0].probability, std::exp(1) / (1 + std::exp(1)), 1e-6);
  EXPECT_EQ(best[1].label, "red");
  EXPECT_EQ(classifier.classify(colored(255, 0), 1).front().label, "red");
  EXPECT_EQ(classifier.classify(colored(9, 9), 1).front().label, "red");  // equal ones by index
  EXPECT_THROW(classifier.classify(colored(9, 9), 3), InvalidArgument);
  EXPECT_THROW(classifier.classify(colored(9, 9), 0), InvalidArgument);

  Manifest probabilities = kManifest;
  probabilities.output = "probabilities";
  Classifier plain(red_or_blue(), probabilities, write_weights(folder));
  EXPECT_NEAR(plain.classify(colored(0, 255), 1).front().probability, 1, 1e-6);
}

TEST(Classifier, WhatDoesNotFitIsOneSentence) {
  const Scratch folder;
  const auto weights = write_weights(folder);
  const auto message_of = [&](const nn::Description& network, const Manifest& manifest) -> std::string {
    try {
      Classifier classifier(network, manifest, weights);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  Manifest manifest = kManifest;
  manifest.size = {5, 5};
  EXPECT_NE(message_of(red_or_blue(), manifest).find("(3, 5, 5)"), std::string::npos);
  manifest = kManifest;
  manifest.labels.emplace_back("green");
  EXPECT_NE(message_of(red_or_blue(), manifest).find("2 classes and the manifest 3 labels"), std::string::npos);
  EXPECT_NE(message_of(nn::sequential(Shape{3, 4, 4}, {nn::layers::Conv2d{.out_channels = 2}}), {.size = {4, 4}})
                .find("vector of classes"),
            std::string::npos);
  nn::Description other = red_or_blue();
  other.nodes[1].name = "other";
  other.outputs = {"other"};
  EXPECT_NE(message_of(other, kManifest).find("2 arrays are missing, the first is \"other.weight\""),
            std::string::npos);
  nn::Description three = red_or_blue();
  three.nodes[1].layer = nn::layers::Dense{.units = 3};
  manifest.size = {4, 4};
  EXPECT_NE(message_of(three, manifest).find("another shape"), std::string::npos);
}

// The published weights, the photographs, and reference values computed by torch in Python.
class PublishedWeights : public ::testing::Test {
 protected:
  struct Case {
    const char* entry;
    const char* weights;
    const char* reference;  // its name in the references
  };
  static constexpr Case kCases[] = {
      {"squeezenet1_1_caffe", "squeezenet1_1.fp16.safetensors", "squeezenet1_1"},
      {"mobilenet_v2_folded", "mobilenet_v2_1.0_224.fp16.safetensors", "mobilenet_v2"},
  };
  static constexpr const char* kPhotos[] = {"bird.png", "cat_720p.jpg",  "chelsea_cat.png", "coffee.png",
                                            "dog.png",  "dragonfly.png", "hotdog.png",      "parrot.jpg"};
};

TEST_F(PublishedWeights, ReproduceTheReferencesOnCropsAndOnWholePhotographs) {
  const auto data = test_support::data_folder();
  if (!data) GTEST_SKIP() << "skipped: no data";
  const Dict references = from_json(read_text(*data / "photos_references.json")).as_dict().at("photos").as_dict();
  const TensorFile tensors = read_safetensors(*data / "photos_references.safetensors");
  double worst_logits = 0, worst_probability = 0;
  for (const Case& test : kCases) {
    const Entry& entry = zoo_entry(test.entry);
    Classifier classifier(entry.describe(), entry.manifest(), *data / "weights" / test.weights);
    EXPECT_TRUE(classifier.unused_weights().empty());
    Manifest for_crops = classifier.manifest();
    for_crops.resize = "none";
    for (const std::string photo : kPhotos) {
      SCOPED_TRACE(std::string(test.entry) + " " + photo);
      const std::string stem = std::filesystem::path(photo).stem().string();
      const List& best = references.at(photo).as_dict().at(test.reference).as_list();

      // logits of the crop, relative to the largest
      const Array crop[] = {io::read_image(*data / "photos_224" / (stem + ".png"))};
      const Array inputs = preprocess(crop, for_crops);
      const Array logits = classifier.forward(inputs);
      const Array expected = to_array(tensors.at(stem + "." + test.reference + ".logits"));
      ASSERT_EQ(logits.size(), expected.size());
      double largest = 0, error = 0;
      for (std::size_t i = 0; i < logits.size(); ++i) {
        largest = std::max(largest, std::abs(expected.get(i)));
        error = std::max(error, std::abs(expected.get(i) - logits.get(i)));
      }
      EXPECT_LE(error, 1e-3 * largest);
      worst_logits = std::max(worst_logits, error / largest);

      // the five best classes of the crop
      const std::vector<Prediction> top = best_of(classifier.probabilities(inputs).data<float>(), 5, for_crops);
      for (std::size_t k = 0; k < 5; ++k) {
        EXPECT_EQ(top[k].index, best[k].as_dict().at("index").as_int()) << k;
        EXPECT_EQ(top[k].label, best[k].as_dict().at("label").as_string()) << k;
        EXPECT_NEAR(top[k].probability, best[k].as_dict().at("prob").as_double(), 1e-3);
      }

      // end to end: decoded, resized, cropped here
      const Array image = io::read_image(*data / "photos" / photo);
      const std::vector<Prediction> whole = classifier.classify(image, 5);
      EXPECT_EQ(whole[0].index, best[0].as_dict().at("index").as_int());
      for (std::size_t k = 0; k < 5; ++k) {
        EXPECT_NEAR(whole[k].probability, best[k].as_dict().at("prob").as_double(), 0.02);
        worst_probability =
            std::max(worst_probability, std::abs(whole[k].probability - best[k].as_dict().at("prob").as_double()));
      }
    }
  }
  std::printf("largest error of logits %.2g (relative), of probabilities end to end %.2g\n", worst_logits,
              worst_probability);
}

}  // namespace
}  // namespace ludus::vision::zoo
