// ludus fit, predict, eval and model: what they say, write and refuse.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <thread>

#include "base/rng.h"
#include "base/value_io.h"
#include "nn/io/idx.h"
#include "nn/io/npy.h"
#include "nn/io/tf_example.h"
#include "nn/io/tfrecord.h"
#include "runs/checkpoints.h"
#include "tests/apps/program.h"
#include "tests/support/scratch.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;
using test_support::Scratch;
using Words = std::vector<std::string>;

constexpr const char* kPoints = R"({"name": "points", "inputs": [{"name": "point", "shape": [2]}],
  "layers": [{"kind": "dense", "units": 16, "activation": "tanh"}, {"kind": "dropout", "rate": 0.05},
             {"kind": "dense", "name": "side", "units": 2}]})";

// The words of a command line, which are separated by single spaces.
Words words(const std::string& line) {
  std::istringstream stream(line);
  return {std::istream_iterator<std::string>(stream), std::istream_iterator<std::string>()};
}

// Points in a square of 0 to 200: class 1 above the diagonal.
struct Points {
  explicit Points(std::int64_t n, std::uint64_t seed = 1)
      : points(DType::kUInt8, Shape{n, 2}), classes(DType::kUInt8, Shape{n}) {
    Generator random(seed);
    for (std::int64_t i = 0; i < n; ++i) {
      const auto k = static_cast<std::size_t>(i);
      const double x = std::floor(random.uniform(0, 200)), y = std::floor(random.uniform(0, 200));
      points.set(2 * k, x);
      points.set(2 * k + 1, y);
      classes.set(k, y > x ? 1 : 0);
    }
  }
  Array points, classes;
};

// A folder with a description, data for training and test, and the arguments of a short training.
class Fit : public ::testing::Test {
 protected:
  Fit() {
    write(file("points.json"), kPoints);
    save("train", Points(600, 1));
    save("test", Points(200, 2));
  }

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  void save(const std::string& name, const Points& data) const {
    io::write_idx(file(name + "-images.gz"), data.points, io::Compression::kGzip);
    io::write_idx(file(name + "-labels.gz"), data.classes, io::Compression::kGzip);
  }
  Words files(const std::string& option, const std::string& name) const {
    return {option, file(name + "-images.gz"), file(name + "-labels.gz")};
  }
  Words training(const std::string& run) const {
    return Words{"fit", file("points.json")} + files("--data", "train") +
           words(
               "--scale 1/200 --shift 100 --metrics accuracy --validation 0.1 --epochs 15 --batch-size 16 "
               "--learning-rate 0.01 --seed 3") +
           Words{"--run", file(run)};
  }
  static Dict json_of(const Outcome& outcome) {
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return from_json(outcome.out).as_dict();
  }
  // Exit code 2, one sentence with those words, and no run.
  void expect_refused(const Words& arguments, const Words& words) const {
    std::string line;
    for (const std::string& argument : arguments) line += " " + argument;
    SCOPED_TRACE(line);
    const Outcome outcome = ludus(arguments, {.folder = folder_.path()});
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
    for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
    EXPECT_FALSE(fs::exists(file("refused")));
    EXPECT_FALSE(fs::exists(file("runs")));
  }

  Scratch folder_;
};

TEST_F(Fit, TrainsEvaluatesAndPredictsWithoutRepeatingTheScaling) {
  const Outcome trained = ludus(training("run") + files("--test", "test") + Words{"--labels", "below,above", "--json"});
  const Dict report = json_of(trained);
  EXPECT_EQ(report.at("epochs").as_int(), 15);
  EXPECT_EQ(report.at("steps").as_int(), 15 * 34);  // 540 examples in batches of 16
  const double accuracy = report.at("test").as_dict().at("accuracy").as_double();
  EXPECT_GT(accuracy, 0.9);  // always "below" would be 0.5
  EXPECT_NE(trained.err.find("Epoch 15/15\n34/34 [==============================] - "), std::string::npos)
      << trained.err;
  EXPECT_NE(trained.err.find(" - val_accuracy: 0.9"), std::string::npos) << trained.err;
  for (const char* name : {"config.toml", "model.json", "progress.csv", "best.safetensors", "model.safetensors",
                           "results.json", "checkpoints/step_000000000510.safetensors"}) {
    EXPECT_TRUE(fs::exists(file("run/" + std::string(name)))) << name;
  }

  // eval: the test files of the run for its last model, others by name
  const Dict evaluated = json_of(ludus({"eval", file("run/model.safetensors"), "--json"}));
  EXPECT_EQ(evaluated.at("examples").as_int(), 200);
  EXPECT_EQ(evaluated.at("metrics").as_dict().at("accuracy").as_double(), accuracy);
  const Dict more =
      json_of(ludus(Words{"eval", file("run")} + files("--data", "test") + Words{"--metrics", "f1", "--json"}));
  EXPECT_GT(more.at("metrics").as_dict().at("f1").as_double(), 0.9);

  // predict: the same inputs without their labels
  const Dict predicted = json_of(
      ludus({"predict", file("run/model.safetensors"), "--input", file("test-images.gz"), "--json", "--top", "2"}));
  const List& rows = predicted.at("outputs").as_dict().at("side").as_dict().at("predictions").as_list();
  ASSERT_EQ(rows.size(), 200u);
  const Points test(200, 2);
  std::size_t right = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Dict& first = rows[i].as_list()[0].as_dict();
    right += static_cast<double>(first.at("class").as_int()) == test.classes.get(i) ? 1 : 0;
    EXPECT_EQ(first.at("label").as_string(), first.at("class").as_int() == 1 ? "above" : "below");
    EXPECT_NEAR(first.at("probability").as_double() + rows[i].as_list()[1].as_dict().at("probability").as_double(), 1,
                1e-5);
  }
  EXPECT_EQ(static_cast<double>(right) / 200, accuracy);

  // as files
  EXPECT_EQ(ludus({"predict", file("run"), "--input", file("test-images.gz"), "--output", file("p.npy")}).code, 0);
  EXPECT_EQ(io::read_npy(file("p.npy")).shape(), (Shape{200, 2}));
  EXPECT_EQ(ludus({"predict", file("run"), "--input", file("test-images.gz"), "--output", file("p.csv")}).code, 0);
  EXPECT_TRUE(contents(file("p.csv")).starts_with("example,side.class,side.below,side.above\r\n0,"));
}

TEST_F(Fit, ReadsEveryFormatOfData) {
  const Points data(300);
  io::write_npy(file("x.npy"), data.points);
  io::write_npy(file("y.npy"), data.classes);
  io::write_npz(file("data.npz"), {{"y_train", data.classes}, {"x_train", data.points}});
  std::string csv = "id,x,y,side\n", texts = csv;
  io::TfRecordWriter records(file("data.tfrecord"));
  for (std::size_t i = 0; i < 300; ++i) {
    const auto x = static_cast<std::int64_t>(data.points.get(2 * i));
    const auto y = static_cast<std::int64_t>(data.points.get(2 * i + 1));
    const bool above = data.classes.get(i) == 1;
    const std::string start = std::to_string(i) + "," + std::to_string(x) + "," + std::to_string(y) + ",";
    csv += start + (above ? "1\n" : "0\n");
    texts += start + (above ? "above\n" : "below\n");
    std::string bytes{static_cast<char>(x), static_cast<char>(y)};
    records.write(io::to_tf_example({{"raw", io::BytesList{bytes}}, {"side", io::Int64List{above ? 1 : 0}}}));
  }
  records.close();
  write(file("data.csv"), csv);
  write(file("texts.csv"), texts);
  const Words common{"--scale", "1/200", "--epochs", "2", "--seed", "3", "--json"};
  const auto loss_of = [&](const std::string& run, const Words& words) {
    const Dict report = json_of(ludus(Words{"fit", file("points.json"), "--run", file(run)} + words + common));
    return report.at("metrics").as_dict().at("train/loss").as_double();
  };
  const double loss = loss_of("npy", {"--data", file("x.npy"), file("y.npy")});
  const Words arrays{"--data", file("x.npy"), file("y.npy"), "--set", "data.cache=false", "--set"};
  EXPECT_EQ(loss_of("files", arrays + Words{"data.shuffle=1000"}), loss);  // more than there are
  EXPECT_NE(loss_of("buffer", arrays + Words{"data.shuffle=10"}), loss);
  EXPECT_EQ(loss_of("named", {"--data", "side=" + file("y.npy"), "point=" + file("x.npy")}), loss);
  EXPECT_EQ(loss_of("npz", {"--data", file("data.npz") + ":x_train,y_train"}), loss);
  EXPECT_EQ(loss_of("npz2", {"--data", file("data.npz"), "--features", "x_train", "--targets", "y_train"}), loss);
  EXPECT_EQ(loss_of("csv", {"--data", file("data.csv"), "--features", "x", "y"}), loss);
  EXPECT_EQ(loss_of("texts", {"--data", file("texts.csv"), "--features", "x", "y", "--labels", "below,above"}), loss);
  EXPECT_EQ(loss_of("tfrecord", {"--data", file("data.tfrecord"), "--features", "raw"}), loss);

  // a model of columns finds them again by their names, also in another order
  write(file("new.csv"), "x,y\n190,10\n10,190\n");
  write(file("turned.csv"), "id,y,x\n1,10,190\n2,190,10\n");
  const auto predictions_of = [&](const std::string& name) {
    return json_of(ludus({"predict", file("texts"), "--input", file(name), "--top", "2", "--json"})).at("outputs");
  };
  const Value predictions = predictions_of("new.csv");
  EXPECT_EQ(predictions_of("turned.csv"), predictions);
  const List& rows = predictions.as_dict().at("side").as_dict().at("predictions").as_list();
  EXPECT_FALSE(rows[0] == rows[1]);
}

// x is 0, 1, …, 9 in one column and constant in the other: (x - 4.5) / sqrt(8.25), and 0
TEST_F(Fit, ScalesByTheStatisticsOfTheTrainingPart) {
  write(file("line.json"), R"({"inputs": [{"name": "x", "shape": [2]}], "layers": [{"kind": "dense", "units": 1}]})");
  std::string csv = "a,b,y\n";
  for (int i = 0; i < 10; ++i) csv += std::to_string(i) + ",7," + std::to_string(3 * i) + "\n";
  csv += "1000,7,0\n1000,7,0\n";  // the last two are for validation
  write(file("line.csv"), csv);
  const Words common{"fit", file("line.json"), "--data", file("line.csv"), "--loss", "mse", "--epochs",
                     "1",   "--validation",    "2",      "--seed",         "1"};
  EXPECT_EQ(ludus(common + Words{"--scale", "mean-std", "--run", file("a")}).code, 0);
  const auto interface_of = [&](const std::string& run) {
    const std::string bytes = contents(file(run + "/model.safetensors"));
    const std::size_t begin = bytes.find("\\\"shift\\\":");
    return bytes.substr(begin, bytes.find("columns", begin) - begin);
  };
  EXPECT_NE(interface_of("a").find("[4.5,7.0],\\\"scale\\\":[0.348155311911"), std::string::npos) << interface_of("a");
  EXPECT_EQ(ludus(common + Words{"--scale", "min-max", "--run", file("b")}).code, 0);
  EXPECT_NE(interface_of("b").find("[0.0,7.0],\\\"scale\\\":[0.1111111111111111,1.0]"), std::string::npos)
      << interface_of("b");
}

TEST_F(Fit, InvalidInputIsOneSentenceAndLeavesNothing) {
  const Words model{"fit", file("points.json")}, run{"--run", file("refused")};
  const Words data = files("--data", "train");
  expect_refused({"fit"}, {"the model is missing"});
  expect_refused(model + run, {"--data is missing"});
  expect_refused(Words{"fit", file("absent.json")} + data + run, {"absent.json"});
  expect_refused(model + run + Words{"--data", file("train-images.gz")}, {"ludus: data: must be 2 files of arrays"});
  expect_refused(model + run + data + Words{"--epochz", "3"}, {"--epochz", "Did you mean `--epochs`?"});
  expect_refused(model + run + data + Words{"--loss", "cros_entropy"}, {"loss", "Did you mean `cross_entropy`?"});
  expect_refused(model + run + data + Words{"--metrics", "acuracy"}, {"Did you mean `accuracy`?"});
  expect_refused(model + run + data + Words{"--optimizer", "adm"}, {"optimizer", "Did you mean `adam`?"});
  expect_refused(model + run + data + Words{"--monitor", "val/los"}, {"monitor must be", "train/loss"});
  expect_refused(model + run + data + Words{"--set", "batch_siz=3"}, {"batch_siz", "Did you mean `batch_size`?"});
  write(file("settings.toml"), "[optimiser]\nmomentum = 1\n");
  expect_refused(model + run + data + Words{"--config", file("settings.toml")}, {"Did you mean `optimizer`?"});
}

// Also in the last example and in the test files, before the first step.
TEST_F(Fit, DataThatDoNotFitAreRefused) {
  const Words model{"fit", file("points.json")}, run{"--run", file("refused")};
  const Words data = files("--data", "train");
  Points wrong(100);
  wrong.classes.set(99, 2);
  save("label", wrong);
  expect_refused(model + run + files("--data", "label"), {"row 99", "a class must be an integer of 0 to 1, got 2"});
  expect_refused(model + run + data + files("--test", "label"), {"test", "row 99", "got 2"});
  expect_refused(model + run + data + files("--validation", "label"), {"validation", "row 99", "got 2"});
  io::write_npy(file("y.npy"), Array(DType::kInt64, Shape{600}));
  Array nan(DType::kFloat32, Shape{600, 2});
  nan.set(1199, std::nan(""));
  io::write_npy(file("nan.npy"), nan);
  expect_refused(model + run + Words{"--data", file("nan.npy"), file("y.npy")}, {"row 599", "finite, got nan"});

  // a network that computes the probabilities itself
  write(file("softmax.json"), R"({"inputs": [{"name": "x", "shape": [2]}],
    "layers": [{"kind": "dense", "units": 2}, {"kind": "softmax"}]})");
  expect_refused(Words{"fit", file("softmax.json")} + run + data, {"must be logits", "softmax"});

  expect_refused({"predict"}, {"the model is missing"});
  expect_refused({"eval", "random", "--env", "CartPole-v1", "--metrics", "accuracy"}, {"--metrics", "models"});
  expect_refused({"predict", file("points.json"), "--input", file("train-images.gz")}, {"without weights"});
  expect_refused({"model"}, {"the action is missing", "summary"});
  expect_refused({"model", "summary", file("train-images.gz")}, {"must end in one of"});
  expect_refused({"fit", "--resume", file("absent")}, {"holds no run"});
}

TEST_F(Fit, RunsOfAgentsAndModelsAreToldApart) {
  EXPECT_EQ(ludus(training("run") + Words{"--set", "epochs=1"}).code, 0);
  expect_refused({"train", "--resume", file("run")}, {"a training of a model", "ludus fit --resume"});
  const std::string agent = file("agent");
  ASSERT_EQ(ludus(small_training() + Words{"--run", agent}).code, 0);
  expect_refused({"fit", "--resume", agent}, {"a training of an agent", "ludus train --resume"});
  expect_refused(Words{"fit", "--resume", file("run"), "--batch-size", "3"}, {"--batch-size cannot change"});
  expect_refused(training("run"), {"already holds a run"});
  EXPECT_EQ(ludus({"fit", "--resume", file("run"), "--epochs", "2"}).code, 0);
  expect_refused({"fit", "--resume", file("run"), "--epochs", "1"}, {"must be at least the 2 that", "got 1"});
  const std::string config = contents(file("run/config.toml"));
  EXPECT_NE(config.find("epochs = 2"), std::string::npos) << config;
  write(file("run/config.toml"), "[fit");
  expect_refused({"fit", "--resume", file("run")}, {"config.toml: is not TOML"});
}

TEST_F(Fit, ContinuesFromAWholeModelWithItsOptimiser) {
  EXPECT_EQ(ludus(training("run")).code, 0);
  Words again = training("again");
  again[1] = file("run/model.safetensors");
  const Dict report = json_of(ludus(again + Words{"--set", "epochs=1", "--json"}));
  EXPECT_GT(report.at("metrics").as_dict().at("train/accuracy").as_double(), 0.9);  // a fresh one: about 0.7
  expect_refused({"eval", file("run"), "--episodes", "3"}, {"--episodes is an option of policies"});
  Words other_training = training("refused");
  other_training[1] = again[1];
  const Outcome other = ludus(other_training + Words{"--optimizer", "sgd"});
  EXPECT_EQ(other.code, 2);
  EXPECT_NE(other.err.find("the state of its optimiser does not fit sgd"), std::string::npos) << other.err;
}

TEST_F(Fit, AModelIsShownRunFrozenAndConverted) {
  EXPECT_EQ(ludus(training("run") + Words{"--set", "epochs=1", "--labels", "below,above"}).code, 0);
  const Outcome summary = ludus({"model", "summary", file("points.json")});
  EXPECT_NE(summary.out.find("parameters: 82 total"), std::string::npos) << summary.out << summary.err;
  const Outcome show = ludus({"model", "show", file("run")});
  for (const char* word : {"signature \"serving_default\", method classify", "point: dtype float32, shape (-1, 2)",
                           "side: dtype float32, shape (-1, 2), classes (below, above)"}) {
    EXPECT_NE(show.out.find(word), std::string::npos) << show.out << show.err;
  }
  const Dict shown = json_of(ludus({"model", "show", file("run"), "--json"}));
  const Dict& signature = shown.at("signatures").as_list()[0].as_dict();
  EXPECT_EQ(to_json(signature.at("outputs").as_list()[0].as_dict().at("shape")), "[-1,2]");
  const std::string frozen = file("frozen.safetensors");
  EXPECT_EQ(ludus({"model", "freeze", file("run"), frozen}).code, 0);
  EXPECT_LT(fs::file_size(frozen), fs::file_size(file("run/model.safetensors")));
  const auto outputs = [&](const std::string& model, const std::string& input) {
    return json_of(ludus({"model", "run", model, "--input", input, "--json"})).at("outputs");
  };
  const Value one = outputs(file("run"), "point=[[0.5,-0.5]]");
  EXPECT_EQ(outputs(frozen, "point=[[0.5,-0.5]]"), one);
  EXPECT_EQ(outputs(frozen, "point=[0.5,-0.5]"), one);  // a single example
  EXPECT_EQ(outputs(frozen, "point=random"), outputs(frozen, "point=random(1,2)"));
  EXPECT_EQ(outputs(frozen, "point=zeros(3, 2)").as_dict().at("side").as_list().size(), 3u);

  // a hidden layer as the output, without what follows it
  EXPECT_EQ(ludus({"model", "freeze", file("run"), file("hidden.safetensors"), "--outputs", "dense"}).code, 0);
  EXPECT_EQ(outputs(file("hidden.safetensors"), "point=ones").as_dict().at("dense").as_list()[0].as_list().size(), 16u);

  // in two files and back
  EXPECT_EQ(ludus({"model", "export", frozen, file("d.json")}).code, 0);
  EXPECT_EQ(ludus({"model", "export", frozen, file("w.npz")}).code, 0);
  EXPECT_EQ(ludus({"model", "convert", file("d.json"), file("c.safetensors"), "--weights", file("w.npz")}).code, 0);
  EXPECT_EQ(outputs(file("c.safetensors"), "point=[[0.5,-0.5]]"), one);

  expect_refused({"model", "run", frozen}, {"\"point\" is missing"});
  expect_refused({"model", "run", frozen, "--input", "pont=random"}, {"Did you mean `point`?"});
  expect_refused({"model", "run", frozen, "--input", "point=random(3)"}, {"must have shape (batch, 2)"});
  expect_refused({"model", "run", frozen, "--input", "point=random(9999999,9999999)"}, {"at most"});
  expect_refused({"model", "run", frozen, "--input", "point=[[1],[2,3]]"}, {"--input point=[[1],[2,3]]: "});
  expect_refused({"model", "freeze", frozen, file("x.npz")}, {".safetensors"});
  expect_refused({"model", "freeze", frozen, file("x.safetensors"), "--outputs", "sid"}, {"Did you mean `side`?"});
  expect_refused({"model", "convert", frozen, file("x.npz")}, {"ludus model export"});
  expect_refused({"model", "show", frozen, "--jsn"}, {"`--jsn`", "ludus model show --help"});
  expect_refused({"model", "shwo", "run"}, {"has no action `shwo`", "Did you mean `show`?"});
  // the name of a folder may be that of a command or an action
  fs::rename(file("run"), file("model"));
  EXPECT_EQ(ludus({"model", "show", "model"}, {.folder = folder_.path()}).out, show.out);
  fs::rename(file("model"), file("run"));
  EXPECT_EQ(ludus({"model", "show", "run"}, {.folder = folder_.path()}).out, show.out);
  write(file("broken.safetensors"), contents(frozen).substr(0, 500));
  expect_refused({"model", "show", file("broken.safetensors")}, {"broken.safetensors"});
}

// progress.csv without the columns of time.
std::string rows_of(const std::string& run) {
  std::istringstream lines(contents(run + "/progress.csv"));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(','), second = line.find(',', first + 1), third = line.find(',', second + 1);
    text += line.substr(0, first) + line.substr(third) + "\n";
  }
  return text;
}

void expect_same_runs(const std::string& a, const std::string& b) {
  for (const char* name : {"model.safetensors", "best.safetensors", "results.json", "model.json", "config.toml"}) {
    EXPECT_EQ(contents(a + "/" + name), contents(b + "/" + name)) << name;
  }
  EXPECT_EQ(rows_of(a), rows_of(b));
  const fs::path last = runs::newest_checkpoint(a);
  EXPECT_EQ(contents(last), contents(runs::newest_checkpoint(b)));
  EXPECT_EQ(last.filename(), runs::newest_checkpoint(b).filename());
}

// Waits until the run has a checkpoint of at least that step, and after it `delay`, then sends the signal.
std::function<void(pid_t)> signal_at(const std::string& run, std::int64_t step, int signal,
                                     std::chrono::microseconds delay = {}) {
  return [=](pid_t pid) {
    for (int tries = 0; tries < 200'000; ++tries) {
      const std::vector<fs::path> files = runs::checkpoints_in(run);
      if (!files.empty() && std::stoll(files.back().stem().string().substr(5)) >= step) break;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    std::this_thread::sleep_for(delay);
    ::kill(pid, signal);
  };
}

// Everything that has state: shuffling, noise by four threads, dropout, a moving average of the parameters, accumulated
// gradients, a schedule, early stopping, the best weights.
class FitResume : public Fit {
 protected:
  FitResume() { save("long", Points(3000, 5)); }
  Words long_training(const std::string& run) const {
    return Words{"fit", file("points.json")} + files("--data", "long") +
           words(
               "--scale 1/200 --validation 0.2 --metrics accuracy --epochs 8 --noise 0.1 "
               "--workers 4 --average-decay 0.99 --early-stopping 3 --restore-best "
               "--batch-size 10 --accumulate 3 --schedule cosine --l2 1e-4 "
               "--checkpoint-every 7 --seed 4") +
           Words{"--run", file(run)};
  }
};

TEST_F(FitResume, AnInterruptedTrainingResumesExactly) {
  ASSERT_EQ(ludus(long_training("whole")).code, 0);
  const std::string run = file("parts");
  const Outcome interrupted = ludus(long_training("parts"), {.meanwhile = signal_at(run, 100, SIGINT)});
  EXPECT_EQ(interrupted.code, 130) << interrupted.err;
  EXPECT_NE(interrupted.err.find("resume with: ludus fit --resume " + run), std::string::npos) << interrupted.err;
  EXPECT_FALSE(fs::exists(run + "/model.safetensors"));
  const Outcome resumed = ludus({"fit", "--resume", run}, {.folder = "/"});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  expect_same_runs(file("whole"), run);
}

TEST_F(FitResume, TenKillsLeaveTheSameFiles) {
  ASSERT_EQ(ludus(long_training("whole")).code, 0);
  const std::int64_t steps = from_json(contents(file("whole/results.json"))).as_dict().at("steps").as_int();
  ASSERT_GT(steps, 900);
  const std::string run = file("killed");
  Generator random(6);
  for (std::int64_t k = 1; k <= 10; ++k) {
    const std::chrono::microseconds delay(random.integers(10'000));  // of about ten batches: within a batch or a write
    const Words words = k == 1 ? long_training("killed") : Words{"fit", "--resume", run};
    const Outcome killed = ludus(words, {.meanwhile = signal_at(run, steps * k / 11, SIGKILL, delay)});
    ASSERT_EQ(killed.code, 128 + SIGKILL) << "kill " << k << ": " << killed.err;
  }
  const Outcome resumed = ludus({"fit", "--resume", run});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  expect_same_runs(file("whole"), run);
}

// The newest checkpoint is damaged: the one before counts, and the result is the same.
TEST_F(FitResume, ADamagedCheckpointFallsBackToTheOneBefore) {
  const std::string run = file("parts");
  EXPECT_EQ(ludus(long_training("parts"), {.meanwhile = signal_at(run, 50, SIGKILL)}).code, 128 + SIGKILL);
  const fs::path newest = runs::newest_checkpoint(run);
  write(newest, contents(newest).substr(0, 1000));
  const Outcome resumed = ludus({"fit", "--resume", run});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_NE(resumed.err.find("warning: "), std::string::npos) << resumed.err;
  ASSERT_EQ(ludus(long_training("whole")).code, 0);
  expect_same_runs(file("whole"), run);

  // other data are noticed
  save("long", Points(2999, 5));
  expect_refused({"fit", "--resume", run, "--epochs", "9"}, {"must hold the 2400 examples"});
}

}  // namespace
}  // namespace ludus::apps
