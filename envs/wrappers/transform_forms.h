/// @file
/// Gymnasium's named transforms, written once for both forms of a wrapper: around a single environment
/// (transform_wrappers.h) and around a vector of them (vector/transform.h).
///
/// `Form` is the wrapper that applies a transform, `Form::Inner` the pointer to the environment inside.
#pragma once

#include "envs/wrappers/action_transforms.h"
#include "envs/wrappers/observation_transforms.h"

namespace ludus::envs {

template <class Form>
class BasicFilterObservation final : public Form {
 public:
  BasicFilterObservation(typename Form::Inner env, const List& keys) : Form(std::move(env), filter_observation(keys)) {}
};

template <class Form>
class BasicFlattenObservation final : public Form {
 public:
  explicit BasicFlattenObservation(typename Form::Inner env) : Form(std::move(env), flatten_observation()) {}
};

template <class Form>
class BasicGrayscaleObservation final : public Form {
 public:
  explicit BasicGrayscaleObservation(typename Form::Inner env, bool keep_dim = false)
      : Form(std::move(env), grayscale_observation(keep_dim)) {}
};

template <class Form>
class BasicResizeObservation final : public Form {
 public:
  BasicResizeObservation(typename Form::Inner env, std::int64_t height, std::int64_t width)
      : Form(std::move(env), resize_observation({height, width})) {}
};

template <class Form>
class BasicReshapeObservation final : public Form {
 public:
  BasicReshapeObservation(typename Form::Inner env, const std::vector<std::int64_t>& shape)
      : Form(std::move(env), reshape_observation(shape)) {}
};

template <class Form>
class BasicRescaleObservation final : public Form {
 public:
  BasicRescaleObservation(typename Form::Inner env, const Value& min_obs, const Value& max_obs)
      : Form(std::move(env), rescale_observation(min_obs, max_obs)) {}
};

template <class Form>
class BasicDtypeObservation final : public Form {
 public:
  BasicDtypeObservation(typename Form::Inner env, DType dtype) : Form(std::move(env), dtype_observation(dtype)) {}
};

template <class Form>
class BasicClipAction final : public Form {
 public:
  explicit BasicClipAction(typename Form::Inner env) : Form(std::move(env), clip_action()) {}
};

template <class Form>
class BasicRescaleAction final : public Form {
 public:
  BasicRescaleAction(typename Form::Inner env, const Value& min_action, const Value& max_action)
      : Form(std::move(env), rescale_action(min_action, max_action)) {}
};

template <class Form>
class BasicClipReward final : public Form {
 public:
  BasicClipReward(typename Form::Inner env, std::optional<double> min_reward, std::optional<double> max_reward)
      : Form(std::move(env), clip_reward(min_reward, max_reward)) {}
};

}  // namespace ludus::envs
