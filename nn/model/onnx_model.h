// ONNX files of models: a model is written with its weights, and built from a file.
//
//   save_onnx("digits.onnx", model);
//   const std::unique_ptr<Model> model = load_onnx_model("digits.onnx");
#pragma once

#include <filesystem>
#include <memory>

#include "nn/model/build.h"
#include "nn/model/onnx_export.h"
#include "nn/model/onnx_import.h"

namespace ludus::nn {

/// Writes a model in inference. Throws as save_onnx() of onnx_export.h does.
void save_onnx(const std::filesystem::path& path, const Model& model);

/// Builds a model of a network that was read. Throws as Model does.
std::unique_ptr<Model> build_model(const ImportedNetwork& network, const ModelOptions& options = {});

/// Builds the model of a file. Throws as load_onnx() of onnx_import.h does.
std::unique_ptr<Model> load_onnx_model(const std::filesystem::path& path, const ModelOptions& options = {});

}  // namespace ludus::nn
