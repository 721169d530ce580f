#include "nn/layers/mlp_options.h"

#include <cmath>

#include "base/format.h"

namespace ludus::nn {
namespace {

void check_width(const char* name, std::int64_t width) {
  if (width < 1) throw InvalidArgument(formatted("mlp: {} must be positive, got {}", name, width));
}

void check_gain(const char* name, double gain) {
  if (!std::isfinite(gain)) throw InvalidArgument(formatted("mlp: {} must be finite, got {}", name, gain));
}

}  // namespace

void MlpOptions::validate() const {
  check_width("inputs", inputs);
  for (const std::int64_t width : hidden) check_width("each width of hidden", width);
  check_width("outputs", outputs);
  check_gain("hidden_gain", hidden_gain);
  check_gain("output_gain", output_gain);
}

}  // namespace ludus::nn
