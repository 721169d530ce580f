// Policies from what a user names: a run's folder, a checkpoint, a built-in rule.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "agents/core/agent.h"
#include "agents/runner/run_wrappers.h"
#include "base/checkpoint.h"

namespace ludus::agents {

// What a checkpoint says of itself, in its metadata.
struct PolicyMetadata {
  std::string algorithm;
  Dict config;  // the algorithm's settings
  std::string env_id;
  Dict env_kwargs;
  Wrappers wrappers;                     // around the environment; none in files from before there were any
  Dict observation_space, action_space;  // Space::to_spec of what it was trained on
  std::vector<std::string> plugins;
  std::uint64_t seed = 0;
  std::int64_t steps = 0;  // environment steps of training
};

void write_metadata(Checkpoint& checkpoint, const PolicyMetadata& facts);
PolicyMetadata read_metadata(const Checkpoint& checkpoint);  // throws CorruptCheckpoint

// A name on the command line, found but not loaded.
struct PolicySource {
  enum class Kind : std::uint8_t { kBuiltin, kCheckpoint };
  Kind kind = Kind::kBuiltin;
  std::string name;  // as it shall be shown
  // The checkpoints: one, or one of each run of a multi-seed folder (the strata of a comparison). Empty for a built-in.
  std::vector<std::filesystem::path> files;
  // Of the checkpoint (the first, they agree); empty for a built-in.
  std::string env_id;
  Dict env_kwargs;
  Wrappers wrappers;
  std::vector<std::string> plugins;
};

// `text`: a run folder (best.safetensors, or with `final` its newest checkpoint), a folder of such folders
// (seed_0, seed_1, …), a checkpoint file, or a built-in policy. Throws InputError saying what was looked for.
PolicySource find_policy(const std::string& text, bool final = false);

// One policy per file (one for a built-in), for an environment of those facts. Throws CorruptCheckpoint, and
// NotApplicable if it was trained on other spaces.
std::vector<std::unique_ptr<Policy>> load_policies(const PolicySource& source, const EnvSignature& facts,
                                                   const std::string& device = "auto");

}  // namespace ludus::agents
