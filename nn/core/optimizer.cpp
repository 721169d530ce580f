#include "nn/core/optimizer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

void check_not_negative(const char* name, double value) {
  if (!(std::isfinite(value) && value >= 0.0)) {
    throw InvalidArgument(formatted("optimiser: {} must be 0 or more, got {}", name, value));
  }
}

void check_decay_rate(const char* name, double value) {
  if (!(value >= 0.0 && value < 1.0)) {
    throw InvalidArgument(formatted("optimiser: {} must be in [0, 1), got {}", name, value));
  }
}

// g + λ θ
at::Tensor with_decay(const at::Tensor& gradients, const at::Tensor& values, double weight_decay) {
  return weight_decay == 0.0 ? gradients : gradients.add(values, weight_decay);
}

}  // namespace

Optimizer::Optimizer(FlatParameters& parameters, double learning_rate, std::vector<std::string> moment_names)
    : parameters_(parameters), learning_rate_(learning_rate) {
  check_not_negative("learning rate", learning_rate);
  for (std::string& name : moment_names) {
    moments_.push_back({.name = std::move(name), .numbers = at::zeros_like(parameters_.values())});
  }
}

void Optimizer::set_learning_rate(double rate) {
  check_not_negative("learning rate", rate);
  learning_rate_ = rate;
}

void Optimizer::step() {
  const at::NoGradGuard no_grad;
  const at::Tensor& values = parameters_.values();
  const at::Tensor& gradients = parameters_.gradients();

  // move the moments to the device of the parameters
  for (Moment& moment : moments_) {
    if (moment.numbers.device() != values.device()) moment.numbers = moment.numbers.to(values.device());
  }

  ++steps_;
  if (values.device().is_cpu() && values.scalar_type() == at::kFloat) {
    const std::size_t size = static_cast<std::size_t>(values.numel());
    step_fused({values.data_ptr<float>(), size}, {gradients.data_ptr<float>(), size});
  } else {
    step_torch(values, gradients);
  }
}

std::span<float> Optimizer::moment(std::size_t index) {
  const at::Tensor& numbers = moments_[index].numbers;
  return {numbers.data_ptr<float>(), static_cast<std::size_t>(numbers.numel())};
}

NamedArrays Optimizer::state() const {
  NamedArrays state;
  state.emplace_back("step", Array::scalar<std::int64_t>(steps_));
  state.emplace_back("learning_rate", Array::scalar(learning_rate_));
  for (const Moment& moment : moments_) state.emplace_back(moment.name, to_array(moment.numbers));
  return state;
}

Optimizer::Loaded Optimizer::read(const NamedArrays& state) const {
  std::vector<std::string> expected{"step", "learning_rate"};
  for (const Moment& moment : moments_) expected.push_back(moment.name);

  // check everything before changing anything
  std::vector<const Array*> arrays(expected.size());
  std::vector<std::string> extra;
  for (const auto& [name, array] : state) {
    const auto place = std::find(expected.begin(), expected.end(), name);
    if (place == expected.end()) {
      extra.push_back(name);
    } else {
      arrays[static_cast<std::size_t>(place - expected.begin())] = &array;
    }
  }
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (arrays[i] == nullptr) missing.push_back(expected[i]);
  }
  if (!missing.empty() || !extra.empty()) {
    throw InvalidArgument(
        formatted("the state is that of another optimiser; missing: {}; unknown: {}; load it into an optimiser "
                  "of the kind it was saved from",
                  joined(missing), joined(extra)));
  }
  if (!(arrays[0]->shape() == Shape{}) || !(arrays[1]->shape() == Shape{})) {
    throw TypeMismatch("optimiser: step and learning_rate must be one number each");
  }
  const std::int64_t steps = arrays[0]->data<std::int64_t>()[0];
  const double rate = arrays[1]->data<double>()[0];
  check_not_negative("step count", static_cast<double>(steps));
  check_not_negative("learning rate", rate);
  std::vector<at::Tensor> numbers;
  for (std::size_t i = 0; i < moments_.size(); ++i) {
    numbers.push_back(at::empty_like(moments_[i].numbers));
    assign(numbers.back(), *arrays[2 + i], "the optimiser's " + moments_[i].name);
  }
  return {steps, rate, std::move(numbers)};
}

void Optimizer::load_state(const NamedArrays& state) {
  Loaded loaded = read(state);
  steps_ = loaded.steps;
  learning_rate_ = loaded.learning_rate;
  for (std::size_t i = 0; i < moments_.size(); ++i) moments_[i].numbers = std::move(loaded.moments[i]);
}

// ---- Adam --------------------------------------------------------------------------------------------------------

Adam::Adam(FlatParameters& parameters, const AdamOptions& options)
    : Optimizer(parameters, options.learning_rate, {"first_moment", "second_moment"}), options_(options) {
  check_decay_rate("beta1", options.beta1);
  check_decay_rate("beta2", options.beta2);
  check_not_negative("epsilon", options.epsilon);
  check_not_negative("weight decay", options.weight_decay);
}

void Adam::step_fused(std::span<float> values, std::span<const float> gradients) {
  const double t = static_cast<double>(steps());
  const AdamCoefficients coefficients{
      .beta1 = static_cast<float>(options_.beta1),
      .beta2 = static_cast<float>(options_.beta2),
      .step_size = static_cast<float>(learning_rate() / (1.0 - std::pow(options_.beta1, t))),
      .second_correction_root = static_cast<float>(std::sqrt(1.0 - std::pow(options_.beta2, t))),
      .epsilon = static_cast<float>(options_.epsilon),
      .weight_decay = static_cast<float>(options_.weight_decay)};
  adam_step(values, gradients, moment(0), moment(1), coefficients);
}

void Adam::step_torch(at::Tensor values, const at::Tensor& gradients) {
  const double t = static_cast<double>(steps());
  const at::Tensor g = with_decay(gradients, values, options_.weight_decay);
  at::Tensor& m = moments_[0].numbers;
  at::Tensor& v = moments_[1].numbers;

  // m ← β1 m + (1 - β1) g;  v ← β2 v + (1 - β2) g²
  m.mul_(options_.beta1).add_(g, 1.0 - options_.beta1);
  v.mul_(options_.beta2).addcmul_(g, g, 1.0 - options_.beta2);

  // θ ← θ - α/(1 - β1^t) · m / (sqrt(v)/sqrt(1 - β2^t) + ε)
  const at::Tensor denominator = v.sqrt().div_(std::sqrt(1.0 - std::pow(options_.beta2, t))).add_(options_.epsilon);
  values.addcdiv_(m, denominator, -learning_rate() / (1.0 - std::pow(options_.beta1, t)));
}

// ---- stochastic gradient descent -----------------------------------------------------------------------------------

Sgd::Sgd(FlatParameters& parameters, const SgdOptions& options)
    : Optimizer(parameters, options.learning_rate,
                options.momentum == 0.0 ? std::vector<std::string>{} : std::vector<std::string>{"velocity"}),
      options_(options) {
  check_not_negative("momentum", options.momentum);
  check_not_negative("weight decay", options.weight_decay);
  if (options.nesterov && options.momentum == 0.0) {
    throw InvalidArgument("optimiser: nesterov needs a positive momentum, got 0");
  }
}

void Sgd::step_fused(std::span<float> values, std::span<const float> gradients) {
  const SgdCoefficients coefficients{.learning_rate = static_cast<float>(learning_rate()),
                                     .momentum = static_cast<float>(options_.momentum),
                                     .weight_decay = static_cast<float>(options_.weight_decay),
                                     .nesterov = options_.nesterov};
  sgd_step(values, gradients, moments_.empty() ? std::span<float>() : moment(0), coefficients);
}

void Sgd::step_torch(at::Tensor values, const at::Tensor& gradients) {
  // b ← μ b + g;  θ ← θ - α b, or θ ← θ - α (g + μ b)
  at::Tensor g = with_decay(gradients, values, options_.weight_decay);
  if (!moments_.empty()) {
    at::Tensor& b = moments_[0].numbers;
    b.mul_(options_.momentum).add_(g);
    g = options_.nesterov ? g.add(b, options_.momentum) : b;
  }
  values.sub_(g, learning_rate());
}

// ---- RMSprop -------------------------------------------------------------------------------------------------------

RmsProp::RmsProp(FlatParameters& parameters, const RmsPropOptions& options)
    : Optimizer(parameters, options.learning_rate, {"square_average"}), options_(options) {
  check_decay_rate("alpha", options.alpha);
  check_not_negative("epsilon", options.epsilon);
  check_not_negative("weight decay", options.weight_decay);
}

void RmsProp::step_fused(std::span<float> values, std::span<const float> gradients) {
  const RmsPropCoefficients coefficients{.learning_rate = static_cast<float>(learning_rate()),
                                         .alpha = static_cast<float>(options_.alpha),
                                         .epsilon = static_cast<float>(options_.epsilon),
                                         .weight_decay = static_cast<float>(options_.weight_decay)};
  rmsprop_step(values, gradients, moment(0), coefficients);
}

void RmsProp::step_torch(at::Tensor values, const at::Tensor& gradients) {
  // s ← α s + (1 - α) g²;  θ ← θ - lr · g / (sqrt(s) + ε)
  const at::Tensor g = with_decay(gradients, values, options_.weight_decay);
  at::Tensor& s = moments_[0].numbers;
  s.mul_(options_.alpha).addcmul_(g, g, 1.0 - options_.alpha);
  values.addcdiv_(g, s.sqrt().add_(options_.epsilon), -learning_rate());
}

}  // namespace ludus::nn
