#include "envs/registry/registry.h"

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

TEST(Registry, ReadsIdsByGymnasiumsGrammar) {
  struct Reading {
    const char *id, *name_space, *name;
    int version;  // -1: none
  };
  for (const Reading& wanted :
       {Reading{"CartPole-v1", "", "CartPole", 1}, Reading{"CartPole", "", "CartPole", -1},
        Reading{"phys2d/CartPole-v0", "phys2d", "CartPole", 0},
        Reading{"my:space/A.b-c:d-v12", "my:space", "A.b-c:d", 12}, Reading{"CartPole-v", "", "CartPole-v", -1},
        Reading{"CartPole-v1.5", "", "CartPole-v1.5", -1}, Reading{"-v1-v2", "", "-v1", 2},
        Reading{"v1", "", "v1", -1}}) {
    const EnvId id = EnvId::parse(wanted.id);
    EXPECT_EQ(id.name_space, wanted.name_space) << wanted.id;
    EXPECT_EQ(id.name, wanted.name) << wanted.id;
    EXPECT_EQ(id.version.value_or(-1), wanted.version) << wanted.id;
    EXPECT_EQ(id.to_string(), wanted.id);
  }
  for (const char* id :
       {"", "/", "/CartPole-v1", "a/", "a/b/c", "Cart Pole-v1", "Cart\tPole", "CartPole-v1 ", "Zug№1"}) {
    EXPECT_THROW(EnvId::parse(id), MalformedId) << id;
  }
}

TEST(Registry, AnswersEveryWrongIdByItsKind) {
  Registry own;
  for (const char* id : {"Lander-v3", "Pole-v0", "Pole-v1", "box/Hauler-v2", "box/Hauler-v4", "Loose"}) {
    own.add<CartPole>({.id = id});
  }
  const auto answer = [&](const char* id) { return message_of([&] { own.find(id); }); };
  EXPECT_THROW(own.find("Lander-v2"), DeprecatedEnv);
  EXPECT_EQ(answer("Lander-v2"),
            "Environment version `v2` for `Lander` is deprecated. Please use `Lander-v3` instead.");
  EXPECT_THROW(own.find("box/Hauler-v3"), DeprecatedEnv);  // between two existing versions
  EXPECT_EQ(answer("box/Hauler-v3"),
            "Environment version `v3` for `Hauler` is deprecated. Please use `box/Hauler-v4` instead.");
  EXPECT_THROW(own.find("Pole-v2"), VersionNotFound);
  EXPECT_THROW(own.find("Pole-v01"), NameNotFound);
  EXPECT_EQ(answer("Pole-v01"), "There is no environment `Pole-v01`. Did you mean: `Pole-v1`?");
  EXPECT_THROW(own.find("Loose-v1"), DeprecatedEnv);
  EXPECT_THROW(own.find("bos/Hauler-v2"), NamespaceNotFound);
  EXPECT_EQ(answer("bos/Hauler-v2"), "Namespace bos not found. Did you mean `box`?");
  EXPECT_THROW(own.find("box/Hauller-v2"), NameNotFound);
  EXPECT_EQ(answer("box/Hauller-v2"),
            "Environment `Hauller` doesn't exist in namespace box. Did you mean: `box/Hauler-v4`?");
  EXPECT_THROW(own.find("Hauler-v4"), NameNotFound);  // registered only in a namespace
  EXPECT_THROW(own.find("my_module:Pole-v1"), NameNotFound);
  EXPECT_NE(answer("my_module:Pole-v1").find("--plugin"), std::string::npos);

  // the newest version of a name is suggested, whatever its namespace
  std::vector<std::string> warnings;
  const Warn warn = [&](const std::string& sentence) { warnings.push_back(sentence); };
  EXPECT_EQ(own.find("box/Hauler", warn).spec.id, "box/Hauler-v4");
  EXPECT_EQ(own.find("Loose", warn).spec.id, "Loose");
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0], "using the newest version `box/Hauler-v4` of the unversioned environment `box/Hauler`");
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
  EXPECT_THROW(own.find("mine/Pole-v1"), DeprecatedEnv);
  EXPECT_EQ(message_of([&] { own.find("mine/Pole-v1"); }),
            "Environment version `v1` for environment `Pole` doesn't exist. It provides the default version "
            "`mine/Pole`.");
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

TEST(Registry, TellsTheSpecOfWhatItWouldMake) {
  const Dict kwargs{{"sutton_barto_reward", true}, {"max_episode_steps", 9}};
  EXPECT_EQ(spec("CartPole-v1", kwargs), make("CartPole-v1", kwargs)->spec());
  EXPECT_EQ(spec("CartPole-v1", {}), spec("CartPole-v1"));
  EXPECT_EQ(spec("CartPole-v1", kwargs, {.max_episode_steps = -1}).max_episode_steps, std::nullopt);
  EXPECT_THROW(spec("CartPol-v1", {}), NameNotFound);
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
  EXPECT_THROW(load_plugin("libm.so.6"), PluginError);  // not searched for in the system's library folders
}

}  // namespace
}  // namespace ludus::envs
