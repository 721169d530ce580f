#include "envs/core/registry.h"

#include <gtest/gtest.h>

#include "envs/classic_control/cart_pole.h"

namespace ludus::envs {
namespace {

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Registry, SuggestsTheClosestName) {
  EXPECT_THROW(make("Cartpole-v1"), NameNotFound);
  EXPECT_EQ(message_of([] { make("Cartpole-v1"); }),
            "Environment `Cartpole` doesn't exist. Did you mean: `CartPole-v1`?");
  EXPECT_EQ(message_of([] { make("Zzz-v1"); }), "Environment `Zzz` doesn't exist. `ludus envs` lists all there are.");
}

TEST(Registry, ListsTheVersionsThereAre) {
  EXPECT_THROW(make("CartPole-v2"), VersionNotFound);
  EXPECT_EQ(message_of([] { make("CartPole-v2"); }),
            "Environment version `v2` for environment `CartPole` couldn't be found. `CartPole` provides the versioned "
            "environments: [`v0`, `v1`].");
}

TEST(Registry, RefusesMalformedIdsAndUnknownNamespaces) {
  for (const char* id : {"", "Cart Pole", "a/b/c-v1", "CartPole-v1\n", "-v1"}) {
    EXPECT_THROW(make(id), InputError) << id;
  }
  EXPECT_THROW(make("nowhere/CartPole-v1"), NamespaceNotFound);
}

TEST(Registry, WarnsOfOldAndMissingVersions) {
  std::vector<std::string> warnings;
  const MakeOptions options{.warn = [&](const std::string& sentence) { warnings.push_back(sentence); }};
  EXPECT_EQ(make("CartPole", {}, options)->spec().id, "CartPole-v1");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("newest version `CartPole-v1`"), std::string::npos);
  make("CartPole-v0", {}, options);
  ASSERT_EQ(warnings.size(), 2u);
  EXPECT_NE(warnings[1].find("out of date"), std::string::npos);
  make("CartPole-v1", {}, options);
  EXPECT_EQ(warnings.size(), 2u);
}

TEST(Registry, AnOlderVersionThanAllIsDeprecated) {
  Registry own;
  own.add<CartPole>({.id = "Pole-v3"});
  EXPECT_THROW(own.find("Pole-v2"), DeprecatedEnv);
  EXPECT_EQ(message_of([&] { own.find("Pole-v2"); }),
            "Environment version `v2` for `Pole` is deprecated. Please use `Pole-v3` instead.");
}

TEST(Registry, VersionedAndUnversionedDoNotMix) {
  Registry own;
  own.add<CartPole>({.id = "Pole-v3"});
  EXPECT_THROW(own.add<CartPole>({.id = "Pole"}), RegistrationError);
  EXPECT_THROW(own.add<CartPole>({.id = "no good"}), MalformedId);
  own.add<CartPole>({.id = "mine/Pole"});
  EXPECT_EQ(own.make("mine/Pole")->spec().id, "mine/Pole");
  EXPECT_THROW(own.find("mine/Pole-v1"), VersionNotFound);
}

TEST(Registry, TimeLimitIsTheSpecsUnlessAskedOtherwise) {
  const auto steps_until_cut = [](const MakeOptions& options) {
    const EnvPtr env = make("CartPole-v1", {}, options);
    env->reset(0);
    for (int t = 1; t <= 600; ++t) {
      if (env->step(t % 2).truncated) return t;
    }
    return 0;
  };
  EXPECT_EQ(steps_until_cut({}), 500);
  EXPECT_EQ(steps_until_cut({.max_episode_steps = 7}), 7);
  EXPECT_EQ(steps_until_cut({.max_episode_steps = -1}), 0);
  EXPECT_THROW(steps_until_cut({.max_episode_steps = 0}), InvalidArgument);
}

TEST(Registry, ASpecRebuildsItsEnvironment) {
  EnvPtr env = make("CartPole-v1", {{"sutton_barto_reward", true}}, {.max_episode_steps = 9});
  env = wrap(std::move(env), {"RecordEpisodeStatistics", {{"buffer_length", 3}}});
  const EnvSpec spec = EnvSpec::from_dict(env->spec().to_dict());
  EXPECT_EQ(spec, env->spec());
  const EnvPtr rebuilt = make(spec);
  EXPECT_EQ(rebuilt->spec(), env->spec());
  rebuilt->reset(0);
  Step step;
  for (int t = 0; t < 9; ++t) step = rebuilt->step(0);
  EXPECT_TRUE(step.truncated);
  EXPECT_EQ(step.reward, 0.0);
  EXPECT_TRUE(step.info.contains("episode"));
}

TEST(Registry, OrderIsEnforced) {
  const EnvPtr env = make("CartPole-v1");
  EXPECT_THROW(env->step(0), ResetNeeded);
  EXPECT_THROW(env->render(), ResetNeeded);
  env->reset(0);
  EXPECT_NO_THROW(env->render());
}

TEST(Plugin, MissingOrForeignLibrariesAreRefused) {
  EXPECT_THROW(load_plugin("/nonexistent/libmine.so"), PluginError);
  EXPECT_THROW(load_plugin(LUDUS_SOURCE_DIR "/README.md"), PluginError);
  EXPECT_THROW(load_plugin("libm.so.6"), PluginError);  // not searched for in the system's folders
}

}  // namespace
}  // namespace ludus::envs
