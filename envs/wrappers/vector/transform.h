// Vector wrappers that change one thing on its way, and remember nothing: Gymnasium's, for batches.
//
// Observations travel as rows of float32 (VectorStep), so that what a wrapper computes in float64 is rounded to float32
// at the end of its step. The constructors throw InvalidArgument where a wrapper does not apply.
#pragma once

#include "envs/vector/vector_wrapper.h"
#include "envs/wrappers/action_transforms.h"
#include "envs/wrappers/observation_transforms.h"

namespace ludus::envs::vector {

// A function of single observations on each row: the last observations of ended episodes too.
class VectorizeTransformObservation : public VectorWrapper {
 public:
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

// A function of all rows at once.
class TransformObservation final : public VectorWrapper {
 public:
  // (N x observation_size) numbers inside → (N x observation_size) numbers of `space`, row-major; without a space, of the
  // same one.
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

class FilterObservation final : public VectorizeTransformObservation {
 public:
  FilterObservation(VectorEnvPtr envs, const List& keys)
      : VectorizeTransformObservation(std::move(envs), filter_observation(keys)) {}
};

class FlattenObservation final : public VectorizeTransformObservation {
 public:
  explicit FlattenObservation(VectorEnvPtr envs)
      : VectorizeTransformObservation(std::move(envs), flatten_observation()) {}
};

class GrayscaleObservation final : public VectorizeTransformObservation {
 public:
  explicit GrayscaleObservation(VectorEnvPtr envs, bool keep_dim = false)
      : VectorizeTransformObservation(std::move(envs), grayscale_observation(keep_dim)) {}
};

class ResizeObservation final : public VectorizeTransformObservation {
 public:
  ResizeObservation(VectorEnvPtr envs, std::int64_t height, std::int64_t width)
      : VectorizeTransformObservation(std::move(envs), resize_observation({height, width})) {}
};

class ReshapeObservation final : public VectorizeTransformObservation {
 public:
  ReshapeObservation(VectorEnvPtr envs, const std::vector<std::int64_t>& shape)
      : VectorizeTransformObservation(std::move(envs), reshape_observation(shape)) {}
};

class RescaleObservation final : public VectorizeTransformObservation {
 public:
  RescaleObservation(VectorEnvPtr envs, const Value& min_obs, const Value& max_obs)
      : VectorizeTransformObservation(std::move(envs), rescale_observation(min_obs, max_obs)) {}
};

class DtypeObservation final : public VectorizeTransformObservation {
 public:
  DtypeObservation(VectorEnvPtr envs, DType dtype)
      : VectorizeTransformObservation(std::move(envs), dtype_observation(dtype)) {}
};

// A function of single actions on each row.
class VectorizeTransformAction : public VectorWrapper {
 public:
  VectorizeTransformAction(VectorEnvPtr envs, const MakeActionTransform& make);

  const VectorStep& step(std::span<const std::int64_t> actions) override { return step_rows(actions); }
  const VectorStep& step(std::span<const float> actions) override { return step_rows(actions); }

 private:
  VectorizeTransformAction(ActionTransform transform, VectorEnvPtr&& envs);
  template <class T>
  const VectorStep& step_rows(std::span<const T> actions);

  std::function<void(const Value&, Value&)> apply_;
  std::vector<double> row_in_, row_out_;
  Value in_, out_;
  std::vector<float> reals_;            // (N x action_size of the environments inside), if they take reals
  std::vector<std::int64_t> integers_;  // the same, if they take integers
};

// A function of all rows of actions at once, of reals for a Box or of integers for the rest.
class TransformAction final : public VectorWrapper {
 public:
  // (N x action_size) numbers of `space` (without one: of the same) → (N x action_size) numbers inside, row-major.
  using ContinuousFn = std::function<void(std::span<const float> actions, std::span<float> inside)>;
  using DiscreteFn = std::function<void(std::span<const std::int64_t> actions, std::span<std::int64_t> inside)>;
  TransformAction(VectorEnvPtr envs, ContinuousFn function, SpacePtr space = {});
  TransformAction(VectorEnvPtr envs, DiscreteFn function, SpacePtr space = {});

  const VectorStep& step(std::span<const std::int64_t> actions) override;
  const VectorStep& step(std::span<const float> actions) override;

 private:
  ContinuousFn of_reals_;
  DiscreteFn of_integers_;
  std::vector<float> reals_;
  std::vector<std::int64_t> integers_;
};

class ClipAction final : public VectorizeTransformAction {
 public:
  explicit ClipAction(VectorEnvPtr envs) : VectorizeTransformAction(std::move(envs), clip_action()) {}
};

class RescaleAction final : public VectorizeTransformAction {
 public:
  RescaleAction(VectorEnvPtr envs, const Value& min_action, const Value& max_action)
      : VectorizeTransformAction(std::move(envs), rescale_action(min_action, max_action)) {}
};

// A function of single rewards on each.
class VectorizeTransformReward : public VectorWrapper {
 public:
  VectorizeTransformReward(VectorEnvPtr envs, RewardTransform transform)
      : VectorWrapper(std::move(envs), {"vector." + transform.self.name, transform.self.kwargs}),
        apply_(std::move(transform.apply)) {}

 protected:
  void after_step(const VectorStep& inside) override;

 private:
  std::function<double(double)> apply_;
};

// A function of all rewards at once, in place.
class TransformReward final : public VectorWrapper {
 public:
  TransformReward(VectorEnvPtr envs, std::function<void(std::span<double> rewards)> function)
      : VectorWrapper(std::move(envs), {"vector.TransformReward", {}}), function_(std::move(function)) {}

 protected:
  void after_step(const VectorStep& inside) override;

 private:
  std::function<void(std::span<double>)> function_;
};

class ClipReward final : public VectorizeTransformReward {
 public:
  ClipReward(VectorEnvPtr envs, std::optional<double> min_reward, std::optional<double> max_reward)
      : VectorizeTransformReward(std::move(envs), clip_reward(min_reward, max_reward)) {}
};

}  // namespace ludus::envs::vector
