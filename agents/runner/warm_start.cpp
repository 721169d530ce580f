#include "agents/runner/warm_start.h"

#include <algorithm>
#include <functional>

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

// A checkpoint of the agent with the entries of one part from another checkpoint.
class Overlay {
 public:
  Overlay(const Agent& agent, const Checkpoint& from, std::string_view part) : part_(part) {
    Checkpoint saved, policy;
    agent.save(saved);
    agent.save_policy(policy);
    const auto is_replaced = [&](const std::string& name) { return part_of(name, policy) == part; };
    const auto take = [this](const Checkpoint& checkpoint, const std::function<bool(const std::string&)>& is_taken) {
      for (const std::string& name : checkpoint.names()) {
        if (is_taken(name)) merged_.put(name, checkpoint.array(name));
      }
      for (const std::string& name : checkpoint.value_names()) {
        if (is_taken(name)) merged_.put_value(name, checkpoint.value(name));
      }
    };
    take(saved, [&](const std::string& name) {
      const bool replaced = is_replaced(name);
      agent_has_part_ = agent_has_part_ || replaced;
      return !replaced;
    });
    take(from, [&](const std::string& name) {
      const bool replaced = is_replaced(name);
      file_has_part_ = file_has_part_ || replaced;
      return replaced;
    });
  }

  const Checkpoint& merged() const { return merged_; }
  // a replay buffer is made with the first step
  bool agent_has_part() const { return agent_has_part_ || part_ == "replay"; }
  bool file_has_part() const { return file_has_part_; }

 private:
  std::string part_;
  Checkpoint merged_;
  bool agent_has_part_ = false, file_has_part_ = false;
};

void load_part(Agent& agent, const Checkpoint& from, const std::string& part) {
  if (part == "policy") return agent.load_policy(from);
  const Overlay overlay(agent, from, part);
  if (!overlay.agent_has_part()) {
    throw InvalidArgument(formatted("{} has no part \"{}\" beside its policy; leave it out", agent.algorithm(), part));
  }
  if (!overlay.file_has_part()) {
    throw InvalidArgument(
        formatted("it holds no \"{}\"; the checkpoints of a training that has one do "
                  "(checkpoints/step_*.safetensors in its run folder)",
                  part));
  }
  agent.load(overlay.merged());
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
  for (const std::string& part : parts) {
    try {
      load_part(agent, checkpoint, part);
    } catch (const CorruptCheckpoint& error) {
      throw InvalidArgument(formatted("{}: its {} does not fit {} with these settings: {}", file.string(), part,
                                      agent.algorithm(), error.what()));
    } catch (const InvalidArgument& error) {
      throw InvalidArgument(formatted("{}: {}", file.string(), error.what()));
    }
  }
  require_finite_policy(agent, file);
  agent.restart_episodes();
}

}  // namespace ludus::agents
