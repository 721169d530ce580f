// A description with flat parameters is a model: it runs, trains, and is saved.
//
//   Generator random(1);
//   Model model(sequential(Shape{4}, {layers::Dense{.units = 8, .activation = Activation::kRelu},
//                                     layers::Dense{.units = 2}}), random);
//   Adam adam(model.parameters());
//   const at::Tensor loss = compute_loss({}, model.forward(x, Mode::kTrain), classes) + model.penalty();
//   gradient_step(model.parameters(), adam, loss, {.learning_rate = 1e-3});
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "nn/core/flat_parameters.h"
#include "nn/model/description.h"
#include "nn/model/summary.h"

namespace ludus::nn {

struct ModelOptions {
  Device device = {};
  DType dtype = DType::kFloat32;  // of parameters and floating-point inputs; kFloat64 for checks of gradients
  bool fused = true;              // chains of dense layers run on the fused kernels of nn/layers/mlp.h
};

class Model {
 public:
  /// Builds the layers of `description` and initialises their parameters with `random`, node by node: one draw of a
  /// seed for the model's generator first, then the parameters in order. Throws as network_shapes() does,
  /// InvalidArgument for a dtype that is not floating-point, and WorkError if the memory does not suffice.
  Model(Description description, Generator& random, const ModelOptions& options = {});
  ~Model();
  /// Moves the model; optimisers over its parameters stay valid.
  Model(Model&& other) noexcept;
  Model& operator=(Model&& other) noexcept;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const Description& description() const { return description_; }

  /// Computes the outputs for a batch: input k is (batch x shape of input k). In Mode::kTrain dropout is active, and
  /// batch normalisation uses the batch's statistics and updates the running ones; a layer all of whose parameters are
  /// frozen runs as in Mode::kInfer. Differentiable in both modes. Throws InvalidArgument for another number of inputs
  /// and ShapeMismatch naming the input or layer for another shape or type.
  std::vector<at::Tensor> forward(at::TensorList inputs, Mode mode);
  /// For a network of one input and one output. Throws InvalidArgument for any other.
  at::Tensor forward(const at::Tensor& input, Mode mode);

  /// forward() in Mode::kInfer without autograd.
  std::vector<at::Tensor> predict(at::TensorList inputs);
  at::Tensor predict(const at::Tensor& input);

  /// All parameters and buffers, named as in "dense_1.weight". May be without a single parameter.
  FlatParameters& parameters() { return *parameters_; }
  const FlatParameters& parameters() const { return *parameters_; }
  /// Returns a parameter or buffer by its full name, a view. Throws InvalidArgument with a suggestion.
  at::Tensor parameter(std::string_view name) const;

  /// Freeze and unfreeze every parameter whose full name has the form of `pattern`, such as "features.*" (see
  /// name_matches()). No gradient is computed for frozen parameters, and no optimiser changes them. Return the number
  /// of parameter tensors. Throw InvalidArgument if no name fits.
  std::size_t freeze(std::string_view pattern);
  std::size_t unfreeze(std::string_view pattern);

  /// Returns the sum of l1 Σ |w| + l2 Σ w² / 2 over the weights of nodes with a penalty; a scalar, 0 without one.
  at::Tensor penalty() const;

  Summary summary() const;

  /// The generator of dropout; part of the state of a training.
  Generator& random() { return random_; }
  const Generator& random() const { return random_; }

  /// Parameters and buffers by name; see FlatParameters::state(). The generator is not among them.
  NamedArrays state() const { return parameters_->state(); }
  void load_state(const NamedArrays& state) { parameters_->load_state(state); }
  void check_state(const NamedArrays& state) const { parameters_->check_state(state); }

 private:
  struct LayerParameters;

  // A node, or a chain of dense layers that runs as one.
  struct Step {
    std::size_t node;                          // the last node of a chain, whose output it computes
    std::vector<std::size_t> inputs;           // indices of values: inputs of the network, then nodes
    std::vector<std::size_t> dense = {};       // nodes of a chain; empty: a single node
    std::vector<Activation> activations = {};  // of the chain
  };

  void make_plan();
  std::size_t set_trainable(std::string_view pattern, bool trainable);
  void check_inputs(at::TensorList inputs);
  at::Tensor run(const Step& step, std::span<const at::Tensor> inputs, Mode mode);
  bool is_frozen(std::size_t node) const;

  Description description_;
  ModelOptions options_;
  Generator random_;
  std::vector<std::shared_ptr<LayerParameters>> layers_;  // of every node
  std::unique_ptr<FlatParameters> parameters_;
  std::vector<Step> plan_;
  std::vector<std::size_t> outputs_;    // indices of values
  std::vector<std::size_t> last_uses_;  // of every value: index of the last step that reads it
  std::vector<Shape> checked_shapes_;   // of the last inputs, for a network with free extents
};

}  // namespace ludus::nn
