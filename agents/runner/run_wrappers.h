// Wrappers as part of a run: which there may be, how files and messages write them, and which of them a policy keeps
// when it plays outside of its training.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/value.h"
#include "envs/core/spec.h"

namespace ludus::agents {

struct Algorithm;

using Wrappers = std::vector<envs::WrapperSpec>;  // from the inside out

// The spec of the environment with those wrappers around it; nobody is warned of an id that is out of date. Throws
// UnknownEnvironment. That the wrappers exist and fit shows when it is made.
envs::EnvSpec wrapped_spec(std::string_view env_id, const Dict& env_kwargs, const Wrappers& wrappers);

// Throws InvalidArgument for a wrapper that a training cannot have: one around a vector of environments, one that
// gathers statistics (NormalizeObservation, NormalizeReward), which a policy's file does not hold, or one that a run has
// no use for.
void check_wrappers(const Wrappers& wrappers, const Algorithm& algorithm);

// Those that a policy plays with outside of its training: all but those that change nothing but rewards, so that every
// score is made of the environment's own rewards.
Wrappers evaluation_wrappers(const Wrappers& wrappers);

// Those that make another game of the environment: other steps, or other episodes.
Wrappers task_wrappers(const Wrappers& wrappers);

// "FrameStackObservation:stack_size=4, ClipAction", as --wrap takes each; "none".
std::string to_text(const Wrappers& wrappers);
// "CartPole-v1", or "CartPole-v1 with TimeAwareObservation".
std::string wrapped_name(const std::string& env_id, const Wrappers& wrappers);

// [{"name": "FrameStackObservation", "stack_size": 4}, …], as files hold them: the arguments beside the name, in the
// order of the alphabet. The second throws InvalidArgument or TypeMismatch; `owner` is named.
List to_list(const Wrappers& wrappers);
Wrappers wrappers_from_list(const List& list, const std::string& owner);

}  // namespace ludus::agents
