// Wrappers that change one thing on its way, and remember nothing: Gymnasium's transform wrappers.
//
//   EnvPtr env = make("Pendulum-v1");
//   env = std::make_unique<RescaleAction>(std::move(env), -1, 1);
//   env = std::make_unique<TransformReward>(std::move(env), [](double r) { return r / 16; });
//
// The constructors throw InvalidArgument where a wrapper does not apply: see observation_transforms.h and
// action_transforms.h, which say what each one does.
#pragma once

#include "envs/core/wrapper.h"
#include "envs/wrappers/action_transforms.h"
#include "envs/wrappers/observation_transforms.h"
#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {

// A wrapper that gives other observations; derived classes define observe().
class ObservationWrapper : public Wrapper {
 public:
  Reset reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  void step_into(const Value& action, Step& out) override;

 protected:
  using Wrapper::Wrapper;
  virtual void observe(const Value& inside, Value& out) = 0;  // the memory of `out` is used again

 private:
  Value inside_;  // memory for the observation of the environment inside
};

class TransformObservation : public ObservationWrapper {
 public:
  // Any function; `space` of what it gives, by default the environment's own.
  TransformObservation(EnvPtr env, std::function<Value(const Value&)> function, SpacePtr space = {});

  // One of the functions that observation_transforms.h makes.
  TransformObservation(EnvPtr env, const MakeObservationTransform& make);

  Space& observation_space() override { return *transform_.space; }

 protected:
  void observe(const Value& inside, Value& out) override { transform_.apply(inside, out); }
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const final;

 private:
  TransformObservation(ObservationTransform transform, EnvPtr&& env);

  ObservationTransform transform_;
};

class FilterObservation final : public TransformObservation {
 public:
  FilterObservation(EnvPtr env, const List& keys) : TransformObservation(std::move(env), filter_observation(keys)) {}
};

class FlattenObservation final : public TransformObservation {
 public:
  explicit FlattenObservation(EnvPtr env) : TransformObservation(std::move(env), flatten_observation()) {}
};

class GrayscaleObservation final : public TransformObservation {
 public:
  explicit GrayscaleObservation(EnvPtr env, bool keep_dim = false)
      : TransformObservation(std::move(env), grayscale_observation(keep_dim)) {}
};

class ResizeObservation final : public TransformObservation {
 public:
  ResizeObservation(EnvPtr env, std::int64_t height, std::int64_t width)
      : TransformObservation(std::move(env), resize_observation({height, width})) {}
};

class ReshapeObservation final : public TransformObservation {
 public:
  ReshapeObservation(EnvPtr env, const std::vector<std::int64_t>& shape)
      : TransformObservation(std::move(env), reshape_observation(shape)) {}
};

class RescaleObservation final : public TransformObservation {
 public:
  RescaleObservation(EnvPtr env, const Value& min_obs, const Value& max_obs)
      : TransformObservation(std::move(env), rescale_observation(min_obs, max_obs)) {}
};

class DtypeObservation final : public TransformObservation {
 public:
  DtypeObservation(EnvPtr env, DType dtype) : TransformObservation(std::move(env), dtype_observation(dtype)) {}
};

class DiscretizeObservation final : public TransformObservation {
 public:
  DiscretizeObservation(EnvPtr env, const std::vector<std::int64_t>& bins, bool multidiscrete = false)
      : TransformObservation(std::move(env), discretize_observation(bins, multidiscrete)) {}
};

class TransformAction : public Wrapper {
 public:
  // Any function; `space` of what it takes, by default the environment's own.
  TransformAction(EnvPtr env, std::function<Value(const Value&)> function, SpacePtr space = {});

  // One of the functions that action_transforms.h makes.
  TransformAction(EnvPtr env, const MakeActionTransform& make);

  Space& action_space() override { return *transform_.space; }
  void step_into(const Value& action, Step& out) override;

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const final;

 private:
  TransformAction(ActionTransform transform, EnvPtr&& env);

  ActionTransform transform_;
  Value inside_;  // memory for the action of the environment inside
};

class ClipAction final : public TransformAction {
 public:
  explicit ClipAction(EnvPtr env) : TransformAction(std::move(env), clip_action()) {}
};

class RescaleAction final : public TransformAction {
 public:
  RescaleAction(EnvPtr env, const Value& min_action, const Value& max_action)
      : TransformAction(std::move(env), rescale_action(min_action, max_action)) {}
};

class DiscretizeAction final : public TransformAction {
 public:
  DiscretizeAction(EnvPtr env, const std::vector<std::int64_t>& bins, bool multidiscrete = false)
      : TransformAction(std::move(env), discretize_action(bins, multidiscrete)) {}
};

class TransformReward : public Wrapper {
 public:
  TransformReward(EnvPtr env, std::function<double(double)> function)
      : TransformReward(std::move(env), transform_reward(std::move(function))) {}

  // One of the functions that action_transforms.h makes.
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

class ClipReward final : public TransformReward {
 public:
  ClipReward(EnvPtr env, std::optional<double> min_reward, std::optional<double> max_reward)
      : TransformReward(std::move(env), clip_reward(min_reward, max_reward)) {}
};

}  // namespace ludus::envs
