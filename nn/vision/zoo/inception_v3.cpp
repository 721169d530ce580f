#include "nn/vision/zoo/inception_v3.h"

#include "base/format.h"
#include "nn/vision/zoo/blocks.h"

namespace ludus::vision::zoo {
namespace {

// A convolution of the network: kernel (height, width), padded so that stride 1 keeps the extents unless `valid`.
struct Conv {
  std::int64_t channels;
  std::int64_t height = 1, width = 1;
  std::int64_t stride = 1;
  bool valid = false;
};

class Builder {
 public:
  explicit Builder(Description& network) : network_(network) {}

  std::string conv(const std::string& from, const std::string& name, const Conv& conv) {
    const layers::Conv2d layer{
        .out_channels = conv.channels,
        .kernel_size = {conv.height, conv.width},
        .stride = {conv.stride},
        .padding = conv.valid ? Padding::valid() : Padding::of({(conv.height - 1) / 2, (conv.width - 1) / 2}),
        .bias = false};
    return add_conv_norm(network_, from, {name + ".conv", name + ".bn"}, layer, Activation::kRelu, {.epsilon = 1e-3});
  }
  // Convolutions one after the other, each with its name.
  std::string chain(std::string x, const std::string& module, const std::vector<std::pair<std::string, Conv>>& convs) {
    for (const auto& [name, settings] : convs) x = conv(x, formatted("{}.{}", module, name), settings);
    return x;
  }
  std::string pooled(const std::string& from, const std::string& module, std::int64_t channels) {
    const std::string pool =
        network_.add(layers::AveragePool2d{.kernel_size = {3}, .stride = {{1}}, .padding = Padding::of({1})}, {from});
    return conv(pool, module + ".branch_pool", {channels});
  }
  std::string reduced(const std::string& from) {
    return network_.add(layers::MaxPool2d{.kernel_size = {3}, .stride = {{2}}}, {from});
  }
  std::string joined(std::vector<std::string> branches, const std::string& name) {
    return network_.add(layers::Concatenate{}, std::move(branches), name);
  }

  // 35 x 35, figure 5 of the paper
  std::string module_a(const std::string& x, const std::string& m, std::int64_t pool_channels) {
    return joined(
        {chain(x, m, {{"branch1x1", {64}}}),                                 //
         chain(x, m, {{"branch5x5_1", {48}}, {"branch5x5_2", {64, 5, 5}}}),  //
         chain(x, m, {{"branch3x3dbl_1", {64}}, {"branch3x3dbl_2", {96, 3, 3}}, {"branch3x3dbl_3", {96, 3, 3}}}),
         pooled(x, m, pool_channels)},
        m);
  }
  // to 17 x 17
  std::string module_b(const std::string& x, const std::string& m) {
    return joined(
        {chain(x, m, {{"branch3x3", {384, 3, 3, 2, true}}}),
         chain(x, m,
               {{"branch3x3dbl_1", {64}}, {"branch3x3dbl_2", {96, 3, 3}}, {"branch3x3dbl_3", {96, 3, 3, 2, true}}}),
         reduced(x)},
        m);
  }
  // 17 x 17, figure 6
  std::string module_c(const std::string& x, const std::string& m, std::int64_t c) {
    return joined({chain(x, m, {{"branch1x1", {192}}}),
                   chain(x, m, {{"branch7x7_1", {c}}, {"branch7x7_2", {c, 1, 7}}, {"branch7x7_3", {192, 7, 1}}}),
                   chain(x, m,
                         {{"branch7x7dbl_1", {c}},
                          {"branch7x7dbl_2", {c, 7, 1}},
                          {"branch7x7dbl_3", {c, 1, 7}},
                          {"branch7x7dbl_4", {c, 7, 1}},
                          {"branch7x7dbl_5", {192, 1, 7}}}),
                   pooled(x, m, 192)},
                  m);
  }
  // to 8 x 8
  std::string module_d(const std::string& x, const std::string& m) {
    return joined({chain(x, m, {{"branch3x3_1", {192}}, {"branch3x3_2", {320, 3, 3, 2, true}}}),
                   chain(x, m,
                         {{"branch7x7x3_1", {192}},
                          {"branch7x7x3_2", {192, 1, 7}},
                          {"branch7x7x3_3", {192, 7, 1}},
                          {"branch7x7x3_4", {192, 3, 3, 2, true}}}),
                   reduced(x)},
                  m);
  }
  // 8 x 8, figure 7
  std::string module_e(const std::string& x, const std::string& m) {
    const auto split = [&](const std::string& from, const std::string& branch) {
      return joined({conv(from, formatted("{}.{}a", m, branch), {384, 1, 3}),
                     conv(from, formatted("{}.{}b", m, branch), {384, 3, 1})},
                    formatted("{}.{}", m, branch));
    };
    const std::string one = chain(x, m, {{"branch1x1", {320}}});
    const std::string three = split(chain(x, m, {{"branch3x3_1", {384}}}), "branch3x3_2");
    const std::string twice =
        split(chain(x, m, {{"branch3x3dbl_1", {448}}, {"branch3x3dbl_2", {384, 3, 3}}}), "branch3x3dbl_3");
    return joined({one, three, twice, pooled(x, m, 192)}, m);
  }

 private:
  Description& network_;
};

}  // namespace

Description inception_v3(const InceptionV3Options& options) {
  Description network{.name = "inception_v3"};
  Builder build(network);
  std::string x = network.add_input("image", Shape{3, 299, 299});
  x = build.conv(x, "Conv2d_1a_3x3", {32, 3, 3, 2, true});
  x = build.conv(x, "Conv2d_2a_3x3", {32, 3, 3, 1, true});
  x = build.conv(x, "Conv2d_2b_3x3", {64, 3, 3});
  x = build.reduced(x);
  x = build.conv(x, "Conv2d_3b_1x1", {80});
  x = build.conv(x, "Conv2d_4a_3x3", {192, 3, 3, 1, true});
  x = build.reduced(x);
  x = build.module_a(x, "Mixed_5b", 32);
  x = build.module_a(x, "Mixed_5c", 64);
  x = build.module_a(x, "Mixed_5d", 64);
  x = build.module_b(x, "Mixed_6a");
  x = build.module_c(x, "Mixed_6b", 128);
  x = build.module_c(x, "Mixed_6c", 160);
  x = build.module_c(x, "Mixed_6d", 160);
  x = build.module_c(x, "Mixed_6e", 192);
  const std::string middle = x;
  x = build.module_d(x, "Mixed_7a");
  x = build.module_e(x, "Mixed_7b");
  x = build.module_e(x, "Mixed_7c");
  x = network.add(layers::GlobalAveragePool{}, {x}, "avgpool");
  x = network.add(layers::Dropout{.rate = 0.5}, {x}, "dropout");
  network.outputs = {network.add(layers::Dense{.units = options.classes}, {x}, "fc")};
  if (!options.auxiliary) return network;

  x = network.add(layers::AveragePool2d{.kernel_size = {5}, .stride = {{3}}}, {middle}, "AuxLogits.pool");
  x = build.conv(x, "AuxLogits.conv0", {128});
  x = build.conv(x, "AuxLogits.conv1", {768, 5, 5, 1, true});
  x = network.add(layers::GlobalAveragePool{}, {x}, "AuxLogits.avgpool");
  network.outputs.push_back(network.add(layers::Dense{.units = options.classes}, {x}, "AuxLogits.fc"));
  return network;
}

}  // namespace ludus::vision::zoo
