// ludus style: what it says, writes and refuses.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/checkpoint.h"
#include "base/rng.h"
#include "base/value_io.h"
#include "nn/io/image_file.h"
#include "runs/checkpoints.h"
#include "tests/apps/program.h"
#include "tests/nn/vision/vision_files.h"
#include "tests/support/scratch.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;
using test_support::Scratch;
using Words = std::vector<std::string>;

// Two images of noise, and random weights of LeNet-5, whose convolutions take any size.
class StyleProgram : public ::testing::Test {
 protected:
  StyleProgram() {
    write_image("content.png", 16, 24);
    write_image("style.jpg", 30, 20);
    Checkpoint weights;
    for (const auto& [name, shape] : {std::pair("c1.weight", Shape{6, 1, 5, 5}),
                                      {"c1.bias", Shape{6}},
                                      {"c3.weight", Shape{16, 6, 5, 5}},
                                      {"c3.bias", Shape{16}}}) {
      Array array(DType::kFloat32, shape);
      for (std::size_t i = 0; i < array.size(); ++i) array.set(i, random_.uniform(-0.5, 0.5));
      weights.put(name, array);
    }
    weights.save(folder_ / "weights.safetensors");
  }

  void write_image(const std::string& name, std::int64_t height, std::int64_t width) {
    Array image(DType::kUInt8, Shape{height, width, 3});
    for (std::size_t i = 0; i < image.size(); ++i) image.set(i, std::floor(random_.uniform(0, 256)));
    io::write_image(folder_ / name, image);
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  Words settings() const {
    return {"--network",
            "lenet5",
            "--weights",
            file("weights.safetensors"),
            "--content-layers",
            "c3",
            "--style-layers",
            "c1",
            "c3",
            "--size",
            "20",
            "--image-every",
            "2",
            "--keep-checkpoints",
            "100",
            "--seed",
            "5"};
  }
  Words transfer(const std::string& output, const std::string& run, const std::string& steps) const {
    return Words{"style", file("content.png"), file("style.jpg"), file(output)} + settings() +
           Words{"--steps", steps, "--run", file(run)};
  }
  Outcome run(const Words& arguments) const { return ludus(arguments, {.folder = folder_.path()}); }
  // Exit code 2, one sentence with those words, and no run.
  void expect_refused(const Words& arguments, const Words& words) const {
    std::string line;
    for (const std::string& argument : arguments) line += " " + argument;
    SCOPED_TRACE(line);
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(file("runs")));
    EXPECT_FALSE(fs::exists(file("new")));
  }
  // Sends a signal once the checkpoint of that step exists.
  static std::function<void(pid_t)> signal_at(const fs::path& folder, std::int64_t step, int number) {
    return [folder, step, number](pid_t pid) {
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      while (std::chrono::steady_clock::now() < deadline) {
        if (fs::exists(runs::checkpoint_path(folder, step))) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      kill(pid, number);
    };
  }

  Generator random_{1};
  Scratch folder_;
};

TEST_F(StyleProgram, WritesTheImageAndTheRun) {
  const Outcome outcome = run(transfer("out.png", "run", "6") + Words{"--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Dict report = from_json(outcome.out).as_dict();
  EXPECT_EQ(report.at("steps").as_int(), 6);
  EXPECT_EQ(report.at("output").as_string(), file("out.png"));
  // 24 x 16 with a longer side of 20
  EXPECT_EQ(io::read_image(file("out.png")).shape(), (Shape{13, 20, 3}));
  for (const char* name : {"config.toml", "progress.csv", "images/step_000000.png", "images/step_000002.png",
                           "images/step_000006.png", "checkpoints/step_000000000006.safetensors"}) {
    EXPECT_TRUE(fs::exists(file("run/" + std::string(name)))) << name;
  }
  EXPECT_EQ(contents(file("out.png")), contents(file("run/images/step_000006.png")));
  EXPECT_NE(contents(file("out.png")), contents(file("run/images/step_000000.png")));
  EXPECT_NE(contents(file("run/progress.csv")).find("train/style_loss"), std::string::npos);

  // the same seed gives the same image; weights of layers are numbers
  ASSERT_EQ(run(transfer("again.png", "again", "6")).code, 0);
  EXPECT_EQ(contents(file("again.png")), contents(file("out.png")));
  ASSERT_EQ(run(transfer("other.png", "other", "6") + Words{"--style-layer-weights", "0", "2e1"}).code, 0);
  EXPECT_NE(contents(file("other.png")), contents(file("out.png")));
  // the settings of a run begin another
  const Outcome copy = run({"style", "--config", file("run/config.toml"), "--seed", "5", "--run", file("copy")});
  ASSERT_EQ(copy.code, 0) << copy.err;
  EXPECT_EQ(contents(file("style.png")), contents(file("out.png")));
}

TEST_F(StyleProgram, IsResumedIdenticallyAfterAKill) {
  for (const std::string optimizer : {"lbfgs", "adam"}) {
    SCOPED_TRACE(optimizer);
    const std::string whole = "whole_" + optimizer, part = "part_" + optimizer;
    const Words options{"--optimizer", optimizer};
    ASSERT_EQ(run(transfer("whole.png", whole, "60") + options).code, 0);
    const Outcome killed = ludus(transfer("part.png", part, "60") + options,
                                 {.folder = folder_.path(), .meanwhile = signal_at(file(part), 6, SIGKILL)});
    ASSERT_EQ(killed.code, 128 + SIGKILL) << killed.err;
    ASSERT_FALSE(fs::exists(file("part.png")));
    ASSERT_EQ(run({"style", file("part.png"), "--resume", file(part)}).code, 0);
    EXPECT_EQ(contents(file("part.png")), contents(file("whole.png")));
    EXPECT_EQ(contents(runs::checkpoint_path(file(part), 60)), contents(runs::checkpoint_path(file(whole), 60)));
    fs::remove(file("part.png"));
  }
  // and optimised further
  ASSERT_EQ(run({"style", file("more.jpg"), "--resume", file("whole_adam"), "--steps", "64"}).code, 0);
  EXPECT_TRUE(fs::exists(file("whole_adam/images/step_000064.png")));
  EXPECT_TRUE(fs::exists(file("more.jpg")));
}

TEST_F(StyleProgram, AnInterruptSaysHowToContinue) {
  ASSERT_EQ(run(transfer("whole.png", "whole", "100")).code, 0);
  const Outcome outcome = ludus(transfer("part.png", "part", "100"),
                                {.folder = folder_.path(), .meanwhile = signal_at(file("part"), 4, SIGINT)});
  EXPECT_EQ(outcome.code, 130) << outcome.err;
  EXPECT_NE(outcome.err.find("with a checkpoint; resume with: ludus style"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find(file("part.png")), std::string::npos) << outcome.err;
  EXPECT_FALSE(fs::exists(file("part.png")));
  ASSERT_EQ(run({"style", file("part.png"), "--resume", file("part")}).code, 0);
  EXPECT_EQ(contents(file("part.png")), contents(file("whole.png")));
}

// Random weights of a VGG19 with few channels, in the form of imagenet-vgg-verydeep-19.mat.
TEST_F(StyleProgram, TakesWeightsOfMatConvNet) {
  const auto data = test_support::data_folder();
  if (!data) GTEST_SKIP() << "skipped: no data";
  const std::string weights = (*data / "formats/mat/vgg19_mini_old.mat").string();
  const auto with = [&](const std::string& output, const Words& options) {
    return Words{"style", file("content.png"), file("style.jpg"), file(output), "--weights", weights} +
           Words{"--size", "48", "--steps", "2", "--image-every", "2", "--seed", "1", "--run", file(output + ".run")} +
           options;
  };
  ASSERT_EQ(run(with("average.png", {"--network", "vgg19_features"})).code, 0);
  ASSERT_EQ(run(with("max.png", {"--network", "vgg19_features", "--pooling", "max"})).code, 0);
  EXPECT_NE(contents(file("average.png")), contents(file("max.png")));
  expect_refused(with("out.png", {}), {"vgg19_mini_old.mat", "network vgg19_features", "got network squeezenet1_1"});
}

TEST_F(StyleProgram, OneSentenceForWhatDoesNotFit) {
  const std::string content = file("content.png"), style = file("style.jpg");
  const auto with = [&](const Words& images, const Words& options) {
    return Words{"style"} + images + settings() + Words{"--steps", "4", "--run", file("new")} + options;
  };
  const Words images{content, style, file("out.png")};
  expect_refused({"style"}, {"the images are missing"});
  expect_refused({"style", content, style}, {"--weights is missing", "squeezenet1_1_caffe"});
  expect_refused(with({file("none.png"), style, file("out.png")}, {}), {"none.png", "No such file"});
  write(file("damaged.png"), contents(content).substr(0, 100));
  expect_refused(with({content, file("damaged.png"), file("out.png")}, {}), {"damaged.png"});
  expect_refused(with({content, file("weights.safetensors"), file("out.png")}, {}), {"weights.safetensors"});
  expect_refused(with({content, style, file("out.gif")}, {}), {"out.gif", ".png"});
  expect_refused(with({content, style, file("none/out.png")}, {}), {"none/out.png", "cannot be written"});
  fs::create_directory(file("folder.png"));
  expect_refused(with({content, style, file("folder.png")}, {}), {"folder.png", "got a folder"});
  if (::geteuid() != 0) {
    fs::create_directory(file("closed"));
    fs::permissions(file("closed"), fs::perms::owner_read | fs::perms::owner_exec);
    expect_refused(with({content, style, file("closed/out.png")}, {}), {"closed/out.png", "cannot be written"});
  }

  const auto network = [&](const std::string& name, const Words& options) {
    return Words{"style"} + images + Words{"--network", name, "--run", file("new"), "--seed", "1"} + options;
  };
  const Words weights{"--weights", file("weights.safetensors")};
  expect_refused(network("lenet", weights), {"`lenet`", "lenet5"});
  expect_refused(network("lenet5", weights), {"network lenet5 has no default layers"});
  expect_refused(network("squeezenet1_1_caffe", weights),
                 {"weights.safetensors", "weights of network squeezenet1_1_caffe", "arrays are missing"});
  expect_refused(network("squeezenet1_1_caffe", {"--weights", file("none.safetensors")}), {"none.safetensors"});
  expect_refused(network("squeezenet1_1_caffe", {"--weights", content}), {"content.png"});
  expect_refused(network("squeezenet1_1_caffe", {"--weights", file("vgg.mat")}), {"vgg.mat", "vgg19_features"});
  expect_refused(with(images, {"--set", "style_layers=[\"c2\"]"}), {"no layer \"c2\"", "it has c1, s2, c3"});
  expect_refused(with(images, {"--set", "style_layers=[\"f6\"]"}), {"f6"});
  expect_refused(with(images, {"--style-layer-weights", "1"}), {"style_layer_weights", "2 layers, got 1"});
  expect_refused(with(images, {"--style-layer-weights", "1", "x"}), {"--style-layer-weights", "`x`"});
  expect_refused(with(images, {"--set", "steps=5"}), {"steps must be a multiple of image_every, 2, got 5"});
  expect_refused(with(images, {"--content-weight", "0", "--style-weight", "0"}), {"content_weight", "above 0"});
  expect_refused(with(images, {"--start", "middle"}), {"middle"});
  expect_refused(with(images, {"--set", "pooling=mean"}), {"mean"});
  expect_refused(with(images, {"--optimizer", "adm"}), {"adm"});
  expect_refused(with(images, {"--set", "size=8"}), {"size"});

  ASSERT_EQ(run(transfer("out.png", "run", "4")).code, 0);
  expect_refused({"style", file("out.png"), "--resume", file("run"), "--style-weight", "2"}, {"--style-weight"});
  expect_refused({"style", file("out.png"), "--resume", file("run"), "--steps", "2"}, {"at least the 4", "got 2"});
  expect_refused({"style", file("none/out.png"), "--resume", file("run")}, {"none/out.png", "cannot be written"});
  expect_refused({"style", file("out.png"), "--resume", file("none")}, {"none", "holds no run"});
  expect_refused(transfer("out.png", "run", "4"), {"already holds a run"});
  expect_refused({"gan", "--resume", file("run")}, {"run"});
  // another photograph under the same name
  write_image("content.png", 16, 24);
  expect_refused({"style", file("out.png"), "--resume", file("run"), "--steps", "6"},
                 {"images and weights must be those of the run's start"});
}

}  // namespace
}  // namespace ludus::apps
