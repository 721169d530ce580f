/// @file
/// The contents of TensorBoard's events: histograms, images, texts, hyperparameters, graphs. All are protocol-buffer
/// messages.
///
/// Field numbers are those of TensorFlow's summary.proto, tensor.proto, graph.proto, node_def.proto, attr_value.proto,
/// and of TensorBoard's plugins/hparams/api.proto and plugin_data.proto.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/value.h"
#include "runs/metrics.h"

namespace ludus::runs {

/// The distribution of finite numbers, in TensorFlow's buckets: right edges ±10⁻¹² · 1.1^k.
struct Histogram {
  double min = 0, max = 0, sum = 0, sum_squares = 0;
  std::int64_t count = 0;
  std::vector<double> edges = {};   // right edges of the buckets from the first that is not empty to the last
  std::vector<double> counts = {};  // numbers in each bucket

  /// Counts the finite numbers of `numbers`.
  static Histogram of(std::span<const float> numbers);
};

/// An image of 8 bits a channel: 1 (grey), 3 (RGB) or 4 (RGBA) channels, (height x width x channels), row-major.
struct SummaryImage {
  std::int64_t height = 0, width = 0, channels = 3;
  std::vector<std::uint8_t> pixels = {};
};

/// Returns the image as a PNG file. Throws InvalidArgument unless it has pixels, and as many as its size says.
std::string png_of(const SummaryImage& image);

/// A node of a graph: an operation with its inputs. Slashes in names make scopes.
struct GraphNode {
  std::string name;
  std::string op;
  std::vector<std::string> inputs = {};                              // names of nodes
  std::vector<std::int64_t> output_shape = {};                       // −1: unknown
  std::vector<std::pair<std::string, std::string>> attributes = {};  // shown beside the node
};

// Each returns the bytes of a message Summary (or GraphDef), a field of an event.

std::string scalar_summary(const Metrics& metrics);
std::string histogram_summary(std::span<const std::pair<std::string, Histogram>> histograms);
/// Throws as png_of().
std::string image_summary(std::string_view tag, const SummaryImage& image);
/// `text` is Markdown.
std::string text_summary(std::string_view tag, std::string_view text);
/// The hyperparameters of a run and the metrics that TensorBoard's table of runs shows. Values that are not numbers,
/// booleans or strings are written as JSON; nulls are left out.
std::string experiment_summary(const Dict& hyperparameters, const std::vector<std::string>& metrics, double seconds);
std::string session_start_summary(const Dict& hyperparameters, double seconds);
enum class SessionStatus : std::uint8_t { kSuccess = 1, kFailure = 2 };
std::string session_end_summary(SessionStatus status, double seconds);
std::string graph_definition(std::span<const GraphNode> nodes);

}  // namespace ludus::runs
