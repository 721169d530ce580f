#include "nn/model/onnx_model.h"

namespace ludus::nn {

void save_onnx(const std::filesystem::path& path, const Model& model) {
  save_onnx(path, model.description(), model.state());
}

std::unique_ptr<Model> build_model(const ImportedNetwork& network, const ModelOptions& options) {
  Generator random(0);  // its numbers are replaced
  auto model = std::make_unique<Model>(network.description, random, options);
  model->load_state(network.parameters);
  return model;
}

std::unique_ptr<Model> load_onnx_model(const std::filesystem::path& path, const ModelOptions& options) {
  return build_model(load_onnx(path), options);
}

}  // namespace ludus::nn
