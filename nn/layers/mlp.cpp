#include "nn/layers/mlp.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <string>

#include "nn/core/init.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kNone: break;
    case Activation::kRelu: return at::relu(x);
    case Activation::kLeakyRelu: return at::leaky_relu(x, 0.01);
    case Activation::kElu: return at::elu(x);
    case Activation::kTanh: return at::tanh(x);
    case Activation::kSigmoid: return at::sigmoid(x);
  }
  return x;
}

// the last layer's activation is the output's, all others' the hidden one
Activation activation_at(const MlpOptions& options, std::size_t layer) {
  return layer < options.hidden.size() ? options.activation : options.output_activation;
}

// The network in torch's operators; `parameters` are weight and bias of layer 0, of layer 1, …
at::Tensor forward_torch(const MlpOptions& options, at::Tensor x, at::TensorList parameters) {
  for (std::size_t l = 0; l * 2 < parameters.size(); ++l) {
    x = activate(at::linear(x, parameters[2 * l], parameters[2 * l + 1]), activation_at(options, l));
  }
  return x;
}

// The layers as the kernels see them, in `layers`, which keeps its memory.
void describe(const MlpOptions& options, at::TensorList parameters, std::vector<DenseLayer>& layers) {
  layers.clear();
  std::int64_t inputs = options.inputs;
  for (std::size_t l = 0; l * 2 < parameters.size(); ++l) {
    const std::int64_t outputs = l < options.hidden.size() ? options.hidden[l] : options.outputs;
    layers.push_back({.weight = parameters[2 * l].data_ptr<float>(),
                      .bias = parameters[2 * l + 1].data_ptr<float>(),
                      .inputs = inputs,
                      .outputs = outputs,
                      .activation = activation_at(options, l)});
    inputs = outputs;
  }
}

// The network as one autograd node over float tensors on the processor.
class FusedMlp : public torch::autograd::Function<FusedMlp> {
 public:
  // x: (rows x inputs), contiguous
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, at::TensorList parameters,
                            const MlpOptions& options) {
    std::vector<DenseLayer> layers;
    describe(options, parameters, layers);

    const std::int64_t rows = x.size(0);
    const at::Tensor hidden = at::empty({hidden_size(layers, rows)}, x.options().requires_grad(false));
    const at::Tensor y = at::empty({rows, options.outputs}, x.options().requires_grad(false));
    mlp_forward(layers, x.data_ptr<float>(), rows, hidden.data_ptr<float>(), y.data_ptr<float>());

    variable_list saved{x, hidden, y};
    saved.insert(saved.end(), parameters.begin(), parameters.end());
    context->save_for_backward(std::move(saved));
    context->saved_data["options"] = c10::IValue::make_capsule(c10::make_intrusive<Options>(options));
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list output_gradients) {
    const auto capsule = context->saved_data["options"].toCapsule();
    const MlpOptions& options = static_cast<const Options&>(*capsule).value;
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::TensorList parameters = at::TensorList(saved).slice(3);
    variable_list gradients(1 + parameters.size() + 1);  // of x, of the parameters, and nothing for the options

    const at::Tensor& dy = output_gradients[0];
    if (!dy.defined()) return gradients;
    if (at::GradMode::is_enabled()) return differentiable_backward(context, options, x, parameters, dy);

    // memory for what is wanted, and only that
    std::vector<DenseLayer> layers;
    describe(options, parameters, layers);
    std::vector<DenseGradient> places(layers.size());
    const auto place = [&](std::size_t i, const at::Tensor& like) -> float* {
      if (!context->needs_input_grad(i)) return nullptr;
      gradients[i] = at::empty(like.sizes(), like.options().requires_grad(false));
      return gradients[i].data_ptr<float>();
    };
    for (std::size_t l = 0; l < layers.size(); ++l) {
      places[l].weight = place(1 + 2 * l, parameters[2 * l]);
      places[l].bias = place(2 + 2 * l, parameters[2 * l + 1]);
    }
    float* dx = place(0, x);

    const at::Tensor plain = dy.contiguous();
    mlp_backward(layers, x.data_ptr<float>(), x.size(0), saved[1].data_ptr<float>(), saved[2].data_ptr<float>(),
                 plain.data_ptr<float>(), places, dx);
    return gradients;
  }

 private:
  struct Options : torch::CustomClassHolder {
    explicit Options(const MlpOptions& options) : value(options) {}
    MlpOptions value;
  };

  // For second derivatives (a gradient penalty, say): the gradients once more through torch's operators, which know
  // how to be differentiated.
  static variable_list differentiable_backward(AutogradContext* context, const MlpOptions& options, const at::Tensor& x,
                                               at::TensorList parameters, const at::Tensor& dy) {
    variable_list all{x};
    all.insert(all.end(), parameters.begin(), parameters.end());
    variable_list wanted;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (context->needs_input_grad(i)) wanted.push_back(all[i]);
    }

    const at::Tensor y = forward_torch(options, x, parameters);
    const variable_list found = torch::autograd::grad({y}, wanted, {dy}, /*retain_graph=*/true, /*create_graph=*/true,
                                                      /*allow_unused=*/true);
    variable_list gradients(all.size() + 1);
    for (std::size_t i = 0, next = 0; i < all.size(); ++i) {
      if (context->needs_input_grad(i)) gradients[i] = found[next++];
    }
    return gradients;
  }
};

}  // namespace

Mlp::Mlp(const MlpOptions& options, at::Generator& generator) : options_(options) {
  options_.validate();

  // each layer a module of its own, so that the parameters get the names that torch's own layers would give them
  const auto list = register_module("layers", std::make_shared<torch::nn::Module>());
  std::vector<std::int64_t> widths{options_.inputs};
  widths.insert(widths.end(), options_.hidden.begin(), options_.hidden.end());
  widths.push_back(options_.outputs);

  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const auto layer = list->register_module(std::to_string(l), std::make_shared<torch::nn::Module>());
    at::Tensor weight = layer->register_parameter("weight", at::zeros({widths[l + 1], widths[l]}, at::kFloat));
    at::Tensor bias = layer->register_parameter("bias", at::zeros({widths[l + 1]}, at::kFloat));

    if (options_.initialisation == Initialisation::kUniform) {
      // He et al. 2015 with a = sqrt(5): sqrt(6 / ((1 + a²) fan_in)) = 1 / sqrt(fan_in)
      const double bound = 1.0 / std::sqrt(static_cast<double>(widths[l]));
      init_uniform(weight, bound, generator);
      init_uniform(bias, bound, generator);
    } else {
      init_orthogonal(weight, l + 2 < widths.size() ? options_.hidden_gain : options_.output_gain, generator);
    }
    parameters_.push_back(weight);
    parameters_.push_back(bias);
  }
}

bool Mlp::uses_cpu_kernels() const {
  const at::Tensor& first = parameters_.front();
  return first.device().is_cpu() && first.scalar_type() == at::kFloat;
}

at::TensorList Mlp::weights(std::vector<at::Tensor>&) const {
  return parameters_;
}

at::Tensor Mlp::forward(const at::Tensor& input) const {
  if (input.dim() < 1 || input.size(-1) != options_.inputs) {
    throw InvalidArgument("the network takes rows of " + std::to_string(options_.inputs) +
                          " numbers, and the input given has the shape " + c10::str(input.sizes()));
  }
  std::vector<at::Tensor> room;
  const at::TensorList layers = weights(room);
  if (!options_.fused || !uses_cpu_kernels() || !input.device().is_cpu() || input.scalar_type() != at::kFloat) {
    return forward_torch(options_, input, layers);
  }

  if (input.dim() == 2) return FusedMlp::apply(input.contiguous(), layers, options_);
  const at::Tensor rows = input.reshape({input.numel() / options_.inputs, options_.inputs}).contiguous();
  std::vector<std::int64_t> sizes = input.sizes().vec();
  sizes.back() = options_.outputs;
  return FusedMlp::apply(rows, layers, options_).view(sizes);
}

void Mlp::act(std::span<const float> rows, std::size_t n, std::span<float> out) const {
  const std::size_t inputs = static_cast<std::size_t>(options_.inputs);
  const std::size_t outputs = static_cast<std::size_t>(options_.outputs);
  if (rows.size() != n * inputs || out.size() != n * outputs) {
    throw InvalidArgument("to act on " + std::to_string(n) + " rows the network takes " + std::to_string(n * inputs) +
                          " numbers and gives " + std::to_string(n * outputs) + ", and here there are " +
                          std::to_string(rows.size()) + " and room for " + std::to_string(out.size()));
  }
  if (n == 0) return;

  if (uses_cpu_kernels()) {
    // kept from call to call, one a thread, so that acting is safe on many
    thread_local std::vector<DenseLayer> layers;
    thread_local std::vector<float> scratch;
    const c10::NoGradGuard no_gradient;
    std::vector<at::Tensor> room;
    describe(options_, weights(room), layers);
    mlp_infer(layers, rows.data(), static_cast<std::int64_t>(n), out.data(), scratch);
    return;
  }
  infer([this](const at::Tensor& input) { return forward(input); }, rows, n, parameters_.front().options(), out);
}

}  // namespace ludus::nn
