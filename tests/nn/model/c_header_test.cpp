// Networks in C against the same networks in torch.
#include "nn/model/c_header.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>

#include "base/format.h"
#include "base/rng.h"
#include "nn/model/build.h"
#include "tests/nn/layers/layer_examples.h"
#include "tests/support/c_library.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using test_support::Scratch;

// A model with random numbers in every parameter and buffer.
Model random_model(Description description, std::uint64_t seed) {
  Generator random(seed);
  Model model(std::move(description), random);
  NamedArrays state = model.state();
  for (auto& [name, array] : state) {
    if (array.dtype() != DType::kFloat32) continue;
    const bool variance = name.ends_with("running_var");
    for (float& number : array.data<float>()) number = static_cast<float>(random.uniform(variance ? 0.5 : -1.0, 1.0));
  }
  model.load_state(state);
  return model;
}

std::vector<RecordedExample> record(Model& model, std::size_t count, Generator& random) {
  std::vector<RecordedExample> examples(count);
  for (RecordedExample& example : examples) {
    std::vector<at::Tensor> inputs;
    for (const InputSpec& input : model.description().inputs) {
      std::vector<std::int64_t> sizes{1};
      sizes.insert(sizes.end(), input.shape.begin(), input.shape.end());
      const bool indices = input.dtype == DType::kInt64;
      at::Tensor tensor = at::empty(sizes, at::kFloat);
      for (std::int64_t i = 0; i < tensor.numel(); ++i) {
        tensor.data_ptr<float>()[i] =
            indices ? static_cast<float>(random.integers(3)) : static_cast<float>(random.uniform(-3, 3));
      }
      example.input.insert(example.input.end(), tensor.data_ptr<float>(), tensor.data_ptr<float>() + tensor.numel());
      inputs.push_back(indices ? tensor.to(at::kLong) : tensor);
    }
    for (const at::Tensor& output : model.predict(inputs)) {
      const at::Tensor flat = output.contiguous();
      example.numbers.insert(example.numbers.end(), flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
    }
  }
  return examples;
}

// One program that runs the self-tests of all headers, by every compiler, without and with optimisation.
void expect_self_tests_pass(const Scratch& folder, const std::vector<std::string>& names) {
  std::string program = "#include <stdio.h>\n", calls;
  for (const std::string& name : names) {
    std::string capitals = name;
    for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    program += "#define " + capitals + "_SELF_TEST\n#include \"" + name + ".h\"\n";
    calls += "  if (" + name + "_self_test() != 0) printf(\"" + name + " \");\n";
  }
  write_atomically(folder / "all.c", program + "int main(void) {\n" + calls + "  return 0;\n}\n");
  for (const std::string& compiler : test_support::c_compilers()) {
    for (const char* level : {"-O0", "-O3"}) {
      EXPECT_EQ(test_support::run_command(
                    compiler + " " + test_support::kCFlags + " " + level + " all.c -lm -o all && ./all", folder.path()),
                "")
          << compiler << level;
    }
  }
}

bool can_be_exported(const Layer& layer) {
  return !std::holds_alternative<layers::Gru>(layer) && !std::holds_alternative<layers::Lstm>(layer) &&
         !std::holds_alternative<layers::Pad>(layer);
}

TEST(CHeader, ComputesEveryLayerAsTorchDoes) {
  const Scratch folder;
  Generator random(1);
  std::vector<std::string> names;
  for (const testing::LayerExample& example : testing::layer_examples()) {
    Description description;
    std::vector<std::string> inputs;
    const bool indices = std::holds_alternative<layers::Embedding>(example.layer);
    for (std::size_t i = 0; i < example.inputs.size(); ++i) {
      inputs.push_back(description.add_input(formatted("input_{}", i), example.inputs[i],
                                             indices ? DType::kInt64 : DType::kFloat32));
    }
    description.outputs = {description.add(example.layer, inputs, "tested.layer-1")};
    Model model = random_model(description, 2);
    const auto examples = record(model, 4, random);
    const std::string name = formatted("layer{}", names.size());
    if (can_be_exported(example.layer)) {
      write_c_header(folder / (name + ".h"), description, model.state(), {.name = name}, examples);
      names.push_back(name);
      continue;
    }
    try {
      c_header(description, model.state(), {.name = name}, examples);
      ADD_FAILURE() << kind_of(example.layer);
    } catch (const InvalidArgument& error) {
      EXPECT_EQ(std::string(error.what()),
                formatted("layer \"tested.layer-1\": a {} layer cannot be exported to C; use "
                          "a network without one",
                          kind_of(example.layer)));
    }
  }
  EXPECT_GT(names.size(), 40u);
  expect_self_tests_pass(folder, names);
}

TEST(CHeader, ComputesEveryActivationAsTorchDoes) {
  const Scratch folder;
  Generator random(3);
  std::vector<std::string> names;
  for (const Activation activation : kActivations) {
    Model model = random_model(sequential(Shape{6}, {layers::Dense{.units = 40, .activation = activation}}), 4);
    const std::string name = formatted("with_{}", name_of(activation));
    write_c_header(folder / (name + ".h"), model.description(), model.state(), {.name = name},
                   record(model, 8, random));
    names.push_back(name);
  }
  expect_self_tests_pass(folder, names);
}

// A classifier of images with a skip connection and two outputs, whose values live side by side in the workspace.
TEST(CHeader, ComputesGraphs) {
  const Scratch folder;
  Description description{.name = "graph"};
  const std::string image = description.add_input("image", Shape{2, 9, 9});
  const std::string extra = description.add_input("extra", Shape{3});
  const std::string first =
      description.add(layers::Conv2d{.out_channels = 4, .padding = Padding::of({1})}, {image}, "a.b");
  const std::string same =
      description.add(layers::Conv2d{.out_channels = 4, .padding = Padding::same(), .activation = Activation::kRelu},
                      {first}, "a_b");  // the same identifier in C
  const std::string sum = description.add(layers::Add{}, {first, same, first});
  const std::string normal = description.add(layers::BatchNorm{}, {sum}, "scale");  // beside the kernel scale_shift
  const std::string pooled = description.add(layers::MaxPool2d{}, {normal});
  const std::string flat = description.add(layers::Flatten{}, {pooled});
  const std::string all = description.add(layers::Concatenate{}, {flat, extra, flat});
  const std::string logits = description.add(layers::Dense{.units = 5}, {all});
  description.outputs = {description.add(layers::Softmax{}, {logits}), logits, extra, flat};

  Model model = random_model(description, 5);
  Generator random(6);
  write_c_header(folder / "graph.h", description, model.state(), {.name = "graph"}, record(model, 8, random));
  expect_self_tests_pass(folder, {"graph"});
}

// The self-test can fail, prints the number of failures, and is not part of the header otherwise.
TEST(CHeader, SelfTestFindsWrongOutputs) {
  const Scratch folder;
  Model model = random_model(sequential(Shape{3}, {layers::Dense{.units = 2, .activation = Activation::kTanh}}), 7);
  Generator random(8);
  auto examples = record(model, 5, random);
  examples[1].numbers[1] += 1e-4f;
  examples[3].numbers[0] += 1.0f;
  write_c_header(folder / "small.h", model.description(), model.state(),
                 {.name = "small", .notes = {{"a", "*/ b /*\nc"}}}, examples);
  const std::string compile = std::string("gcc ") + test_support::kCFlags;
  EXPECT_EQ(test_support::run_command(compile + " -DSMALL_SELF_TEST_MAIN -x c small.h -lm -o small && ! ./small",
                                      folder.path()),
            "2 of 5 recorded examples differ\n");
  const auto symbols = test_support::run_command(
      compile + " -DSMALL_IMPLEMENTATION -c -x c small.h -o small.o && nm --defined-only -g small.o", folder.path());
  EXPECT_EQ(symbols.find("self_test"), std::string::npos);
  EXPECT_NE(symbols.find("small_predict"), std::string::npos);
  // the implementation behind a first inclusion without it, once
  write_atomically(folder / "twice.c",
                   "#include \"small.h\"\n#define SMALL_IMPLEMENTATION\n#include \"small.h\"\n#include \"small.h\"\n");
  EXPECT_NE(test_support::run_command(compile + " -c twice.c -o twice.o && nm --defined-only -g twice.o", folder.path())
                .find("small_predict"),
            std::string::npos);
  // sums in float, for a CPU without double precision
  examples = record(model, 5, random);
  examples[2].numbers[0] += 3e-6f;  // below the tolerance
  write_c_header(folder / "small.h", model.description(), model.state(), {.name = "small"}, examples);
  EXPECT_EQ(
      test_support::run_command(
          compile + " -DSMALL_SUM=float -DSMALL_SELF_TEST_MAIN -x c small.h -lm -o small && ./small", folder.path()),
      "0 of 5 recorded examples differ\n");
  EXPECT_EQ(test_support::run_command(
                compile + " -DSMALL_TOLERANCE=1e-6f -DSMALL_SELF_TEST_MAIN -x c small.h -lm -o small && ! ./small",
                folder.path()),
            "1 of 5 recorded examples differ\n");
}

TEST(CHeader, WeightsRoundTripExactly) {
  const std::vector<float> weights{0.1f, 1e-30f, -3.0f, 16777216.0f, 1.17549435e-38f, 3.4028235e38f, -0.0f, 1.0f / 3};
  const Description description = sequential(Shape{4}, {layers::Dense{.units = 2, .bias = false}});
  const NamedArrays parameters{{"dense.weight", Array::of(std::span<const float>(weights), Shape{2, 4})}};
  const std::string text = c_header(description, parameters, {.name = "exact"}, {});
  const std::size_t at = text.find("exact_dense_weight[8] = {");
  ASSERT_NE(at, std::string::npos);
  const char* next = text.c_str() + text.find('{', at) + 1;
  for (const float weight : weights) {
    char* end = nullptr;
    const float number = std::strtof(next, &end);
    EXPECT_EQ(std::memcmp(&number, &weight, sizeof number), 0) << weight;
    EXPECT_EQ(*end, 'f');
    next = std::strchr(end, ',') + 1;
    if (&weight == &weights[6]) break;
  }
}

TEST(CHeader, RefusesWhatCannotBeWritten) {
  const auto message = [](auto&& write) -> std::string {
    try {
      write();
    } catch (const InvalidArgument& error) {
      return error.what();
    }
    return "";
  };
  const Description description = sequential(Shape{2}, {layers::Dense{.units = 1}});
  NamedArrays parameters{{"dense.weight", Array(DType::kFloat32, Shape{1, 2})},
                         {"dense.bias", Array(DType::kFloat32, Shape{1})}};
  for (const char* name : {"", "1st", "my-model", "a b"}) {
    EXPECT_EQ(message([&] { c_header(description, parameters, {.name = name}, {}); }),
              formatted("c header: the name must be letters, digits and \"_\", not beginning with a digit, got \"{}\"",
                        name));
  }
  EXPECT_EQ(message([&] {
              c_header(sequential(Shape{kFree, 2}, {layers::Dense{.units = 1}}), parameters, {}, {});
            }),
            "c header: the shape of input \"input\" must be fixed, got (-1, 2); describe the network with its extents");
  EXPECT_EQ(message([&] { c_header(description, parameters, {}, std::vector<RecordedExample>{{.input = {1}}}); }),
            "c header: a recorded example must have 2 inputs and 1 outputs, got 1 and 0");
  EXPECT_EQ(message([&] { c_header(description, {parameters[0]}, {}, {}); }),
            "c header: the parameter \"dense.bias\" is missing");
  parameters[1].second.data<float>()[0] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(message([&] { c_header(description, parameters, {}, {}); }),
            "c header: the parameter \"dense.bias\" must be finite, got inf");
}

}  // namespace
}  // namespace ludus::nn
