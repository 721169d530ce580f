// The algorithms by name.
#pragma once

#include <list>
#include <string>
#include <string_view>

#include "agents/algorithm_registry.h"

namespace ludus::agents {

/// The algorithms that the program knows: those of the library, and those that the program or a plug-in
/// (agents/plugin.h) has added. Add algorithms before other threads use the registry.
AlgorithmRegistry& algorithm_registry();

/// Adds an algorithm of the program to algorithm_registry(): `ludus train`, checkpoints and run folders know it by
/// `name` from then on. Throws AlgorithmError.
template <class A>
void register_algorithm(std::string name, std::string summary, std::int64_t default_steps,
                        const typename A::Config& defaults = {}) {
  algorithm_registry().add<A>(std::move(name), std::move(summary), default_steps, defaults);
}

/// Return the contents of algorithm_registry(). find_algorithm() throws UnknownAlgorithm.
const std::list<Algorithm>& algorithms();
const Algorithm& find_algorithm(std::string_view name);

}  // namespace ludus::agents
