// A model ready for inference, behind a header without torch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nn/core/device.h"
#include "nn/model/bundle.h"

namespace ludus::nn {

class Predictor {
 public:
  /// Throws as build_model() in nn/model/restore.h.
  explicit Predictor(Bundle bundle, const Device& device = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  const Description& description() const;
  const ModelInterface& interface() const;

  /// Returns all outputs, (N x shape) each, for a batch: input k is (N x shape of input k) in its type. Nothing is
  /// preprocessed. Throws InvalidArgument and ShapeMismatch as Model::forward() does.
  std::vector<Array> run(const std::vector<Array>& inputs);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ludus::nn
