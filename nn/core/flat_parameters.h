// All parameters of a network as one vector, and all gradients as another.
//
// The module's parameters become views of the vector, so that the module works as before. Updating a target network is
// then one copy or one interpolation (Polyak averaging), gradient clipping one norm, an optimiser step one loop, and a
// perturbation for random search one addition.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_arrays.h"
#include "nn/core/device.h"

namespace torch::nn {
class Module;
}

namespace ludus::nn {

class FlatParameters {
 public:
  /// The position of a parameter in the vector.
  struct Entry {
    std::string name;                 // torch's name: "layers.0.weight"
    std::int64_t offset;              // index of the first element
    std::vector<std::int64_t> sizes;  // shape
    std::int64_t count;               // number of elements
    bool trainable = true;            // false: frozen, see set_trainable()
  };

  /// A contiguous part of the vector.
  struct Range {
    std::int64_t offset;
    std::int64_t count;
  };

  /// What to do about modules without a single parameter, such as a network of pooling layers.
  enum class Empty { kReject, kAllow };

  /// A module and the prefix of its parameters' names, separated by a dot.
  struct Part {
    std::string name;
    torch::nn::Module& module;
  };

  /// Makes every parameter of `module` a view into values(), with the same numbers, and every gradient a view into
  /// gradients(), set to zero. A parameter registered under two names is stored once, under the first. The module and
  /// this object may be destroyed in any order. Throws InvalidArgument if there are no parameters, or if they differ in
  /// floating-point type or device.
  explicit FlatParameters(torch::nn::Module& module);

  /// Combines the parameters of several modules, such as an actor and a critic that share an optimiser.
  explicit FlatParameters(std::span<const Part> parts, Empty empty = Empty::kReject);

  FlatParameters(const FlatParameters&) = delete;
  FlatParameters& operator=(const FlatParameters&) = delete;

  std::int64_t size() const { return size_; }
  const std::vector<Entry>& layout() const { return layout_; }
  Device device() const;

  /// Returns the vector (size,); writing to it changes the module. Throws WorkError if the module's parameters have
  /// since been reallocated (by module.to(device); call to() of this object instead).
  const at::Tensor& values() const;

  /// Returns the gradients (size,), which backward passes accumulate into. A gradient that was reallocated (by backward
  /// with create_graph, or zero_grad with set_to_none) is first copied back into the vector.
  const at::Tensor& gradients();

  /// Returns the trainable parameters of the modules: views into values(), leaves of the autograd graph.
  const std::vector<at::Tensor>& leaves() const { return leaves_; }

  /// Freezes every parameter whose name `trainable` rejects, and unfreezes all others. A frozen parameter needs no
  /// gradient, and no optimiser changes it, not even by weight decay or momentum; its elements of gradients() are 0.
  void set_trainable(const std::function<bool(std::string_view name)>& trainable);

  /// Returns the parts of the vector that are not frozen, in order, neighbours joined. One range unless some are
  /// frozen.
  const std::vector<Range>& trainable_ranges() const { return trainable_ranges_; }

  void zero_gradients();

  /// values ← other's values, including the modules' buffers (such as running means of a normalisation). For target
  /// networks. Throws InvalidArgument if the layouts differ.
  void copy_from(const FlatParameters& other);

  /// values ← (1 - tau) values + tau other's values (Polyak averaging, an exponential moving average); copies buffers.
  /// Throws InvalidArgument if the layouts differ or tau is outside [0, 1].
  void lerp_from(const FlatParameters& other, double tau);

  /// Returns the Euclidean norm of the gradients.
  double gradient_norm();

  /// Scales the gradients to a Euclidean norm of at most `max_norm`, and returns the norm before scaling. The factor is
  /// min(1, max_norm / (norm + 1e-6)), as in torch.nn.utils.clip_grad_norm_. A norm that is not finite is returned too,
  /// for the caller to check. Throws InvalidArgument unless max_norm > 0.
  double clip_gradient_norm(double max_norm);

  /// Moves values, gradients and buffers to `device`.
  void to(const Device& device);

  /// Returns every parameter and every buffer by name.
  NamedArrays state() const;

  /// Restores the result of state(); types may differ if both are floating-point. Throws InvalidArgument naming missing
  /// and unknown arrays, and TypeMismatch naming an array of another shape, without changing anything.
  void load_state(const NamedArrays& state);
  /// Throws the exceptions of load_state() without changing anything.
  void check_state(const NamedArrays& state) const { read(state); }

 private:
  // The parameters of a state as one vector, and its buffers; on the CPU.
  struct Loaded {
    at::Tensor values;
    std::vector<at::Tensor> buffers;
  };
  Loaded read(const NamedArrays& state) const;
  void seat_values();
  void seat_gradients();
  void check_same_layout(const FlatParameters& other) const;
  void copy_buffers(const FlatParameters& other);

  std::vector<Entry> layout_;
  std::vector<at::Tensor> parameters_;  // of the modules
  std::vector<at::Tensor> leaves_;      // those that are not frozen
  std::vector<Range> trainable_ranges_;
  std::vector<std::string> buffer_names_;
  std::vector<at::Tensor> buffers_;
  std::int64_t size_ = 0;
  at::Tensor values_;
  at::Tensor gradients_;
};

}  // namespace ludus::nn
