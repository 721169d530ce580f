#include "envs/registry/wrapper_table.h"

#include <algorithm>
#include <functional>
#include <span>

#include "base/format.h"
#include "base/text.h"
#include "base/value_io.h"
#include "envs/wrappers/arguments.h"
#include "envs/wrappers/atari_preprocessing.h"
#include "envs/wrappers/autoreset.h"
#include "envs/wrappers/delay_observation.h"
#include "envs/wrappers/frame_stack_observation.h"
#include "envs/wrappers/normalize_observation.h"
#include "envs/wrappers/normalize_reward.h"
#include "envs/wrappers/order_enforcing.h"
#include "envs/wrappers/passive_env_checker.h"
#include "envs/wrappers/record_episode_statistics.h"
#include "envs/wrappers/render_collection.h"
#include "envs/wrappers/repeat_action.h"
#include "envs/wrappers/sticky_action.h"
#include "envs/wrappers/time_aware_observation.h"
#include "envs/wrappers/time_limit.h"
#include "envs/wrappers/transform_wrappers.h"
#include "envs/wrappers/vector/dict_info_to_list.h"
#include "envs/wrappers/vector/normalize.h"
#include "envs/wrappers/vector/record_episode_statistics.h"
#include "envs/wrappers/vector/transform.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {
namespace {

constexpr std::string_view kVectorPrefix = "vector.";

// A wrapper for environments held by E, EnvPtr or VectorEnvPtr.
template <class E>
struct Entry {
  RegisteredWrapper wrapper;
  std::function<E(E, Arguments&)> apply;
};

// Wrappers with function arguments, which a spec cannot represent.
const std::vector<std::string> kNotSerializable{
    "AddRenderObservation",  "AddWhiteNoise",      "HumanRendering",         "ObstructView",
    "RecordVideo",           "TransformAction",    "TransformObservation",   "TransformReward",
    "vector.HumanRendering", "vector.RecordVideo", "vector.TransformAction", "vector.TransformObservation",
    "vector.TransformReward"};

// Throws InvalidArgument here: the constructor takes an unsigned length.
RecordEpisodeStatisticsArguments statistics_arguments(Arguments& arguments, std::string_view wrapper) {
  return checked(arguments.fields<RecordEpisodeStatisticsArguments>(), wrapper);
}

// Stateless transforms, which are shared by single and vector environments.
template <class Transform>
struct TransformEntry {
  RegisteredWrapper wrapper;
  std::function<Transform(Arguments&)> make;
};

std::vector<TransformEntry<MakeObservationTransform>> shared_observation_transforms() {
  return {
      {{"DtypeObservation", {{"dtype", "float64"}}, WrapperEffect::kObservation},
       [](Arguments& a) { return dtype_observation(dtype_of(a.text("dtype"))); }},
      {{"FilterObservation", {{"filter_keys", List{0}}}, WrapperEffect::kObservation},
       [](Arguments& a) { return filter_observation(a.list("filter_keys")); }},
      {{"FlattenObservation", {}, WrapperEffect::kObservation}, [](Arguments&) { return flatten_observation(); }},
      {{"GrayscaleObservation", {}, WrapperEffect::kObservation},
       [](Arguments& a) { return grayscale_observation(a.flag("keep_dim", false)); }},
      {{"RescaleObservation", {{"min_obs", -1}, {"max_obs", 1}}, WrapperEffect::kObservation},
       [](Arguments& a) { return rescale_observation(a.at("min_obs"), a.at("max_obs")); }},
      {{"ReshapeObservation", {{"shape", List{2, 1}}}, WrapperEffect::kObservation, describe_fields<ShapeArguments>()},
       [](Arguments& a) { return reshape_observation(a.fields<ShapeArguments>({"shape"}).shape); }},
      {{"ResizeObservation", {{"shape", List{42, 42}}}, WrapperEffect::kObservation, describe_fields<ShapeArguments>()},
       [](Arguments& a) { return resize_observation(a.fields<ShapeArguments>({"shape"}).shape); }},
  };
}

std::vector<TransformEntry<MakeActionTransform>> shared_action_transforms() {
  return {
      {{"ClipAction", {}, WrapperEffect::kAction}, [](Arguments&) { return clip_action(); }},
      {{"RescaleAction", {{"min_action", -1}, {"max_action", 1}}, WrapperEffect::kAction},
       [](Arguments& a) { return rescale_action(a.at("min_action"), a.at("max_action")); }},
  };
}

std::vector<TransformEntry<RewardTransform>> shared_reward_transforms() {
  return {
      {{"ClipReward",
        {{"min_reward", -1}, {"max_reward", 1}},
        WrapperEffect::kReward,
        describe_fields<ClipRewardArguments>()},
       [](Arguments& a) {
         const auto [min_reward, max_reward] = a.fields<ClipRewardArguments>();
         return clip_reward(min_reward, max_reward);
       }},
  };
}

// Adds an entry for each transform, applied by the wrapper W.
template <class W, class E, class Transform>
void add_transforms(std::vector<Entry<E>>& entries, const std::string& prefix,
                    const std::vector<TransformEntry<Transform>>& transforms) {
  for (const auto& transform : transforms) {
    entries.push_back({{prefix + transform.wrapper.name, transform.wrapper.example, transform.wrapper.effect,
                        transform.wrapper.arguments},
                       [make = transform.make](E env, Arguments& arguments) -> E {
                         return std::make_unique<W>(std::move(env), make(arguments));
                       }});
  }
}

template <class E>
std::vector<Entry<E>> sorted(std::vector<Entry<E>> entries) {
  std::ranges::sort(entries, {}, [](const Entry<E>& entry) { return entry.wrapper.name; });
  return entries;
}

// A padding observation is parsed from JSON as nested lists.
Value padding_argument(const Value& padding, const Space& space) {
  const auto* box = dynamic_cast<const Box*>(&space);
  return box && padding.is_list() ? Value(to_array(padding, box->dtype())) : padding;
}

std::vector<Entry<EnvPtr>> make_single_entries() {
  std::vector<Entry<EnvPtr>> entries{
      {{"AtariPreprocessing", {{"noop_max", 3}}, WrapperEffect::kTask, describe_fields<AtariOptions>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<AtariPreprocessing>(std::move(env), a.fields<AtariOptions>());
       }},
      {{"Autoreset", {}, WrapperEffect::kTask},
       [](EnvPtr env, Arguments&) -> EnvPtr { return std::make_unique<Autoreset>(std::move(env)); }},
      {{"DelayObservation", {{"delay", 2}}, WrapperEffect::kObservation, describe_fields<DelayObservationArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<DelayObservation>(std::move(env),
                                                   a.fields<DelayObservationArguments>({"delay"}).delay);
       }},
      {{"DiscretizeAction", {{"bins", 5}}, WrapperEffect::kAction, describe_fields<DiscretizeArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         const auto [bins, multidiscrete] = a.fields<DiscretizeArguments>({"bins"});
         return std::make_unique<DiscretizeAction>(std::move(env), bins, multidiscrete);
       }},
      {{"DiscretizeObservation", {{"bins", 5}}, WrapperEffect::kObservation, describe_fields<DiscretizeArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         const auto [bins, multidiscrete] = a.fields<DiscretizeArguments>({"bins"});
         return std::make_unique<DiscretizeObservation>(std::move(env), bins, multidiscrete);
       }},
      {{"FrameStackObservation",
        {{"stack_size", 3}},
        WrapperEffect::kObservation,
        describe_fields<FrameStackArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         const Value padding = padding_argument(a.get("padding_type", "reset"), env->observation_space());
         const std::int64_t stack_size = a.fields<FrameStackArguments>({"stack_size"}).stack_size;
         return std::make_unique<FrameStackObservation>(std::move(env), stack_size, padding);
       }},
      {{"MaxAndSkipObservation", {}, WrapperEffect::kTask, describe_fields<MaxAndSkipArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<MaxAndSkipObservation>(std::move(env), a.fields<MaxAndSkipArguments>().skip);
       }},
      {{"NormalizeObservation", {}, WrapperEffect::kObservation, describe_fields<NormalizeObservationArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<NormalizeObservation>(std::move(env),
                                                       a.fields<NormalizeObservationArguments>().epsilon);
       }},
      {{"NormalizeReward", {}, WrapperEffect::kReward, describe_fields<NormalizeRewardArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         const auto [gamma, epsilon] = a.fields<NormalizeRewardArguments>();
         return std::make_unique<NormalizeReward>(std::move(env), gamma, epsilon);
       }},
      {{"OrderEnforcing", {}, WrapperEffect::kNothing},
       [](EnvPtr env, Arguments&) -> EnvPtr { return std::make_unique<OrderEnforcing>(std::move(env)); }},
      {{"PassiveEnvChecker", {}, WrapperEffect::kNothing},
       [](EnvPtr env, Arguments&) -> EnvPtr { return std::make_unique<PassiveEnvChecker>(std::move(env)); }},
      {{"RecordEpisodeStatistics", {}, WrapperEffect::kNothing, describe_fields<RecordEpisodeStatisticsArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         const auto [length, key] = statistics_arguments(a, "RecordEpisodeStatistics");
         return std::make_unique<RecordEpisodeStatistics>(std::move(env), static_cast<std::size_t>(length), key);
       }},
      {{"RenderCollection", {}, WrapperEffect::kNothing},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<RenderCollection>(std::move(env), a.flag("pop_frames", true),
                                                   a.flag("reset_clean", true));
       }},
      {{"RepeatAction", {{"num_repeats", 2}}, WrapperEffect::kTask, describe_fields<RepeatActionArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<RepeatAction>(std::move(env),
                                               a.fields<RepeatActionArguments>({"num_repeats"}).num_repeats);
       }},
      {{"StickyAction",
        {{"repeat_action_probability", 0.25}},
        WrapperEffect::kTask,
        describe_fields<StickyActionArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         const auto [probability, duration] = a.fields<StickyActionArguments>({"repeat_action_probability"});
         return std::make_unique<StickyAction>(std::move(env), probability, duration[0], duration[1]);
       }},
      {{"TimeAwareObservation", {}, WrapperEffect::kObservation},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<TimeAwareObservation>(
             std::move(env), a.flag("flatten", true), a.flag("normalize_time", false), a.text("dict_time_key", "time"));
       }},
      {{"TimeLimit", {{"max_episode_steps", 20}}, WrapperEffect::kTask, describe_fields<TimeLimitArguments>()},
       [](EnvPtr env, Arguments& a) -> EnvPtr {
         return std::make_unique<TimeLimit>(std::move(env),
                                            a.fields<TimeLimitArguments>({"max_episode_steps"}).max_episode_steps);
       }},
  };
  add_transforms<TransformObservation>(entries, "", shared_observation_transforms());
  add_transforms<TransformAction>(entries, "", shared_action_transforms());
  add_transforms<TransformReward>(entries, "", shared_reward_transforms());
  return sorted(std::move(entries));
}

std::vector<Entry<VectorEnvPtr>> make_vector_entries() {
  std::vector<Entry<VectorEnvPtr>> entries{
      {{"vector.DictInfoToList", {}, WrapperEffect::kNothing},
       [](VectorEnvPtr envs, Arguments&) -> VectorEnvPtr {
         return std::make_unique<vector::DictInfoToList>(std::move(envs));
       }},
      {{"vector.NormalizeObservation",
        {},
        WrapperEffect::kObservation,
        describe_fields<NormalizeObservationArguments>()},
       [](VectorEnvPtr envs, Arguments& a) -> VectorEnvPtr {
         return std::make_unique<vector::NormalizeObservation>(std::move(envs),
                                                               a.fields<NormalizeObservationArguments>().epsilon);
       }},
      {{"vector.NormalizeReward", {}, WrapperEffect::kReward, describe_fields<NormalizeRewardArguments>()},
       [](VectorEnvPtr envs, Arguments& a) -> VectorEnvPtr {
         const auto [gamma, epsilon] = a.fields<NormalizeRewardArguments>();
         return std::make_unique<vector::NormalizeReward>(std::move(envs), gamma, epsilon);
       }},
      {{"vector.RecordEpisodeStatistics",
        {},
        WrapperEffect::kNothing,
        describe_fields<RecordEpisodeStatisticsArguments>()},
       [](VectorEnvPtr envs, Arguments& a) -> VectorEnvPtr {
         const auto [length, key] = statistics_arguments(a, "vector.RecordEpisodeStatistics");
         return std::make_unique<vector::RecordEpisodeStatistics>(std::move(envs), static_cast<std::size_t>(length),
                                                                  key);
       }},
  };
  const std::string prefix(kVectorPrefix);
  add_transforms<vector::VectorizeTransformObservation>(entries, prefix, shared_observation_transforms());
  add_transforms<vector::VectorizeTransformAction>(entries, prefix, shared_action_transforms());
  add_transforms<vector::VectorizeTransformReward>(entries, prefix, shared_reward_transforms());
  return sorted(std::move(entries));
}

const std::vector<Entry<EnvPtr>>& single_entries() {
  static const std::vector<Entry<EnvPtr>> entries = make_single_entries();
  return entries;
}

const std::vector<Entry<VectorEnvPtr>>& vector_entries() {
  static const std::vector<Entry<VectorEnvPtr>> entries = make_vector_entries();
  return entries;
}

template <class E>
std::vector<RegisteredWrapper> listed(const std::vector<Entry<E>>& entries) {
  std::vector<RegisteredWrapper> wrappers;
  for (const Entry<E>& entry : entries) wrappers.push_back(entry.wrapper);
  return wrappers;
}

template <class E>
E apply_wrapper(E env, const WrapperSpec& wrapper, const std::vector<Entry<E>>& entries) {
  std::vector<std::string> names;
  for (const Entry<E>& entry : entries) {
    names.push_back(entry.wrapper.name);
    if (entry.wrapper.name != wrapper.name) continue;
    Arguments arguments(wrapper);
    E wrapped = entry.apply(std::move(env), arguments);
    arguments.finish();
    return wrapped;
  }
  if (std::ranges::find(kNotSerializable, wrapper.name) != kNotSerializable.end()) {
    throw InvalidArgument(formatted(
        "`{}` takes a function, which a spec cannot represent; construct the wrapper in the program", wrapper.name));
  }
  throw InvalidArgument(formatted("there is no wrapper `{}`.{}", wrapper.name, did_you_mean(wrapper.name, names)));
}

}  // namespace

const std::vector<RegisteredWrapper>& registered_wrappers() {
  static const std::vector<RegisteredWrapper> wrappers = listed(single_entries());
  return wrappers;
}

const std::vector<RegisteredWrapper>& registered_vector_wrappers() {
  static const std::vector<RegisteredWrapper> wrappers = listed(vector_entries());
  return wrappers;
}

bool is_vector_wrapper(const WrapperSpec& wrapper) {
  return wrapper.name.starts_with(kVectorPrefix);
}

EnvPtr wrap(EnvPtr env, const WrapperSpec& wrapper) {
  if (is_vector_wrapper(wrapper)) {
    throw InvalidArgument(
        formatted("`{}` wraps a vector of environments, not a single one; use make_vec", wrapper.name));
  }
  return apply_wrapper(std::move(env), wrapper, single_entries());
}

VectorEnvPtr wrap(VectorEnvPtr envs, const WrapperSpec& wrapper) {
  return apply_wrapper(std::move(envs), wrapper, vector_entries());
}

}  // namespace ludus::envs
