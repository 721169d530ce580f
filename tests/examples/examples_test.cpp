#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"
#include "envs/registry/registry.h"
#include "tests/examples/program_run.h"

namespace ludus::envs {
namespace {

// The lengths agree with the same loop written in Python with NumPy's generators, both seeded with 42.
TEST(Examples, MinimalLoopRunsThreeEpisodes) {
  const testing::ProgramRun result = testing::run_program(LUDUS_MINIMAL_LOOP);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output,
            "episode 1: return 30 in 30 steps\n"
            "episode 2: return 20 in 20 steps\n"
            "episode 3: return 20 in 20 steps\n");
}

TEST(Examples, CustomEnvironmentReachesItsExit) {
  const testing::ProgramRun result = testing::run_program(LUDUS_CUSTOM_ENVIRONMENT);
  EXPECT_EQ(result.exit_code, 0);
  // seed 4 begins three cells before the exit and slips once on the way, which costs two steps more
  EXPECT_EQ(result.output,
            "......@..E\n"
            ".......@.E\n"
            "........@E\n"
            ".......@.E\n"
            "........@E\n"
            ".........@\n"
            "return -5\n");
}

TEST(Examples, DataPipelineResumesInMidEpoch) {
  const testing::ProgramRun result = testing::run_program(LUDUS_DATA_PIPELINE);
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.output.starts_with("4 batches an epoch\nimages (32, 8, 8), labels (32,), first label "))
      << result.output;
  EXPECT_TRUE(result.output.ends_with("\nresumed: the same batch\n")) << result.output;
}

// Pages show pieces of the examples, each under a comment that names its file. Returns their number.
int check_pieces(const std::string& page_name) {
  const std::filesystem::path root = LUDUS_SOURCE_DIR;
  const std::string page = read_text(root / page_name);
  const std::string mark = "<!-- examples/";
  int pieces = 0;
  for (std::size_t at = page.find(mark); at != std::string::npos; at = page.find(mark, at)) {
    at += std::string("<!-- ").size();
    const std::string file = page.substr(at, page.find(" -->", at) - at);
    const std::size_t begin = page.find('\n', page.find("```", at)) + 1;
    const std::string piece = page.substr(begin, page.find("```", begin) - begin);
    EXPECT_NE(read_text(root / file).find(piece), std::string::npos) << file << " does not hold:\n" << piece;
    ++pieces;
  }
  return pieces;
}

TEST(Examples, DocumentationShowsThemVerbatim) {
  EXPECT_EQ(check_pieces("docs/custom_environments.md"), 11);
  EXPECT_EQ(check_pieces("docs/learning/data.md"), 3);
}

// One registry serves the whole program, so the plug-in is loaded by the first test that asks for it.
const std::vector<std::string>& plugin_ids() {
  static const std::vector<std::string> ids = load_plugin(LUDUS_THERMOSTAT);
  return ids;
}

TEST(Plugin, RegistersItsEnvironment) {
  EXPECT_EQ(plugin_ids(), std::vector<std::string>{"examples/Thermostat-v0"});
  EXPECT_EQ(spec("examples/Thermostat-v0").max_episode_steps, 100);
}

// The heater is on while the room is too cold. Within one step the room gains at most 5 min · (0.4 − 0.01 · 16) °C =
// 1.2 °C and loses at most 5 · 0.01 · 36 °C = 1.8 °C, so after the first ten steps (from 5 °C off at most, 0.45 °C a
// step in the coldest case) the room stays within 1.8 °C of its target but for noise.
TEST(Plugin, SwitchingByTheTemperatureKeepsTheRoomWarm) {
  plugin_ids();
  const EnvPtr env = make("examples/Thermostat-v0");
  Value observation = env->reset(1).observation;
  int steps = 0;
  double late_cost = 0;
  while (true) {
    const bool too_cold = observation.as_array().get(0) < 0;
    const Step step = env->step(too_cold ? 1 : 0);
    observation = step.observation;
    ++steps;
    if (steps > 20) late_cost -= step.reward;
    EXPECT_FALSE(step.terminated);
    if (step.truncated) break;
  }
  EXPECT_EQ(steps, 100);
  EXPECT_LT(late_cost / 80, 1.8);
}

TEST(Plugin, LeavingTheHeaterOffLetsTheRoomCool) {
  plugin_ids();
  const EnvPtr env = make("examples/Thermostat-v0");
  env->reset(1);
  Step step;
  while (!step.truncated) env->step_into(0, step);
  // e^(−0.01 · 500) of the first difference is left: the room is as cold as the world outside, at 10 °C or less
  EXPECT_LT(step.observation.as_array().get(0), 10 - 21 + 1);
  EXPECT_NEAR(step.observation.as_array().get(0), step.observation.as_array().get(1), 1);
}

// The vector form is made by code of the plug-in too, and plays the same episodes.
TEST(Plugin, VectorEnvironmentMatchesTheSingleOne) {
  plugin_ids();
  const VectorEnvPtr vector = make_vec("examples/Thermostat-v0", 2);
  const std::vector<float> observations = vector->reset(5).observations;
  for (std::uint64_t env_index = 0; env_index < 2; ++env_index) {
    const EnvPtr single = make("examples/Thermostat-v0");
    const Value observation = single->reset(5 + env_index).observation;
    EXPECT_EQ(observation.as_array().get(0), observations[2 * env_index]);
  }
}

TEST(Plugin, DrawsItself) {
  plugin_ids();
  const EnvPtr env = make("examples/Thermostat-v0");
  env->reset(1);
  EXPECT_EQ(env->render().items.size(), 4u);
}

TEST(Plugin, InvalidValuesThrow) {
  plugin_ids();
  EXPECT_THROW(make("examples/Thermostat-v0", {{"target", 99.0}}), InvalidArgument);
  EXPECT_THROW(make("examples/Thermostat-v0", {{"tagret", 20.0}}), UnknownField);
  EXPECT_THROW(make("examples/Thermostt-v0"), NameNotFound);
}

TEST(Plugin, RejectsFilesThatAreNoPlugins) {
  EXPECT_THROW(load_plugin("/nowhere/libthermostat.so"), PluginError);
  EXPECT_THROW(load_plugin(LUDUS_MINIMAL_LOOP), PluginError);           // a program
  EXPECT_THROW(load_plugin(LUDUS_SOURCE_DIR "/LICENSE"), PluginError);  // a text
}

}  // namespace
}  // namespace ludus::envs
