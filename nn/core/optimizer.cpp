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
  for (const FlatParameters::Range& range : parameters_.trainable_ranges()) {
    range_ = range;
    if (values.device().is_cpu() && values.scalar_type() == at::kFloat) {
      const std::size_t count = static_cast<std::size_t>(range.count);
      step_fused({values.data_ptr<float>() + range.offset, count}, {gradients.data_ptr<float>() + range.offset, count});
    } else {
      step_torch(values.narrow(0, range.offset, range.count), gradients.narrow(0, range.offset, range.count));
    }
  }
}

std::span<float> Optimizer::moment(std::size_t index) {
  return {moments_[index].numbers.data_ptr<float>() + range_.offset, static_cast<std::size_t>(range_.count)};
}

at::Tensor Optimizer::moment_tensor(std::size_t index) const {
  return moments_[index].numbers.narrow(0, range_.offset, range_.count);
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

namespace {

template <class Options>
void check_adam(const Options& options) {
  check_decay_rate("beta1", options.beta1);
  check_decay_rate("beta2", options.beta2);
  check_not_negative("epsilon", options.epsilon);
  check_not_negative("weight decay", options.weight_decay);
}

// `penalty`: the weight decay that is added to the gradient
template <class Options>
AdamCoefficients adam_coefficients(const Options& options, double learning_rate, std::int64_t steps, double penalty) {
  const double t = static_cast<double>(steps);
  return {.beta1 = static_cast<float>(options.beta1),
          .beta2 = static_cast<float>(options.beta2),
          .step_size = static_cast<float>(learning_rate / (1.0 - std::pow(options.beta1, t))),
          .second_correction_root = static_cast<float>(std::sqrt(1.0 - std::pow(options.beta2, t))),
          .epsilon = static_cast<float>(options.epsilon),
          .weight_decay = static_cast<float>(penalty)};
}

template <class Options>
void adam_torch(const Options& options, double learning_rate, std::int64_t steps, at::Tensor values,
                const at::Tensor& g, at::Tensor m, at::Tensor v) {
  const double t = static_cast<double>(steps);

  // m ← β1 m + (1 - β1) g;  v ← β2 v + (1 - β2) g²
  m.mul_(options.beta1).add_(g, 1.0 - options.beta1);
  v.mul_(options.beta2).addcmul_(g, g, 1.0 - options.beta2);

  // θ ← θ - α/(1 - β1^t) · m / (sqrt(v)/sqrt(1 - β2^t) + ε)
  const at::Tensor denominator = v.sqrt().div_(std::sqrt(1.0 - std::pow(options.beta2, t))).add_(options.epsilon);
  values.addcdiv_(m, denominator, -learning_rate / (1.0 - std::pow(options.beta1, t)));
}

}  // namespace

Adam::Adam(FlatParameters& parameters, const AdamOptions& options)
    : Optimizer(parameters, options.learning_rate, {"first_moment", "second_moment"}), options_(options) {
  check_adam(options);
}

void Adam::step_fused(std::span<float> values, std::span<const float> gradients) {
  adam_step(values, gradients, moment(0), moment(1),
            adam_coefficients(options_, learning_rate(), steps(), options_.weight_decay));
}

void Adam::step_torch(at::Tensor values, const at::Tensor& gradients) {
  adam_torch(options_, learning_rate(), steps(), values, with_decay(gradients, values, options_.weight_decay),
             moment_tensor(0), moment_tensor(1));
}

// ---- AdamW -------------------------------------------------------------------------------------------------------

AdamW::AdamW(FlatParameters& parameters, const AdamWOptions& options)
    : Optimizer(parameters, options.learning_rate, {"first_moment", "second_moment"}), options_(options) {
  check_adam(options);
}

// θ ← (1 - α λ) θ, then a step of Adam without a penalty       Loshchilov and Hutter 2019, algorithm 2, line 12
void AdamW::step_fused(std::span<float> values, std::span<const float> gradients) {
  scale(values, static_cast<float>(1.0 - learning_rate() * options_.weight_decay));
  adam_step(values, gradients, moment(0), moment(1), adam_coefficients(options_, learning_rate(), steps(), 0.0));
}

void AdamW::step_torch(at::Tensor values, const at::Tensor& gradients) {
  values.mul_(1.0 - learning_rate() * options_.weight_decay);
  adam_torch(options_, learning_rate(), steps(), values, gradients, moment_tensor(0), moment_tensor(1));
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
    at::Tensor b = moment_tensor(0);
    b.mul_(options_.momentum).add_(g);
    g = options_.nesterov ? g.add(b, options_.momentum) : b;
  }
  values.sub_(g, learning_rate());
}

// ---- RMSprop -------------------------------------------------------------------------------------------------------

namespace {

std::vector<std::string> rmsprop_moments(const RmsPropOptions& options) {
  std::vector<std::string> names{"square_average"};
  if (options.momentum != 0.0) names.emplace_back("velocity");
  if (options.centered) names.emplace_back("gradient_average");
  return names;
}

}  // namespace

RmsProp::RmsProp(FlatParameters& parameters, const RmsPropOptions& options)
    : Optimizer(parameters, options.learning_rate, rmsprop_moments(options)), options_(options) {
  check_decay_rate("alpha", options.alpha);
  check_not_negative("epsilon", options.epsilon);
  check_not_negative("weight decay", options.weight_decay);
  check_not_negative("momentum", options.momentum);
}

void RmsProp::step_fused(std::span<float> values, std::span<const float> gradients) {
  const RmsPropCoefficients coefficients{.learning_rate = static_cast<float>(learning_rate()),
                                         .alpha = static_cast<float>(options_.alpha),
                                         .epsilon = static_cast<float>(options_.epsilon),
                                         .weight_decay = static_cast<float>(options_.weight_decay),
                                         .momentum = static_cast<float>(options_.momentum)};
  const bool momentum = options_.momentum != 0.0;
  rmsprop_step(values, gradients, moment(0), coefficients, momentum ? moment(1) : std::span<float>(),
               options_.centered ? moment(momentum ? 2 : 1) : std::span<float>());
}

void RmsProp::step_torch(at::Tensor values, const at::Tensor& gradients) {
  // s ← α s + (1 - α) g²;  centred: a ← α a + (1 - α) g, and s - a² in the place of s below
  const at::Tensor g = with_decay(gradients, values, options_.weight_decay);
  const bool momentum = options_.momentum != 0.0;
  at::Tensor s = moment_tensor(0);
  s.mul_(options_.alpha).addcmul_(g, g, 1.0 - options_.alpha);
  at::Tensor root;
  if (options_.centered) {
    at::Tensor a = moment_tensor(momentum ? 2 : 1);
    a.mul_(options_.alpha).add_(g, 1.0 - options_.alpha);
    root = s.addcmul(a, a, -1.0).clamp_min_(0.0).sqrt_().add_(options_.epsilon);  // below 0 only by rounding
  } else {
    root = s.sqrt().add_(options_.epsilon);
  }

  // θ ← θ - lr · g / (sqrt(s) + ε), or b ← μ b + g / (sqrt(s) + ε), θ ← θ - lr · b
  if (momentum) {
    at::Tensor b = moment_tensor(1);
    b.mul_(options_.momentum).addcdiv_(g, root);
    values.sub_(b, learning_rate());
  } else {
    values.addcdiv_(g, root, -learning_rate());
  }
}

// ---- Adagrad -------------------------------------------------------------------------------------------------------

Adagrad::Adagrad(FlatParameters& parameters, const AdagradOptions& options)
    : Optimizer(parameters, options.learning_rate, {"square_sum"}), options_(options) {
  check_not_negative("learning rate decay", options.learning_rate_decay);
  check_not_negative("epsilon", options.epsilon);
  check_not_negative("weight decay", options.weight_decay);
  check_not_negative("initial accumulator", options.initial_accumulator);
  moments_[0].numbers.fill_(options.initial_accumulator);
}

double Adagrad::decayed_rate() const {
  return learning_rate() / (1.0 + static_cast<double>(steps() - 1) * options_.learning_rate_decay);
}

void Adagrad::step_fused(std::span<float> values, std::span<const float> gradients) {
  adagrad_step(values, gradients, moment(0),
               {.learning_rate = static_cast<float>(decayed_rate()),
                .epsilon = static_cast<float>(options_.epsilon),
                .weight_decay = static_cast<float>(options_.weight_decay)});
}

void Adagrad::step_torch(at::Tensor values, const at::Tensor& gradients) {
  // s ← s + g²;  θ ← θ - lr_t · g / (sqrt(s) + ε)
  const at::Tensor g = with_decay(gradients, values, options_.weight_decay);
  at::Tensor s = moment_tensor(0);
  s.addcmul_(g, g);
  values.addcdiv_(g, s.sqrt().add_(options_.epsilon), -decayed_rate());
}

}  // namespace ludus::nn
