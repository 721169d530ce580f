#include "envs/core/spec.h"

#include <regex>

#include "base/format.h"

namespace ludus::envs {

EnvId EnvId::parse(std::string_view id) {
  // Gymnasium's grammar (gymnasium/envs/registration.py)
  static const std::regex grammar(R"(^(?:([\w:-]+)/)?(?:([\w:.-]+?))(?:-v(\d{1,9}))?$)");
  std::match_results<std::string_view::const_iterator> match;
  if (id.size() > 256 || !std::regex_match(id.begin(), id.end(), match, grammar)) {
    throw MalformedId(formatted(
        "environment id: must have the form [namespace/]name[-vN], as in `CartPole-v1`, got `{}`", id.substr(0, 256)));
  }
  EnvId parsed{match[1].str(), match[2].str(), {}};
  if (match[3].matched) parsed.version = std::stoi(match[3].str());
  return parsed;
}

std::string EnvId::to_string() const {
  return (name_space.empty() ? "" : name_space + "/") + name + (version ? "-v" + std::to_string(*version) : "");
}

Dict EnvSpec::to_dict() const {
  const EnvId parts = EnvId::parse(id);
  List stack;
  for (const WrapperSpec& wrapper : wrappers) {
    stack.push_back(Dict{{"name", wrapper.name}, {"kwargs", wrapper.kwargs}});
  }
  return {{"id", id},
          {"namespace", parts.name_space.empty() ? Value() : Value(parts.name_space)},
          {"name", parts.name},
          {"version", parts.version ? Value(*parts.version) : Value()},
          {"summary", summary},
          {"reward_threshold", reward_threshold ? Value(*reward_threshold) : Value()},
          {"max_episode_steps", max_episode_steps ? Value(*max_episode_steps) : Value()},
          {"nondeterministic", nondeterministic},
          {"order_enforce", order_enforce},
          {"kwargs", kwargs},
          {"additional_wrappers", stack}};
}

EnvSpec EnvSpec::from_dict(const Dict& dict) {
  EnvSpec spec;
  spec.id = dict.at("id").as_string();
  if (const Value* summary = dict.find("summary")) spec.summary = summary->as_string();
  if (const Value* threshold = dict.find("reward_threshold"); threshold && !threshold->is_null()) {
    spec.reward_threshold = threshold->as_double();
  }
  if (const Value* limit = dict.find("max_episode_steps"); limit && !limit->is_null()) {
    spec.max_episode_steps = limit->as_int();
  }
  if (const Value* flag = dict.find("nondeterministic")) spec.nondeterministic = flag->as_bool();
  if (const Value* flag = dict.find("order_enforce")) spec.order_enforce = flag->as_bool();
  if (const Value* kwargs = dict.find("kwargs")) spec.kwargs = kwargs->as_dict();
  if (const Value* stack = dict.find("additional_wrappers")) {
    for (const Value& wrapper : stack->as_list()) {
      spec.wrappers.push_back({wrapper.as_dict().at("name").as_string(), wrapper.as_dict().at("kwargs").as_dict()});
    }
  }
  return spec;
}

}  // namespace ludus::envs
