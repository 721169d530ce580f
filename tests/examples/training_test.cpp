#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/value_io.h"
#include "tests/examples/program_run.h"

namespace ludus::testing {
namespace {

namespace fs = std::filesystem;

// A folder that is gone at the end of the test.
class Examples : public ::testing::Test {
 protected:
  Examples() {
    std::string name = (fs::temp_directory_path() / "ludus_examples_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~Examples() override { fs::remove_all(folder_); }

  fs::path folder_;
};

// Always walking right costs 5 / 0.8 = 6.25 steps on average, a little less for the wall at the left; random walking
// costs more than 30. The rest is the spread of 100 episodes.
TEST_F(Examples, QLearningFindsTheExitOfACustomCorridor) {
  const ProgramRun result = run_program(std::string(LUDUS_TRAIN_CORRIDOR) + " " + (folder_ / "run").string());
  ASSERT_EQ(result.exit_code, 0);
  const std::string words = "5000 steps of training; mean return of 100 episodes: ";
  ASSERT_EQ(result.output.substr(0, words.size()), words);
  const double mean = std::stod(result.output.substr(words.size()));
  EXPECT_GT(mean, -7.5);
  EXPECT_LT(mean, -5.0);
  EXPECT_TRUE(fs::exists(folder_ / "run" / "best.safetensors"));
}

// Random play lasts about 22 steps.
TEST_F(Examples, ASavedPolicyPlaysWithoutTheAgent) {
  const std::string file = (folder_ / "policy.safetensors").string();
  const ProgramRun result = run_program(std::string(LUDUS_SAVED_POLICY) + " " + file);
  ASSERT_EQ(result.exit_code, 0);
  const std::string words = "an episode of the loaded policy: return ";
  const std::size_t place = result.output.find(words);
  ASSERT_NE(place, std::string::npos) << result.output;
  EXPECT_GT(std::stod(result.output.substr(place + words.size())), 150) << result.output;
  EXPECT_TRUE(fs::exists(file));
}

// 3 · 4 + 4, 4 · 4 + 4, 4 + 1 parameters; a straight line explains less than 60 % of the parabola's variance.
TEST_F(Examples, QuadraticRegressionLearnsTheParabola) {
  const std::string file = (folder_ / "model.safetensors").string();
  const ProgramRun result = run_program(std::string(LUDUS_QUADRATIC_REGRESSION) + " " + file);
  ASSERT_EQ(result.exit_code, 0);
  EXPECT_NE(result.output.find("parameters: 41 total, 41 trainable, 0 frozen"), std::string::npos) << result.output;
  const std::string words = "test: R2 ";
  const std::size_t place = result.output.find(words);
  ASSERT_NE(place, std::string::npos) << result.output;
  EXPECT_GT(std::stod(result.output.substr(place + words.size())), 0.99);
  EXPECT_TRUE(fs::exists(file));
}

// y = 0.3 x - 0.3 of 1, 2, 3, 4, and with a bias that is not restored y = 0.3 x
TEST_F(Examples, ModelsAreSavedAndRestoredInFourForms) {
  const ProgramRun result = run_program(std::string(LUDUS_SAVE_RESTORE) + " " + folder_.string());
  ASSERT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.output,
            "trained              0.0 0.3 0.6 0.9\n"
            "whole                0.0 0.3 0.6 0.9\n"
            "description          0.0 0.0 0.0 0.0\n"
            "weights              0.0 0.3 0.6 0.9\n"
            "restored (1): dense.weight\n"
            "missing (1): dense.bias\n"
            "chosen weights       0.3 0.6 0.9 1.2\n");
  // the whole model runs in the program, and a training of the program continues from it
  const ProgramRun run = run_program(std::string(LUDUS_PROGRAM) + " model run " +
                                     (folder_ / "whole.safetensors").string() + " --input 'input=[[4]]' --json");
  ASSERT_EQ(run.exit_code, 0);
  EXPECT_NEAR(from_json(run.output).as_dict().at("outputs").as_dict().at("dense").as_list()[0].as_list()[0].as_double(),
              0.9, 1e-6);
}

double number_after(const std::string& output, const std::string& words) {
  const std::size_t place = output.find(words);
  EXPECT_NE(place, std::string::npos) << output;
  return place == std::string::npos ? 0 : std::stod(output.substr(place + words.size()));
}

// Guessing gives 1/3 in each head.
TEST_F(Examples, TwoHeadsLearnShapeAndColour) {
  const std::string file = (folder_ / "heads.safetensors").string();
  const ProgramRun result = run_program(std::string(LUDUS_TWO_HEADS) + " " + file);
  ASSERT_EQ(result.exit_code, 0);
  EXPECT_GT(number_after(result.output, "test: shape accuracy "), 0.95);
  EXPECT_GT(number_after(result.output, "colour F1 "), 0.98);
  const ProgramRun show = run_program(std::string(LUDUS_PROGRAM) + " model show " + file);
  EXPECT_NE(show.output.find("shape: dtype float32, shape (-1, 3), classes (disc, square, cross)"), std::string::npos)
      << show.output;
}

// The second call continues where the first one ended.
TEST_F(Examples, AnEstimatorContinuesFromItsFolder) {
  const std::string program = std::string(LUDUS_ESTIMATOR) + " " + (folder_ / "model").string();
  const ProgramRun first = run_program(program + " 3");
  ASSERT_EQ(first.exit_code, 0);
  EXPECT_TRUE(first.output.starts_with("from step 0 to 120: ")) << first.output;
  const ProgramRun second = run_program(program + " 10");
  EXPECT_TRUE(second.output.starts_with("from step 120 to 400: ")) << second.output;
  EXPECT_GT(number_after(second.output, "accuracy "), 0.9);  // always "inside" would be about 0.5
}

// The program trains on an environment that it has never seen. A heater that is never on costs more than 10 °C a step
// (the cold day's difference), one that is always on as much, and switching by the temperature about 1 °C.
TEST_F(Examples, ProgramTrainsOnAPlugin) {
  const std::string run = (folder_ / "run").string();
  const ProgramRun trained = run_program(
      std::string(LUDUS_PROGRAM) + " train q_learning --plugin " LUDUS_THERMOSTAT " --env examples/Thermostat-v0" +
      " --steps 10000 --seed 1 --set 'bins=[20, 1]' --set 'low=[-5.0, -40.0]' --set 'high=[5.0, 0.0]' --json --run " +
      run + " 2>/dev/null");
  ASSERT_EQ(trained.exit_code, 0);
  EXPECT_GT(from_json(trained.output).as_dict().at("final_mean").as_double(), -200);

  // no command loads a library that only a file names
  const std::string evaluate = std::string(LUDUS_PROGRAM) + " eval " + run + " --episodes 10 --json 2>/dev/null";
  EXPECT_EQ(run_program(evaluate).exit_code, 2);
  const ProgramRun evaluated = run_program("LUDUS_PLUGINS=" LUDUS_THERMOSTAT " " + evaluate);
  ASSERT_EQ(evaluated.exit_code, 0);
  const Value figures = from_json(evaluated.output);
  EXPECT_EQ(figures.as_dict().at("env").as_string(), "examples/Thermostat-v0");
  EXPECT_GT(figures.as_dict().at("mean").as_double(), -200);
}

// The program trains, resumes, evaluates and compares an algorithm that it has never seen.
TEST_F(Examples, ProgramTrainsAnAlgorithmOfAPlugin) {
  const std::string run = (folder_ / "run").string(), plugin = " --plugin " LUDUS_EVOLUTION;
  const std::string program = LUDUS_PROGRAM;
  const ProgramRun trained = run_program(program + " train evolution" + plugin +
                                         " --env CartPole-v1 --steps 5000 --seed 1 --run " + run + " 2>&1");
  ASSERT_EQ(trained.exit_code, 0);
  EXPECT_EQ(trained.output.find("warning"), std::string::npos) << trained.output;
  // resumed to twice the steps it equals an uninterrupted training
  const std::string whole = (folder_ / "whole").string();
  ASSERT_EQ(run_program(program + " train --resume " + run + plugin + " --steps 40000 >/dev/null 2>&1").exit_code, 0);
  ASSERT_EQ(run_program(program + " train evolution" + plugin + " --env CartPole-v1 --steps 40000 --seed 1 --run " +
                        whole + " >/dev/null 2>&1")
                .exit_code,
            0);
  const auto mean_of = [&](const std::string& policy) {
    const ProgramRun evaluated =
        run_program(program + " eval " + policy + plugin + " --final --episodes 20 --json 2>/dev/null");
    EXPECT_EQ(evaluated.exit_code, 0);
    return from_json(evaluated.output).as_dict().at("mean").as_double();
  };
  EXPECT_EQ(mean_of(run), mean_of(whole));
  EXPECT_GT(mean_of(run), 195);

  EXPECT_EQ(run_program(program + " compare random " + run + plugin + " --episodes 10 >/dev/null 2>&1").exit_code, 0);
  const ProgramRun help = run_program(program + " train evolution" + plugin + " --help 2>/dev/null");
  EXPECT_NE(help.output.find("standard deviation of the first mutations"), std::string::npos) << help.output;
  // without the plug-in the algorithm is unknown
  EXPECT_EQ(run_program(program + " train evolution --env CartPole-v1 --steps 100 >/dev/null 2>&1").exit_code, 2);
}

}  // namespace
}  // namespace ludus::testing
