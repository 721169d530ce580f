// A layer of a description: any of the structs in namespace ludus::nn::layers. This header does not include torch.
#pragma once

#include <variant>

#include "base/value.h"
#include "nn/layers/activation_layers.h"
#include "nn/layers/convolution.h"
#include "nn/layers/dense.h"
#include "nn/layers/dropout.h"
#include "nn/layers/embedding.h"
#include "nn/layers/normalization.h"
#include "nn/layers/pooling.h"
#include "nn/layers/recurrent.h"
#include "nn/layers/shaping.h"

namespace ludus::nn {

/// Every kind of layer. To add one, write its struct and its forward function in the file pair of its family, and add a
/// row here.
using Layer =
    std::variant<layers::Dense,                                                                       //
                 layers::Conv1d, layers::Conv2d, layers::DepthwiseConv1d, layers::DepthwiseConv2d,    //
                 layers::ConvTranspose1d, layers::ConvTranspose2d,                                    //
                 layers::MaxPool1d, layers::MaxPool2d, layers::AveragePool1d, layers::AveragePool2d,  //
                 layers::GlobalMaxPool, layers::GlobalAveragePool, layers::Upsample,                  //
                 layers::BatchNorm, layers::LayerNorm, layers::GroupNorm, layers::Affine,             //
                 layers::Dropout, layers::Embedding, layers::Gru, layers::Lstm,                       //
                 layers::Flatten, layers::Reshape, layers::Pad,                                       //
                 layers::Concatenate, layers::Add, layers::Multiply,                                  //
                 layers::ActivationLayer, layers::LeakyRelu, layers::Prelu, layers::Softmax, layers::LogSoftmax>;

/// Returns the kind of a layer: "dense", "conv2d".
std::string_view kind_of(const Layer& layer);

/// Returns the kinds of all layers.
std::vector<std::string> layer_kinds();

/// Returns a layer of this kind with its default settings. Throws InvalidArgument, with a list of all kinds and a
/// suggestion, for any other.
Layer make_layer(std::string_view kind);

/// Return and set the settings of a layer by name. set_layer_fields() throws as assign_fields does (base/fields.h);
/// `owner` names the layer in messages.
Dict layer_fields(const Layer& layer);
void set_layer_fields(Layer& layer, const Dict& values, std::string_view owner);

/// Returns the settings with their values, ranges and sentences.
std::vector<FieldInfo> layer_settings(const Layer& layer);

/// Returns the shape of the output for one example, without the batch. Throws InvalidArgument for settings out of range
/// and ShapeMismatch for inputs that do not fit.
Shape output_shape(const Layer& layer, std::span<const Shape> inputs);

/// Returns the parameters and buffers of a layer that output_shape() accepts.
std::vector<ParameterSpec> parameters_of(const Layer& layer, std::span<const Shape> inputs);

}  // namespace ludus::nn
