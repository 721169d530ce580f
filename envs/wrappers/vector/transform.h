/// @file
/// Stateless vector wrappers: Gymnasium's transforms of observations, actions and rewards, for batches.
///
/// Observations are rows of float32 (VectorStep): a result in float64 is rounded to float32 at the end of the step. The
/// constructors throw InvalidArgument if the wrapper does not apply.
#pragma once

#include "envs/vector/vector_wrapper.h"
#include "envs/wrappers/action_transforms.h"
#include "envs/wrappers/observation_transforms.h"
#include "envs/wrappers/transform_forms.h"

namespace ludus::envs::vector {

/// Applies a function of a single observation to each row, final observations included.
class VectorizeTransformObservation : public VectorWrapper {
 public:
  using Inner = VectorEnvPtr;

  VectorizeTransformObservation(VectorEnvPtr envs, const MakeObservationTransform& make);

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t>) override { after_step(inside); }
  void after_step(const VectorStep& inside) override;

 private:
  VectorizeTransformObservation(ObservationTransform transform, VectorEnvPtr&& envs);
  void apply(std::span<const float> from, std::span<float> to);

  std::function<void(const Value&, Value&)> apply_;
  std::vector<double> row_in_, row_out_;
  Value in_, out_;
};

using FilterObservation = BasicFilterObservation<VectorizeTransformObservation>;
using FlattenObservation = BasicFlattenObservation<VectorizeTransformObservation>;
using GrayscaleObservation = BasicGrayscaleObservation<VectorizeTransformObservation>;
using ResizeObservation = BasicResizeObservation<VectorizeTransformObservation>;
using ReshapeObservation = BasicReshapeObservation<VectorizeTransformObservation>;
using RescaleObservation = BasicRescaleObservation<VectorizeTransformObservation>;
using DtypeObservation = BasicDtypeObservation<VectorizeTransformObservation>;

/// Applies a function to all rows of observations at once.
class TransformObservation final : public VectorWrapper {
 public:
  /// Maps (N x observation_size) inner numbers to (N x observation_size) numbers of `space`, row-major; default: the
  /// inner space.
  using Function = std::function<void(std::span<const float> inside, std::span<float> out)>;
  TransformObservation(VectorEnvPtr envs, Function function, SpacePtr space = {})
      : VectorWrapper(std::move(envs), {"vector.TransformObservation", {}}, std::move(space)),
        function_(std::move(function)) {}

 protected:
  void after_reset(const VectorStep& inside, std::span<const std::uint8_t>) override { after_step(inside); }
  void after_step(const VectorStep& inside) override;

 private:
  Function function_;
};

/// Applies a function of a single action to each row.
class VectorizeTransformAction : public VectorWrapper {
 public:
  using Inner = VectorEnvPtr;

  VectorizeTransformAction(VectorEnvPtr envs, const MakeActionTransform& make);

  const VectorStep& step(ActionView actions) override;

 private:
  VectorizeTransformAction(ActionTransform transform, VectorEnvPtr&& envs);
  template <class T>
  void transform_rows(std::span<const T> actions);

  std::function<void(const Value&, Value&)> apply_;
  std::vector<double> row_in_, row_out_;
  Value in_, out_;
  ActionBatch inner_actions_;  ///< (N x inner action_size)
};

using ClipAction = BasicClipAction<VectorizeTransformAction>;
using RescaleAction = BasicRescaleAction<VectorizeTransformAction>;

/// Applies a function to all rows of actions at once: a ContinuousFn for Box actions, a DiscreteFn otherwise.
class TransformAction final : public VectorWrapper {
 public:
  /// Maps (N x action_size) numbers of `space` (default: the inner space) to (N x action_size) inner numbers,
  /// row-major.
  using ContinuousFn = std::function<void(std::span<const float> actions, std::span<float> inside)>;
  using DiscreteFn = std::function<void(std::span<const std::int64_t> actions, std::span<std::int64_t> inside)>;
  TransformAction(VectorEnvPtr envs, ContinuousFn function, SpacePtr space = {});
  TransformAction(VectorEnvPtr envs, DiscreteFn function, SpacePtr space = {});

  const VectorStep& step(ActionView actions) override;

 private:
  ContinuousFn continuous_fn_;
  DiscreteFn discrete_fn_;
  ActionBatch inner_actions_;  ///< (N x inner action_size)
};

/// Applies a function of a single reward to each reward.
class VectorizeTransformReward : public VectorWrapper {
 public:
  using Inner = VectorEnvPtr;

  VectorizeTransformReward(VectorEnvPtr envs, RewardTransform transform)
      : VectorWrapper(std::move(envs), {"vector." + transform.self.name, transform.self.kwargs}),
        apply_(std::move(transform.apply)) {}

 protected:
  void after_step(const VectorStep& inside) override;

 private:
  std::function<double(double)> apply_;
};

using ClipReward = BasicClipReward<VectorizeTransformReward>;

/// Applies a function to all rewards at once, in place.
class TransformReward final : public VectorWrapper {
 public:
  TransformReward(VectorEnvPtr envs, std::function<void(std::span<double> rewards)> function)
      : VectorWrapper(std::move(envs), {"vector.TransformReward", {}}), function_(std::move(function)) {}

 protected:
  void after_step(const VectorStep& inside) override;

 private:
  std::function<void(std::span<double>)> function_;
};

}  // namespace ludus::envs::vector
