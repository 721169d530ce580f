// The built-in environments.
#pragma once

namespace ludus::envs {

class Registry;

/// Adds every built-in environment. Called once, by registry().
void register_builtin_environments(Registry& registry);

}  // namespace ludus::envs
