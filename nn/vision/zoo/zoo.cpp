#include "nn/vision/zoo/zoo.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/text.h"
#include "nn/vision/zoo/imagenet_labels.h"
#include "nn/vision/zoo/inception_v3.h"
#include "nn/vision/zoo/lenet.h"
#include "nn/vision/zoo/mobilenet.h"
#include "nn/vision/zoo/resnet.h"
#include "nn/vision/zoo/squeezenet.h"
#include "nn/vision/zoo/vgg.h"

namespace ludus::vision::zoo {
namespace {

// Digits of 28 x 28 in [0, 1], as MNIST has them.
Manifest digits() {
  return {.size = {28, 28},
          .channel_order = "grey",
          .resize = "exact",
          .labels = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}};
}

// torchvision's presets: mean and standard deviation of ImageNet.
Manifest torchvision() {
  return {.mean = {0.485, 0.456, 0.406}, .std = {0.229, 0.224, 0.225}, .labels = imagenet_labels()};
}

// x in [-1, 1]: Inception's preprocessing.
Manifest symmetric(bool background) {
  return {.mean = {0.5}, .std = {0.5}, .labels = imagenet_labels(background)};
}

Manifest squeezenet_caffe() {
  return {.channel_order = "bgr", .scale = 255.0, .mean = {104, 117, 123}, .labels = imagenet_labels()};
}

Manifest inception() {
  Manifest manifest = symmetric(false);
  manifest.size = {299, 299};
  manifest.resize_side = 342;  // torchvision's preset
  return manifest;
}

constexpr const char* kTorchvision = "torchvision";
constexpr const char* kBsd3 = "BSD-3-Clause";

std::vector<Entry> all_entries() {
  return {
      {.name = "lenet5", .describe = [] { return lenet5(); }, .manifest = digits},
      {.name = "lenet5_wide", .describe = [] { return lenet5_wide(); }, .manifest = digits},
      {.name = "mnist_convnet", .describe = [] { return mnist_convnet(); }, .manifest = digits},
      {.name = "squeezenet1_1",
       .describe = [] { return squeezenet1_1(); },
       .manifest = torchvision,
       .top1 = 58.178,
       .top5 = 80.624,
       .weights = kTorchvision,
       .licence = kBsd3},
      {.name = "squeezenet1_1_caffe",
       .describe = [] { return squeezenet1_1_caffe(); },
       .manifest = squeezenet_caffe,
       .top1 = 57.5,
       .top5 = 80.3,
       .weights = "forresti/SqueezeNet",
       .licence = "BSD-2-Clause"},
      {.name = "mobilenet_v1",
       .describe = [] { return mobilenet_v1(); },
       .manifest = [] { return symmetric(false); },
       .top1 = 70.4,
       .top5 = 89.5,
       .weights = "Keras",
       .licence = "Apache-2.0"},
      {.name = "mobilenet_v2",
       .describe = [] { return mobilenet_v2(); },
       .manifest = torchvision,
       .top1 = 71.878,
       .top5 = 90.286,
       .weights = kTorchvision,
       .licence = kBsd3},
      {.name = "mobilenet_v2_folded",
       .describe = [] { return mobilenet_v2_folded(); },
       .manifest = [] { return symmetric(true); },
       .top1 = 71.8,
       .top5 = 91.0,
       .weights = "TensorFlow",
       .licence = "Apache-2.0"},
      {.name = "resnet18",
       .describe = [] { return resnet18(); },
       .manifest = torchvision,
       .top1 = 69.758,
       .top5 = 89.078,
       .weights = kTorchvision,
       .licence = kBsd3},
      {.name = "resnet50",
       .describe = [] { return resnet50(); },
       .manifest = torchvision,
       .top1 = 76.130,
       .top5 = 92.862,
       .weights = kTorchvision,
       .licence = kBsd3},
      {.name = "inception_v3",
       .describe = [] { return inception_v3({.auxiliary = true}); },
       .manifest = inception,
       .top1 = 77.294,
       .top5 = 93.450,
       .weights = kTorchvision,
       .licence = kBsd3},
      {.name = "vgg16",
       .describe = [] { return vgg16(); },
       .manifest = torchvision,
       .top1 = 71.592,
       .top5 = 90.382,
       .weights = kTorchvision,
       .licence = kBsd3},
      {.name = "vgg19",
       .describe = [] { return vgg19(); },
       .manifest = torchvision,
       .top1 = 72.376,
       .top5 = 90.876,
       .weights = kTorchvision,
       .licence = kBsd3},
  };
}

// "1.24 M", "15.47 G"
std::string with_unit(std::int64_t number) {
  const auto value = static_cast<double>(number);
  if (number >= 1'000'000'000) return formatted("{:.2f} G", value / 1e9);
  if (number >= 1'000'000) return formatted("{:.2f} M", value / 1e6);
  return formatted("{:.2f} k", value / 1e3);
}

std::string percent(const std::optional<double>& value) {
  return value ? formatted("{:.1f}", *value) : "-";
}

std::string or_dash(const std::string& text) {
  return text.empty() ? "-" : text;
}

// Elements of the output over the channels, of a convolution's window.
std::int64_t kernel_elements(const std::vector<std::int64_t>& kernel_size, std::size_t dimensions) {
  std::int64_t elements = 1;
  for (std::size_t d = 0; d < dimensions; ++d) elements *= nn::layers::at_dimension(kernel_size, d);
  return elements;
}

}  // namespace

const std::vector<Entry>& zoo_entries() {
  static const std::vector<Entry> entries = all_entries();
  return entries;
}

const Entry& zoo_entry(std::string_view name) {
  std::vector<std::string> names;
  for (const Entry& entry : zoo_entries()) {
    if (entry.name == name) return entry;
    names.push_back(entry.name);
  }
  throw InvalidArgument(
      formatted("there is no network `{}`.{} The networks are {}", name, did_you_mean(name, names), joined(names)));
}

std::vector<Row> zoo_table() {
  std::vector<Row> rows;
  for (const Entry& entry : zoo_entries()) {
    const nn::Description description = entry.describe();
    rows.push_back({.name = entry.name,
                    .input = description.inputs.front().shape,
                    .parameters = nn::parameter_count(description),
                    .multiply_adds = multiply_adds(description),
                    .top1 = entry.top1,
                    .top5 = entry.top5,
                    .weights = entry.weights,
                    .licence = entry.licence});
  }
  return rows;
}

std::string to_text(const std::vector<Row>& rows) {
  constexpr std::size_t kColumns = 8;
  std::vector<std::array<std::string, kColumns>> cells{
      {"network", "input", "parameters", "multiply-adds", "top-1 %", "top-5 %", "weights", "licence"}};
  for (const Row& row : rows) {
    cells.push_back({row.name, nn::to_text(row.input), with_unit(row.parameters), with_unit(row.multiply_adds),
                     percent(row.top1), percent(row.top5), or_dash(row.weights), or_dash(row.licence)});
  }
  std::array<std::size_t, kColumns> widths{};
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < kColumns; ++c) widths[c] = std::max(widths[c], line[c].size());
  }
  std::string text;
  for (const auto& line : cells) {
    std::string row;
    for (std::size_t c = 0; c < kColumns; ++c) {
      const bool number = c >= 2 && c <= 5;
      row += number ? formatted("{:>{}}", line[c], widths[c]) : formatted("{:<{}}", line[c], widths[c]);
      if (c + 1 < kColumns) row += "  ";
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row;
    text += '\n';
  }
  return text;
}

Value to_value(const std::vector<Row>& rows) {
  const auto number = [](const std::optional<double>& value) { return value ? Value(*value) : Value(); };
  List list;
  for (const Row& row : rows) {
    list.emplace_back(Dict{{"name", row.name},
                           {"input", List(row.input.begin(), row.input.end())},
                           {"parameters", row.parameters},
                           {"multiply_adds", row.multiply_adds},
                           {"top1", number(row.top1)},
                           {"top5", number(row.top5)},
                           {"weights", row.weights},
                           {"licence", row.licence}});
  }
  return list;
}

std::int64_t multiply_adds(const nn::Description& description) {
  const nn::NetworkShapes shapes = nn::network_shapes(description);
  std::int64_t total = 0;
  for (std::size_t i = 0; i < description.nodes.size(); ++i) {
    const auto outputs = static_cast<std::int64_t>(shapes.nodes[i].elements());
    const ludus::Shape& input = shapes.node_inputs[i].front();
    std::visit(
        [&]<class L>(const L& layer) {
          if constexpr (std::is_same_v<L, nn::layers::Dense>) {
            total += outputs * input[input.rank() - 1];
          } else if constexpr (std::is_same_v<L, nn::layers::Conv1d> || std::is_same_v<L, nn::layers::Conv2d>) {
            total += outputs * input[0] / layer.groups * kernel_elements(layer.kernel_size, input.rank() - 1);
          } else if constexpr (std::is_same_v<L, nn::layers::DepthwiseConv1d> ||
                               std::is_same_v<L, nn::layers::DepthwiseConv2d>) {
            total += outputs * kernel_elements(layer.kernel_size, input.rank() - 1);
          } else if constexpr (std::is_same_v<L, nn::layers::ConvTranspose1d> ||
                               std::is_same_v<L, nn::layers::ConvTranspose2d>) {
            // every element of the input is multiplied by a kernel of every output channel of its group
            total += static_cast<std::int64_t>(input.elements()) * layer.out_channels / layer.groups *
                     kernel_elements(layer.kernel_size, input.rank() - 1);
          }
        },
        description.nodes[i].layer);
  }
  return total;
}

}  // namespace ludus::vision::zoo
