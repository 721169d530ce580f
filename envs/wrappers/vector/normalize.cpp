#include "envs/wrappers/vector/normalize.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "envs/spaces/element.h"
#include "envs/wrappers/normalize_observation.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs::vector {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Shape shape_of(const Space& space) {
  if (const auto form = array_form(space)) return form->shape;
  throw InvalidArgument(
      formatted("vector.NormalizeObservation needs observations that are arrays or numbers, got {}; put "
                "vector.FlattenObservation inside",
                space.to_string()));
}

SpacePtr normalized_space(const Space& space) {
  return std::make_unique<Box>(-kInfinity, kInfinity, shape_of(space), DType::kFloat32);
}

}  // namespace

NormalizeObservation::NormalizeObservation(VectorEnvPtr envs, double epsilon)
    : VectorWrapper(std::move(envs), {"vector.NormalizeObservation", {{"epsilon", epsilon}}},
                    normalized_space(envs->single_observation_space())),
      CarriesStatistics(RunningMeanStd(shape_of(inner().single_observation_space()),
                                       statistics_dtype(inner().single_observation_space()))),
      epsilon_(epsilon) {
  check_fields(NormalizeObservationArguments{epsilon}, "vector.NormalizeObservation");
  if (autoreset_mode() != AutoresetMode::kNextStep) {
    throw InvalidArgument(
        formatted("vector.NormalizeObservation needs the autoreset mode next_step, got {}; put NormalizeObservation "
                  "around each environment",
                  name_of(autoreset_mode())));
  }
  if (statistics().mean().dtype() == DType::kFloat64) wide_.resize(num_envs() * observation_size());
}

void NormalizeObservation::after_reset(const VectorStep& inside, std::span<const std::uint8_t> mask) {
  if (std::find(mask.begin(), mask.end(), std::uint8_t{0}) != mask.end()) {
    throw InvalidArgument("vector.NormalizeObservation resets all environments at once, without a reset_mask");
  }
  after_step(inside);
}

void NormalizeObservation::after_step(const VectorStep& inside) {
  copy_all_but_observations(inside);
  const auto update_and_normalize = [&](auto rows) {
    learn(rows);
    for (std::size_t i = 0; i < num_envs(); ++i) {
      normalize(rows.subspan(i * observation_size(), observation_size()), statistics(), epsilon_,
                row(result_.observations, i));
    }
  };
  if (wide_.empty()) {
    update_and_normalize(std::span<const float>(inside.observations));
  } else {
    std::copy(inside.observations.begin(), inside.observations.end(), wide_.begin());
    update_and_normalize(std::span<const double>(wide_));
  }
}

NormalizeReward::NormalizeReward(VectorEnvPtr envs, double gamma, double epsilon)
    : VectorWrapper(std::move(envs), {"vector.NormalizeReward", {{"gamma", gamma}, {"epsilon", epsilon}}}),
      CarriesStatistics(RunningMeanStd()),
      gamma_(gamma),
      epsilon_(epsilon),
      discounted_returns_(num_envs()) {
  check_fields(NormalizeRewardArguments{gamma, epsilon}, "vector.NormalizeReward");
  stepped_.reserve(num_envs());
}

void NormalizeReward::after_step(const VectorStep& inside) {
  result_ = inside;

  // G ← γ (1 − terminated) G + r, kept in float32
  stepped_.clear();
  for (std::size_t i = 0; i < num_envs(); ++i) {
    if (inside.was_reset[i]) continue;
    const float carried = inside.terminated[i] ? 0.0f : discounted_returns_[i] * static_cast<float>(gamma_);
    discounted_returns_[i] = static_cast<float>(static_cast<double>(carried) + inside.rewards[i]);
    stepped_.push_back(discounted_returns_[i]);
  }
  learn(std::span<const float>(stepped_));

  const double scale = std::sqrt(statistics().variance().data<double>()[0] + epsilon_);
  for (double& reward : result_.rewards) reward /= scale;
}

}  // namespace ludus::envs::vector
