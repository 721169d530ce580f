#include "nn/vision/transforms.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"

namespace ludus::vision {
namespace {

TfGrid grid_of(const std::string& sampling) {
  const auto place = std::find(kTfGridNames.begin(), kTfGridNames.end(), sampling);
  return static_cast<TfGrid>(place - kTfGridNames.begin());
}

// y = x · scale + shift for each channel of the input.
struct Line {
  double scale, shift;
};
Line line_of(const Manifest& manifest, std::size_t channel) {
  const double mean = manifest.mean[manifest.mean.size() == 1 ? 0 : channel];
  const double deviation = manifest.std[manifest.std.size() == 1 ? 0 : channel];
  return {.scale = manifest.scale / deviation, .shift = -mean / deviation};
}

// The channel of the image that is channel c of the input.
std::size_t source_channel(const Manifest& manifest, std::size_t c) {
  return manifest.channel_order == "bgr" ? 2 - c : c;
}

ImageSize input_size(const Manifest& manifest) {
  return {.height = manifest.size[0], .width = manifest.size[1]};
}

// The resized image, or of one that is cropped next only the part that remains.
Array resized(const Array& image, const Manifest& manifest) {
  if (manifest.resize == "none") return image;
  const ImageSize size =
      manifest.resize == "exact" ? input_size(manifest) : with_shorter_side(size_of(image), manifest.resize_side);
  const ImagePart part = manifest.crop == "center" ? center_part(size, input_size(manifest)) : ImagePart{.size = size};
  const Filter filter = filter_of(manifest.filter);
  if (manifest.sampling == "antialiased") return resize_part(image, size, part, filter);
  return resize_part_tf1(image, size, part, filter, grid_of(manifest.sampling));
}

}  // namespace

void Manifest::check() const {
  const auto expected = static_cast<std::size_t>(channels());
  for (const auto& [name, values] : {std::pair("mean", &mean), std::pair("std", &std)}) {
    if (values->size() == 1 || values->size() == expected) continue;
    throw InvalidArgument(formatted("{} must have one value, or one for each of the {} channels, got {}", name,
                                    expected, values->size()));
  }
  if (filter == "area" && sampling == "half_pixel") {
    throw InvalidArgument("the filter area has no sampling half_pixel; use legacy, align_corners or antialiased");
  }
}

std::string Manifest::label_of(std::int64_t index) const {
  if (labels.empty()) return "";
  if (index < 0 || index >= static_cast<std::int64_t>(labels.size())) {
    throw InvalidArgument(
        formatted("the manifest has {} labels and none for class {}; give as many as the network has "
                  "outputs",
                  labels.size(), index));
  }
  return labels[static_cast<std::size_t>(index)];
}

std::string to_json(const Manifest& manifest) {
  return ludus::to_json(fields_as_dict(manifest), 2) + "\n";
}

Manifest manifest_from_json(std::string_view text) {
  const Value value = from_json(text);
  if (!value.is_dict()) {
    throw TypeMismatch(
        formatted("a manifest must be a JSON object such as {{\"size\": [224, 224]}}, got {}", value.describe()));
  }
  Manifest manifest;
  assign_fields(manifest, value.as_dict(), "manifest");
  check_fields(manifest, "manifest");
  return manifest;
}

void save_manifest(const std::filesystem::path& path, const Manifest& manifest) {
  check_fields(manifest, "manifest");
  write_atomically(path, to_json(manifest));
}

Manifest load_manifest(const std::filesystem::path& path) {
  const std::string text = read_text(path);
  try {
    return manifest_from_json(text);
  } catch (InputError& error) {
    error.prepend(path.string());
    throw;
  }
}

std::vector<std::string> read_labels(const std::filesystem::path& path) {
  std::istringstream text(read_text(path));
  std::vector<std::string> labels;
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    labels.push_back(line);
  }
  if (labels.empty())
    throw FileError(formatted("{}: a file of labels has one a line, and this one is empty", path.string()));
  return labels;
}

Array resized_and_cropped(const Array& image, const Manifest& manifest) {
  check_fields(manifest, "manifest");
  const Array colored = with_channels(image, manifest.channels());
  const Array whole = resized(colored, manifest);
  const ImageSize size = input_size(manifest);
  if (manifest.crop == "center") return center_crop_or_pad(whole, size);
  if (!(size_of(whole) == size)) {
    throw InvalidArgument(
        formatted("preprocess: the network takes {} x {} pixels, got {} x {}, and its manifest does not "
                  "crop; set \"crop\" to \"center\" or \"resize\" to \"exact\"",
                  size.height, size.width, whole.shape()[0], whole.shape()[1]));
  }
  return whole;
}

Array preprocess(const Array& image, const Manifest& manifest) {
  const Array pixels = to_float(resized_and_cropped(image, manifest));
  const auto channels = static_cast<std::size_t>(manifest.channels());
  const std::size_t count = pixels.size() / channels;
  Array input(DType::kFloat32, Shape{manifest.channels(), manifest.size[0], manifest.size[1]});
  const auto in = pixels.data<float>();
  const auto out = input.data<float>();
  for (std::size_t c = 0; c < channels; ++c) {
    const Line line = line_of(manifest, c);
    const std::size_t source = source_channel(manifest, c);
    for (std::size_t i = 0; i < count; ++i) {
      out[c * count + i] = static_cast<float>(static_cast<double>(in[i * channels + source]) * line.scale + line.shift);
    }
  }
  return input;
}

Array preprocess(std::span<const Array> images, const Manifest& manifest) {
  if (images.empty()) throw InvalidArgument("preprocess: at least one image is needed, got none");
  Array batch(DType::kFloat32,
              Shape{static_cast<std::int64_t>(images.size()), manifest.channels(), manifest.size[0], manifest.size[1]});
  auto out = batch.data<float>().begin();
  for (const Array& image : images) {
    const Array input = preprocess(image, manifest);
    out = std::copy(input.data<float>().begin(), input.data<float>().end(), out);
  }
  return batch;
}

Array undo_preprocessing(const Array& input, const Manifest& manifest) {
  check_fields(manifest, "manifest");
  const Shape& shape = input.shape();
  if (input.dtype() != DType::kFloat32 || shape.rank() != 3 || shape[0] != manifest.channels()) {
    throw TypeMismatch(
        formatted("undo_preprocessing: the input must be float32 of shape ({}, height, width), got {} of "
                  "shape {}",
                  manifest.channels(), ludus::name_of(input.dtype()), shape.to_string()));
  }
  Array image(DType::kFloat32, Shape{shape[1], shape[2], shape[0]});
  const auto channels = static_cast<std::size_t>(shape[0]);
  const std::size_t count = input.size() / channels;
  for (std::size_t c = 0; c < channels; ++c) {
    const Line line = line_of(manifest, c);
    const std::size_t target = source_channel(manifest, c);
    for (std::size_t i = 0; i < count; ++i) {
      const double value = static_cast<double>(input.data<float>()[c * count + i]);
      image.data<float>()[i * channels + target] = static_cast<float>((value - line.shift) / line.scale);
    }
  }
  return to_uint8(image);
}

}  // namespace ludus::vision
