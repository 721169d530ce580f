// At least one layer of every kind, with inputs that it accepts: the generic tests of layers run over all of them.
#pragma once

#include <vector>

#include "nn/layers/layer.h"

namespace ludus::nn::testing {

struct LayerExample {
  Layer layer;
  std::vector<Shape> inputs;  // of one example
  Shape output;               // worked out by hand
};

inline std::vector<LayerExample> layer_examples() {
  using namespace layers;
  const Padding one = Padding::of({1}), uneven = Padding::of({1, 2});
  return {
      {Dense{.units = 5}, {Shape{3}}, Shape{5}},
      {Dense{.units = 2, .bias = false, .activation = Activation::kTanh}, {Shape{4, 3}}, Shape{4, 2}},
      {Conv1d{.out_channels = 4, .kernel_size = {3}, .stride = {2}, .padding = one}, {Shape{2, 7}}, Shape{4, 4}},
      {Conv1d{.out_channels = 2, .kernel_size = {4}, .padding = Padding::same()}, {Shape{3, 6}}, Shape{2, 6}},
      {Conv2d{.out_channels = 3, .kernel_size = {3, 2}, .stride = {2, 1}, .padding = uneven},
       {Shape{2, 6, 5}},
       Shape{3, 3, 8}},
      {Conv2d{.out_channels = 4, .kernel_size = {3}, .dilation = {2}, .groups = 2, .activation = Activation::kSilu},
       {Shape{4, 7, 6}},
       Shape{4, 3, 2}},
      {Conv2d{.out_channels = 2, .kernel_size = {4}, .stride = {2}, .padding = Padding::same(), .bias = false},
       {Shape{1, 7, 5}},
       Shape{2, 4, 3}},
      {DepthwiseConv1d{.multiplier = 2, .kernel_size = {3}}, {Shape{2, 6}}, Shape{4, 4}},
      {DepthwiseConv2d{.multiplier = 2, .kernel_size = {3}, .stride = {2}, .padding = Padding::same()},
       {Shape{3, 5, 6}},
       Shape{6, 3, 3}},
      {ConvTranspose1d{.out_channels = 3, .kernel_size = {4}, .stride = {3}, .padding = one, .output_padding = {1}},
       {Shape{2, 4}},
       Shape{3, 12}},
      {ConvTranspose2d{.out_channels = 4, .kernel_size = {3, 2}, .stride = {2, 3}, .dilation = {1, 2}, .groups = 2},
       {Shape{2, 3, 2}},
       Shape{4, 7, 6}},
      {ConvTranspose2d{.out_channels = 2, .kernel_size = {5}, .stride = {2}, .padding = Padding::same()},
       {Shape{2, 3, 4}},
       Shape{2, 6, 8}},
      {ConvTranspose2d{.out_channels = 2, .kernel_size = {1}, .stride = {2}, .padding = Padding::same()},
       {Shape{2, 3, 2}},
       Shape{2, 6, 4}},
      {MaxPool1d{.kernel_size = {3}, .stride = {{2}}, .padding = one}, {Shape{2, 7}}, Shape{2, 4}},
      {MaxPool2d{}, {Shape{2, 6, 5}}, Shape{2, 3, 2}},
      {MaxPool2d{.kernel_size = {3}, .stride = {{2}}, .padding = Padding::same()}, {Shape{2, 6, 5}}, Shape{2, 3, 3}},
      {MaxPool2d{.kernel_size = {3, 2}, .dilation = {2, 1}, .ceil_mode = true}, {Shape{1, 9, 5}}, Shape{1, 3, 3}},
      {AveragePool1d{.kernel_size = {2}}, {Shape{2, 7}}, Shape{2, 3}},
      {AveragePool2d{.kernel_size = {3, 2}, .stride = {{1, 2}}, .padding = one}, {Shape{2, 4, 5}}, Shape{2, 4, 3}},
      {AveragePool2d{.kernel_size = {3}, .stride = {{2}}, .padding = Padding::same()},
       {Shape{2, 6, 5}},
       Shape{2, 3, 3}},
      {AveragePool2d{.kernel_size = {2}, .padding = one, .ceil_mode = true, .count_include_pad = false},
       {Shape{1, 5, 4}},
       Shape{1, 3, 3}},
      {GlobalMaxPool{}, {Shape{3, 4, 5}}, Shape{3}},
      {GlobalMaxPool{.keep_dimensions = true}, {Shape{3, 4}}, Shape{3, 1}},
      {GlobalAveragePool{}, {Shape{3, 4, 5}}, Shape{3}},
      {GlobalAveragePool{.keep_dimensions = true}, {Shape{3, 4, 5}}, Shape{3, 1, 1}},
      {Upsample{}, {Shape{2, 3, 4}}, Shape{2, 6, 8}},
      {Upsample{.scale = {3}}, {Shape{2, 4}}, Shape{2, 12}},
      {Upsample{.scale = {2, 3}, .mode = "linear"}, {Shape{2, 3, 4}}, Shape{2, 6, 12}},
      {Upsample{.scale = {2}, .mode = "linear"}, {Shape{2, 5}}, Shape{2, 10}},
      {BatchNorm{.momentum = 0.3}, {Shape{3, 4, 2}}, Shape{3, 4, 2}},
      {BatchNorm{.epsilon = 1e-3, .affine = false}, {Shape{4}}, Shape{4}},
      {LayerNorm{}, {Shape{3, 5}}, Shape{3, 5}},
      {LayerNorm{.dimensions = 2, .affine = false}, {Shape{2, 3, 4}}, Shape{2, 3, 4}},
      {GroupNorm{.groups = 2}, {Shape{4, 3, 2}}, Shape{4, 3, 2}},
      {GroupNorm{.groups = 3, .affine = false}, {Shape{6, 5}}, Shape{6, 5}},
      {Affine{.shape = {3, 1, 1}}, {Shape{3, 4, 2}}, Shape{3, 4, 2}},
      {Affine{.shape = {2}, .bias = false}, {Shape{3, 2}}, Shape{3, 2}},
      {Affine{.scale = false}, {Shape{4}}, Shape{4}},
      {Dropout{.rate = 0.4}, {Shape{5, 4}}, Shape{5, 4}},
      {Embedding{.vocabulary = 7, .features = 3, .padding_index = 2}, {Shape{5}}, Shape{5, 3}},
      {Gru{{.units = 3}}, {Shape{4, 2}}, Shape{3}},
      {Gru{{.units = 3, .layers = 2, .bidirectional = true, .return_sequence = true}}, {Shape{4, 2}}, Shape{4, 6}},
      {Lstm{{.units = 2, .bidirectional = true}}, {Shape{3, 4}}, Shape{4}},
      {Lstm{{.units = 3, .layers = 2, .bias = false, .return_sequence = true}}, {Shape{4, 2}}, Shape{4, 3}},
      {Flatten{}, {Shape{2, 3, 4}}, Shape{24}},
      {Reshape{.shape = {4, -1}}, {Shape{2, 3, 4}}, Shape{4, 6}},
      {Pad{.before = {0, 1, 2}, .after = {1, 0, 3}, .value = -1.5}, {Shape{2, 3, 4}}, Shape{3, 4, 9}},
      {Concatenate{}, {Shape{2, 4}, Shape{1, 4}, Shape{3, 4}}, Shape{6, 4}},
      {Concatenate{.axis = -1}, {Shape{2, 4}, Shape{2, 1}}, Shape{2, 5}},
      {Add{}, {Shape{2, 3}, Shape{2, 3}, Shape{2, 3}}, Shape{2, 3}},
      {Multiply{}, {Shape{4}, Shape{4}, Shape{4}}, Shape{4}},
      {ActivationLayer{.function = Activation::kGelu}, {Shape{3, 2}}, Shape{3, 2}},
      {LeakyRelu{.slope = 0.2}, {Shape{5}}, Shape{5}},
      {Prelu{}, {Shape{3, 2}}, Shape{3, 2}},
      {Prelu{.per_channel = true}, {Shape{3, 2}}, Shape{3, 2}},
      {Softmax{}, {Shape{3, 4}}, Shape{3, 4}},
      {LogSoftmax{.axis = 0}, {Shape{3, 4}}, Shape{3, 4}},
  };
}

}  // namespace ludus::nn::testing
