/// @file
/// Loads policies by a name on the command line: a run folder, a checkpoint, a built-in policy.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "agents/runner/run_wrappers.h"
#include "base/checkpoint.h"

namespace ludus::agents {

/// The metadata of a checkpoint.
struct PolicyMetadata {
  std::string algorithm;
  Dict config;  ///< the algorithm's settings
  std::string env_id;
  Dict env_kwargs;
  Wrappers wrappers;                     ///< around the environment; empty in files older than wrappers
  Dict observation_space, action_space;  ///< Space::to_spec of the environment that it was trained on
  std::vector<std::string> plugins;
  std::uint64_t seed = 0;
  std::int64_t steps = 0;  ///< environment steps of training
};

void write_metadata(Checkpoint& checkpoint, const PolicyMetadata& metadata);
/// Throws CorruptCheckpoint unless the checkpoint has the format of this version: names of entries have changed once.
void check_format(const Checkpoint& checkpoint);
/// Throws CorruptCheckpoint.
PolicyMetadata read_metadata(const Checkpoint& checkpoint);

/// A policy that was located but not loaded.
struct PolicySource {
  enum class Kind : std::uint8_t { kBuiltin, kCheckpoint };
  Kind kind = Kind::kBuiltin;
  std::string name;  ///< for display
  /// The checkpoints: one, or one of each run in a folder of seeds (the strata of a comparison). Empty for a built-in.
  std::vector<std::filesystem::path> files;
  /// From the first checkpoint, all agree; empty for a built-in
  std::string env_id;
  Dict env_kwargs;
  Wrappers wrappers;
  std::vector<std::string> plugins;
};

/// Locates a policy. `text`: a run folder (best.safetensors, or with `final` its newest checkpoint), a folder of such
/// folders (seed_0, seed_1, …), a checkpoint file, or a built-in policy. Throws InputError.
PolicySource find_policy(const std::string& text, bool final = false);

/// Returns how many bytes the settings in a policy file may ask for: many times the file, so that they follow from its
/// tensors.
double size_limit_of(const std::filesystem::path& file);

/// Throws NotApplicable unless the environment has the spaces on which the policy in `file` was trained.
void check_spaces(const PolicyMetadata& trained, const EnvSignature& env, const std::filesystem::path& file);
/// Throws CorruptCheckpoint unless every number that the policy, loaded from `file`, acts by is finite.
void require_finite_policy(const Agent& agent, const std::filesystem::path& file);

/// Loads one policy per file (one for a built-in), for that environment. Throws CorruptCheckpoint, also for parameters
/// that are not finite, TooLarge if the settings ask for more memory than size_limit_of(), and NotApplicable if it was
/// trained on other spaces.
std::vector<std::unique_ptr<Policy>> load_policies(const PolicySource& source, const EnvSignature& env,
                                                   const std::string& device = "auto");

}  // namespace ludus::agents
