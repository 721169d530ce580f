#include "nn/model/onnx_policy.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "nn/model/onnx_export.h"

namespace ludus::nn {
namespace {

using io::OnnxType;
using Integers = std::vector<std::int64_t>;

void require_size(const char* what, std::size_t size, std::size_t expected) {
  if (size != expected)
    throw InvalidArgument(formatted("ONNX export of a policy: {} must be {}, got {}", what, expected, size));
}

// Columns [begin, begin + count) of rows.
std::string columns(OnnxGraph& graph, const std::string& rows, std::int64_t begin, std::int64_t count) {
  return graph.add_node(
      "Slice", {rows, graph.add_integers("begin", Integers{begin}), graph.add_integers("end", Integers{begin + count}),
                graph.add_integers("axis", Integers{1})});
}

std::string cast(OnnxGraph& graph, const std::string& x, OnnxType type) {
  return graph.add_node("Cast", {x}, {{.name = "to", .value = static_cast<std::int64_t>(type)}});
}

// x ← clip((x − mean) · scale, ±limit), in double
std::string normalized(OnnxGraph& graph, const std::string& observation, const ObservationScaling& scaling) {
  const auto constant = [&](const char* name, const std::vector<double>& numbers) {
    return graph.add_constant(name, Array::of(std::span<const double>(numbers)));
  };
  std::string x =
      graph.add_node("Sub", {cast(graph, observation, OnnxType::kDouble), constant("observation_mean", scaling.mean)});
  x = graph.add_node("Mul", {x, constant("observation_scale", scaling.scale)});
  if (std::isfinite(scaling.limit)) {
    x = graph.add_node("Clip", {x, graph.add_constant("observation_low", Array::scalar(-scaling.limit)),
                                graph.add_constant("observation_high", Array::scalar(scaling.limit))});
  }
  return graph.add_node("Cast", {x}, {{.name = "to", .value = static_cast<std::int64_t>(OnnxType::kFloat)}},
                        "normalized_observation");
}

// The input of the network for a part of an observation.
std::string converted(OnnxGraph& graph, const std::string& x, const FeaturePart& part) {
  switch (part.kind) {
    case FeaturePart::Kind::kNumbers: return x;
    case FeaturePart::Kind::kOneHot: {
      const std::string start = graph.add_constant("start", Array::scalar(static_cast<float>(part.start)));
      const std::string index = cast(graph, graph.add_node("Sub", {x, start}), OnnxType::kInt64);
      const std::string one_hot =
          graph.add_node("OneHot",
                         {index, graph.add_constant("classes", Array::scalar(part.classes)),
                          graph.add_constant("off_on", Array::of<float>({0, 1}))},
                         {{.name = "axis", .value = std::int64_t{-1}}});  // (batch, count, classes)
      return graph.add_node("Reshape",
                            {one_hot, graph.add_integers("one_hot_shape", Integers{0, part.count * part.classes})});
    }
    case FeaturePart::Kind::kImage: {
      // (frames, height, width, channels) → (frames · channels, height, width)
      const Integers pixels{0, part.frames, part.height, part.width, part.channels};
      const Integers planes{0, part.frames * part.channels, part.height, part.width};
      std::string image = graph.add_node("Reshape", {x, graph.add_integers("pixels", pixels)});
      image = graph.add_node("Transpose", {image}, {{.name = "perm", .value = Integers{0, 1, 4, 2, 3}}});
      image = graph.add_node("Reshape", {image, graph.add_integers("planes", planes)});
      return graph.add_node("Div", {image, graph.add_constant("brightest", Array::scalar(255.0f))});
    }
  }
  return x;
}

// start + choices
std::string shifted(OnnxGraph& graph, const std::string& choices, const Integers& start) {
  return graph.add_node("Add", {choices, graph.add_integers("first_choice", start)}, {}, "action");
}

// Returns the value that is the action.
std::string add_action(OnnxGraph& graph, const std::string& output, const ActionDecoder& decoder) {
  const auto constant = [&](const char* name, const std::vector<float>& numbers) {
    return graph.add_constant(name, Array::of(std::span<const float>(numbers)));
  };
  switch (decoder.kind) {
    case ActionDecoder::Kind::kArgmax: {
      std::vector<std::string> choices;
      std::int64_t begin = 0;
      for (const std::int64_t classes : decoder.classes) {
        const std::string scores = decoder.classes.size() == 1 ? output : columns(graph, output, begin, classes);
        begin += classes;
        choices.push_back(graph.add_node(
            "ArgMax", {scores},
            {{.name = "axis", .value = std::int64_t{1}}, {.name = "keepdims", .value = std::int64_t{1}}}));
      }
      const std::string all = choices.size() == 1
                                  ? choices[0]
                                  : graph.add_node("Concat", choices, {{.name = "axis", .value = std::int64_t{1}}});
      return shifted(graph, all, decoder.start);
    }
    case ActionDecoder::Kind::kBinary: {
      const std::string zero = graph.add_constant("threshold", Array::scalar(0.0f));
      const std::string above = graph.add_node(decoder.zero_is_one ? "GreaterOrEqual" : "Greater", {output, zero});
      return shifted(graph, cast(graph, above, OnnxType::kInt64), decoder.start);
    }
    case ActionDecoder::Kind::kClip:
    case ActionDecoder::Kind::kRescale: {
      const std::string low = constant("action_low", decoder.low), high = constant("action_high", decoder.high);
      std::string x = output;
      if (decoder.kind == ActionDecoder::Kind::kRescale) {
        // low + ½ (output + 1) (high − low)
        std::vector<float> range;
        for (std::size_t k = 0; k < decoder.low.size(); ++k) range.push_back(decoder.high[k] - decoder.low[k]);
        x = graph.add_node("Add", {x, graph.add_constant("one", Array::scalar(1.0f))});
        x = graph.add_node("Mul", {graph.add_constant("half", Array::scalar(0.5f)), x});
        x = graph.add_node("Mul", {x, constant("action_range", range)});
        x = graph.add_node("Add", {low, x});
      }
      return graph.add_node("Min", {graph.add_node("Max", {x, low}), high}, {}, "action");
    }
  }
  return output;
}

}  // namespace

io::OnnxModel export_onnx(const ExportedPolicy& policy) {
  const FeatureOptions& features = policy.features;
  const ActionDecoder& decoder = policy.action;
  const auto row_size = static_cast<std::size_t>(features.row_size());
  require_size("the number of inputs of its network", policy.network.inputs.size(),
               features.is_plain() ? 1 : features.parts.size());
  require_size("the number of outputs of its network", policy.network.outputs.size(), 1);
  if (features.is_plain()) require_size("the size of its input", policy.network.inputs[0].shape.elements(), row_size);
  require_size("the size of its output", output_shapes(policy.network)[0].elements(), decoder.output_size());
  if (policy.scaling) {
    require_size("the number of means", policy.scaling->mean.size(), row_size);
    require_size("the number of scales", policy.scaling->scale.size(), row_size);
  }

  OnnxGraph graph(policy.network.name);
  const std::string observation =
      graph.add_input("observation", OnnxType::kFloat, {OnnxGraph::batch(), {.value = features.row_size()}});
  const std::string row = policy.scaling ? normalized(graph, observation, *policy.scaling) : observation;
  std::vector<std::string> inputs;
  std::int64_t begin = 0;
  if (features.is_plain()) inputs.push_back(row);
  for (std::size_t i = 0; inputs.size() < policy.network.inputs.size(); ++i) {
    const FeaturePart& part = features.parts[i];
    const std::string x = features.parts.size() == 1 ? row : columns(graph, row, begin, part.count);
    begin += part.count;
    inputs.push_back(converted(graph, x, part));
  }
  const std::string output = add_network(graph, policy.network, policy.parameters, inputs).front();
  const std::string action = add_action(graph, output, decoder);
  graph.add_output(action, decoder.is_discrete() ? OnnxType::kInt64 : OnnxType::kFloat,
                   {OnnxGraph::batch(), {.value = static_cast<std::int64_t>(decoder.action_size())}});
  return graph.model();
}

void save_onnx(const std::filesystem::path& path, const ExportedPolicy& policy) {
  io::write_onnx(path, export_onnx(policy));
}

}  // namespace ludus::nn
