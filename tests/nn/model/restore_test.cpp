#include "nn/model/restore.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "nn/core/gradient_step.h"
#include "nn/core/init.h"
#include "nn/core/tensor_io.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using test_support::Scratch;

Model make(const Description& description, std::uint64_t seed = 1) {
  Generator random(seed);
  return Model(description, random);
}

// y = w x + b from zeros
Description line() {
  return sequential(Shape{1},
                    {layers::Dense{.units = 1, .weight_init = Initializer::zeros(), .bias_init = Initializer::zeros()}},
                    "line");
}

Model trained_line() {
  Model model = make(line());
  const at::NoGradGuard no_grad;
  model.parameter("dense.weight").fill_(0.3);
  model.parameter("dense.bias").fill_(-0.3);
  return model;
}

void expect_outputs(Model& model, std::initializer_list<float> expected) {
  const at::Tensor y = model.predict(at::tensor({1.0f, 2.0f, 3.0f, 4.0f}).view({4, 1})).view(-1);
  EXPECT_TRUE(at::allclose(y, at::tensor(at::ArrayRef<float>(expected)), 1e-6, 1e-6)) << y;
}

Description network() {
  return sequential(Shape{3, 6, 6}, {layers::Conv2d{.out_channels = 4}, layers::BatchNorm{}, layers::Flatten{},
                                     layers::Dropout{}, layers::Dense{.units = 5}});
}

at::Tensor images() {
  return at::empty({4, 3, 6, 6}).normal_(0, 1, make_generator(3));
}

std::string message_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// The printed example: all variables saved and restored into zeros give 0, 0.3, 0.6, 0.9.
TEST(Restore, AllVariables) {
  const Scratch scratch;
  save_weights(scratch / "full.safetensors", trained_line());
  Model model = make(line());
  expect_outputs(model, {0, 0, 0, 0});
  load_weights(scratch / "full.safetensors", model);
  expect_outputs(model, {0.0f, 0.3f, 0.6f, 0.9f});
}

// w alone under the name "weights", restored without b, which stays 0: 0.3, 0.6, 0.9, 1.2.
TEST(Restore, SelectedVariablesUnderOtherNames) {
  const Scratch scratch;
  save_weights(scratch / "w.safetensors", trained_line(), {{.from = "dense.weight", .to = "weights"}});
  const TensorFile file = read_safetensors(scratch / "w.safetensors");
  ASSERT_EQ(file.tensors.size(), 1u);
  EXPECT_EQ(file.tensors[0].name, "weights");

  Model model = make(line());
  const RestoreReport report =
      restore(model, scratch / "w.safetensors", {.names = {{.from = "weights", .to = "dense.weight"}}});
  expect_outputs(model, {0.3f, 0.6f, 0.9f, 1.2f});
  EXPECT_EQ(report.restored, (std::vector<std::string>{"dense.weight"}));
  EXPECT_EQ(report.missing, (std::vector<std::string>{"dense.bias"}));
  EXPECT_TRUE(report.unexpected.empty());
  EXPECT_FALSE(report.complete());
  EXPECT_EQ(report.to_string(), "restored (1): dense.weight\nmissing (1): dense.bias\n");
}

TEST(Restore, ReportNamesWhatDoesNotFit) {
  Model source = make(network()),
        target =
            make(sequential(Shape{3, 6, 6}, {layers::Conv2d{.out_channels = 4}, layers::BatchNorm{}, layers::Flatten{},
                                             layers::Dropout{}, layers::Dense{.units = 7}, layers::Dense{.units = 2}}),
                 2);
  const NamedArrays before = target.state();
  const RestoreReport report = restore(target, source.state(), {.exclude = {"*.running_mean"}});
  EXPECT_EQ(report.restored,
            (std::vector<std::string>{"conv2d.weight", "conv2d.bias", "batch_norm.weight", "batch_norm.bias",
                                      "batch_norm.running_var", "batch_norm.num_batches_tracked"}));
  EXPECT_EQ(report.missing, (std::vector<std::string>{"dense_1.weight", "dense_1.bias"}));
  EXPECT_EQ(report.unexpected, (std::vector<std::string>{"batch_norm.running_mean"}));
  EXPECT_EQ(report.wrong_shape, (std::vector<std::string>{"dense.weight: (5, 64) in the source, (7, 64) in the model",
                                                          "dense.bias: (5,) in the source, (7,) in the model"}));
  EXPECT_TRUE(at::equal(target.parameter("conv2d.weight"), source.parameter("conv2d.weight")));
  for (const auto& [name, array] : before) {
    if (!name.starts_with("dense")) continue;
    EXPECT_EQ(to_array(target.parameter(name)), array) << name;
  }
}

TEST(Restore, PrefixesAreRenamed) {
  const Scratch scratch;
  Model source = make(network()), target = make(network(), 2);
  save_weights(scratch / "vgg.safetensors", source, {{.from = "*", .to = "vgg.*"}});
  const RestoreReport report = restore(target, scratch / "vgg.safetensors", {.names = {{.from = "vgg.*", .to = "*"}}});
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(target.state(), source.state());
  EXPECT_THROW(restore(target, source.state(), {.names = {{.from = "conv2d.bias", .to = "conv2d.weight"}}}),
               InvalidArgument);
  EXPECT_THROW(save_weights(scratch / "x.safetensors", source, {{.from = "fc.*", .to = "*"}}), InvalidArgument);
}

// Description, weights, statistics, frozen names, generator, optimiser and configuration: training goes on to the bit.
TEST(Restore, WholeModelResumesExactly) {
  const Scratch scratch;
  const at::Tensor x = images();
  const auto steps = [&](Model& model, Adam& adam) {
    for (int step = 0; step < 3; ++step) {
      gradient_step(model.parameters(), adam, model.forward(x, Mode::kTrain).square().mean(), {.learning_rate = 0.01});
    }
  };
  Model model = make(network());
  model.freeze("conv2d.*");
  Adam adam(model.parameters());
  steps(model, adam);
  save_model(scratch / "model.safetensors", model, {.optimizer = adam.state(), .configuration = Dict{{"epochs", 3}}});

  LoadedModel loaded = load_model(scratch / "model.safetensors");
  EXPECT_EQ(loaded.model->description(), model.description());
  EXPECT_EQ(loaded.model->state(), model.state());
  EXPECT_EQ(loaded.model->summary().frozen, model.summary().frozen);
  EXPECT_EQ(loaded.training.configuration, Value(Dict{{"epochs", 3}}));
  EXPECT_TRUE(at::equal(loaded.model->predict(x), model.predict(x)));
  Adam resumed(loaded.model->parameters());
  resumed.load_state(loaded.training.optimizer.value());
  steps(model, adam);
  steps(*loaded.model, resumed);
  EXPECT_EQ(loaded.model->state(), model.state());
  EXPECT_TRUE(loaded.model->random() == model.random());

  // the same file also serves as a file of weights
  Model other = make(network(), 9);
  load_weights(scratch / "model.safetensors", other);
  EXPECT_TRUE(restore(other, scratch / "model.safetensors").unexpected.empty());
}

TEST(Restore, FilesThatHoldSomethingElseAreRejectedByName) {
  const Scratch scratch;
  const std::filesystem::path weights = scratch / "weights.safetensors";
  Model model = make(network());
  save_weights(weights, model);
  EXPECT_EQ(
      message_of([&] { load_model(weights); }),
      weights.string() + ": the file must hold a whole model; describe the network and load or restore its weights");
  Model small = make(line());
  EXPECT_EQ(message_of([&] { load_weights(weights, small); }).find(weights.string()), 0u);
  EXPECT_NE(message_of([&] { load_weights(scratch / "absent", small); }).find("absent"), std::string::npos);

  // a description whose parameters the file does not hold: rejected before they are allocated
  Checkpoint huge;
  huge.metadata()["format"] = "ludus model 1";
  huge.metadata()["description"] = to_json(sequential(Shape{1 << 20}, {layers::Dense{.units = 1 << 19}}));
  huge.put("dense.weight", Array(DType::kFloat32, Shape{2, 2}));
  huge.put("dense.bias", Array(DType::kFloat32, Shape{2}));
  huge.save(scratch / "huge.safetensors");
  EXPECT_NE(message_of([&] { load_model(scratch / "huge.safetensors"); }).find("must have shape (524288, 1048576)"),
            std::string::npos);
}

}  // namespace
}  // namespace ludus::nn
