// ludus gan: what it says, writes and refuses.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/rng.h"
#include "base/value_io.h"
#include "nn/io/idx.h"
#include "nn/io/image_file.h"
#include "nn/io/npy.h"
#include "runs/checkpoints.h"
#include "tests/apps/program.h"
#include "tests/support/scratch.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;
using test_support::Scratch;
using Words = std::vector<std::string>;

// Images of 8 x 8 pixels of two classes, a bright left or right half, as files of images and labels.
class GanProgram : public ::testing::Test {
 protected:
  GanProgram() {
    constexpr std::int64_t kCount = 120;
    Generator random(1);
    Array images(DType::kUInt8, Shape{kCount, 8, 8}), labels(DType::kUInt8, Shape{kCount});
    for (std::int64_t i = 0; i < kCount; ++i) {
      labels.set(static_cast<std::size_t>(i), static_cast<double>(i % 2));
      for (std::int64_t p = 0; p < 64; ++p) {
        const bool bright = (p % 8 < 4) == (i % 2 == 0);
        images.set(static_cast<std::size_t>(i * 64 + p),
                   std::floor(random.uniform(bright ? 200 : 0, bright ? 255 : 50)));
      }
    }
    io::write_idx(file("images.gz"), images, io::Compression::kGzip);
    io::write_idx(file("labels.gz"), labels, io::Compression::kGzip);
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  Words training(const std::string& run) const {
    return {"gan",
            file("images.gz"),
            file("labels.gz"),
            "--model",
            "conditional",
            "--latent",
            "4",
            "--epochs",
            "3",
            "--batch-size",
            "16",
            "--samples",
            "4",
            "--average-decay",
            "0.9",
            "--real-label",
            "0.8",
            "1",
            "--keep-checkpoints",
            "100",
            "--seed",
            "5",
            "--run",
            file(run)};
  }
  Outcome run(const Words& arguments) const { return ludus(arguments, {.folder = folder_.path()}); }
  static Dict json_of(const Outcome& outcome) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return from_json(outcome.out).as_dict();
  }
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
  }

  Scratch folder_;
};

TEST_F(GanProgram, TrainsSamplesAndEvaluates) {
  const Dict report = json_of(run(training("run") + Words{"--json"}));
  EXPECT_EQ(report.at("epochs").as_int(), 3);
  EXPECT_EQ(report.at("steps").as_int(), 3 * 8);  // 120 images in batches of 16
  for (const char* name : {"config.toml", "generator.json", "discriminator.json", "progress.csv", "model.safetensors",
                           "discriminator.safetensors", "results.json", "samples/epoch_0000.png",
                           "samples/epoch_0003.png", "checkpoints/step_000000000024.safetensors"}) {
    EXPECT_TRUE(fs::exists(file("run/" + std::string(name)))) << name;
  }
  EXPECT_NE(contents(file("run/progress.csv")).find("train/generated_output"), std::string::npos);
  EXPECT_NE(contents(file("run/config.toml")).find("real_label = [0.8, 1.0]"), std::string::npos);
  EXPECT_NE(contents(file("run/samples/epoch_0000.png")), contents(file("run/samples/epoch_0003.png")));

  // sheets: 6 images in a row of 8 pixels with gaps of 2, and rows of an interpolation
  EXPECT_EQ(run({"gan", "sample", file("run"), "--count", "6", "--output", file("six.png")}).code, 0);
  EXPECT_EQ(io::read_image(file("six.png")).shape(), (Shape{8, 6 * 8 + 5 * 2, 1}));
  EXPECT_EQ(
      run({"gan", "sample", file("run"), "--interpolate", "5", "--count", "10", "--output", file("path.png")}).code, 0);
  EXPECT_EQ(io::read_image(file("path.png")).shape(), (Shape{2 * 8 + 2, 5 * 8 + 4 * 2, 1}));
  EXPECT_EQ(run({"gan", "sample", file("run"), "--class", "1", "--output", file("class.png")}).code, 0);
  // the same seed and the last checkpoint give the same images
  EXPECT_EQ(run({"gan", "sample", file("run"), "--count", "6", "--output", file("again.png"), "--checkpoint",
                 runs::checkpoint_path(file("run"), 24).string()})
                .code,
            0);
  EXPECT_EQ(contents(file("again.png")), contents(file("six.png")));
  // the generator is a model like any other
  EXPECT_EQ(run({"model", "summary", file("run")}).code, 0);

  // evaluated by a classifier of the same images
  write(file("halves.json"), R"({"name": "halves", "inputs": [{"name": "image", "shape": [64]}],
    "layers": [{"kind": "dense", "units": 8, "activation": "tanh"}, {"kind": "dense", "name": "half", "units": 2}]})");
  ASSERT_EQ(run({"fit", file("halves.json"), "--data", file("images.gz"), file("labels.gz"), "--scale", "1/255",
                 "--epochs", "5", "--seed", "1", "--run", file("classifier")})
                .code,
            0);
  const Words evaluation{"gan",       "evaluate", file("run"), "--classifier", file("classifier"),
                         "--samples", "100",      "--json"};
  const Dict quality = json_of(run(evaluation));
  EXPECT_EQ(quality.at("samples").as_int(), 100);
  const List& shares = quality.at("class_shares").as_list();
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_NEAR(shares[0].as_double() + shares[1].as_double(), 1, 1e-12);
  EXPECT_GE(quality.at("mean_confidence").as_double(), 0.5);
  const double trained = quality.at("frechet_distance").as_double();
  const Dict at_start =
      json_of(run(evaluation + Words{"--checkpoint", runs::checkpoint_path(file("run"), 0).string()}));
  EXPECT_LT(trained, at_start.at("frechet_distance").as_double());
}

TEST_F(GanProgram, IsResumedIdenticallyAfterAKill) {
  const Words often{"--checkpoint-every", "3"};
  ASSERT_EQ(run(training("whole") + often).code, 0);
  const auto kill_at = [&](const fs::path& folder, std::int64_t step) {
    return [folder, step](pid_t pid) {
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
      while (std::chrono::steady_clock::now() < deadline) {
        if (fs::exists(runs::checkpoint_path(folder, step))) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      kill(pid, SIGKILL);
    };
  };
  const Outcome killed =
      ludus(training("killed") + often, {.folder = folder_.path(), .meanwhile = kill_at(file("killed"), 9)});
  ASSERT_EQ(killed.code, 128 + SIGKILL) << killed.err;
  ASSERT_EQ(run({"gan", "--resume", file("killed")}).code, 0);
  EXPECT_EQ(contents(file("killed/model.safetensors")), contents(file("whole/model.safetensors")));
  EXPECT_EQ(contents(file("killed/discriminator.safetensors")), contents(file("whole/discriminator.safetensors")));
  EXPECT_EQ(contents(file("killed/samples/epoch_0003.png")), contents(file("whole/samples/epoch_0003.png")));
  // the rest of a longer training
  EXPECT_EQ(run({"gan", "--resume", file("whole"), "--epochs", "4"}).code, 0);
  EXPECT_TRUE(fs::exists(file("whole/samples/epoch_0004.png")));
}

TEST_F(GanProgram, ResumesWithoutTheFilesOfDescriptions) {
  ASSERT_EQ(run(training("first")).code, 0);
  fs::copy_file(file("first/generator.json"), file("g.json"));
  fs::copy_file(file("first/discriminator.json"), file("d.json"));
  ASSERT_EQ(run({"gan", file("images.gz"), file("labels.gz"), "--generator", file("g.json"), "--discriminator",
                 file("d.json"), "--epochs", "1", "--run", file("described")})
                .code,
            0);
  fs::remove(file("g.json"));
  fs::remove(file("d.json"));
  const Outcome resumed = run({"gan", "--resume", file("described"), "--epochs", "2"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
}

TEST_F(GanProgram, SamplesTheNewestGeneratorOfARunThatContinues) {
  ASSERT_EQ(run(training("run")).code, 0);
  const auto interrupt = [&](pid_t pid) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline && !fs::exists(runs::checkpoint_path(file("run"), 80))) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill(pid, SIGINT);
  };
  const Outcome interrupted = ludus({"gan", "--resume", file("run"), "--epochs", "1000000"},
                                    {.folder = folder_.path(), .meanwhile = interrupt});
  ASSERT_EQ(interrupted.code, 130) << interrupted.err;
  ASSERT_EQ(run({"gan", "sample", file("run"), "--output", file("now.png")}).code, 0);
  ASSERT_EQ(run({"gan", "sample", file("run"), "--output", file("then.png"), "--checkpoint",
                 runs::checkpoint_path(file("run"), 24).string()})
                .code,
            0);
  ASSERT_EQ(run({"gan", "sample", file("run"), "--output", file("newest.png"), "--checkpoint",
                 runs::newest_checkpoint(file("run")).string()})
                .code,
            0);
  EXPECT_NE(contents(file("now.png")), contents(file("then.png")));
  EXPECT_EQ(contents(file("now.png")), contents(file("newest.png")));
}

TEST_F(GanProgram, EvaluatesAgainstFilesOfAnyFormAndOrder) {
  ASSERT_EQ(run(training("run")).code, 0);
  const Array images = io::read_idx(file("images.gz")), labels = io::read_idx(file("labels.gz"));
  Array numbers(DType::kFloat32, images.shape()), sorted(DType::kUInt8, images.shape());
  for (std::size_t i = 0; i < images.size(); ++i) {
    numbers.set(i, images.get(i) / 255);
    const std::size_t image = i / 64;  // those of class 0, then those of class 1
    sorted.set((image % 2 * 60 + image / 2) * 64 + i % 64, images.get(i));
  }
  io::write_npy(file("numbers.npy"), numbers);
  io::write_npy(file("labels.npy"), labels);
  io::write_npy(file("sorted.npy"), sorted);
  write(file("halves.json"), R"({"name": "halves", "inputs": [{"name": "image", "shape": [64]}],
    "layers": [{"kind": "dense", "units": 8, "activation": "tanh"}, {"kind": "dense", "name": "half", "units": 2}]})");
  const Words settings{"--epochs", "5", "--seed", "1", "--run"};
  ASSERT_EQ(run(Words{"fit", file("halves.json"), "--data", file("images.gz"), file("labels.gz"), "--scale", "1/255"} +
                settings + Words{file("of_bytes")})
                .code,
            0);
  ASSERT_EQ(run(Words{"fit", file("halves.json"), "--data", file("numbers.npy"), file("labels.npy")} + settings +
                Words{file("of_numbers")})
                .code,
            0);
  const auto distance = [&](const std::string& classifier, const std::string& data, const std::string& samples) {
    return json_of(run({"gan", "evaluate", file("run"), "--classifier", file(classifier), "--data", file(data),
                        "--samples", samples, "--json"}))
        .at("frechet_distance")
        .as_double();
  };
  const double of_bytes = distance("of_bytes", "images.gz", "120");
  EXPECT_NEAR(distance("of_numbers", "numbers.npy", "120"), of_bytes, 1e-2 * of_bytes);
  // a file sorted by class is not read from its beginning
  EXPECT_LT(distance("of_bytes", "sorted.npy", "60"), 1.5 * distance("of_bytes", "images.gz", "60"));

  // another number of classes than the generator's
  write(file("three.json"), R"({"name": "three", "inputs": [{"name": "image", "shape": [64]}],
    "layers": [{"kind": "dense", "units": 8}, {"kind": "dense", "units": 3}]})");
  ASSERT_EQ(run({"fit", file("three.json"), "--data", file("images.gz"), file("labels.gz"), "--epochs", "1", "--run",
                 file("three")})
                .code,
            0);
  expect_refused({"gan", "evaluate", file("run"), "--classifier", file("three")}, {"2 classes", "got 3"});
}

TEST_F(GanProgram, OneSentenceForWhatDoesNotFit) {
  const std::string images = file("images.gz");
  expect_refused({"gan"}, {"the data are missing"});
  expect_refused({"gan", images, "--model", "dcgam"}, {"dcgam", "dcgan"});
  expect_refused({"gan", file("none.gz")}, {"none.gz", "does not exist"});
  expect_refused({"gan", images, "--model", "conditional"}, {"data", "label"});
  expect_refused({"gan", images, file("labels.gz")}, {"data"});
  expect_refused({"gan", file("labels.gz")}, {"data", "shape"});
  expect_refused({"gan", images, "--real-label", "2"}, {"real_label", "between 0 and 1"});
  expect_refused({"gan", images, "--real-label", "high"}, {"--real-label", "high"});
  expect_refused({"gan", images, "--set", "generator_optimizer.beta=1"}, {"generator_optimizer.beta"});
  expect_refused({"gan", images, "--set", "loss=hing"}, {"hing", "hinge"});
  expect_refused({"gan", images, file("labels.gz"), "--model", "conditional", "--classes", "1"}, {"class"});
  expect_refused({"gan", "sample", file("none")}, {"none"});
  expect_refused({"gan", "evaluate", file("none")}, {"--classifier"});

  // numbers that are no image
  Array numbers(DType::kFloat32, Shape{4, 8, 8});
  numbers.set(70, 1.5);
  io::write_npy(file("numbers.npy"), numbers);
  expect_refused({"gan", file("numbers.npy"), "--model", "simple"}, {"[0, 1]", "1.5"});

  ASSERT_EQ(run({"gan", images, "--model", "simple", "--latent", "2", "--epochs", "1", "--run", file("run")}).code, 0);
  expect_refused({"gan", "sample", file("run"), "--class", "1"}, {"class"});
  expect_refused({"gan", "sample", file("run"), "--output", file("sheet.gif")}, {"sheet.gif"});
  expect_refused({"gan", "--resume", file("run"), "--batch-size", "3"}, {"--batch-size"});
  expect_refused({"gan", images, "--model", "simple", "--run", file("run")}, {"run"});
  expect_refused({"fit", "--resume", file("run")}, {"run"});
}

}  // namespace
}  // namespace ludus::apps
