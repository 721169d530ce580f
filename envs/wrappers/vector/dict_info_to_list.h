// The batched info as one dictionary for each environment.
#pragma once

#include "envs/vector/vector_wrapper.h"

namespace ludus::envs::vector {

// Each environment's own entries of a batched info (VectorStep::info): those whose mask "_KEY" has it, or all where there
// is no mask; inner dictionaries likewise. A list of `n` dictionaries.
List info_to_list(const Dict& info, std::size_t n);

// Gives that list of the last reset or step, by infos(); info itself stays as it is, for a dictionary cannot become a list
// here as it does in Python.
class DictInfoToList final : public VectorWrapper {
 public:
  explicit DictInfoToList(VectorEnvPtr envs) : VectorWrapper(std::move(envs), {"vector.DictInfoToList", {}}) {}

  List infos() const { return info_to_list(last().info, num_envs()); }
};

}  // namespace ludus::envs::vector
