/// @file
/// A batched info as one dictionary per environment.
#pragma once

#include "envs/vector/vector_wrapper.h"

namespace ludus::envs::vector {

/// Returns the entries of a batched info (VectorStep::info) per environment, as a list of `n` dictionaries: an entry
/// belongs to the environments that its mask "_KEY" marks, or to all without a mask. Nested dictionaries likewise.
List info_to_list(const Dict& info, std::size_t n);

/// Adds infos(), the list for the last reset or step. info itself stays batched: unlike in Python, its type is fixed.
class DictInfoToList final : public VectorWrapper {
 public:
  explicit DictInfoToList(VectorEnvPtr envs) : VectorWrapper(std::move(envs), {"vector.DictInfoToList", {}}) {}

  List infos() const { return info_to_list(last().info, num_envs()); }
};

}  // namespace ludus::envs::vector
