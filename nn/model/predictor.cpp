#include "nn/model/predictor.h"

#include <ATen/ATen.h>

#include <utility>

#include "nn/core/tensor_io.h"
#include "nn/model/restore.h"

namespace ludus::nn {

struct Predictor::Impl {
  std::unique_ptr<Model> model;
  ModelInterface interface;
};

Predictor::Predictor(Bundle bundle, const Device& device)
    : impl_(std::make_unique<Impl>(Impl{.model = build_model(bundle, {.device = device}),
                                        .interface = completed(std::move(bundle.interface), bundle.description)})) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

const Description& Predictor::description() const {
  return impl_->model->description();
}

const ModelInterface& Predictor::interface() const {
  return impl_->interface;
}

std::vector<Array> Predictor::run(const std::vector<Array>& inputs) {
  const Device device = impl_->model->parameters().device();
  std::vector<at::Tensor> tensors;
  for (const Array& input : inputs) {
    const at::Tensor host = to_tensor(input);
    tensors.push_back(device.cuda ? host.to(at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index))) : host);
  }
  std::vector<Array> outputs;
  for (const at::Tensor& output : impl_->model->predict(tensors)) outputs.push_back(to_array(output));
  return outputs;
}

}  // namespace ludus::nn
