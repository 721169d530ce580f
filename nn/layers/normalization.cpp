#include "nn/layers/normalization.h"

#include "base/format.h"

namespace ludus::nn::layers {
namespace {

void check_epsilon(double epsilon) {
  check_range("epsilon", epsilon, 0.0, 1.0);
}

const Shape& with_known_channels(Shapes inputs) {
  const Shape& input = single(inputs);
  if (input.rank() < 1) throw_input_shape("(channels, …)", input);
  require_known("number of channels", input[0], input);
  return input;
}

std::vector<ParameterSpec> scale_and_shift(bool affine, const Shape& shape) {
  if (!affine) return {};
  return {{.name = "weight", .shape = shape, .initializer = Initializer::ones()},
          {.name = "bias", .shape = shape, .initializer = Initializer::zeros()}};
}

Shape last_axes(const Shape& input, std::int64_t count) {
  return make_shape(std::vector<std::int64_t>(input.end() - count, input.end()));
}

}  // namespace

void BatchNorm::check() const {
  check_epsilon(epsilon);
  check_range("momentum", momentum, 0.0, 1.0);
}

Shape BatchNorm::output_shape(Shapes inputs) const {
  return with_known_channels(inputs);
}

std::vector<ParameterSpec> BatchNorm::parameters(Shapes inputs) const {
  const Shape channels{single(inputs)[0]};
  std::vector<ParameterSpec> specs = scale_and_shift(affine, channels);
  specs.push_back({.name = "running_mean", .shape = channels, .initializer = Initializer::zeros(), .buffer = true});
  specs.push_back({.name = "running_var", .shape = channels, .initializer = Initializer::ones(), .buffer = true});
  specs.push_back({.name = "num_batches_tracked",
                   .shape = Shape{},
                   .initializer = Initializer::zeros(),
                   .buffer = true,
                   .dtype = DType::kInt64});
  return specs;
}

void LayerNorm::check() const {
  check_range("dimensions", dimensions, 1, static_cast<std::int64_t>(Shape::kMaxRank));
  check_epsilon(epsilon);
}

Shape LayerNorm::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  if (static_cast<std::int64_t>(input.rank()) < dimensions) {
    throw_input_shape(formatted("of {} or more dimensions", dimensions), input);
  }
  for (const std::int64_t extent : last_axes(input, dimensions)) require_known("normalised extents", extent, input);
  return input;
}

std::vector<ParameterSpec> LayerNorm::parameters(Shapes inputs) const {
  return scale_and_shift(affine, last_axes(single(inputs), dimensions));
}

void GroupNorm::check() const {
  check_range("groups", groups, 1);
  check_epsilon(epsilon);
}

Shape GroupNorm::output_shape(Shapes inputs) const {
  const Shape& input = with_known_channels(inputs);
  if (input[0] % groups != 0) throw_input_shape(formatted("of channels that {} groups divide", groups), input);
  return input;
}

std::vector<ParameterSpec> GroupNorm::parameters(Shapes inputs) const {
  return scale_and_shift(affine, Shape{single(inputs)[0]});
}

void Affine::check() const {
  for (const std::int64_t extent : shape) check_range("each extent of shape", extent, 1);
  make_shape(shape);
  if (!scale && !bias) throw InvalidArgument("scale or bias must be true, got false for both");
}

Shape Affine::output_shape(Shapes inputs) const {
  const Shape& input = single(inputs);
  bool fits = shape.size() <= input.rank();
  for (std::size_t d = 0; fits && d < shape.size(); ++d) {
    const std::int64_t extent = input[input.rank() - shape.size() + d];
    fits = shape[d] == 1 || extent == kFree || shape[d] == extent;
  }
  if (!fits) {
    throw_input_shape(formatted("to which {} can be broadcast without enlarging it", to_text(make_shape(shape))),
                      input);
  }
  return input;
}

std::vector<ParameterSpec> Affine::parameters(Shapes) const {
  std::vector<ParameterSpec> specs;
  if (scale) specs.push_back({.name = "weight", .shape = make_shape(shape), .initializer = weight_init});
  if (bias) specs.push_back({.name = "bias", .shape = make_shape(shape), .initializer = bias_init});
  return specs;
}

}  // namespace ludus::nn::layers
