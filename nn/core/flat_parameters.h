// All parameters of a network as one vector, and all gradients as another.
//
// The module's own parameters become views into the vector, so that the module works as before, while a target-network
// copy is one copy, Polyak averaging one interpolation, clipping one norm, an optimiser one loop, a random-search
// perturbation one addition.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/named_arrays.h"
#include "nn/core/device.h"

namespace torch::nn {
class Module;
}

namespace ludus::nn {

class FlatParameters {
 public:
  // Where a parameter lies in the vector.
  struct Entry {
    std::string name;                 // as torch names it: "layers.0.weight"
    std::int64_t offset;              // first element
    std::vector<std::int64_t> sizes;  // shape
    std::int64_t count;               // elements
  };

  // A module and the name put before its parameters' names, with a dot between.
  struct Part {
    std::string name;
    torch::nn::Module& module;
  };

  // Re-seats every parameter of `module` as a view into values(), with the numbers it had, and every gradient as a
  // view into gradients(), zeroed. A parameter registered under two names is kept once, under the first. The module
  // need not outlive this object, nor this object the module. Throws InvalidArgument if there is no parameter, or
  // if they are not all of one floating-point type on one device.
  explicit FlatParameters(torch::nn::Module& module);

  // The same for several modules as one vector, say an actor and a critic that share an optimiser.
  explicit FlatParameters(std::span<const Part> parts);

  FlatParameters(const FlatParameters&) = delete;
  FlatParameters& operator=(const FlatParameters&) = delete;

  std::int64_t size() const { return size_; }
  const std::vector<Entry>& layout() const { return layout_; }
  Device device() const;

  // (size,) Writing to it changes the module. Throws WorkError if somebody else has since given the module other
  // memory (say by module.to(device): call to() here instead).
  const at::Tensor& values() const;

  // (size,) Backward passes add to it. A gradient that somebody put elsewhere (backward with create_graph, or
  // zero_grad with set_to_none) is taken back into the vector first.
  const at::Tensor& gradients();

  /// The modules' own parameters: views into values(), leaves of the autograd graph.
  const std::vector<at::Tensor>& leaves() const { return parameters_; }

  void zero_gradients();

  // values ← other's values; the modules' buffers too (running means of a normalisation). For a target network.
  // Throws InvalidArgument if the layouts differ.
  void copy_from(const FlatParameters& other);

  // values ← (1 - tau) values + tau other's values (Polyak averaging; an exponential moving average); buffers are
  // copied. Throws InvalidArgument if the layouts differ or tau is outside [0, 1].
  void lerp_from(const FlatParameters& other, double tau);

  /// Euclidean norm of the gradients.
  double gradient_norm();

  // Scales the gradients so that their Euclidean norm is `max_norm` at most, and returns the norm they had: by
  // max_norm / (norm + 1e-6) where that is below 1, as torch.nn.utils.clip_grad_norm_ does. A norm that is not finite
  // is returned as it is, for the caller to see. Throws InvalidArgument unless max_norm > 0.
  double clip_gradient_norm(double max_norm);

  // Moves values, gradients and buffers, and re-seats the views.
  void to(const Device& device);

  // Every parameter and every buffer, under its name.
  NamedArrays state() const;

  // Takes what state() gave; types may differ if both are floating-point. Throws InvalidArgument naming what is
  // missing or too much, and TypeMismatch naming what has another shape; then nothing was changed.
  void load_state(const NamedArrays& state);
  /// Throws what load_state() would, and changes nothing.
  void check_state(const NamedArrays& state) const { read(state); }

 private:
  // The parameters as one vector, and the buffers, of a state; on the CPU.
  struct Loaded {
    at::Tensor values;
    std::vector<at::Tensor> buffers;
  };
  Loaded read(const NamedArrays& state) const;
  void seat_values();
  void seat_gradients();
  void check_alike(const FlatParameters& other) const;
  void copy_buffers(const FlatParameters& other);

  std::vector<Entry> layout_;
  std::vector<at::Tensor> parameters_;  // the modules' own
  std::vector<std::string> buffer_names_;
  std::vector<at::Tensor> buffers_;
  std::int64_t size_ = 0;
  at::Tensor values_;
  at::Tensor gradients_;
};

}  // namespace ludus::nn
