#include "runs/tensorboard_summaries.h"

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/format.h"
#include "base/protobuf.h"
#include "base/value_io.h"

namespace ludus::runs {
namespace {

void put_integer(std::string& out, std::uint32_t field, std::int64_t number) {
  put_tag(out, field, WireType::kVarint);
  put_varint(out, static_cast<std::uint64_t>(number));
}

void put_double(std::string& out, std::uint32_t field, double number) {
  put_tag(out, field, WireType::kFixed64);
  put_fixed(out, number);
}

void put_packed(std::string& out, std::uint32_t field, const std::vector<double>& numbers) {
  std::string packed;
  for (const double number : numbers) put_fixed(packed, number);
  put_bytes(out, field, packed);
}

// Summary {1: Value {1: tag, …}}, with the value's content appended by `content`.
template <class Content>
void put_value(std::string& summary, std::string_view tag, Content content) {
  std::string value;
  put_bytes(value, 1, tag);
  content(value);
  put_bytes(summary, 1, value);
}

// SummaryMetadata {1: PluginData {1: plugin_name, 2: content}, 4: data_class}
std::string plugin_metadata(std::string_view plugin, std::string_view content, std::int64_t data_class) {
  std::string data, metadata;
  put_bytes(data, 1, plugin);
  if (!content.empty()) put_bytes(data, 2, content);
  put_bytes(metadata, 1, data);
  if (data_class != 0) put_integer(metadata, 4, data_class);
  return metadata;
}

// ---- histograms

// The right edges of all buckets, the last infinite, here the largest double.
const std::vector<double>& bucket_edges() {
  static const std::vector<double> edges = [] {
    constexpr double kSmallest = 1e-12, kLargest = 1e20, kGrowth = 1.1;
    std::vector<double> positive;
    for (double edge = kSmallest; edge < kLargest; edge *= kGrowth) positive.push_back(edge);
    positive.push_back(std::numeric_limits<double>::max());
    std::vector<double> all;
    for (auto edge = positive.rbegin(); edge != positive.rend(); ++edge) all.push_back(-*edge);
    all.push_back(0);
    all.insert(all.end(), positive.begin(), positive.end());
    return all;
  }();
  return edges;
}

// ---- images

void put_chunk(std::string& png, std::string_view type, std::string_view data) {
  const auto put_big_endian = [&](std::uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8) png.push_back(static_cast<char>(number >> shift));
  };
  put_big_endian(static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = png.size();
  png.append(type).append(data);
  put_big_endian(static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(png.data() + begin), static_cast<uInt>(png.size() - begin))));
}

void check_image(const SummaryImage& image) {
  constexpr std::int64_t kLargest = 1 << 15;
  const bool has_channels = image.channels == 1 || image.channels == 3 || image.channels == 4;
  const bool has_size = image.height >= 1 && image.width >= 1 && image.height <= kLargest && image.width <= kLargest;
  if (has_channels && has_size &&
      static_cast<std::int64_t>(image.pixels.size()) == image.height * image.width * image.channels) {
    return;
  }
  throw InvalidArgument(
      formatted("image: must have height x width x channels pixels, 1 to {} a side, and 1, 3 or 4 channels, got {} of "
                "{} x {} x {}",
                kLargest, image.pixels.size(), image.height, image.width, image.channels));
}

// ---- hyperparameters

// google.protobuf.Value {2: number, 3: string, 4: bool}
std::string protobuf_value(const Value& value) {
  std::string out;
  if (value.is_number()) {
    put_double(out, 2, value.as_double());
  } else if (value.is_bool()) {
    put_integer(out, 4, value.as_bool());
  } else {
    put_bytes(out, 3, value.is_string() ? value.as_string() : to_json(value));
  }
  return out;
}

// DataType
std::int64_t type_of(const Value& value) {
  return value.is_number() ? 3 : value.is_bool() ? 2 : 1;
}

// HParamsPluginData {FIELD: content} in the metadata of a value. Its tensor is empty, as TensorBoard's writer makes it:
// TensorProto {1: DT_FLOAT, 2: shape {2: dim {}}}.
std::string hyperparameter_summary(std::string_view tag, std::uint32_t field, std::string_view content) {
  std::string plugin, shape, tensor, summary;
  put_bytes(plugin, field, content);
  put_bytes(shape, 2, "");
  put_integer(tensor, 1, 1);
  put_bytes(tensor, 2, shape);
  put_value(summary, tag, [&](std::string& value) {
    put_bytes(value, 8, tensor);
    put_bytes(value, 9, plugin_metadata("hparams", plugin, 0));
  });
  return summary;
}

}  // namespace

Histogram Histogram::of(std::span<const float> numbers) {
  const std::vector<double>& edges = bucket_edges();
  std::vector<double> counts(edges.size(), 0);
  Histogram histogram;
  for (const float number : numbers) {
    if (!std::isfinite(number)) continue;
    const double x = static_cast<double>(number);
    histogram.min = histogram.count == 0 ? x : std::min(histogram.min, x);
    histogram.max = histogram.count == 0 ? x : std::max(histogram.max, x);
    histogram.sum += x;
    histogram.sum_squares += x * x;
    ++histogram.count;
    // a bucket holds the numbers below its right edge
    ++counts[static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end() - 1, x) - edges.begin())];
  }
  if (histogram.count == 0) return histogram;
  std::size_t first = 0, last = counts.size() - 1;
  while (counts[first] == 0) ++first;
  while (counts[last] == 0) --last;
  histogram.edges.assign(edges.begin() + static_cast<std::ptrdiff_t>(first),
                         edges.begin() + static_cast<std::ptrdiff_t>(last) + 1);
  histogram.counts.assign(counts.begin() + static_cast<std::ptrdiff_t>(first),
                          counts.begin() + static_cast<std::ptrdiff_t>(last) + 1);
  return histogram;
}

std::string png_of(const SummaryImage& image) {
  check_image(image);
  // every row begins with the number of its filter, 0: none
  const auto row_size = static_cast<std::size_t>(image.width * image.channels);
  std::string rows;
  for (std::size_t at = 0; at < image.pixels.size(); at += row_size) {
    rows.push_back('\0');
    rows.append(reinterpret_cast<const char*>(image.pixels.data() + at), row_size);
  }
  uLongf size = compressBound(static_cast<uLong>(rows.size()));
  std::string compressed(size, '\0');
  if (compress(reinterpret_cast<Bytef*>(compressed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
               static_cast<uLong>(rows.size())) != Z_OK) {
    throw WorkError("png: the image cannot be compressed");
  }
  compressed.resize(size);

  std::string header;
  for (const std::int64_t extent : {image.width, image.height}) {
    for (int shift = 24; shift >= 0; shift -= 8) header.push_back(static_cast<char>(extent >> shift));
  }
  constexpr char kBitDepth = 8, kGrey = 0, kRgb = 2, kRgba = 6;
  header.push_back(kBitDepth);
  header.push_back(image.channels == 1 ? kGrey : image.channels == 3 ? kRgb : kRgba);
  header.append(3, '\0');  // compression, filter, interlace: the only ones, none
  std::string png("\x89PNG\r\n\x1a\n", 8);
  put_chunk(png, "IHDR", header);
  put_chunk(png, "IDAT", compressed);
  put_chunk(png, "IEND", "");
  return png;
}

std::string scalar_summary(const Metrics& metrics) {
  std::string summary;
  for (const auto& [tag, metric] : metrics) {
    put_value(summary, tag, [number = static_cast<float>(metric)](std::string& value) {
      put_tag(value, 2, WireType::kFixed32);
      put_fixed(value, number);
    });
  }
  return summary;
}

std::string histogram_summary(std::span<const std::pair<std::string, Histogram>> histograms) {
  std::string summary;
  for (const auto& [tag, histogram] : histograms) {
    // HistogramProto {1: min, 2: max, 3: num, 4: sum, 5: sum_squares, 6: bucket_limit, 7: bucket}
    std::string message;
    put_double(message, 1, histogram.min);
    put_double(message, 2, histogram.max);
    put_double(message, 3, static_cast<double>(histogram.count));
    put_double(message, 4, histogram.sum);
    put_double(message, 5, histogram.sum_squares);
    put_packed(message, 6, histogram.edges);
    put_packed(message, 7, histogram.counts);
    put_value(summary, tag, [&](std::string& value) { put_bytes(value, 5, message); });
  }
  return summary;
}

std::string image_summary(std::string_view tag, const SummaryImage& image) {
  // Image {1: height, 2: width, 3: colorspace, 4: encoded_image_string}
  std::string message, summary;
  put_integer(message, 1, image.height);
  put_integer(message, 2, image.width);
  put_integer(message, 3, image.channels);
  put_bytes(message, 4, png_of(image));
  put_value(summary, tag, [&](std::string& value) { put_bytes(value, 4, message); });
  return summary;
}

std::string text_summary(std::string_view tag, std::string_view text) {
  // TensorProto {1: DT_STRING, 2: shape {2: dim {1: size}}, 8: string_val}
  constexpr std::int64_t kString = 7, kTensor = 2;  // DataType, DataClass
  std::string extent, shape, tensor, summary;
  put_integer(extent, 1, 1);
  put_bytes(shape, 2, extent);
  put_integer(tensor, 1, kString);
  put_bytes(tensor, 2, shape);
  put_bytes(tensor, 8, text);
  put_value(summary, tag, [&](std::string& value) {
    put_bytes(value, 8, tensor);
    put_bytes(value, 9, plugin_metadata("text", "", kTensor));
  });
  return summary;
}

std::string experiment_summary(const Dict& hyperparameters, const std::vector<std::string>& metrics, double seconds) {
  // Experiment {3: time_created_secs, 4: HParamInfo {1: name, 4: type}, 5: MetricInfo {1: MetricName {2: tag}}}
  std::string experiment;
  put_double(experiment, 3, seconds);
  for (const auto& [name, value] : hyperparameters) {
    if (value.is_null()) continue;
    std::string info;
    put_bytes(info, 1, name);
    put_integer(info, 4, type_of(value));
    put_bytes(experiment, 4, info);
  }
  for (const std::string& tag : metrics) {
    std::string name, info;
    put_bytes(name, 2, tag);
    put_bytes(info, 1, name);
    put_bytes(experiment, 5, info);
  }
  return hyperparameter_summary("_hparams_/experiment", 2, experiment);
}

std::string session_start_summary(const Dict& hyperparameters, double seconds) {
  // SessionStartInfo {1: map<string, Value> hparams, 5: start_time_secs}
  std::string session;
  for (const auto& [name, value] : hyperparameters) {
    if (value.is_null()) continue;
    std::string entry;
    put_bytes(entry, 1, name);
    put_bytes(entry, 2, protobuf_value(value));
    put_bytes(session, 1, entry);
  }
  put_double(session, 5, seconds);
  return hyperparameter_summary("_hparams_/session_start_info", 3, session);
}

std::string session_end_summary(SessionStatus status, double seconds) {
  // SessionEndInfo {1: status, 2: end_time_secs}
  std::string session;
  put_integer(session, 1, static_cast<std::int64_t>(status));
  put_double(session, 2, seconds);
  return hyperparameter_summary("_hparams_/session_end_info", 4, session);
}

std::string graph_definition(std::span<const GraphNode> nodes) {
  // GraphDef {1: NodeDef {1: name, 2: op, 3: input, 5: map<string, AttrValue> attr}, 4: VersionDef {1: producer}}
  constexpr std::int64_t kProducer = 22;
  std::string graph;
  for (const GraphNode& node : nodes) {
    std::string message;
    put_bytes(message, 1, node.name);
    put_bytes(message, 2, node.op);
    for (const std::string& input : node.inputs) put_bytes(message, 3, input);
    const auto put_attribute = [&](std::string_view key, std::string_view value) {
      std::string entry;
      put_bytes(entry, 1, key);
      put_bytes(entry, 2, value);
      put_bytes(message, 5, entry);
    };
    // AttrValue {1: list {7: shape}}; TensorShapeProto {2: dim {1: size}}
    std::string shape, list, shapes;
    for (const std::int64_t size : node.output_shape) {
      std::string extent;
      put_integer(extent, 1, size);
      put_bytes(shape, 2, extent);
    }
    put_bytes(list, 7, shape);
    put_bytes(shapes, 1, list);
    put_attribute("_output_shapes", shapes);
    for (const auto& [key, text] : node.attributes) {
      std::string value;
      put_bytes(value, 2, text);
      put_attribute(key, value);
    }
    put_bytes(graph, 1, message);
  }
  std::string versions;
  put_integer(versions, 1, kProducer);
  put_bytes(graph, 4, versions);
  return graph;
}

}  // namespace ludus::runs
