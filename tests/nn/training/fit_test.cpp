#include "nn/training/fit.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "base/checkpoint.h"
#include "base/error.h"
#include "nn/core/tensor_io.h"
#include "nn/data/array_source.h"
#include "nn/model/restore.h"
#include "nn/training/callbacks.h"
#include "runs/early_stopping.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using data::Dataset;
using data::Example;
using test_support::Scratch;

constexpr std::int64_t kExamples = 50;

// Two classes of points in the plane, inside and outside of a circle: fields "point" and "class".
Dataset circle_points(std::uint64_t seed = 3, std::int64_t n = kExamples) {
  Generator random(seed);
  Array points(DType::kFloat32, Shape{n, 2}), classes(DType::kInt32, Shape{n});
  for (std::int64_t i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    const double x = random.uniform(-1, 1), y = random.uniform(-1, 1);
    points.data<float>()[2 * k] = static_cast<float>(x);
    points.data<float>()[2 * k + 1] = static_cast<float>(y);
    classes.data<std::int32_t>()[k] = x * x + y * y < 0.6 ? 1 : 0;
  }
  return data::from_arrays({{"point", points}, {"class", classes}});
}

// Targets that are a linear function of the inputs: fields "x" and "y".
Dataset linear_points(std::int64_t n) {
  Generator random(5);
  Array x(DType::kFloat32, Shape{n, 3}), y(DType::kFloat32, Shape{n, 1});
  for (std::int64_t i = 0; i < n; ++i) {
    const auto k = static_cast<std::size_t>(i);
    for (std::size_t j = 0; j < 3; ++j) x.data<float>()[3 * k + j] = static_cast<float>(random.uniform(-1, 1));
    const float* row = x.data<float>().data() + 3 * k;
    y.data<float>()[k] = 2 * row[0] - row[1] + 0.5F * row[2] + 0.25F;
  }
  return data::from_arrays({{"x", x}, {"y", y}});
}

Example shifted(Example example, Generator& random) {
  for (float& number : example.array("point").data<float>()) number += static_cast<float>(random.uniform(-0.05, 0.05));
  return example;
}

std::unique_ptr<Model> classifier() {
  Generator random(1);
  return std::make_unique<Model>(sequential(Shape{2}, {layers::Dense{.units = 16, .activation = Activation::kTanh},
                                                       layers::Dropout{.rate = 0.1}, layers::Dense{.units = 2}}),
                                 random);
}

std::unique_ptr<Model> linear_model() {
  Generator random(1);
  return std::make_unique<Model>(sequential(Shape{3}, {layers::Dense{.units = 1}}), random);
}

FitOptions classes(std::int64_t epochs) {
  return {.epochs = epochs, .inputs = {"point"}, .targets = {"class"}, .metrics = {"accuracy"}};
}

FitOptions regression(std::int64_t epochs) {
  return {.epochs = epochs,
          .inputs = {"x"},
          .targets = {"y"},
          .losses = {{.kind = LossKind::kMeanSquaredError}},
          .metrics = {"mae"}};
}

at::Tensor parameters_of(const Model& model) {
  return model.parameters().values().detach().clone();
}

// --- training

TEST(Fit, LearnsAClassifier) {
  const auto model = classifier();
  FitOptions options = classes(150);
  options.learning_rate.initial = 0.01;
  Fit fit(*model, circle_points(3, 300).shuffle(300, 1).batch(30), options, circle_points(4, 300).batch(64));
  const runs::StopReason end = fit.run();
  EXPECT_EQ(end.kind, runs::StopReason::Kind::kCompleted);
  EXPECT_EQ(fit.epoch(), 150);
  EXPECT_EQ(fit.progress().step, 1500);
  EXPECT_EQ(fit.progress().total, 1500);
  ASSERT_EQ(fit.history().size(), 150u);
  EXPECT_LT(fit.history().back().at("val/loss"), 0.5 * fit.history().front().at("val/loss"));
  EXPECT_GT(fit.history().back().at("val/accuracy"), 0.9);
}

TEST(Fit, EveryOptimizerFitsALinearFunction) {
  for (const auto& [name, rate] : std::vector<std::pair<std::string, double>>{
           {"adam", 0.05}, {"adamw", 0.05}, {"sgd", 0.2}, {"rmsprop", 0.01}, {"adagrad", 0.5}, {"lbfgs", 1.0}}) {
    const auto model = linear_model();
    FitOptions options = regression(60);
    options.optimizer.name = name;
    options.optimizer.weight_decay = 0;
    options.learning_rate.initial = rate;
    Fit fit(*model, linear_points(64).batch(16), options);
    fit.run();
    EXPECT_LT(fit.history().back().at("train/loss"), 0.01 * fit.history().front().at("train/loss")) << name;
  }
}

TEST(Fit, OneStepOfSgdByHand) {
  // one weight: L = (w x − y)² + l2 w² / 2, dL/dw = 2 x (w x − y) + l2 w
  Generator random(1);
  Description description = sequential(Shape{1}, {layers::Dense{.units = 1, .bias = false}});
  description.nodes[0].l2 = 0.5;
  Model model(description, random);
  assign(model.parameter("dense.weight"), Array(DType::kFloat32, Shape{1, 1}), "w");
  model.parameters().values().detach().fill_(2.0);
  Array x(DType::kFloat32, Shape{1, 1}), y(DType::kFloat32, Shape{1, 1});
  x.data<float>()[0] = 3;
  y.data<float>()[0] = 5;
  FitOptions options = regression(1);
  options.optimizer.name = "sgd";
  options.learning_rate.initial = 0.125;
  Fit fit(model, data::from_arrays({{"x", x}, {"y", y}}).batch(1), options);
  fit.run();
  EXPECT_FLOAT_EQ(model.parameters().values().item<float>(), 2 - 0.125F * (2 * 3 * (2 * 3 - 5) + 0.5F * 2));
  EXPECT_DOUBLE_EQ(fit.history()[0].at("train/loss"), 1 + 0.5 * 4 / 2);
  EXPECT_DOUBLE_EQ(fit.history()[0].at("train/mae"), 1);
}

// Four batches of 4 whose gradients are averaged are one batch of 16; a last group of an epoch may be smaller.
TEST(Fit, AccumulatedGradientsAreThoseOfTheWholeBatch) {
  const auto trained = [](std::size_t batch, std::int64_t accumulate) {
    const auto model = linear_model();
    FitOptions options = regression(3);
    options.optimizer.name = "sgd";
    options.learning_rate.initial = 0.1;
    options.accumulate = accumulate;
    Fit fit(*model, linear_points(40).batch(batch), options);
    fit.run();
    return parameters_of(*model);
  };
  // 40 = 16 + 16 + 8: the last group of an epoch has 2 batches of 4
  EXPECT_TRUE(at::allclose(trained(4, 4), trained(16, 1), 1e-5, 1e-6));
  EXPECT_FALSE(at::allclose(trained(4, 1), trained(16, 1), 1e-3, 1e-3));
}

TEST(Fit, ClipsGradients) {
  const auto change = [](FitOptions options) {
    const auto model = linear_model();
    const at::Tensor before = parameters_of(*model);
    options.optimizer.name = "sgd";
    options.learning_rate.initial = 1;
    options.steps_per_epoch = 1;
    Fit fit(*model, linear_points(16).batch(16), options);
    fit.run();
    return (parameters_of(*model) - before).abs();
  };
  FitOptions by_value = regression(1), by_norm = regression(1);
  by_value.max_gradient_value = 0.001;
  by_norm.max_gradient_norm = 0.01;
  EXPECT_NEAR(change(by_value).max().item<double>(), 0.001, 1e-7);
  EXPECT_NEAR(change(by_norm).norm().item<double>(), 0.01, 1e-6);
  EXPECT_GT(change(regression(1)).max().item<double>(), 0.1);
}

TEST(Fit, StepsPerEpochLimitAnEpochAndAnEndlessDatasetGoesOn) {
  const auto model = linear_model();
  FitOptions options = regression(4);
  options.steps_per_epoch = 3;
  Fit fit(*model, linear_points(16).batch(4).repeat(), options);  // 4 batches in a round
  fit.run();
  EXPECT_EQ(fit.progress().step, 12);
  EXPECT_EQ(fit.epoch(), 4);
  EXPECT_THROW(Fit(*model, linear_points(16).batch(4).repeat(), regression(4)), InvalidArgument);
}

TEST(Fit, ADatasetOfUnknownSizeIsCountedInItsFirstEpoch) {
  const auto model = linear_model();
  const auto batches = linear_points(16).filter([](const Example&) { return true; }).batch(5);
  Fit fit(*model, batches, regression(2));
  fit.run();
  EXPECT_EQ(fit.progress().step, 8);
  FitOptions decaying = regression(2);
  decaying.learning_rate.schedule = "linear";
  EXPECT_THROW(Fit(*model, batches, decaying), InvalidArgument);
  decaying.steps_per_epoch = 4;
  EXPECT_NO_THROW(Fit(*model, batches, decaying));
}

TEST(Fit, RejectsOptionsThatDoNotFit) {
  const auto model = classifier();
  const Dataset batches = circle_points().batch(10);
  const auto rejected = [&](FitOptions options) {
    try {
      Fit fit(*model, batches, std::move(options));
      fit.run();
    } catch (const InputError&) {
      return true;
    }
    return false;
  };
  EXPECT_FALSE(rejected(classes(1)));
  FitOptions options = classes(0);
  EXPECT_TRUE(rejected(options));
  options = classes(1);
  options.inputs = {"points"};  // no such field
  EXPECT_TRUE(rejected(options));
  options = classes(1);
  options.targets = {"class", "class"};
  EXPECT_TRUE(rejected(options));
  options = classes(1);
  options.metrics = {"acuracy"};
  EXPECT_TRUE(rejected(options));
  options = classes(1);
  options.metrics = {"other:accuracy"};
  EXPECT_TRUE(rejected(options));
  options = classes(1);
  options.optimizer.name = "adma";
  EXPECT_TRUE(rejected(options));
  options = classes(1);
  options.accumulate = 0;
  EXPECT_TRUE(rejected(options));
  options = classes(1);
  options.average_decay = 1.0;
  EXPECT_TRUE(rejected(options));
}

TEST(Fit, DivergenceEndsTheTrainingWithASentence) {
  const auto model = linear_model();
  FitOptions options = regression(50);
  options.optimizer.name = "sgd";
  options.learning_rate.initial = 1e6;
  Fit fit(*model, linear_points(16).batch(4), options);
  EXPECT_THROW(fit.run(), WorkError);
}

// --- evaluation

TEST(Evaluate, IsExactOverUnevenBatches) {
  const auto model = classifier();
  const FitOptions options = classes(1);
  const runs::Metrics whole = evaluate(*model, circle_points().batch(kExamples), options);
  const runs::Metrics parts = evaluate(*model, circle_points().batch(7), options);
  EXPECT_NEAR(whole.at("loss"), parts.at("loss"), 1e-6);
  EXPECT_DOUBLE_EQ(whole.at("accuracy"), parts.at("accuracy"));
  EXPECT_THROW(evaluate(*model, circle_points().take(0).batch(7), options), InvalidArgument);
}

TEST(Predict, ConcatenatesTheOutputsOfAllBatches) {
  const auto model = classifier();
  const std::vector<Array> predictions = predict(*model, circle_points().batch(7), {"point"});
  ASSERT_EQ(predictions.size(), 1u);
  EXPECT_EQ(predictions[0].shape(), (Shape{kExamples, 2}));
  const std::vector<Array> whole = predict(*model, circle_points().batch(kExamples), {"point"});
  EXPECT_TRUE(at::allclose(to_tensor(predictions[0]), to_tensor(whole[0]), 1e-5, 1e-6));
}

TEST(Fit, ReportsEveryOutputOfANetworkWithTwo) {
  Generator random(1);
  Description heads{.name = "heads"};
  const std::string input = heads.add_input("x", Shape{3});
  const std::string body = heads.add(layers::Dense{.units = 8, .activation = Activation::kRelu}, {input});
  heads.outputs = {heads.add(layers::Dense{.units = 1}, {body}, "y"),
                   heads.add(layers::Dense{.units = 1}, {body}, "z")};
  Model model(heads, random);
  const Dataset points = linear_points(32).map([](Example example) {
    example["z"] = example.array("y");
    return example;
  });
  FitOptions options{
      .epochs = 1,
      .losses = {{.kind = LossKind::kMeanSquaredError}, {.kind = LossKind::kMeanAbsoluteError, .weight = 0.5}},
      .metrics = {"mse", "z:mae"}};
  Fit fit(model, points.batch(8), options, points.batch(8));
  fit.run();
  const runs::Metrics& last = fit.history().back();
  for (const char* tag : {"train/y_loss", "train/z_loss", "train/y_mse", "train/z_mse", "train/z_mae", "val/z_mae"}) {
    EXPECT_TRUE(last.contains(tag)) << tag;
  }
  EXPECT_FALSE(last.contains("train/y_mae"));
  EXPECT_NEAR(last.at("val/loss"), last.at("val/y_loss") + 0.5 * last.at("val/z_loss"), 1e-6);
  EXPECT_EQ(predict(model, points.batch(8)).size(), 2u);
}

// --- moving average

TEST(MovingAverage, IsTensorFlowsWithItsNumberOfUpdates) {
  // v = 0; v = 5; apply at step 0: decay min(0.99, 1 / 10), shadow 0.1 · 0 + 0.9 · 5 = 4.5
  Generator random(1);
  Model model(sequential(Shape{1}, {layers::Dense{.units = 1, .bias = false}}), random);
  at::Tensor values = model.parameters().values().detach();
  values.fill_(0);
  MovingAverage average(model.parameters(), 0.99);
  values.fill_(5);
  average.update();
  EXPECT_FLOAT_EQ(average.values().item<float>(), 4.5F);
  {
    const MovingAverage::Applied applied(&average);
    EXPECT_FLOAT_EQ(model.parameters().values().item<float>(), 4.5F);
  }
  EXPECT_FLOAT_EQ(model.parameters().values().item<float>(), 5.0F);
  EXPECT_FLOAT_EQ(average.values().item<float>(), 4.5F);
  average.update();  // decay min(0.99, 2 / 11)
  EXPECT_FLOAT_EQ(average.values().item<float>(), 4.5F * 2 / 11 + 5.0F * 9 / 11);
}

TEST(MovingAverage, AveragesBuffersThatArePassed) {
  Generator random(1);
  Model model(sequential(Shape{1}, {layers::Dense{.units = 1, .bias = false}}), random);
  at::Tensor one = at::zeros({2}), two = at::zeros({1, 1});
  MovingAverage average(model.parameters(), 0.99, {one, two});
  one.fill_(5), two.fill_(-10);
  average.update();  // decay 1 / 10, as of the parameters
  {
    const MovingAverage::Applied applied(&average);
    EXPECT_TRUE(one.allclose(at::full({2}, 4.5)));
    EXPECT_TRUE(two.allclose(at::full({1, 1}, -9.0)));
  }
  EXPECT_TRUE(one.equal(at::full({2}, 5.0)));
  EXPECT_TRUE(two.equal(at::full({1, 1}, -10.0)));

  MovingAverage loaded(model.parameters(), 0.99, {one, two});
  loaded.load_state(average.state());
  const MovingAverage::Applied applied(&loaded);
  EXPECT_TRUE(two.allclose(at::full({1, 1}, -9.0)));
  EXPECT_THROW(MovingAverage(model.parameters(), 0.99).load_state(average.state()), InvalidArgument);
}

// --- callbacks

TEST(BestModel, RestoresTheBestWeights) {
  const Scratch scratch;
  const auto model = classifier();
  FitOptions options = classes(12);
  options.learning_rate.initial = 0.5;  // the loss goes up and down
  const Dataset validation = circle_points(4, 300).batch(64);
  Fit fit(*model, circle_points().shuffle(kExamples, 1).batch(10), options, validation);
  const auto best = std::make_shared<BestModel>(fit, scratch.path() / "best.safetensors",
                                                BestModel::Options{.metric = "val/loss", .restore = true});
  fit.add(best);
  fit.run();
  double lowest = fit.history()[0].at("val/loss");
  for (const runs::Metrics& epoch : fit.history()) lowest = std::min(lowest, epoch.at("val/loss"));
  EXPECT_DOUBLE_EQ(best->best(), lowest);
  EXPECT_NEAR(evaluate(*model, validation, options).at("loss"), lowest, 1e-6);
  EXPECT_GT(fit.history().back().at("val/loss"), lowest);  // otherwise nothing was restored
}

TEST(ReduceOnPlateau, LowersTheLearningRateOnce) {
  const auto model = linear_model();
  FitOptions options = regression(6);
  options.optimizer.name = "sgd";
  options.learning_rate.initial = 1e-9;  // no improvement
  Fit fit(*model, linear_points(16).batch(16), options, linear_points(16).batch(16));
  fit.add(std::make_shared<ReduceOnPlateau>(fit, ReduceOnPlateau::Options{.factor = 0.5, .patience = 3}));
  fit.run();
  EXPECT_DOUBLE_EQ(fit.learning_rate_scale(), 0.5);  // after epochs 2, 3, 4
  EXPECT_DOUBLE_EQ(fit.metrics().at("train/learning_rate"), 0.5e-9);
  EXPECT_THROW(ReduceOnPlateau(fit, {.factor = 1.5}), InvalidArgument);
  EXPECT_THROW(ReduceOnPlateau(fit, {.patience = 0}), InvalidArgument);
}

// --- resumption

// A training with everything that has state: shuffled data, random augmentation on 4 threads, dropout, accumulation, a
// moving average, early stopping, a learning rate that falls.
class EveryState {
 public:
  explicit EveryState(const std::filesystem::path& folder)
      : model_(classifier()),
        fit_(*model_, circle_points().shuffle(20, 7).map(shifted, {.workers = 4, .seed = 9}).batch(8).prefetch(2),
             options(), circle_points(4).batch(16)) {
    fit_.add(std::make_shared<BestModel>(fit_, folder / "best.safetensors", BestModel::Options{}));
    fit_.add(std::make_shared<ReduceOnPlateau>(fit_, ReduceOnPlateau::Options{.factor = 0.5, .patience = 1}));
    fit_.add(std::make_shared<runs::EarlyStopping>(
        runs::EarlyStopping::Options{.metric = "val/loss", .higher_is_better = false, .patience = 2}));
  }

  static FitOptions options() {
    FitOptions options = classes(4);
    options.learning_rate = {.schedule = "cosine", .initial = 0.05, .warmup_steps = 3};
    options.accumulate = 2;
    options.average_decay = 0.9;
    return options;
  }

  Fit& fit() { return fit_; }
  Checkpoint checkpoint() {
    Checkpoint checkpoint;
    fit_.save(checkpoint);
    return checkpoint;
  }

 private:
  std::unique_ptr<Model> model_;
  Fit fit_;
};

TEST(Fit, ContinuesIdenticallyFromEveryStep) {
  const Scratch scratch;
  EveryState uninterrupted(scratch.path());
  uninterrupted.fit().run();
  const std::int64_t steps = uninterrupted.fit().progress().step;
  ASSERT_GT(steps, 20);
  for (std::int64_t stop = 1; stop < steps; ++stop) {
    EveryState first(scratch.path());
    std::int64_t done = 0;
    first.fit().run([&] { return ++done == stop; });
    first.fit().save(scratch.path() / "checkpoint.safetensors");
    EveryState second(scratch.path());
    second.fit().load(Checkpoint::load(scratch.path() / "checkpoint.safetensors"));
    EXPECT_EQ(second.fit().progress().step, stop);
    second.fit().run();
    EXPECT_EQ(first_difference(second.checkpoint(), uninterrupted.checkpoint()), std::nullopt) << "stopped at " << stop;
  }
}

TEST(Fit, AFileOfAnotherPipelineIsRefusedAndChangesNothing) {
  const Scratch scratch;
  EveryState saved(scratch.path());
  saved.fit().run([] { return true; });
  const Checkpoint checkpoint = saved.checkpoint();

  const auto model = classifier();
  Fit other(*model, circle_points().batch(8), EveryState::options(), circle_points(4).batch(16));
  const at::Tensor before = parameters_of(*model);
  EXPECT_THROW(other.load(checkpoint), CorruptCheckpoint);
  EXPECT_TRUE(at::equal(parameters_of(*model), before));
  EXPECT_EQ(other.progress().step, 0);
}

TEST(Fit, SavedModelsAreLoadedForInference) {
  const Scratch scratch;
  const auto model = classifier();
  FitOptions options = classes(2);
  options.average_decay = 0.5;
  const Dataset validation = circle_points(4).batch(16);
  Fit fit(*model, circle_points().batch(8), options, validation);
  fit.run();
  fit.save_model(scratch.path() / "model.safetensors");
  const LoadedModel loaded = load_model(scratch.path() / "model.safetensors");
  // the averaged parameters, which validation used
  EXPECT_NEAR(evaluate(*loaded.model, validation, options).at("loss"), fit.history().back().at("val/loss"), 1e-6);
}

// --- MNIST

TEST(Fit, MnistInOneEpoch) {
  const char* root = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path folder = root ? std::filesystem::path(root) / "mnist" : "";
  if (!root || !std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  const auto scaled = [](Example example) {
    const Array& pixels = example.array("image");
    Array numbers(DType::kFloat32, Shape{784});
    for (std::size_t i = 0; i < 784; ++i) {
      numbers.data<float>()[i] = static_cast<float>(pixels.data<std::uint8_t>()[i]) / 255.0F;
    }
    example["image"] = std::move(numbers);
    return example;
  };
  const auto files = [&](const std::string& name) {
    return data::from_idx(folder / (name + "-images-idx3-ubyte.gz"), folder / (name + "-labels-idx1-ubyte.gz"))
        .map(scaled, {.key = "scaled"});
  };
  Generator random(0);
  Model model(
      sequential(Shape{784}, {layers::Dense{.units = 64, .activation = Activation::kRelu}, layers::Dense{.units = 10}}),
      random);
  FitOptions options{.epochs = 1, .inputs = {"image"}, .targets = {"label"}, .metrics = {"accuracy"}};
  Fit fit(model, files("train").take(20000).shuffle(20000, 0).batch(64), options, files("t10k").take(2000).batch(500));
  fit.run();
  EXPECT_GT(fit.history().back().at("val/accuracy"), 0.88);
}

}  // namespace
}  // namespace ludus::nn
