#include "agents/runner/run_config.h"

#include <gtest/gtest.h>

#include "agents/algorithms.h"
#include "agents/runner/preset_texts.h"
#include "agents/runner/run.h"
#include "base/fields.h"
#include "envs/registry/registry.h"

namespace ludus::agents {
namespace {

TEST(RunConfig, ComesBackExactly) {
  RunConfig config;
  config.algorithm = "dqn";
  config.env_id = "mine/Walk-v2";
  config.env_kwargs = {{"desc", List{"S\"F", "FG"}}, {"slippery", false}, {"nested", Dict{{"x", 0.1}}}};
  config.wrappers = {{"GrayscaleObservation", {}},
                     {"FrameStackObservation", {{"padding_type", Dict{{"left", List{0.5}}}}, {"stack_size", 4}}},
                     {"ResizeObservation", {{"shape", List{36, 36}}}}};
  config.plugins = {"/some where/lib\\walk.so"};
  config.seed = 18446744073709551615ull;
  config.total_steps = 12345678901;
  config.stop_at_reward = 0.1 + 0.2;
  config.max_no_improvement_evals = 0;
  config.min_evals = 7;
  config.agent = {
      {"learning_rate", 2.3e-3}, {"whole", 1.0}, {"hidden", List{64, 64}}, {"loss", "huber"}, {"tiny", 5e-324}};
  const RunConfig back = RunConfig::from_toml(config.to_toml(), "config.toml");
  EXPECT_EQ(back.algorithm, config.algorithm);
  EXPECT_EQ(back.env_id, config.env_id);
  EXPECT_EQ(back.wrappers, config.wrappers);
  EXPECT_NE(config.to_toml().find("\n[[wrappers]]\nname = 'ResizeObservation'\nshape = [36, 36]\n"), std::string::npos)
      << config.to_toml();
  EXPECT_EQ(back.plugins, config.plugins);
  EXPECT_EQ(back.seed, config.seed);
  EXPECT_EQ(back.total_steps, config.total_steps);
  EXPECT_EQ(back.stop_at_reward, config.stop_at_reward);
  EXPECT_EQ(back.max_no_improvement_evals, config.max_no_improvement_evals);
  EXPECT_EQ(back.min_evals, config.min_evals);
  for (const auto& [key, value] : config.agent) EXPECT_EQ(back.agent.at(key), value) << key;
  EXPECT_TRUE(back.agent.at("whole").is_double());
  for (const auto& [key, value] : config.env_kwargs) EXPECT_EQ(back.env_kwargs.at(key), value) << key;
}

TEST(RunConfig, RefusesWhatItDoesNotKnow) {
  const auto message = [](const char* text) -> std::string {
    try {
      RunConfig::from_toml(text, "config.toml");
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message("[run]\nsteeps = 3\n").find("`steps`"), std::string::npos) << message("[run]\nsteeps = 3\n");
  EXPECT_NE(message("[agents]\n").find("`agent`"), std::string::npos);
  EXPECT_NE(message("[run]\n[[wrapers]]\n").find("`wrappers`"), std::string::npos);
  EXPECT_NE(message("[run\n").find("line 1"), std::string::npos) << message("[run\n");
  const std::string whole = "[run]\nalgorithm = \"dqn\"\nenv = \"CartPole-v1\"\nsteps = 3\n";
  EXPECT_EQ(message((whole + "seed = \"18446744073709551615\"\n").c_str()), "");
  for (const char* seed : {"minus one", "12abc", "-1", "", "18446744073709551616"}) {
    EXPECT_NE(message((whole + "seed = \"" + seed + "\"\n").c_str())
                  .find("config.toml, [run]: setting \"seed\": it must be a whole number from 0"),
              std::string::npos)
        << seed;
  }
  const std::string nameless = whole + "seed = \"1\"\n[[wrappers]]\nshape = 3\n";
  EXPECT_NE(message(nameless.c_str()).find("[[wrappers]]: each wrapper needs a \"name\""), std::string::npos);
  EXPECT_NE(message(whole.c_str()).find("\"seed\" is missing"), std::string::npos) << message(whole.c_str());
}

TEST(RunConfig, RefusesWhatTheParserCannotRead) {
  // toml++ 3.3.0 has undefined behaviour for these
  for (const char* text : {"é", "é = 1", "[run]\nü = 1", "[#", "[ # x]", "[[#]]", "[[[[}", "[", "[[", "[]",
                           "a = 1\n[\n]", "a = ö", "[run]\n[\xff]"}) {
    EXPECT_THROW(RunConfig::from_toml(text, "config.toml"), InputError) << text;
  }
  // and none for these
  const std::string whole =
      "# é\n[ run ] # [#\nalgorithm = \"dqn\"\nenv = 'é/Walk-v0'\nsteps = 3\nseed = \"1\"\nplugins = [ # [#\n "
      "\"ü\",\n]\n"
      "[agent]\n\"é\" = \"\"\"\n[#\n\"quoted\" \\\" é\"\"\"\nx = [[1, 2], [3]]\ny = {a = [1]}\n[[ wrappers ]]\nname = "
      "\"[#\"\n";
  const RunConfig config = RunConfig::from_toml(whole, "config.toml");
  EXPECT_EQ(config.env_id, "é/Walk-v0");
  EXPECT_EQ(config.plugins, (std::vector<std::string>{"ü"}));
  EXPECT_EQ(config.agent.at("é"), Value("[#\n\"quoted\" \" é"));
  EXPECT_EQ(config.agent.at("x"), Value(List{List{1, 2}, List{3}}));
  EXPECT_EQ(config.wrappers.at(0).name, "[#");
  EXPECT_EQ(parse_setting("é"), Value("é"));
  EXPECT_EQ(parse_setting("[1, 2]"), Value(List{1, 2}));
}

TEST(Presets, AreThereWithTheZoosValues) {
  const Preset preset = find_preset("dqn", "CartPole-v1");
  ASSERT_TRUE(preset.found);
  EXPECT_EQ(preset.settings().total_steps, 50000);
  EXPECT_EQ(preset.agent.at("learning_rate"), Value(2.3e-3));
  EXPECT_EQ(preset.agent.at("hidden"), Value(List{256, 256}));
  EXPECT_FALSE(find_preset("dqn", "Nowhere-v1").found);
}

TEST(Presets, MaySetEveryOptionOfARunWithinItsRange) {
  const char* text = "source = \"a test\"\n[run]\nsteps = 7\nstop_at_reward = 1.5\n";
  const Preset preset = Preset::from_toml(text, "a preset");
  EXPECT_EQ(preset.settings().total_steps, 7);
  EXPECT_EQ(preset.settings().stop_at_reward, 1.5);
  EXPECT_EQ(preset.settings().n_envs, 1);
  EXPECT_THROW(Preset::from_toml("source = \"a test\"\n[run]\nn_envs = 0\n", "a preset"), InvalidArgument);
  EXPECT_THROW(Preset::from_toml("source = \"a test\"\n[run]\nseed = \"1\"\n", "a preset"), UnknownField);
}

TEST(Presets, MayWrapTheEnvironment) {
  const char* text =
      "source = \"a test\"\n[env]\nx = 1\n[[wrappers]]\nname = \"RepeatAction\"\nnum_repeats = 2\n"
      "[[wrappers]]\nname = \"ClipAction\"\n[agent]\nhidden = [8]\n";
  const Preset preset = Preset::from_toml(text, "a preset");
  EXPECT_EQ(preset.wrappers, (Wrappers{{"RepeatAction", {{"num_repeats", 2}}}, {"ClipAction", {}}}));
  EXPECT_EQ(preset.agent.at("hidden"), Value(List{8}));
  EXPECT_TRUE(find_preset("dqn", "CartPole-v1").wrappers.empty());
}

// Whether the environment needs Box2D and this build is without it.
bool lacks_box2d(const std::string& env) {
  if (!env.starts_with("LunarLander") && !env.starts_with("BipedalWalker") && !env.starts_with("CarRacing"))
    return false;
  try {
    envs::registry().find(env);
    return false;
  } catch (const envs::UnknownEnvironment&) {
    return true;
  }
}

TEST(Presets, EveryOneFitsItsAlgorithmAndEnvironment) {
  ASSERT_FALSE(preset_texts().empty());
  for (const PresetText& text : preset_texts()) {
    const std::string path(text.path);
    const std::size_t slash = path.find('/');
    const std::string algorithm = path.substr(0, slash), env = path.substr(slash + 1, path.size() - slash - 6);
    const Preset preset = find_preset(algorithm, env);
    ASSERT_TRUE(preset.found) << path;
    EXPECT_FALSE(preset.source.empty()) << path;
    if (lacks_box2d(env)) {  // the names of the settings can be checked all the same
      const Dict& defaults = find_algorithm(algorithm).defaults;
      for (const auto& [key, value] : preset.agent) EXPECT_NE(defaults.find(key), nullptr) << path << ": " << key;
      continue;
    }
    const RunConfig config = resolve_config(algorithm, env, {}, {});
    const auto envs = training_envs(config, static_cast<std::size_t>(config.n_envs));
    EXPECT_NO_THROW(find_algorithm(algorithm).make(config.agent, EnvSignature::of(*envs), 0, "cpu")) << path;
  }
}

TEST(CompleteConfig, DefaultsThenPresetThenOverrides) {
  const RunConfig config = resolve_config("dqn", "CartPole-v1", {}, {{"batch_size", 7}});
  EXPECT_EQ(config.agent.at("batch_size"), Value(7));    // override
  EXPECT_EQ(config.agent.at("train_freq"), Value(256));  // preset
  EXPECT_EQ(config.agent.at("loss"), Value("huber"));    // default
  EXPECT_EQ(config.total_steps, 50000);
  EXPECT_TRUE(config.wrappers.empty());
  EXPECT_EQ(resolve_config("dqn", "CartPole-v1", {}, {}, Wrappers{{"ClipAction", {}}}).wrappers,
            (Wrappers{{"ClipAction", {}}}));
  EXPECT_THROW(resolve_config("dqm", "CartPole-v1", {}, {}), UnknownAlgorithm);
  EXPECT_THROW(resolve_config("dqn", "CartPole-v9", {}, {}), envs::UnknownEnvironment);
}

TEST(ParseSetting, TakesTomlOrPlainWords) {
  EXPECT_EQ(parse_setting("0.5"), Value(0.5));
  EXPECT_EQ(parse_setting("3"), Value(3));
  EXPECT_EQ(parse_setting("true"), Value(true));
  EXPECT_EQ(parse_setting("[64, 64]"), Value(List{64, 64}));
  EXPECT_EQ(parse_setting("huber"), Value("huber"));
  EXPECT_EQ(parse_setting("\"huber\""), Value("huber"));
  EXPECT_EQ(parse_setting("1\nrun = 2"), Value("1\nrun = 2"));  // one setting, not two
}

TEST(Algorithms, UnknownOnesGetASuggestion) {
  try {
    find_algorithm("q_lerning");
    FAIL();
  } catch (const UnknownAlgorithm& error) {
    EXPECT_NE(std::string(error.what()).find("`q_learning`"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace ludus::agents
