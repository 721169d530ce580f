#include "nn/vision/matconvnet.h"

#include "base/format.h"

namespace ludus::vision {
namespace {

using io::MatlabValue;

// A structure, or the cell that holds one.
const MatlabValue& unwrapped(const MatlabValue& value) {
  return value.kind == MatlabValue::Kind::kCell && value.elements.size() == 1 ? value.cell(0) : value;
}

// [height, width, in, out] to (out, in, height, width); MATLAB drops extents of 1 at the end.
Array kernel_of(const MatlabValue& value, const std::string& layer) {
  const Shape& shape = value.shape;
  if (value.kind != MatlabValue::Kind::kNumbers || shape.rank() < 2 || shape.rank() > 4) {
    throw FileError(formatted("layer \"{}\": the kernel must have the extents height x width x in x out, got {}", layer,
                              value.describe()));
  }
  const std::int64_t height = shape[0], width = shape[1], in = shape.rank() > 2 ? shape[2] : 1,
                     out = shape.rank() > 3 ? shape[3] : 1;
  const Array stored = value.numbers.cast(DType::kFloat32);
  Array kernel(DType::kFloat32, Shape{out, in, height, width});
  const auto from = stored.data<float>();
  const auto to = kernel.data<float>();
  std::size_t i = 0;  // row-major in the order of the file's extents
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      for (std::int64_t c = 0; c < in; ++c) {
        for (std::int64_t o = 0; o < out; ++o) {
          to[static_cast<std::size_t>(((o * in + c) * height + y) * width + x)] = from[i++];
        }
      }
    }
  }
  return kernel;
}

// [1, out] or [out, 1] to (out).
Array bias_of(const MatlabValue& value, std::int64_t channels, const std::string& layer) {
  if (value.kind != MatlabValue::Kind::kNumbers || static_cast<std::int64_t>(value.numbers.size()) != channels) {
    throw FileError(formatted("layer \"{}\": the bias must have {} numbers, one for each output channel, got {}", layer,
                              channels, value.describe()));
  }
  return value.numbers.cast(DType::kFloat32).reshaped(Shape{channels});
}

// The mean of each channel of an average image of height x width x 3, or of 1 x 1 x 3.
std::vector<float> channel_means(const MatlabValue& image) {
  if (image.kind != MatlabValue::Kind::kNumbers || image.numbers.size() == 0) return {};
  const auto channels = static_cast<std::size_t>(image.shape[image.shape.rank() - 1]);
  std::vector<double> sums(channels);
  for (std::size_t i = 0; i < image.numbers.size(); ++i) sums[i % channels] += image.numbers.get(i);
  std::vector<float> means;
  const double count = static_cast<double>(image.numbers.size() / channels);
  for (const double sum : sums) means.push_back(static_cast<float>(sum / count));
  return means;
}

}  // namespace

MatConvNet matconvnet_from(const io::MatlabFile& file) {
  const MatlabValue& layers = file.at("layers");
  if (layers.kind != MatlabValue::Kind::kCell) {
    throw FileError(formatted("the variable \"layers\" must be a cell array of structures, got {}", layers.describe()));
  }
  MatConvNet network;
  for (std::size_t i = 0; i < layers.elements.size(); ++i) {
    const MatlabValue& layer = unwrapped(layers.cell(i));
    const std::string name = layer.field("name").text;
    network.layers.push_back(name);
    if (!layer.has_field("weights")) continue;
    const MatlabValue& weights = layer.field("weights");
    if (weights.elements.empty()) continue;  // pools and ReLUs may have an empty one
    const Array kernel = kernel_of(weights.cell(0), name);
    const std::int64_t channels = kernel.shape()[0];
    network.weights.emplace_back(name + ".weight", kernel);
    network.weights.emplace_back(name + ".bias", bias_of(weights.cell(1), channels, name));
  }
  if (network.weights.empty()) throw FileError("none of the layers has weights");

  const MatlabValue *normalization = nullptr, *classes = nullptr;
  for (const auto& [name, value] : file.variables) {
    if (name == "normalization") normalization = &value;
    if (name == "classes") classes = &value;
    if (name != "meta") continue;
    if (value.has_field("normalization")) normalization = &value.field("normalization");
    if (value.has_field("classes")) classes = &value.field("classes");
  }
  if (normalization && normalization->has_field("averageImage")) {
    network.mean = channel_means(normalization->field("averageImage"));
  }
  if (classes && classes->has_field("description")) {
    for (const MatlabValue& description : classes->field("description").elements) {
      network.classes.push_back(description.text);
    }
  }
  return network;
}

MatConvNet read_matconvnet(const std::filesystem::path& path) {
  const io::MatlabFile file = io::read_matlab(path);
  try {
    return matconvnet_from(file);
  } catch (const InputError& error) {
    throw FileError(formatted("{}: not a network of MatConvNet: {}", path.string(), error.what()));
  }
}

}  // namespace ludus::vision
