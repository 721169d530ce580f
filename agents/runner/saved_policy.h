/// @file
/// Saves and loads trained policies in one line each. Loading needs no environment.
///
///   save_policy("pole.safetensors", *agent, *envs);
///
///   SavedPolicy policy = load_policy("pole.safetensors");  // or a run folder
///   const Value action = policy.predict(observation);
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "agents/core/agent.h"
#include "agents/runner/policy_files.h"

namespace ludus::agents {

/// Writes the policy of an agent with everything that load_policy() and `ludus eval` need: algorithm and settings,
/// environment and spaces. `envs`: those that it was trained in. Throws FileError or WriteFailed.
void save_policy(const std::filesystem::path& file, const Agent& agent, envs::VectorEnv& envs);

/// A policy for single observations.
class SavedPolicy {
 public:
  /// Returns the action for an observation: the best known one, or a sample of a stochastic policy. `mask`: 0 or 1 for
  /// each of the allowed actions, for a policy that was trained with masks. Several threads may call it at once. Throws
  /// InvalidArgument for an observation that is not of the form of observation_space() or not finite, and for a mask of
  /// another size.
  Value predict(const Value& observation, bool deterministic = true, std::span<const std::uint8_t> mask = {}) const;

  /// Seeds the generator of samples.
  void seed(std::uint64_t seed) { policy_->seed(seed); }

  /// Spaces of observations and actions, after the wrappers of the training.
  const envs::Space& observation_space() const { return *signature_.observation_space; }
  const envs::Space& action_space() const { return *signature_.action_space; }
  const PolicyMetadata& metadata() const { return metadata_; }
  /// The policy for batches.
  Policy& policy() { return *policy_; }

 private:
  friend SavedPolicy load_policy(const std::string& path, bool final, const std::string& device);
  SavedPolicy() = default;

  PolicyMetadata metadata_;
  EnvSignature signature_;
  std::unique_ptr<Policy> policy_;
};

/// Loads the policy of a run folder (the best one, or with `final` that of the newest checkpoint) or of a file. Throws
/// as find_policy() and load_policies() do, and InvalidArgument for a built-in policy, which has no file, and for a
/// folder of several seeds.
SavedPolicy load_policy(const std::string& path, bool final = false, const std::string& device = "auto");

}  // namespace ludus::agents
