/// @file
/// A window during a training: the current policy in a separate environment.
#pragma once

#include <memory>

#include "agents/runner/run_config.h"
#include "runs/callback.h"

namespace ludus::apps {

/// Makes the callback that shows the window. It does not affect the training: it uses a separate environment and only
/// deterministic actions of the policy. The training continues when the window is closed. Throws NoDisplay, and
/// UnknownEnvironment or NotSupported for an environment that cannot be drawn.
std::shared_ptr<runs::Callback> make_watch(const agents::RunConfig& config);

}  // namespace ludus::apps
