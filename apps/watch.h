// A window on a training under way: the present policy in an environment of its own.
#pragma once

#include <memory>
#include <string>

#include "agents/runner/trainer.h"
#include "base/value.h"

namespace ludus::apps {

// Does not touch the training: the environment and its seed are its own, and the policy is only asked for its best
// action. Closing the window leaves the training going on without one. Throws NoDisplay, and UnknownEnvironment or
// NotSupported for an environment that cannot be drawn.
std::shared_ptr<agents::Callback> make_watch(const std::string& env_id, const Dict& env_kwargs, std::uint64_t seed);

}  // namespace ludus::apps
