#include "agents/runner/run_wrappers.h"

#include <gtest/gtest.h>

#include <functional>

#include "agents/algorithms.h"
#include "agents/runner/policy_files.h"
#include "base/value_io.h"
#include "envs/registry/registry.h"

namespace ludus::agents {
namespace {

const Wrappers kStack{{"GrayscaleObservation", {}},
                      {"ResizeObservation", {{"shape", List{36, 36}}}},
                      {"StickyAction", {{"repeat_action_probability", 0.25}}},
                      {"ClipReward", {{"max_reward", 1.0}, {"min_reward", -1}}},
                      {"DiscretizeAction", {{"bins", 5}}},
                      {"FrameStackObservation", {{"padding_type", "zero"}, {"stack_size", 4}}},
                      {"TimeLimit", {{"max_episode_steps", 50}}},
                      {"PassiveEnvChecker", {}}};

std::vector<std::string> names_of(const Wrappers& wrappers) {
  std::vector<std::string> names;
  for (const envs::WrapperSpec& wrapper : wrappers) names.push_back(wrapper.name);
  return names;
}

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(RunWrappers, EvaluationsUseAllExceptThoseOfRewards) {
  EXPECT_EQ(names_of(evaluation_wrappers(kStack)),
            (std::vector<std::string>{"GrayscaleObservation", "ResizeObservation", "StickyAction", "DiscretizeAction",
                                      "FrameStackObservation", "TimeLimit", "PassiveEnvChecker"}));
  EXPECT_EQ(names_of(task_wrappers(kStack)), (std::vector<std::string>{"StickyAction", "TimeLimit"}));
}

TEST(RunWrappers, ReadBackExactly) {
  const List list = to_list(kStack);
  EXPECT_EQ(to_json(list.at(1)), R"({"name":"ResizeObservation","shape":[36,36]})");
  EXPECT_EQ(wrappers_from_list(list, "a file"), kStack);
  EXPECT_EQ(wrappers_from_list(from_json(to_json(list)).as_list(), "a file"), kStack);
  // the order of arguments means nothing, and files know only one
  EXPECT_EQ(to_list({{"X", {{"b", 1}, {"a", 2}}}}), to_list({{"X", {{"a", 2}, {"b", 1}}}}));
  EXPECT_NE(message_of([] {
              wrappers_from_list(List{Dict{{"shape", 1}}}, "a file");
            }).find("a file"),
            std::string::npos);
  EXPECT_THROW(wrappers_from_list(List{"ClipReward"}, "a file"), InputError);
}

TEST(RunWrappers, TextIsTheFormOfTheOption) {
  EXPECT_EQ(to_text(Wrappers{}), "none");
  EXPECT_EQ(to_text({kStack[1], kStack[0], kStack[5]}),
            "ResizeObservation:shape=[36,36], GrayscaleObservation, "
            "FrameStackObservation:padding_type=zero,stack_size=4");
  EXPECT_EQ(wrapped_name("CartPole-v1", {}), "CartPole-v1");
  EXPECT_EQ(wrapped_name("CartPole-v1", {{"ClipAction", {}}}), "CartPole-v1 with ClipAction");
}

TEST(RunWrappers, WrapTheEnvironmentWithItsArguments) {
  const auto env = envs::make(wrapped_spec("CartPole-v1", {{"sutton_barto_reward", true}, {"max_episode_steps", 7}},
                                           {{"TimeAwareObservation", {}}, {"ClipReward", {{"max_reward", -0.5}}}}));
  EXPECT_EQ(env->spec().max_episode_steps, 7);
  EXPECT_EQ(env->observation_space().row_size(), 5u);
  env->reset(1);
  EXPECT_EQ(env->step(0).reward, -0.5);  // Sutton and Barto's rewards are 0 before the end
}

TEST(RunWrappers, RejectsThoseThatATrainingCannotUse) {
  const auto refusal = [](const std::string& wrapper, const char* algorithm) {
    return message_of([&] { check_wrappers({{wrapper, {}}}, find_algorithm(algorithm)); });
  };
  const auto expect_words = [&](const std::string& wrapper, const char* algorithm, const std::string& words) {
    EXPECT_NE(refusal(wrapper, algorithm).find(words), std::string::npos) << refusal(wrapper, algorithm);
  };
  expect_words("NormalizeObservation", "ppo", "--set normalize_observations=true");
  expect_words("NormalizeObservation", "ars", "--set normalize=true");
  expect_words("NormalizeObservation", "dqn", "dqn has no setting for that (a2c, ars, ppo, reinforce have one)");
  expect_words("NormalizeReward", "a2c", "--set normalize_rewards=true");
  expect_words("NormalizeReward", "ars", "ars has no setting for that (a2c, ppo, reinforce have one)");
  expect_words("vector.ClipReward", "dqn", "; use ClipReward");
  expect_words("vector.DictInfoToList", "dqn", "; remove it");
  expect_words("Autoreset", "dqn", "cannot be used in a training");
  expect_words("RenderCollection", "dqn", "cannot be used in a training");
  EXPECT_EQ(message_of([] { check_wrappers(kStack, find_algorithm("dqn")); }), "no error");
}

TEST(RunWrappers, APlannerRejectsAny) {
  const auto envs =
      envs::make_vec(wrapped_spec("FrozenLake-v1", {}, {{"StickyAction", {{"repeat_action_probability", 0.25}}}}), 1);
  const std::string message =
      message_of([&] { find_algorithm("value_iteration").make({}, EnvSignature::of(*envs), 0, "cpu"); });
  EXPECT_NE(message.find("StickyAction"), std::string::npos) << message;
}

TEST(PolicyMetadata, HoldsTheWrappers) {
  Checkpoint checkpoint;
  PolicyMetadata metadata;
  metadata.algorithm = "dqn";
  metadata.wrappers = kStack;
  write_metadata(checkpoint, metadata);
  EXPECT_EQ(read_metadata(checkpoint).wrappers, kStack);

  // files from before there were wrappers in a run
  std::string& text = checkpoint.metadata().at("ludus.policy");
  Dict without = from_json(text).as_dict();
  without.erase("wrappers");
  text = to_json(without);
  EXPECT_TRUE(read_metadata(checkpoint).wrappers.empty());
  without["wrappers"] = List{Dict{{"nam", "ClipReward"}}};
  text = to_json(without);
  EXPECT_THROW(read_metadata(checkpoint), CorruptCheckpoint);
}

TEST(PolicyMetadata, FilesOfAnotherFormatAreRefused) {
  PolicyMetadata metadata;
  metadata.algorithm = "dqn";
  Checkpoint checkpoint;
  write_metadata(checkpoint, metadata);
  EXPECT_NO_THROW(check_format(checkpoint));
  for (const char* format : {"1", "3"}) {
    checkpoint.metadata()["format"] = format;
    EXPECT_THROW(check_format(checkpoint), CorruptCheckpoint);
    EXPECT_THROW(read_metadata(checkpoint), CorruptCheckpoint);
  }
  // files from before formats were numbered
  checkpoint.metadata().erase("format");
  EXPECT_THROW(read_metadata(checkpoint), CorruptCheckpoint);
}

}  // namespace
}  // namespace ludus::agents
