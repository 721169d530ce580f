#include "agents/runner/policy_files.h"

#include <algorithm>

#include "agents/rules/rules.h"
#include "agents/algorithms.h"
#include "agents/runner/run.h"
#include "runs/toml_values.h"
#include "base/text.h"
#include "base/value_io.h"

namespace ludus::agents {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFactsKey = "ludus.policy";  // of the metadata, a JSON object

// The checkpoint that a run's folder stands for.
fs::path checkpoint_of_run(const fs::path& folder, bool final) {
  if (final) return newest_checkpoint(folder);
  if (fs::exists(folder / "best.safetensors")) return folder / "best.safetensors";
  throw RunFolderError(
      "the run " + folder.string() +
      " has no best.safetensors yet (no evaluation has been made); use --final for its newest checkpoint");
}

bool is_run(const fs::path& folder) {
  return fs::exists(folder / "config.toml");
}

// seed_0, seed_1, … by number
std::vector<fs::path> runs_in(const fs::path& folder) {
  std::vector<fs::path> runs;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().filename().string().starts_with("seed_") && is_run(entry.path())) runs.push_back(entry.path());
  }
  std::sort(runs.begin(), runs.end(), [](const fs::path& a, const fs::path& b) {
    const std::string left = a.filename(), right = b.filename();
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  });
  return runs;
}

}  // namespace

void write_metadata(Checkpoint& checkpoint, const PolicyMetadata& facts) {
  List plugins;
  for (const std::string& plugin : facts.plugins) plugins.push_back(plugin);
  checkpoint.metadata()[kFactsKey] = to_json(Dict{{"algorithm", facts.algorithm},
                                                  {"config", facts.config},
                                                  {"env", facts.env_id},
                                                  {"env_kwargs", runs::sorted_by_key(facts.env_kwargs)},
                                                  {"wrappers", to_list(facts.wrappers)},
                                                  {"observation_space", facts.observation_space},
                                                  {"action_space", facts.action_space},
                                                  {"plugins", plugins},
                                                  {"seed", std::to_string(facts.seed)},
                                                  {"steps", facts.steps}});
}

PolicyMetadata read_metadata(const Checkpoint& checkpoint) {
  const auto found = checkpoint.metadata().find(kFactsKey);
  if (found == checkpoint.metadata().end()) {
    throw CorruptCheckpoint(checkpoint.source() +
                                " is a safetensors file but no policy of ludus: its metadata has no \"" + kFactsKey +
                                "\"");
  }
  try {
    const Value value = from_json(found->second);
    const Dict& parts = value.as_dict();
    PolicyMetadata facts;
    facts.algorithm = parts.at("algorithm").as_string();
    facts.config = parts.at("config").as_dict();
    facts.env_id = parts.at("env").as_string();
    facts.env_kwargs = parts.at("env_kwargs").as_dict();
    if (const Value* wrappers = parts.find("wrappers")) {
      facts.wrappers = wrappers_from_list(wrappers->as_list(), checkpoint.source());
    }
    facts.observation_space = parts.at("observation_space").as_dict();
    facts.action_space = parts.at("action_space").as_dict();
    for (const Value& plugin : parts.at("plugins").as_list()) facts.plugins.push_back(plugin.as_string());
    facts.seed = std::stoull(parts.at("seed").as_string());
    facts.steps = parts.at("steps").as_int();
    return facts;
  } catch (const InputError& error) {
    throw CorruptCheckpoint(checkpoint.source() + " describes its policy wrongly: " + error.what());
  } catch (const std::logic_error&) {
    throw CorruptCheckpoint(checkpoint.source() + " describes its policy wrongly: its seed is no number");
  }
}

PolicySource find_policy(const std::string& text, bool final) {
  PolicySource source;
  source.name = text;
  const fs::path path(text);
  if (fs::is_directory(path)) {
    source.kind = PolicySource::Kind::kCheckpoint;
    if (is_run(path)) {
      source.files.push_back(checkpoint_of_run(path, final));
    } else {
      for (const fs::path& run : runs_in(path)) source.files.push_back(checkpoint_of_run(run, final));
    }
    if (source.files.empty()) {
      throw RunFolderError("the folder " + text + " holds no run: neither config.toml nor folders seed_N with one");
    }
  } else if (fs::exists(path)) {
    source.kind = PolicySource::Kind::kCheckpoint;
    source.files.push_back(path);
  } else {
    std::vector<std::string> known;
    for (const BuiltinPolicy& policy : builtin_policies()) known.push_back(policy.name);
    if (std::find(known.begin(), known.end(), text) == known.end()) {
      throw InputError("there is no policy \"" + text +
                       "\": neither a run's folder, nor a checkpoint file, nor one of the built-in policies " +
                       joined(known) + "." + did_you_mean(text, known));
    }
    return source;
  }

  for (const fs::path& file : source.files) {
    const PolicyMetadata facts = read_metadata(Checkpoint::load(file));
    if (source.env_id.empty()) {
      source.env_id = facts.env_id;
      source.env_kwargs = facts.env_kwargs;
      source.wrappers = facts.wrappers;
      source.plugins = facts.plugins;
    } else if (source.env_id != facts.env_id) {
      throw RunFolderError("the runs in " + text + " are of different environments (" + source.env_id + " and " +
                           facts.env_id + "); compare them one by one");
    } else if (source.wrappers != facts.wrappers) {
      throw RunFolderError("the runs in " + text + " have different wrappers (" + to_text(source.wrappers) + "; " +
                           to_text(facts.wrappers) + "); compare them one by one");
    }
  }
  return source;
}

std::vector<std::unique_ptr<Policy>> load_policies(const PolicySource& source, const EnvSignature& facts,
                                                   const std::string& device) {
  std::vector<std::unique_ptr<Policy>> policies;
  if (source.kind == PolicySource::Kind::kBuiltin) {
    policies.push_back(make_builtin(source.name, facts));
    return policies;
  }
  for (const fs::path& file : source.files) {
    const Checkpoint checkpoint = Checkpoint::load(file);
    const PolicyMetadata trained = read_metadata(checkpoint);
    // spaces are compared as spaces: what was read from a file has lists where a fresh description has arrays
    const auto observations = envs::space_from_spec(trained.observation_space),
               actions = envs::space_from_spec(trained.action_space);
    if (!observations->equals(*facts.observation_space) || !actions->equals(*facts.action_space)) {
      throw NotApplicable("the policy " + file.string() + " was trained on " + trained.env_id + " (observations " +
                          observations->to_string() + ", actions " + actions->to_string() + ") and does not fit " +
                          facts.spec.id + " (observations " + facts.observation_space->to_string() + ", actions " +
                          facts.action_space->to_string() + ")");
    }
    EnvSignature single = facts;
    single.num_envs = 1;
    AgentPtr agent = find_algorithm(trained.algorithm).make(trained.config, single, trained.seed, device);
    agent->load_policy(checkpoint);
    policies.push_back(std::move(agent));
  }
  return policies;
}

}  // namespace ludus::agents
