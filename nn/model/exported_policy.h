// A trained policy as data, from which writers of other formats make a file: the network as a description with named
// parameters, the conversion of an observation to its inputs, and the conversion of its output to an action. Does not
// include torch.
//
//   action = decode(network(inputs(normalize(observation))))
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/named_arrays.h"
#include "nn/model/description.h"
#include "nn/networks/feature_options.h"

namespace ludus::nn {

/// x ← clip((x − mean) · scale, ±limit) for every number of an observation, computed in double.
struct ObservationScaling {
  std::vector<double> mean, scale;  // (row size); scale = 1 / standard deviation, 0 for a constant
  double limit = std::numeric_limits<double>::infinity();
};

/// The conversion of a network's output to an action of the environment.
struct ActionDecoder {
  enum class Kind : std::uint8_t {
    kArgmax,   // k choices: choice j is start[j] + the index of the greatest of the next classes[j] outputs, the first
               // of equals
    kBinary,   // k outputs: choice j is start[j] + 1 for an output above 0, else start[j]
    kClip,     // k outputs, clipped to [low, high]
    kRescale,  // k outputs in [-1, 1]: low + ½ (output + 1) (high − low), clipped against rounding beyond a bound
  };
  Kind kind = Kind::kArgmax;
  std::vector<std::int64_t> classes = {};  // kArgmax: (k)
  std::vector<std::int64_t> start = {};    // kArgmax, kBinary: (k)
  bool zero_is_one = false;                // kBinary: an output of exactly 0 counts as above
  std::vector<float> low = {}, high = {};  // kClip, kRescale: (k); of kClip they may be infinite

  bool is_discrete() const { return kind == Kind::kArgmax || kind == Kind::kBinary; }
  std::size_t action_size() const { return is_discrete() ? start.size() : low.size(); }  // k
  std::size_t output_size() const;                                                       // numbers that it reads
};

struct ExportedPolicy {
  /// With one output, flat: ActionDecoder::output_size() numbers. If features.is_plain(), its only input is the
  /// observation (row size). Otherwise input i is part i of `features`: numbers as they are (count); integers one-hot
  /// (count · classes); images divided by 255 with channels first (frames · channels, height, width).
  Description network;
  NamedArrays parameters;  // of the network, in float: "mlp.layers.0.weight"
  FeatureOptions features;
  std::optional<ObservationScaling> scaling = {};  // only with features.is_plain()
  ActionDecoder action;
};

/// Builds the network of a policy from the parameters of its modules, as FlatParameters::state() returns them.
class PolicyGraph {
 public:
  /// `state` must outlive this object.
  PolicyGraph(FeatureOptions features, const NamedArrays& state);

  /// Adds the inputs, and the convolutions of images with the parameters "PREFIXimages.0.conv0.weight", …, and returns
  /// the node of all features.
  std::string add_features(const std::string& prefix);

  /// Adds the dense layers "PREFIXlayers.0", …, and returns the last.
  std::string add_mlp(const std::string& prefix, Activation activation, Activation output_activation,
                      const std::string& input);

  /// As above; `last(weight, bias)` may replace the parameters of the last layer.
  template <class Edit>
  std::string add_mlp(const std::string& prefix, Activation activation, Activation output_activation,
                      const std::string& input, Edit&& last) {
    const std::size_t count = layer_count(prefix);
    std::string node = input;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name = layer_name(prefix, i);
      Array weight = array(name + ".weight"), bias = array(name + ".bias");
      const bool is_last = i + 1 == count;
      if (is_last) last(weight, bias);
      node = add_dense(name, std::move(weight), std::move(bias), is_last ? output_activation : activation, node);
    }
    return node;
  }

  /// Adds a dense layer with these parameters, (units x inputs) and (units).
  std::string add_dense(const std::string& name, Array weight, std::optional<Array> bias, Activation activation,
                        const std::string& input);
  /// Adds a layer without parameters.
  std::string add(Layer layer, std::vector<std::string> inputs);

  /// Returns the policy whose network computes `output`.
  ExportedPolicy finish(const std::string& output, ActionDecoder action);

 private:
  const Array& array(const std::string& name) const;
  std::size_t layer_count(const std::string& prefix) const;
  static std::string layer_name(const std::string& prefix, std::size_t i);
  std::string add_image(const std::string& prefix, const std::string& input);

  const NamedArrays* state_;
  ExportedPolicy policy_;
};

/// Returns the policy that takes actions[s] in state `first_state` + s: a Discrete observation, one-hot, and a dense
/// layer that holds a 1 for the action of every state. Actions are first_action, …, first_action + num_actions − 1.
ExportedPolicy table_policy(std::int64_t first_state, std::span<const std::int64_t> actions, std::int64_t first_action,
                            std::int64_t num_actions);

}  // namespace ludus::nn
