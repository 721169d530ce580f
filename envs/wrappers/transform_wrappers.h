/// @file
/// Stateless wrappers: Gymnasium's transforms of observations, actions and rewards.
///
///   EnvPtr env = make("Pendulum-v1");
///   env = std::make_unique<RescaleAction>(std::move(env), -1, 1);
///   env = std::make_unique<TransformReward>(std::move(env), [](double r) { return r / 16; });
///
/// The constructors throw InvalidArgument if the wrapper does not apply. observation_transforms.h and
/// action_transforms.h describe each one.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/action_transforms.h"
#include "envs/wrappers/observation_transforms.h"
#include "envs/wrappers/transform_forms.h"
#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {

/// Base of wrappers that change observations; derived classes define observe().
class ObservationWrapper : public Wrapper {
 public:
  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  using Wrapper::Wrapper;
  virtual void observe(const Value& inside, Value& out) = 0;  ///< reuses the storage of `out`

 private:
  Value inside_;  ///< scratch: the inner observation
};

class TransformObservation : public ObservationWrapper {
 public:
  using Inner = EnvPtr;

  /// Applies any function; `space` contains its results, default: the environment's observation space.
  TransformObservation(EnvPtr env, std::function<Value(const Value&)> function, SpacePtr space = {});

  /// Applies a transform of observation_transforms.h.
  TransformObservation(EnvPtr env, const MakeObservationTransform& make);

  Space& observation_space() override { return *transform_.space; }

 protected:
  void observe(const Value& inside, Value& out) override { transform_.apply(inside, out); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const final;

 private:
  TransformObservation(ObservationTransform transform, EnvPtr&& env);

  ObservationTransform transform_;
};

using FilterObservation = BasicFilterObservation<TransformObservation>;
using FlattenObservation = BasicFlattenObservation<TransformObservation>;
using GrayscaleObservation = BasicGrayscaleObservation<TransformObservation>;
using ResizeObservation = BasicResizeObservation<TransformObservation>;
using ReshapeObservation = BasicReshapeObservation<TransformObservation>;
using RescaleObservation = BasicRescaleObservation<TransformObservation>;
using DtypeObservation = BasicDtypeObservation<TransformObservation>;

class DiscretizeObservation final : public TransformObservation {
 public:
  DiscretizeObservation(EnvPtr env, const std::vector<std::int64_t>& bins, bool multidiscrete = false)
      : TransformObservation(std::move(env), discretize_observation(bins, multidiscrete)) {}
};

class TransformAction : public Wrapper {
 public:
  using Inner = EnvPtr;

  /// Applies any function; `space` contains its arguments, default: the environment's action space.
  TransformAction(EnvPtr env, std::function<Value(const Value&)> function, SpacePtr space = {});

  /// Applies a transform of action_transforms.h.
  TransformAction(EnvPtr env, const MakeActionTransform& make);

  Space& action_space() override { return *transform_.space; }
  void step_into(const Value& action, Step& out) override;

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const final;

 private:
  TransformAction(ActionTransform transform, EnvPtr&& env);

  ActionTransform transform_;
  Value inside_;  ///< scratch: the inner action
};

using ClipAction = BasicClipAction<TransformAction>;
using RescaleAction = BasicRescaleAction<TransformAction>;

class DiscretizeAction final : public TransformAction {
 public:
  DiscretizeAction(EnvPtr env, const std::vector<std::int64_t>& bins, bool multidiscrete = false)
      : TransformAction(std::move(env), discretize_action(bins, multidiscrete)) {}
};

class TransformReward : public Wrapper {
 public:
  using Inner = EnvPtr;

  TransformReward(EnvPtr env, std::function<double(double)> function)
      : TransformReward(std::move(env), transform_reward(std::move(function))) {}

  /// Applies a transform of action_transforms.h.
  TransformReward(EnvPtr env, RewardTransform transform)
      : Wrapper(std::move(env), transform.self), transform_(std::move(transform)) {}

  void step_into(const Value& action, Step& out) override {
    inner().step_into(action, out);
    out.reward = transform_.apply(out.reward);
  }

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const final;

 private:
  RewardTransform transform_;
};

using ClipReward = BasicClipReward<TransformReward>;

}  // namespace ludus::envs
