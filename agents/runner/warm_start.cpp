#include "agents/runner/warm_start.h"

#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "agents/runner/policy_files.h"
#include "base/checkpoint.h"
#include "base/format.h"
#include "base/text.h"
#include "runs/checkpoints.h"
#include "runs/run_folder.h"

namespace ludus::agents {
namespace {

namespace fs = std::filesystem;

// "agent/critics_optimizer/step" -> "critics_optimizer"; empty for what is not of the agent.
std::string_view component_of(std::string_view name) {
  constexpr std::string_view kPrefix = "agent/";
  if (!name.starts_with(kPrefix)) return {};
  name.remove_prefix(kPrefix.size());
  return name.substr(0, name.find('/'));
}

bool is_of(std::string_view component, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, component) != names.end();
}

// The part that an entry of a checkpoint belongs to; empty for counters, generators and metrics.
std::string_view part_of(std::string_view name, const Checkpoint& policy) {
  const std::string_view component = component_of(name);
  if (component == "optimizer" || component.ends_with("_optimizer")) return "optimizer";
  if (is_of(component, {"replay", "n_step"})) return "replay";
  if (policy.contains(std::string(name)) || policy.contains_value(std::string(name))) return "policy";
  if (is_of(component, {"critics", "critics_target", "actor_target", "q_target", "temperature"})) return "critic";
  return {};
}

// Copies the entries of a checkpoint that `is_taken` chooses.
void copy_entries(const Checkpoint& from, const std::function<bool(const std::string&)>& is_taken, Checkpoint& to) {
  for (const std::string& name : from.names()) {
    if (is_taken(name)) to.put(name, from.array(name));
  }
  for (const std::string& name : from.value_names()) {
    if (is_taken(name)) to.put_value(name, from.value(name));
  }
}

// Loads `parts`, which do not include the policy, beside the agent's present state.
void load_parts(Agent& agent, const Checkpoint& from, std::span<const std::string> parts) {
  Checkpoint saved, policy, merged;
  agent.save(saved);
  agent.save_policy(policy);
  std::set<std::string_view> in_agent{"replay"}, in_file;  // a replay buffer is made with the first step
  const auto is_replaced = [&](const std::string& name, std::set<std::string_view>& seen) {
    const std::string_view part = part_of(name, policy);
    seen.insert(part);
    return std::ranges::find(parts, part) != parts.end();
  };
  copy_entries(
      saved, [&](const std::string& name) { return !is_replaced(name, in_agent); }, merged);
  copy_entries(
      from, [&](const std::string& name) { return is_replaced(name, in_file); }, merged);
  for (const std::string& part : parts) {
    if (!in_agent.contains(part)) {
      throw InvalidArgument(
          formatted("{} has no part \"{}\" beside its policy; leave it out", agent.algorithm(), part));
    }
    if (!in_file.contains(part)) {
      throw InvalidArgument(
          formatted("it holds no \"{}\"; the checkpoints of a training that has one do "
                    "(checkpoints/step_*.safetensors in its run folder)",
                    part));
    }
  }
  agent.load(merged);
}

}  // namespace

void check_warm_start_parts(std::span<const std::string> parts) {
  const std::vector<std::string> known(std::begin(kWarmStartParts), std::end(kWarmStartParts));
  if (parts.empty()) {
    throw InvalidArgument(formatted("from_parts: must be one or more of {}, got none", joined(known)));
  }
  for (std::size_t k = 0; k < parts.size(); ++k) {
    if (std::ranges::find(known, parts[k]) == known.end()) {
      throw InvalidArgument(formatted("from_parts: must be of {}, got \"{}\".{}", joined(known), parts[k],
                                      did_you_mean(parts[k], known)));
    }
    if (std::ranges::find(parts.first(k), parts[k]) != parts.first(k).end()) {
      throw InvalidArgument(formatted("from_parts: must name each part once, got \"{}\" twice", parts[k]));
    }
  }
}

fs::path warm_start_file(const std::string& from, std::span<const std::string> parts) {
  const bool only_policy = std::ranges::all_of(parts, [](const std::string& part) { return part == "policy"; });
  const PolicySource source = find_policy(from, /*final=*/!only_policy);
  if (source.kind != PolicySource::Kind::kCheckpoint) {
    throw InvalidArgument(formatted("from: must be a run folder or a checkpoint, got the built-in policy {}", from));
  }
  if (source.files.size() != 1) {
    throw InvalidArgument(formatted("from: must be one policy, got {} of several seeds in {}; name one of them",
                                    source.files.size(), from));
  }
  return source.files.front();
}

void warm_start(Agent& agent, const EnvSignature& env, const fs::path& file, std::span<const std::string> parts) {
  check_warm_start_parts(parts);
  const Checkpoint checkpoint = Checkpoint::load(file);
  check_spaces(read_metadata(checkpoint), env, file);
  // the policy first: with it come the targets that follow it, which the critic replaces
  std::vector<std::string> others(parts.begin(), parts.end());
  const bool with_policy = std::erase(others, "policy") > 0;
  std::string loading = "policy";
  try {
    if (with_policy) agent.load_policy(checkpoint);
    loading = joined(others);
    if (!others.empty()) load_parts(agent, checkpoint, others);
  } catch (const CorruptCheckpoint& error) {
    throw InvalidArgument(formatted("{}: its {} does not fit {} with these settings: {}", file.string(), loading,
                                    agent.algorithm(), error.what()));
  } catch (const InvalidArgument& error) {
    throw InvalidArgument(formatted("{}: {}", file.string(), error.what()));
  }
  require_finite_policy(agent, file);
  agent.restart_episodes();
}

}  // namespace ludus::agents
