#include "nn/core/flat_parameters.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <unordered_set>

#include "base/format.h"
#include "base/text.h"
#include "nn/core/optimizer_kernels.h"
#include "nn/core/tensor_io.h"
#include "nn/core/torch_compat.h"

namespace ludus::nn {
namespace {

std::string full_name(const std::string& part, const std::string& name) {
  return part.empty() ? name : part + "." + name;
}

bool is_cpu_float(const at::Tensor& tensor) {
  return tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat;
}

std::span<float> floats(const at::Tensor& tensor) {
  return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

}  // namespace

FlatParameters::FlatParameters(torch::nn::Module& module)
    : FlatParameters(std::vector<Part>{Part{.name = "", .module = module}}) {}

FlatParameters::FlatParameters(std::span<const Part> parts, Empty empty) {
  const at::NoGradGuard no_grad;

  // parameters in the order of the modules, each tensor once
  std::unordered_set<const void*> visited;
  for (const Part& part : parts) {
    for (const auto& item : part.module.named_parameters()) {
      const at::Tensor& parameter = item.value();
      if (!parameter.defined() || !visited.insert(parameter.unsafeGetTensorImpl()).second) continue;
      layout_.push_back({.name = full_name(part.name, item.key()),
                         .offset = size_,
                         .sizes = parameter.sizes().vec(),
                         .count = parameter.numel()});
      parameters_.push_back(parameter);
      size_ += parameter.numel();
    }
    for (const auto& item : part.module.named_buffers()) {
      if (!item.value().defined()) continue;
      buffer_names_.push_back(full_name(part.name, item.key()));
      buffers_.push_back(item.value());
    }
  }
  if (parameters_.empty()) {
    if (empty == Empty::kReject) {
      throw InvalidArgument("flat parameters: the network must have at least one parameter");
    }
    values_ = at::empty({0}, at::kFloat);
    gradients_ = at::empty({0}, at::kFloat);
    return;
  }

  // all must have the same type and device
  const at::Tensor& first = parameters_.front();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const at::Tensor& parameter = parameters_[i];
    if (parameter.scalar_type() != first.scalar_type() || parameter.device() != first.device() ||
        !at::isFloatingType(parameter.scalar_type())) {
      throw InvalidArgument(
          formatted("flat parameters: all must be of one floating-point type on one device, got {} of {} on {} and {} "
                    "of {} on {}",
                    layout_.front().name, c10::toString(first.scalar_type()), first.device().str(), layout_[i].name,
                    c10::toString(parameter.scalar_type()), parameter.device().str()));
    }
  }

  // copy the numbers, then make the parameters views of the copy
  values_ = at::empty({size_}, first.options().requires_grad(false));
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    values_.narrow(0, layout_[i].offset, layout_[i].count).copy_(parameters_[i].detach().reshape({-1}));
  }
  gradients_ = at::zeros_like(values_);
  seat_values();
  seat_gradients();
  leaves_ = parameters_;
  trainable_ranges_ = {{.offset = 0, .count = size_}};
}

void FlatParameters::set_trainable(const std::function<bool(std::string_view)>& trainable) {
  leaves_.clear();
  trainable_ranges_.clear();
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    Entry& entry = layout_[i];
    entry.trainable = trainable(entry.name);
    parameters_[i].set_requires_grad(entry.trainable);
    if (!entry.trainable) continue;
    leaves_.push_back(parameters_[i]);
    if (!trainable_ranges_.empty() &&
        trainable_ranges_.back().offset + trainable_ranges_.back().count == entry.offset) {
      trainable_ranges_.back().count += entry.count;
    } else {
      trainable_ranges_.push_back({.offset = entry.offset, .count = entry.count});
    }
  }
  zero_gradients();
}

void FlatParameters::seat_values() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    parameters_[i].set_data(values_.narrow(0, layout_[i].offset, layout_[i].count).view(layout_[i].sizes));
  }
}

void FlatParameters::seat_gradients() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    parameters_[i].mutable_grad() = gradients_.narrow(0, layout_[i].offset, layout_[i].count).view(layout_[i].sizes);
  }
}

Device FlatParameters::device() const {
  return from_torch(values_.device());
}

const at::Tensor& FlatParameters::values() const {
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    if (!parameters_[i].is_alias_of(values_)) {
      throw WorkError(
          formatted("the parameter {} was reallocated outside FlatParameters; move a network with FlatParameters::to",
                    layout_[i].name));
    }
  }
  return values_;
}

const at::Tensor& FlatParameters::gradients() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor& gradient = parameters_[i].mutable_grad();
    if (gradient.defined() && gradient.is_alias_of(gradients_)) continue;
    const at::Tensor view = gradients_.narrow(0, layout_[i].offset, layout_[i].count).view(layout_[i].sizes);
    if (gradient.defined()) {
      view.copy_(gradient.detach());
    } else {
      view.zero_();
    }
    gradient = view;
  }
  return gradients_;
}

void FlatParameters::zero_gradients() {
  gradients().zero_();
}

void FlatParameters::check_same_layout(const FlatParameters& other) const {
  const bool same = std::equal(layout_.begin(), layout_.end(), other.layout_.begin(), other.layout_.end(),
                               [](const Entry& a, const Entry& b) { return a.name == b.name && a.sizes == b.sizes; });
  if (!same || buffer_names_ != other.buffer_names_) {
    throw InvalidArgument(formatted(
        "flat parameters: both networks must have the same layout, got {} and {} parameters", size_, other.size_));
  }
}

void FlatParameters::copy_buffers(const FlatParameters& other) {
  for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].copy_(other.buffers_[i]);
}

void FlatParameters::copy_from(const FlatParameters& other) {
  check_same_layout(other);
  const at::NoGradGuard no_grad;
  values().copy_(other.values());
  copy_buffers(other);
}

void FlatParameters::lerp_from(const FlatParameters& other, double tau) {
  check_same_layout(other);
  if (!(tau >= 0.0 && tau <= 1.0)) {
    throw InvalidArgument(formatted("polyak averaging: tau must be in [0, 1], got {}", tau));
  }
  const at::NoGradGuard no_grad;
  values().lerp_(other.values().to(values_.options()), tau);
  copy_buffers(other);
}

double FlatParameters::gradient_norm() {
  const at::NoGradGuard no_grad;
  const at::Tensor& gradient = gradients();
  return is_cpu_float(gradient) ? std::sqrt(sum_of_squares(floats(gradient))) : gradient.norm().item<double>();
}

double FlatParameters::clip_gradient_norm(double max_norm) {
  if (!(max_norm > 0.0)) {
    throw InvalidArgument(formatted("gradient clipping: max_norm must be positive, got {}", max_norm));
  }
  constexpr double kEpsilon = 1e-6;  // as in torch, against division by zero
  const double norm = gradient_norm();
  const double factor = max_norm / (norm + kEpsilon);
  if (factor < 1.0) {
    const at::NoGradGuard no_grad;
    const at::Tensor& gradient = gradients_;
    if (is_cpu_float(gradient)) {
      scale(floats(gradient), static_cast<float>(factor));
    } else {
      gradient.mul_(factor);
    }
  }
  return norm;
}

void FlatParameters::to(const Device& device) {
  const at::NoGradGuard no_grad;
  const c10::Device target = ludus::nn::to_torch(device);
  values_ = values().to(target);
  gradients_ = gradients().to(target);
  seat_values();
  seat_gradients();
  for (at::Tensor& buffer : buffers_) buffer.set_data(buffer.to(target));
}

NamedArrays FlatParameters::state() const {
  // one copy from the device for all parameters
  const at::Tensor flat = values().to(at::kCPU);
  NamedArrays state;
  state.reserve(layout_.size() + buffers_.size());
  for (const Entry& entry : layout_) {
    state.emplace_back(entry.name, to_array(flat.narrow(0, entry.offset, entry.count).view(entry.sizes)));
  }
  for (std::size_t i = 0; i < buffers_.size(); ++i) state.emplace_back(buffer_names_[i], to_array(buffers_[i]));
  return state;
}

FlatParameters::Loaded FlatParameters::read(const NamedArrays& state) const {
  std::unordered_map<std::string, const Array*> arrays;
  for (const auto& [name, array] : state) arrays.emplace(name, &array);

  // the expected names, and a tensor to receive each array
  std::vector<std::string> names = buffer_names_;
  std::vector<at::Tensor> targets;
  for (const at::Tensor& buffer : buffers_) targets.push_back(at::empty_like(buffer, at::kCPU));
  const at::Tensor flat = at::empty({size_}, values().options().device(at::kCPU));
  for (const Entry& entry : layout_) {
    names.push_back(entry.name);
    targets.push_back(flat.narrow(0, entry.offset, entry.count).view(entry.sizes));
  }

  // check everything before changing anything
  std::vector<std::string> missing, extra;
  for (const std::string& name : names) {
    if (!arrays.contains(name)) missing.push_back(name);
  }
  const std::unordered_set<std::string> expected(names.begin(), names.end());
  for (const auto& [name, array] : state) {
    if (!expected.contains(name)) extra.push_back(name);
  }
  if (!missing.empty() || !extra.empty()) {
    throw InvalidArgument(
        formatted("the parameters are those of another network; missing: {}; unknown: {}; load them into the "
                  "network they were saved from",
                  joined(missing), joined(extra)));
  }
  for (std::size_t i = 0; i < names.size(); ++i) assign(targets[i], *arrays.at(names[i]), "the parameter " + names[i]);

  targets.resize(buffers_.size());
  return {flat, std::move(targets)};
}

void FlatParameters::load_state(const NamedArrays& state) {
  const Loaded loaded = read(state);
  const at::NoGradGuard no_grad;
  values_.copy_(loaded.values);
  for (std::size_t i = 0; i < buffers_.size(); ++i) buffers_[i].copy_(loaded.buffers[i]);
}

}  // namespace ludus::nn
