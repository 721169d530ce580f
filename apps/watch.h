// A window on a training under way: the present policy in an environment of its own.
#pragma once

#include <memory>

#include "agents/runner/run_config.h"
#include "agents/runner/trainer.h"

namespace ludus::apps {

// Does not touch the training: the environment is its own, and the policy is only asked for its best
// action. Closing the window leaves the training going on without one. Throws NoDisplay, and UnknownEnvironment or
// NotSupported for an environment that cannot be drawn.
std::shared_ptr<agents::Callback> make_watch(const agents::RunConfig& config);

}  // namespace ludus::apps
