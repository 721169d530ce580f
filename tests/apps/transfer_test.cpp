// ludus features and ludus finetune on small images, by a small network.
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "base/rng.h"
#include "base/safetensors.h"
#include "base/value_io.h"
#include "nn/io/image_file.h"
#include "nn/io/npy.h"
#include "nn/model/bundle.h"
#include "runs/checkpoints.h"
#include "runs/run_folder.h"
#include "tests/apps/program.h"
#include "tests/nn/vision/vision_files.h"
#include "tests/support/scratch.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;
using test_support::Scratch;
using Words = std::vector<std::string>;

constexpr const char* kNetwork = R"({"name": "tiny", "inputs": [{"name": "image", "shape": [3, 8, 8]}], "layers": [
  {"kind": "conv2d", "name": "first", "out_channels": 6, "kernel_size": [3]},
  {"kind": "batch_norm", "name": "first_norm"},
  {"kind": "activation", "function": "relu"},
  {"kind": "conv2d", "name": "second", "out_channels": 12, "kernel_size": [3]},
  {"kind": "batch_norm", "name": "second_norm"},
  {"kind": "activation", "function": "relu"},
  {"kind": "global_average_pool", "name": "pool"},
  {"kind": "dense", "name": "classifier", "units": 5}]})";

// Three classes of images of 12 x 10 pixels, reddish, greenish and bluish, 10 of each; a network with random weights.
class TransferProgram : public ::testing::Test {
 protected:
  TransferProgram() {
    write(folder_ / "net.json", kNetwork);
    write(folder_ / "manifest.json",
          R"({"size": [8, 8], "resize": "exact", "mean": [0.4, 0.5, 0.6], "std": [0.5, 0.25, 0.5]})");
    write_weights();
    Generator random(3);
    for (std::size_t c = 0; c < 3; ++c) {
      for (int i = 0; i < 10; ++i) {
        Array image(DType::kUInt8, Shape{12, 10, 3});
        for (std::size_t k = 0; k < image.size(); ++k) {
          image.set(k, std::floor(random.uniform(k % 3 == c ? 60 : 0, k % 3 == c ? 255 : 190)));
        }
        const std::string label = std::array{"red", "green", "blue"}[c];
        fs::create_directories(folder_ / "images" / label);
        io::write_image(folder_ / "images" / label / (std::to_string(i) + ".png"), image);
      }
    }
  }

  void write_weights() {
    const nn::Description description = nn::description_from_json(kNetwork);
    Generator random(1);
    for (const nn::NetworkParameter& parameter : nn::network_parameters(description)) {
      if (parameter.name.ends_with("num_batches_tracked")) continue;
      Array array(DType::kFloat32, parameter.spec.shape);
      const bool is_scale = parameter.name.ends_with("norm.weight") || parameter.name.ends_with("running_var");
      for (float& number : array.data<float>()) {
        number = is_scale ? 1.0f : 0.3f * random.standard_normal_float32();
      }
      weights_.emplace_back(parameter.name, array);
    }
    std::vector<TensorView> views;
    for (const auto& [name, array] : weights_) views.push_back(view_of(name, array));
    write_safetensors(folder_ / "weights.safetensors", views);
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  Words network() const {
    return {"--model", file("net.json"), "--manifest", file("manifest.json"), "--weights", file("weights.safetensors")};
  }
  Words finetune(const std::string& run, const Words& more = {}) const {
    return Words{"finetune", file("images"), "--seed", "5", "--run", file(run)} + network() + more;
  }
  static Dict json_of(const Outcome& outcome) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return from_json(outcome.out).as_dict();
  }
  // Exit code 2, one sentence with those words, behind as many lines of progress.
  static void expect_refused(const Words& arguments, const Words& words, int progress = 0) {
    std::string line;
    for (const std::string& argument : arguments) line += " " + argument;
    SCOPED_TRACE(line);
    const Outcome outcome = ludus(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1 + progress) << outcome.err;
    for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
  }

  static Array array_of(const NamedArrays& arrays, const std::string& name) {
    for (const auto& [key, array] : arrays) {
      if (key == name) return array;
    }
    ADD_FAILURE() << "no " << name;
    return {};
  }
  static Array weight(const nn::Bundle& bundle, const std::string& name) { return array_of(bundle.weights, name); }
  Array published(const std::string& name) const { return array_of(weights_, name); }

  Scratch folder_;
  NamedArrays weights_;
};

TEST_F(TransferProgram, WritesFeaturesOnce) {
  const Words command = Words{"features", file("images"), "--output", file("f.npz"), "--json"} + network();
  const Dict first = json_of(ludus(command));
  EXPECT_EQ(first.at("layer").as_string(), "pool");
  EXPECT_EQ(first.at("features").as_int(), 12);
  EXPECT_EQ(first.at("images").as_int(), 30);
  EXPECT_EQ(first.at("cached").as_int(), 0);
  EXPECT_EQ(first.at("classes").as_list()[0].as_string(), "blue");
  EXPECT_EQ(json_of(ludus(command)).at("cached").as_int(), 30);
  const NamedArrays arrays = io::read_npz(file("f.npz"));
  EXPECT_EQ(arrays[0].first, "features");
  EXPECT_EQ(arrays[0].second.shape(), (Shape{30, 12}));
  // another layer
  EXPECT_EQ(json_of(ludus(command + Words{"--layer", "first"})).at("features").as_int(), 6);
}

TEST_F(TransferProgram, TrainsAHeadAndLayersBelowIt) {
  const Dict report = json_of(ludus(finetune("run", {"--fine-tune-layers", "1", "--epochs-fine", "3", "--batch-size",
                                                     "8", "--fine-learning-rate", "0.01", "--json"})));
  const Dict& images = report.at("images").as_dict();
  EXPECT_EQ(images.at("train").as_int(), 24);
  EXPECT_EQ(images.at("validation").as_int(), 6);  // 2 of each class
  const List& phases = report.at("phases").as_list();
  ASSERT_EQ(phases.size(), 2u);
  EXPECT_EQ(phases[0].as_dict().at("trainable_parameters").as_int(), 12 * 3 + 3);
  EXPECT_EQ(phases[1].as_dict().at("trainable_parameters").as_int(), 6 * 9 * 12 + 12 + 2 * 12 + 12 * 3 + 3);
  EXPECT_DOUBLE_EQ(report.at("validation").as_dict().at("accuracy").as_double(), 1.0);
  EXPECT_EQ(from_json(contents(file("run/report.json"))).as_dict().at("seed").as_int(), 5);
  EXPECT_NE(contents(file("run/report.txt")).find("accuracy 1.0000"), std::string::npos);
  EXPECT_FALSE(fs::exists(file("run/mistakes.png")));
  EXPECT_FALSE(fs::exists(file("run/fine_tuning/checkpoints")));

  // labels and preprocessing come with the model
  const Dict classified =
      json_of(ludus({"classify", "--model", file("run"), file("images/green/3.png"), "--json", "--top", "1"}));
  const Dict& best = classified.at("images").as_list()[0].as_dict().at("top").as_list()[0].as_dict();
  EXPECT_EQ(best.at("label").as_string(), "green");
  // the bundle takes bytes of (channels, height, width): of a green image, whatever its size before
  Array green(DType::kUInt8, Shape{1, 3, 8, 8});
  for (std::size_t i = 0; i < green.size(); ++i) green.set(i, i / 64 == 1 ? 160 : 95);
  io::write_npy(file("green.npy"), green);
  const Dict predicted = json_of(ludus({"predict", file("run"), "--input", file("green.npy"), "--json"}));
  const List& outputs = predicted.at("outputs").as_dict().at("new_head").as_dict().at("predictions").as_list();
  EXPECT_EQ(outputs[0].as_list()[0].as_dict().at("label").as_string(), "green");
}

TEST_F(TransferProgram, FrozenLayersAndTheirNormalisationStay) {
  ASSERT_EQ(ludus(finetune("head", {"--epochs-fine", "0"})).code, 0);
  const nn::Bundle head = nn::read_bundle(file("head/model.safetensors"));
  for (const std::string name : {"first.weight", "second.weight", "second_norm.running_mean"}) {
    EXPECT_EQ(weight(head, name), published(name)) << name;
  }
  Dict report = json_of(ludus(
      finetune("tuned", {"--fine-tune-layers", "1", "--epochs-fine", "8", "--fine-learning-rate", "0.003", "--json"})));
  ASSERT_EQ(report.at("result").as_string(), "fine_tuning") << "the test needs a phase 2 that is better than phase 1";
  const nn::Bundle tuned = nn::read_bundle(file("tuned/model.safetensors"));
  for (const std::string name :
       {"first.weight", "first_norm.weight", "first_norm.running_mean", "first_norm.running_var"}) {
    EXPECT_EQ(weight(tuned, name), published(name)) << name;
  }
  for (const std::string name :
       {"second.weight", "second_norm.weight", "second_norm.running_mean", "new_head.weight"}) {
    EXPECT_NE(weight(tuned, name), weight(head, name)) << name;
  }
}

TEST_F(TransferProgram, TheSameSeedGivesTheSameModelAlsoAfterAKill) {
  const Words options{"--epochs-fine", "40", "--fine-tune-layers", "2", "--batch-size", "4", "--workers", "1"};
  ASSERT_EQ(ludus(finetune("whole", options)).code, 0);
  const fs::path run = file("killed");
  const auto kill_in_phase_2 = [&](pid_t pid) {
    for (int i = 0; i < 3000; ++i) {
      std::error_code ignored;
      for (const auto& entry : fs::directory_iterator(runs::checkpoints_folder(run / "fine_tuning"), ignored)) {
        if (entry.path().filename() < "step_000000000012") continue;
        kill(pid, SIGKILL);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    kill(pid, SIGKILL);
  };
  ASSERT_EQ(ludus(finetune("killed", options), {.meanwhile = kill_in_phase_2}).code, 128 + SIGKILL);
  ASSERT_FALSE(fs::exists(run / "report.json"));
  expect_refused(finetune("killed", options), {"killed"});
  expect_refused({"finetune", "--resume", run.string(), "--seed", "6"}, {"--resume", "--seed"});
  const Outcome resumed = ludus({"finetune", "--resume", run.string()});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(contents(run / "model.safetensors"), contents(file("whole/model.safetensors")));
  expect_refused({"finetune", "--resume", run.string()}, {"complete"});
}

TEST_F(TransferProgram, FoldersTrainAndValAreUsedAsTheyAre) {
  fs::create_directories(file("split"));
  fs::copy(file("images"), file("split/train"), fs::copy_options::recursive);
  fs::copy(file("images"), file("split/val"), fs::copy_options::recursive);
  // the wrong class on purpose: one mistake, on the sheet
  fs::rename(file("split/val/red/0.png"), file("split/val/blue/x.png"));
  Words command = finetune("run", {"--epochs-fine", "0", "--json"});
  command[1] = file("split");
  const Dict report = json_of(ludus(command));
  EXPECT_EQ(report.at("images").as_dict().at("train").as_int(), 30);
  EXPECT_EQ(report.at("images").as_dict().at("validation").as_int(), 30);
  const List& mistakes = report.at("validation").as_dict().at("mistakes").as_list();
  ASSERT_GE(mistakes.size(), 1u);
  const auto is_it = [](const Value& mistake) {
    return mistake.as_dict().at("file").as_string() == "val/blue/x.png" &&
           mistake.as_dict().at("predicted").as_string() == "red";
  };
  EXPECT_TRUE(std::any_of(mistakes.begin(), mistakes.end(), is_it));
  EXPECT_GE(io::read_image(file("run/mistakes.png")).shape()[0], 160);
}

TEST_F(TransferProgram, TrainsFromScratch) {
  const Dict report =
      json_of(ludus({"finetune", file("images"), "--model", file("net.json"), "--manifest", file("manifest.json"),
                     "--from-scratch", "--epochs-fine", "30", "--batch-size", "8", "--fine-learning-rate", "0.01",
                     "--seed", "1", "--run", file("run"), "--json"}));
  const List& phases = report.at("phases").as_list();
  ASSERT_EQ(phases.size(), 1u);
  EXPECT_EQ(phases[0].as_dict().at("trainable_parameters").as_int(),
            27 * 6 + 6 + 12 + 6 * 9 * 12 + 12 + 24 + 12 * 3 + 3);
  EXPECT_GE(report.at("validation").as_dict().at("accuracy").as_double(), 0.8);
}

TEST_F(TransferProgram, BrokenImagesAreFatalOrLeftOut) {
  write(file("images/red/4.png"), "no image");
  expect_refused(finetune("run"), {"red/4.png"}, 1);
  EXPECT_FALSE(fs::exists(file("run")));
  expect_refused(Words{"features", file("images"), "--output", file("f.npz")} + network(), {"red/4.png"});
  const Outcome outcome = ludus(finetune("run", {"--skip-broken", "--epochs-fine", "1", "--json"}));
  EXPECT_EQ(json_of(outcome).at("images").as_dict().at("broken").as_int(), 1);
  EXPECT_NE(outcome.err.find("red/4.png"), std::string::npos);
}

TEST_F(TransferProgram, MistakesAreOneSentence) {
  const auto with = [&](const std::string& folder, const Words& model) {
    return Words{"finetune", folder, "--run", file("run")} + model;
  };
  expect_refused(with(file("none"), network()), {"none"});
  fs::create_directories(file("one"));
  fs::copy(file("images/red"), file("one/red"));
  expect_refused(with(file("one"), network()), {"one", "two classes", "\"red\""});
  fs::create_directories(file("one/empty"));
  expect_refused(with(file("one"), network()), {"empty", "must hold an image"});
  fs::create_directories(file("single/red"));
  fs::copy(file("images/blue"), file("single/blue"));
  fs::copy(file("images/red/1.png"), file("single/red/1.png"));
  expect_refused(with(file("single"), network()), {"\"red\"", "at least two images"});
  const std::string images = file("images");
  expect_refused(with(images, {"--model", "squeezenet", "--weights", file("weights.safetensors")}),
                 {"`squeezenet`", "Did you mean"});
  expect_refused(with(images, {"--model", "squeezenet1_1", "--weights", file("weights.safetensors")}),
                 {"weights.safetensors", "squeezenet1_1", "\"features.0.weight\""});
  expect_refused(with(images, {"--model", "squeezenet1_1"}), {"squeezenet1_1", "--weights"});
  expect_refused(with(images, {"--model", file("net.json"), "--weights", file("weights.safetensors")}),
                 {"net.json", "--manifest"});
  expect_refused(with(images, network() + Words{"--layer", "pol"}), {"\"pol\"", "pool"});
  expect_refused({"finetune", images}, {"--model is missing"});
  expect_refused({"finetune"}, {"folder of images is missing"});
  expect_refused(with(images, network() + Words{"--set", "augmentation.hue=3"}), {"hue", "0.5"});
  expect_refused(with(images, network() + Words{"--from-scratch"}), {"from_scratch", "weights"});
  EXPECT_FALSE(fs::exists(file("run")));
  write(file("taken"), "");
  expect_refused(Words{"finetune", images, "--run", file("taken")} + network(), {"taken"});
  expect_refused(Words{"finetune", images, "--run", "/proc/none"} + network(), {"/proc/none"});
  expect_refused(Words{"features", images, "--output", "/proc/none/f.npz"} + network(), {"/proc/none"});
  expect_refused(Words{"features", images, "--output", file("f.npy")} + network(), {"--output", ".npz"});
  expect_refused({"features", "--output", file("f.npz")}, {"folder of images is missing"});
  expect_refused({"finetune", "--resume", file("images")}, {"images"});
}

// The published weights on the folder of photographs.
TEST(TransferOfPublishedNetworks, AHeadOnTheirFeaturesNamesAnimals) {
  const auto data = test_support::data_folder();
  if (!data || !fs::exists(*data / "animals8")) GTEST_SKIP() << "skipped: no data";
  const Scratch folder;
  struct Network {
    const char *name, *weights;
    double accuracy;
  };
  for (const Network& network : {Network{"squeezenet1_1_caffe", "squeezenet1_1.fp16.safetensors", 0.925},
                                 Network{"mobilenet_v2_folded", "mobilenet_v2_1.0_224.fp16.safetensors", 0.975}}) {
    const Outcome outcome = ludus({"finetune", (*data / "animals8").string(), "--model", network.name, "--weights",
                                   (*data / "weights" / network.weights).string(), "--epochs-fine", "0", "--seed", "0",
                                   "--run", (folder / network.name).string(), "--json"});
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Dict report = from_json(outcome.out).as_dict();
    EXPECT_GE(report.at("validation").as_dict().at("accuracy").as_double(), network.accuracy) << network.name;
  }
}

}  // namespace
}  // namespace ludus::apps
