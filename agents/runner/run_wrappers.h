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

/// Returns the spec of the environment with those wrappers around it, without a warning of an outdated id. Throws
/// UnknownEnvironment; whether the wrappers exist and fit is checked when it is made.
envs::EnvSpec wrapped_spec(std::string_view env_id, const Dict& env_kwargs, const Wrappers& wrappers);

/// Throws InvalidArgument for a wrapper that cannot be used in a training: one around a vector of environments, one
/// that gathers statistics (NormalizeObservation, NormalizeReward), which a policy's file does not hold, or one without
/// effect on a run.
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
