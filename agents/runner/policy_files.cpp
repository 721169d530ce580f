#include "agents/runner/policy_files.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "agents/algorithms.h"
#include "agents/rules/rules.h"
#include "base/format.h"
#include "base/size_limit.h"
#include "base/text.h"
#include "base/value_io.h"
#include "runs/checkpoints.h"
#include "runs/run_folder.h"
#include "runs/seed_runs.h"
#include "runs/toml_values.h"

namespace ludus::agents {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormatKey = "format";  // of the names and types of a checkpoint's entries
constexpr const char* kFormat = "2";
constexpr const char* kMetadataKey = "ludus.policy";  // a JSON object

// Returns the policy file of a run folder: the best policy, or the newest checkpoint.
fs::path file_of_run(const fs::path& run, bool final) {
  if (final) return runs::newest_checkpoint(run);
  const fs::path best = runs::best_model_path(run);
  if (fs::exists(best)) return best;
  throw runs::RunFolderError(formatted(
      "{}: holds no best.safetensors, because no evaluation has finished yet; use --final for its newest checkpoint",
      run.string()));
}

std::uint64_t seed_in(const std::string& text) {
  std::uint64_t seed = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, seed);
  if (error == std::errc{} && end == last) return seed;
  throw InvalidArgument(formatted("the seed must be a whole number from 0 to 2^64 - 1, got \"{}\"", text));
}

}  // namespace

void require_finite_policy(const Agent& agent, const fs::path& file) {
  Checkpoint policy;
  agent.save_policy(policy);
  for (const std::string& name : policy.names()) {
    const Array& array = policy.array(name);
    if (!is_floating(array.dtype())) continue;
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (std::isfinite(array.get(i))) continue;
      throw CorruptCheckpoint(
          formatted("{}: the numbers of \"{}\" must be finite, got {} at {}; use another checkpoint", file.string(),
                    name, array.get(i), i));
    }
  }
}

void check_spaces(const PolicyMetadata& trained, const EnvSignature& env, const fs::path& file) {
  // compared as spaces: descriptions read from a file have lists where new ones have arrays
  const auto observations = envs::space_from_spec(trained.observation_space),
             actions = envs::space_from_spec(trained.action_space);
  if (observations->equals(*env.observation_space) && actions->equals(*env.action_space)) return;
  throw NotApplicable(
      formatted("{}: trained on {} (observations {}, actions {}), does not fit {} (observations {}, actions {})",
                file.string(), trained.env_id, observations->to_string(), actions->to_string(), env.spec.id,
                env.observation_space->to_string(), env.action_space->to_string()));
}

double size_limit_of(const fs::path& file) {
  constexpr double kAlways = 512.0 * 1024 * 1024;  // what the training's own settings take: populations, rollouts, ...
  constexpr double kTimes = 32;                    // networks, targets, moments of the optimisers, gradients
  std::error_code ignored;
  return kAlways + kTimes * static_cast<double>(fs::file_size(file, ignored));
}

void write_metadata(Checkpoint& checkpoint, const PolicyMetadata& metadata) {
  checkpoint.metadata()[kFormatKey] = kFormat;
  List plugins;
  for (const std::string& plugin : metadata.plugins) plugins.push_back(plugin);
  checkpoint.metadata()[kMetadataKey] = to_json(Dict{{"algorithm", metadata.algorithm},
                                                     {"config", metadata.config},
                                                     {"env", metadata.env_id},
                                                     {"env_kwargs", runs::sorted_by_key(metadata.env_kwargs)},
                                                     {"wrappers", to_list(metadata.wrappers)},
                                                     {"observation_space", metadata.observation_space},
                                                     {"action_space", metadata.action_space},
                                                     {"plugins", plugins},
                                                     {"seed", std::to_string(metadata.seed)},
                                                     {"steps", metadata.steps}});
}

void check_format(const Checkpoint& checkpoint) {
  const auto entry = checkpoint.metadata().find(kFormatKey);
  const std::string format = entry == checkpoint.metadata().end() ? "1" : entry->second;
  if (format == kFormat) return;
  throw CorruptCheckpoint(
      formatted("{}: must be a checkpoint of format {}, got {}; use the version of ludus that wrote it, or train again",
                checkpoint.source(), kFormat, format));
}

PolicyMetadata read_metadata(const Checkpoint& checkpoint) {
  const auto entry = checkpoint.metadata().find(kMetadataKey);
  if (entry == checkpoint.metadata().end()) {
    throw CorruptCheckpoint(formatted("{}: is a safetensors file but no policy of ludus, whose metadata has \"{}\"",
                                      checkpoint.source(), kMetadataKey));
  }
  check_format(checkpoint);
  try {
    const Value value = from_json(entry->second);
    const Dict& parts = value.as_dict();
    PolicyMetadata metadata;
    metadata.algorithm = parts.at("algorithm").as_string();
    metadata.config = parts.at("config").as_dict();
    metadata.env_id = parts.at("env").as_string();
    metadata.env_kwargs = parts.at("env_kwargs").as_dict();
    if (const Value* wrappers = parts.find("wrappers")) {
      metadata.wrappers = wrappers_from_list(wrappers->as_list(), checkpoint.source());
    }
    metadata.observation_space = parts.at("observation_space").as_dict();
    metadata.action_space = parts.at("action_space").as_dict();
    for (const Value& plugin : parts.at("plugins").as_list()) metadata.plugins.push_back(plugin.as_string());
    metadata.seed = seed_in(parts.at("seed").as_string());
    metadata.steps = parts.at("steps").as_int();
    if (metadata.steps < 0) throw InvalidArgument(formatted("the steps must not be negative, got {}", metadata.steps));
    return metadata;
  } catch (const InputError& error) {
    throw CorruptCheckpoint(formatted("{}: invalid metadata of its policy: {}", checkpoint.source(), error.what()));
  }
}

PolicySource find_policy(const std::string& text, bool final) {
  PolicySource source;
  source.name = text;
  const fs::path path(text);
  if (fs::is_directory(path)) {
    source.kind = PolicySource::Kind::kCheckpoint;
    if (runs::holds_run(path)) {
      source.files.push_back(file_of_run(path, final));
    } else {
      for (const runs::SeedRun& run : runs::seed_runs_in(path)) source.files.push_back(file_of_run(run.folder, final));
    }
    if (source.files.empty()) {
      throw runs::RunFolderError(formatted("{}: holds no run: neither config.toml nor folders seed_N with one", text));
    }
  } else if (fs::exists(path)) {
    source.kind = PolicySource::Kind::kCheckpoint;
    source.files.push_back(path);
  } else {
    std::vector<std::string> known;
    for (const BuiltinPolicy& policy : builtin_policies()) known.push_back(policy.name);
    if (std::find(known.begin(), known.end(), text) == known.end()) {
      throw InputError(
          formatted("there is no policy \"{}\": neither a run's folder, nor a checkpoint file, nor one of the built-in "
                    "policies {}.{}",
                    text, joined(known), did_you_mean(text, known)));
    }
    return source;
  }

  for (const fs::path& file : source.files) {
    const PolicyMetadata metadata = read_metadata(Checkpoint::load(file));
    if (source.env_id.empty()) {
      source.env_id = metadata.env_id;
      source.env_kwargs = metadata.env_kwargs;
      source.wrappers = metadata.wrappers;
      source.plugins = metadata.plugins;
    } else if (source.env_id != metadata.env_id) {
      throw runs::RunFolderError(
          formatted("{}: its runs are of different environments ({} and {}); evaluate them one by one", text,
                    source.env_id, metadata.env_id));
    } else if (source.wrappers != metadata.wrappers) {
      throw runs::RunFolderError(formatted("{}: its runs have different wrappers ({}; {}); evaluate them one by one",
                                           text, to_text(source.wrappers), to_text(metadata.wrappers)));
    }
  }
  return source;
}

std::vector<std::unique_ptr<Policy>> load_policies(const PolicySource& source, const EnvSignature& env,
                                                   const std::string& device) {
  std::vector<std::unique_ptr<Policy>> policies;
  if (source.kind == PolicySource::Kind::kBuiltin) {
    policies.push_back(make_builtin(source.name, env));
    return policies;
  }
  for (const fs::path& file : source.files) {
    const Checkpoint checkpoint = Checkpoint::load(file);
    const PolicyMetadata trained = read_metadata(checkpoint);
    const SizeLimit limit(file.string(), size_limit_of(file));
    check_spaces(trained, env, file);
    EnvSignature single = env;
    single.num_envs = 1;
    AgentPtr agent = find_algorithm(trained.algorithm).make(trained.config, single, trained.seed, device);
    agent->load_policy(checkpoint);
    require_finite_policy(*agent, file);
    policies.push_back(std::move(agent));
  }
  return policies;
}

}  // namespace ludus::agents
