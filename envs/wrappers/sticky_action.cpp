#include "envs/wrappers/sticky_action.h"

#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {

StickyAction::StickyAction(EnvPtr env, double probability, std::int64_t shortest, std::int64_t longest)
    : Wrapper(std::move(env),
              {"StickyAction",
               {{"repeat_action_probability", probability}, {"repeat_action_duration", List{shortest, longest}}}}),
      probability_(probability),
      shortest_(shortest),
      longest_(longest) {
  check_fields(StickyActionArguments{probability, {shortest, longest}}, "StickyAction");
}

Reset StickyAction::reset(std::optional<std::uint64_t> seed, const Dict& options) {
  last_ = Value();
  remaining_ = 0;
  return inner().reset(seed, options);
}

void StickyAction::step_into(const Value& action, Step& out) {
  if (remaining_ == 0 && !last_.is_null() && inner().generator().random() < probability_) {
    remaining_ = inner().generator().integers(shortest_, longest_ + 1);
  }
  if (remaining_ > 0) {
    --remaining_;
    inner().step_into(last_, out);
  } else {
    inner().step_into(action, out);
    last_ = action;
  }
}

std::unique_ptr<Wrapper> StickyAction::clone_around(EnvPtr env) const {
  return std::make_unique<StickyAction>(std::move(env), probability_, shortest_, longest_);
}

}  // namespace ludus::envs
