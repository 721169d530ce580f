// Plug-ins with algorithms: a shared library that the ludus program loads (--plugin), with environments, algorithms or
// both.
//
//   #include <ludus/agents.h>
//
//   LUDUS_PLUGIN(registry) { registry.add<MySimulator>({.id = "MyEnv-v0"}); }
//   LUDUS_PLUGIN_ALGORITHMS(algorithms) {
//     algorithms.add<MyAgent>("my_agent", "What it does, in one sentence", /*default_steps=*/100000);
//   }
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "agents/algorithm_registry.h"

namespace ludus::agents {

/// The names that a plug-in has added.
struct PluginContents {
  std::vector<std::string> environments;
  std::vector<std::string> algorithms;
};

/// Loads a shared library that uses LUDUS_PLUGIN, LUDUS_PLUGIN_ALGORITHMS or both, which adds its environments to
/// envs::registry() and its algorithms to algorithm_registry(). The library stays loaded until the program ends.
/// Loading it again adds nothing and returns the same. Throws envs::PluginError, and AlgorithmError if the name of an
/// algorithm is taken.
PluginContents load_plugin(const std::filesystem::path& library);

/// Incremented whenever a class of the interface between program and algorithms changes.
inline constexpr int kAlgorithmPluginVersion = 1;

}  // namespace ludus::agents

// Use at most once per plug-in.
#define LUDUS_PLUGIN_ALGORITHMS(algorithms)         \
  extern "C" int ludus_algorithm_plugin_version() { \
    return ludus::agents::kAlgorithmPluginVersion;  \
  }                                                 \
  extern "C" void ludus_register_algorithms(ludus::agents::AlgorithmRegistry& algorithms)
