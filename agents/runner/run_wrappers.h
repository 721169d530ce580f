/// @file
/// Wrappers as part of a run: which are allowed, how files and messages write them, and which of them apply to
/// evaluations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "envs/core/spec.h"

namespace ludus::agents {

struct Algorithm;

using Wrappers = std::vector<envs::WrapperSpec>;  ///< from the inside out

/// Returns the environment's spec with those wrappers around it, without a warning for an outdated id. Throws
/// UnknownEnvironment; the wrappers themselves are checked when the environment is created.
envs::EnvSpec wrapped_spec(std::string_view env_id, const Dict& env_kwargs, const Wrappers& wrappers);

/// Throws InvalidArgument for a wrapper that cannot be used in a training: one around a vector environment, one
/// with running statistics (NormalizeObservation, NormalizeReward), which are not saved in a policy file, or one
/// without effect on a run.
void check_wrappers(const Wrappers& wrappers, const Algorithm& algorithm);

/// Returns the wrappers of evaluations: all except those that change only rewards, so that every score is a sum of the
/// environment's original rewards.
Wrappers evaluation_wrappers(const Wrappers& wrappers);

/// Returns the wrappers that change the task: the steps or the episodes.
Wrappers task_wrappers(const Wrappers& wrappers);

/// Returns "FrameStackObservation:stack_size=4, ClipAction", each as --wrap takes it; "none" if there are none.
std::string to_text(const Wrappers& wrappers);
/// Returns "CartPole-v1", or "CartPole-v1 with TimeAwareObservation".
std::string wrapped_name(const std::string& env_id, const Wrappers& wrappers);

/// Returns [{"name": "FrameStackObservation", "stack_size": 4}, …], the form of files: the arguments behind the name,
/// in alphabetical order. wrappers_from_list() throws InvalidArgument or TypeMismatch, naming `owner`.
List to_list(const Wrappers& wrappers);
Wrappers wrappers_from_list(const List& list, const std::string& owner);

}  // namespace ludus::agents
