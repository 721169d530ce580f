#include "nn/layers/mlp.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <string>

#include "base/format.h"
#include "nn/core/tensor_io.h"
#include "nn/layers/linear.h"

namespace ludus::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Returns the output activation for the last layer, the hidden activation for all others.
std::vector<Activation> activations_of(const MlpOptions& options) {
  std::vector<Activation> activations(options.hidden.size(), options.activation);
  activations.push_back(options.output_activation);
  return activations;
}

// Evaluates the network with torch's operators. `parameters`: weight and bias of layer 0, of layer 1, …
at::Tensor forward_torch(std::span<const Activation> activations, at::Tensor x, at::TensorList parameters) {
  for (std::size_t l = 0; l < activations.size(); ++l) {
    x = activate(at::linear(x, parameters[2 * l], parameters[2 * l + 1]), activations[l]);
  }
  return x;
}

// Describes the layers to the kernels, in `layers`, which is reused.
void describe(std::span<const Activation> activations, at::TensorList parameters, std::vector<DenseLayer>& layers) {
  layers.clear();
  for (std::size_t l = 0; l < activations.size(); ++l) {
    const at::Tensor &weight = parameters[2 * l], &bias = parameters[2 * l + 1];
    layers.push_back({.weight = weight.data_ptr<float>(),
                      .bias = bias.data_ptr<float>(),
                      .inputs = weight.size(1),
                      .outputs = weight.size(0),
                      .activation = activations[l]});
  }
}

// The network as one autograd node for float tensors on the CPU.
class FusedMlp : public torch::autograd::Function<FusedMlp> {
 public:
  // x: (rows x inputs), contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, at::TensorList parameters,
                            const std::vector<Activation>& activations) {
    std::vector<DenseLayer> layers;
    describe(activations, parameters, layers);

    const std::int64_t rows = x.size(0);
    const at::Tensor hidden = at::empty({hidden_size(layers, rows)}, x.options().requires_grad(false));
    const at::Tensor y = at::empty({rows, layers.back().outputs}, x.options().requires_grad(false));
    mlp_forward(layers, x.data_ptr<float>(), rows, hidden.data_ptr<float>(), y.data_ptr<float>());

    variable_list saved{x, hidden, y};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(std::move(saved));
    context->saved_data["activations"] = c10::IValue::make_capsule(c10::make_intrusive<Activations>(activations));
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list output_gradients) {
    const auto capsule = context->saved_data["activations"].toCapsule();
    const std::vector<Activation>& activations = static_cast<const Activations&>(*capsule).value;
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::TensorList parameters = at::TensorList(saved).slice(3);
    variable_list gradients(1 + parameters.size() + 1);  // of x and the parameters; none of the activations

    const at::Tensor& dy = output_gradients[0];
    if (!dy.defined()) return gradients;
    if (at::GradMode::is_enabled()) return differentiable_backward(context, activations, x, parameters, dy);

    // allocate only the required gradients
    std::vector<DenseLayer> layers;
    describe(activations, parameters, layers);
    std::vector<DenseGradient> gradient_pointers(layers.size());
    const auto allocate = [&](std::size_t i, const at::Tensor& like) -> float* {
      if (!context->needs_input_grad(i)) return nullptr;
      gradients[i] = at::empty(like.sizes(), like.options().requires_grad(false));
      return gradients[i].data_ptr<float>();
    };
    for (std::size_t l = 0; l < layers.size(); ++l) {
      gradient_pointers[l].weight = allocate(1 + 2 * l, parameters[2 * l]);
      gradient_pointers[l].bias = allocate(2 + 2 * l, parameters[2 * l + 1]);
    }
    float* dx = allocate(0, x);

    const at::Tensor contiguous_dy = dy.contiguous();
    mlp_backward(layers, x.data_ptr<float>(), x.size(0), saved[1].data_ptr<float>(), saved[2].data_ptr<float>(),
                 contiguous_dy.data_ptr<float>(), gradient_pointers, dx);
    return gradients;
  }

 private:
  struct Activations : torch::CustomClassHolder {
    explicit Activations(const std::vector<Activation>& activations) : value(activations) {}
    std::vector<Activation> value;
  };

  // For second derivatives (of a gradient penalty, for example): recomputes the gradients with torch's differentiable
  // operators.
  static variable_list differentiable_backward(AutogradContext* context, std::span<const Activation> activations,
                                               const at::Tensor& x, at::TensorList parameters, const at::Tensor& dy) {
    variable_list variables{x};
    variables.insert(variables.end(), parameters.begin(), parameters.end());
    variable_list needed;
    for (std::size_t i = 0; i < variables.size(); ++i) {
      if (context->needs_input_grad(i)) needed.push_back(variables[i]);
    }

    const at::Tensor y = forward_torch(activations, x, parameters);
    const variable_list computed =
        torch::autograd::grad({y}, needed, {dy}, /*retain_graph=*/true, /*create_graph=*/true,
                              /*allow_unused=*/true);
    variable_list gradients(variables.size() + 1);
    for (std::size_t i = 0, next = 0; i < variables.size(); ++i) {
      if (context->needs_input_grad(i)) gradients[i] = computed[next++];
    }
    return gradients;
  }
};

// Whether the kernels can compute the gradients, if gradients are required at all.
bool can_differentiate(std::span<const Activation> activations) {
  return !at::GradMode::is_enabled() || std::all_of(activations.begin(), activations.end(), [](Activation activation) {
    return kernels_of(activation).backward != nullptr;
  });
}

bool is_cpu_float(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat;
}

}  // namespace

at::Tensor apply_dense_layers(const at::Tensor& input, at::TensorList parameters,
                              const std::vector<Activation>& activations, bool fused) {
  if (!fused || !is_cpu_float(input) || !is_cpu_float(parameters.front()) || !can_differentiate(activations)) {
    return forward_torch(activations, input, parameters);
  }

  // one node for all layers, over (rows x inputs)
  if (input.dim() == 2) return FusedMlp::apply(input.contiguous(), parameters, activations);
  const std::int64_t inputs = parameters.front().size(1);
  const at::Tensor rows = input.reshape({input.numel() / inputs, inputs}).contiguous();
  std::vector<std::int64_t> sizes = input.sizes().vec();
  sizes.back() = parameters.back().size(0);
  return FusedMlp::apply(rows, parameters, activations).view(sizes);
}

Mlp::Mlp(const MlpOptions& options, at::Generator& generator)
    : options_(options), activations_(activations_of(options)) {
  options_.validate();
  const auto list = register_module("layers", std::make_shared<torch::nn::Module>());
  std::int64_t inputs = options_.inputs;
  for (std::size_t l = 0; l <= options_.hidden.size(); ++l) {
    const bool last = l == options_.hidden.size();
    const LinearOptions layer{.inputs = inputs,
                              .outputs = last ? options_.outputs : options_.hidden[l],
                              .initialisation = options_.initialisation,
                              .gain = last ? options_.output_gain : options_.hidden_gain};
    const auto linear = list->register_module(std::to_string(l), std::make_shared<Linear>(layer, generator));
    parameters_.push_back(linear->weight);
    parameters_.push_back(linear->bias);
    inputs = layer.outputs;
  }
}

bool Mlp::uses_cpu_kernels() const {
  return is_cpu_float(parameters_.front());
}

at::TensorList Mlp::weights(std::vector<at::Tensor>&) const {
  return parameters_;
}

at::Tensor Mlp::forward(const at::Tensor& input) const {
  if (input.dim() < 1 || input.size(-1) != options_.inputs) {
    throw InvalidArgument(
        formatted("mlp: the input must have {} features, got shape {}", options_.inputs, c10::str(input.sizes())));
  }
  std::vector<at::Tensor> storage;
  return apply_dense_layers(input, weights(storage), activations_, options_.fused);
}

void Mlp::act(std::span<const float> rows, std::size_t n, std::span<float> out) const {
  const std::size_t inputs = static_cast<std::size_t>(options_.inputs);
  const std::size_t outputs = static_cast<std::size_t>(options_.outputs);
  if (rows.size() != n * inputs || out.size() != n * outputs) {
    throw InvalidArgument(formatted("mlp: {} rows need {} inputs and {} outputs, got {} and {}", n, n * inputs,
                                    n * outputs, rows.size(), out.size()));
  }
  if (n == 0) return;

  if (uses_cpu_kernels()) {
    // reused between calls, one per thread, so that concurrent calls are safe
    thread_local std::vector<DenseLayer> layers;
    thread_local std::vector<float> scratch;
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> storage;
    describe(activations_, weights(storage), layers);
    mlp_infer(layers, rows.data(), static_cast<std::int64_t>(n), out.data(), scratch);
    return;
  }
  infer([this](const at::Tensor& input) { return forward(input); }, rows, n, parameters_.front().options(), out);
}

}  // namespace ludus::nn
