#include "nn/vision/matconvnet.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/safetensors.h"
#include "nn/core/tensor_io.h"
#include "nn/model/restore.h"
#include "nn/vision/zoo/vgg.h"
#include "tests/nn/vision/vision_files.h"

namespace ludus::vision {
namespace {

// F Fᵀ over the positions of (1, channels, height, width).
at::Tensor gram(const at::Tensor& features) {
  const at::Tensor rows = features.flatten(2).squeeze(0);
  return rows.matmul(rows.t());
}

// Three files with the same weights in the layouts of imagenet-vgg-verydeep-19.mat, and outputs computed by others.
TEST(MatConvNet, TheThreeLayoutsOfVgg19GiveTheReferenceOutputs) {
  const auto data = test_support::data_folder();
  if (!data) GTEST_SKIP() << "skipped: no data";
  const std::filesystem::path folder = *data / "formats/mat";
  const TensorFile reference = read_safetensors(folder / "vgg19_mini_reference.safetensors");
  const std::vector<std::string> outputs{"conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv4_2", "conv5_1"};
  for (const char* name : {"vgg19_mini_old.mat", "vgg19_mini_name_first.mat", "vgg19_mini_meta.mat"}) {
    SCOPED_TRACE(name);
    const MatConvNet file = read_matconvnet(folder / name);
    std::size_t convolutions = 0;
    for (const auto& [weight, array] : file.weights) {
      if (!weight.starts_with("conv")) continue;
      EXPECT_EQ(array, to_array(reference.at(weight))) << weight;
      ++convolutions;
    }
    EXPECT_EQ(convolutions, 32u);
    ASSERT_EQ(file.mean.size(), 3u);
    EXPECT_NEAR(file.mean[0], 123.68, 0.01);
    EXPECT_NEAR(file.mean[1], 116.779, 0.01);
    EXPECT_NEAR(file.mean[2], 103.939, 0.01);

    Generator random(1);
    nn::Model model(zoo::vgg19_features({.height = 20, .width = 24, .channels = {4, 6, 8, 8, 8}, .outputs = outputs}),
                    random);
    EXPECT_TRUE(nn::restore(model, file.weights).complete());
    const at::Tensor mean = at::tensor(at::ArrayRef<float>(file.mean)).view({1, 3, 1, 1});
    const at::Tensor input = nn::to_tensor(to_array(reference.at("input"))) - mean;  // RGB in [0, 255]
    const std::vector<at::Tensor> features = model.predict(at::TensorList{input});
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const at::Tensor expected = nn::to_tensor(to_array(reference.at("out." + outputs[i])));
      const double scale = expected.abs().max().item<double>();
      EXPECT_LE((features[i] - expected).abs().max().item<double>(), 1e-4 * scale) << outputs[i];
      if (outputs[i] == "conv4_2") continue;  // the layer of the content has no Gram matrix
      const at::Tensor expected_gram = nn::to_tensor(to_array(reference.at("gram." + outputs[i])));
      EXPECT_LE((gram(features[i]) - expected_gram).abs().max().item<double>(),
                1e-4 * expected_gram.abs().max().item<double>())
          << outputs[i];
    }
  }
}

}  // namespace
}  // namespace ludus::vision
