#include "nn/layers/layer.h"

#include <gtest/gtest.h>

#include <set>

#include "base/fields.h"
#include "base/value_io.h"
#include "tests/nn/layers/layer_examples.h"

namespace ludus::nn {
namespace {

std::string message_of(const Layer& layer, const std::vector<Shape>& inputs) {
  try {
    output_shape(layer, inputs);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Layer, EveryKindHasAnExample) {
  std::set<std::string> kinds;
  for (const auto& example : testing::layer_examples()) kinds.insert(std::string(kind_of(example.layer)));
  for (const std::string& kind : layer_kinds()) EXPECT_TRUE(kinds.contains(kind)) << kind;
  EXPECT_EQ(kinds.size(), layer_kinds().size());
}

TEST(Layer, OutputShapesByHand) {
  for (const auto& example : testing::layer_examples()) {
    EXPECT_EQ(output_shape(example.layer, example.inputs), example.output)
        << kind_of(example.layer) << " " << ludus::to_json(layer_fields(example.layer)) << ": "
        << output_shape(example.layer, example.inputs).to_string();
  }
}

TEST(Layer, FieldsRoundTripThroughJson) {
  for (const auto& example : testing::layer_examples()) {
    const std::string json = ludus::to_json(layer_fields(example.layer));
    Layer layer = make_layer(kind_of(example.layer));
    set_layer_fields(layer, from_json(json).as_dict(), "a layer");
    EXPECT_EQ(layer, example.layer) << json;
    EXPECT_EQ(layer_settings(layer).size(), layer_fields(layer).size());
  }
}

TEST(Layer, UnknownKindsAndSettingsGetASuggestion) {
  try {
    make_layer("conf2d");
    FAIL() << "no error";
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `conv2d`?"), std::string::npos) << error.what();
  }
  Layer layer = make_layer("dense");
  try {
    set_layer_fields(layer, {{"unit", 3}}, "layer \"head\" (dense)");
    FAIL() << "no error";
  } catch (const UnknownField& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("layer \"head\" (dense) has no setting \"unit\". Did you mean `units`?"), std::string::npos)
        << text;
  }
}

// The rule of TensorFlow: "same" gives ceil(n / s), "valid" ceil((n - k + 1) / s). Filters of 5 x 5 over 28 x 28
// digits.
TEST(Layer, OutputSizesOfConvolutionAndPooling) {
  for (const std::int64_t stride : {1, 2, 3}) {
    const layers::Conv2d same{.out_channels = 16, .kernel_size = {5}, .stride = {stride}, .padding = Padding::same()};
    const layers::Conv2d valid{.out_channels = 16, .kernel_size = {5}, .stride = {stride}};
    const std::int64_t s = (28 + stride - 1) / stride, v = (24 + stride - 1) / stride;
    EXPECT_EQ(output_shape(same, std::vector{Shape{3, 28, 28}}), (Shape{16, s, s}));
    EXPECT_EQ(output_shape(valid, std::vector{Shape{3, 28, 28}}), (Shape{16, v, v}));
  }
  EXPECT_EQ(output_shape(layers::MaxPool2d{.padding = Padding::same()}, std::vector{Shape{4, 5, 5}}), (Shape{4, 3, 3}));
  EXPECT_EQ(output_shape(layers::MaxPool2d{}, std::vector{Shape{4, 5, 5}}), (Shape{4, 2, 2}));
  EXPECT_EQ(output_shape(layers::AveragePool2d{.kernel_size = {3}, .stride = {{2}}}, std::vector{Shape{4, 7, 8}}),
            (Shape{4, 3, 3}));
}

TEST(Layer, FreeExtentsStayFree) {
  EXPECT_EQ(output_shape(layers::Conv2d{.out_channels = 4}, std::vector{Shape{3, kFree, 9}}), (Shape{4, kFree, 7}));
  EXPECT_EQ(output_shape(layers::GlobalAveragePool{}, std::vector{Shape{3, kFree, kFree}}), Shape{3});
  EXPECT_EQ(output_shape(layers::Gru{{.units = 8}}, std::vector{Shape{kFree, 3}}), Shape{8});
  EXPECT_EQ(output_shape(layers::Concatenate{}, std::vector{Shape{2, kFree}, Shape{3, 7}}), (Shape{5, 7}));
  EXPECT_EQ(message_of(layers::Dense{.units = 4}, {Shape{kFree}}),
            "the last extent of the input must be known, got (-1,); state every extent of the shape");
  EXPECT_EQ(message_of(layers::Conv2d{.out_channels = 4}, {Shape{kFree, 9, 9}}),
            "the number of channels of the input must be known, got (-1, 9, 9); state every extent of the shape");
}

TEST(Layer, InputsThatDoNotFitNameBothShapes) {
  using namespace layers;
  EXPECT_EQ(message_of(Conv2d{.out_channels = 4}, {Shape{3, 9}}),
            "the input must have shape (channels, height, width), got (3, 9)");
  EXPECT_EQ(message_of(Conv2d{.out_channels = 4, .kernel_size = {5}}, {Shape{3, 9, 4}}),
            "the input must have shape with 5 positions or more, padding included, in dimension 1, got (3, 9, 4)");
  EXPECT_EQ(message_of(Conv2d{.out_channels = 4, .groups = 2}, {Shape{3, 9, 9}}),
            "the input must have shape of channels that 2 groups divide, got (3, 9, 9)");
  EXPECT_EQ(message_of(Add{}, {Shape{3, 2}, Shape{3, 4}}), "the inputs must have one shape, got (3, 2) and (3, 4)");
  EXPECT_EQ(message_of(Add{}, {Shape{3}}), "it must have two inputs or more, got 1");
  EXPECT_EQ(message_of(Concatenate{}, {Shape{3, 2}, Shape{3, 4}}),
            "the inputs must differ in axis 0 only, got (3, 2) and (3, 4)");
  EXPECT_EQ(message_of(Concatenate{.axis = 2}, {Shape{3, 2}, Shape{3, 4}}),
            "axis must be in [-2, 1] for an input of shape (3, 2), got 2");
  EXPECT_EQ(message_of(Reshape{.shape = {5, -1}}, {Shape{3, 4}}),
            "the input of shape (3, 4) has 12 elements, which do not make the shape (5, -1)");
  EXPECT_EQ(message_of(Dense{.units = 2}, {Shape{3}, Shape{3}}), "it must have one input, got 2");
  EXPECT_EQ(message_of(GroupNorm{.groups = 4}, {Shape{6, 2}}),
            "the input must have shape of channels that 4 groups divide, got (6, 2)");
  EXPECT_EQ(message_of(Affine{.shape = {3, 1}}, {Shape{2, 5}}),
            "the input must have shape to which (3, 1) can be broadcast without enlarging it, got (2, 5)");
  EXPECT_EQ(message_of(Pad{.before = {1, 1}, .after = {0, 0}}, {Shape{3}}),
            "the input must have shape of 2 dimensions, as before and after, got (3,)");
}

TEST(Layer, SettingsOutOfRangeAreRejected) {
  using namespace layers;
  const std::vector<std::pair<Layer, Shape>> bad{
      {Dense{}, Shape{3}},
      {Conv1d{.out_channels = 1, .kernel_size = {0}}, Shape{1, 9}},
      {Conv2d{.out_channels = 1, .kernel_size = {3, 3, 3}}, Shape{1, 9, 9}},
      {Conv2d{.out_channels = 1, .stride = {0}}, Shape{1, 9, 9}},
      {Conv2d{.out_channels = 3, .groups = 2}, Shape{2, 9, 9}},
      {Conv2d{.out_channels = 1, .padding = Padding::of({-1})}, Shape{1, 9, 9}},
      {Conv2d{.out_channels = 1, .kernel_size = {kMaxExtent, kMaxExtent}}, Shape{1, 9, 9}},
      {ConvTranspose2d{.out_channels = 1, .output_padding = {1}}, Shape{1, 9, 9}},
      {ConvTranspose2d{.out_channels = 1, .stride = {kMaxExtent}}, Shape{1, kMaxExtent, 9}},
      {DepthwiseConv2d{.multiplier = 0}, Shape{1, 9, 9}},
      {MaxPool2d{.padding = Padding::of({2})}, Shape{1, 9, 9}},
      {Upsample{.mode = "cubic"}, Shape{1, 9, 9}},
      {BatchNorm{.momentum = 1.5}, Shape{4}},
      {LayerNorm{.epsilon = -1}, Shape{4}},
      {Dropout{.rate = 1.0}, Shape{4}},
      {Embedding{.vocabulary = 3, .features = 2, .padding_index = 3}, Shape{4}},
      {Gru{{.units = 0}}, Shape{4, 2}},
      {Affine{.scale = false, .bias = false}, Shape{4}},
      {Affine{.shape = {0}}, Shape{4}},
      {Pad{.before = {-1}, .after = {0}}, Shape{4}},
      {Pad{.before = {1}}, Shape{4}},
      {Reshape{.shape = {-1, -1}}, Shape{4}},
      {Reshape{.shape = {kMaxExtent, kMaxExtent, kMaxExtent}}, Shape{4}}};
  for (const auto& [layer, input] : bad) {
    EXPECT_THROW(output_shape(layer, std::vector{input}), InputError) << kind_of(layer);
  }
}

// Names of torch's modules: those of GRU and LSTM differ from layer to layer.
TEST(Layer, ParametersAreNamedAsTorchs) {
  const auto names = [](const Layer& layer, const Shape& input) {
    std::vector<std::string> result;
    for (const ParameterSpec& spec : parameters_of(layer, std::vector{input})) {
      result.push_back(spec.name + " " + spec.shape.to_string() + (spec.buffer ? " buffer" : ""));
    }
    return result;
  };
  EXPECT_EQ(names(layers::Conv2d{.out_channels = 8, .kernel_size = {3, 2}, .groups = 2}, Shape{4, 9, 9}),
            (std::vector<std::string>{"weight (8, 2, 3, 2)", "bias (8,)"}));
  EXPECT_EQ(names(layers::ConvTranspose2d{.out_channels = 8, .groups = 2}, Shape{4, 9, 9}),
            (std::vector<std::string>{"weight (4, 4, 3, 3)", "bias (8,)"}));
  EXPECT_EQ(names(layers::BatchNorm{}, Shape{3, 5}),
            (std::vector<std::string>{"weight (3,)", "bias (3,)", "running_mean (3,) buffer", "running_var (3,) buffer",
                                      "num_batches_tracked () buffer"}));
  EXPECT_EQ(names(layers::Gru{{.units = 2, .layers = 2, .bidirectional = true, .bias = false}}, Shape{5, 3}),
            (std::vector<std::string>{"weight_ih_l0 (6, 3)", "weight_hh_l0 (6, 2)", "weight_ih_l0_reverse (6, 3)",
                                      "weight_hh_l0_reverse (6, 2)", "weight_ih_l1 (6, 4)", "weight_hh_l1 (6, 2)",
                                      "weight_ih_l1_reverse (6, 4)", "weight_hh_l1_reverse (6, 2)"}));
}

}  // namespace
}  // namespace ludus::nn
