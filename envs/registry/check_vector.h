// Vector environments against single ones: the comparison that check_env() makes.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "envs/core/env.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

// Whether actions of the space travel as rows of numbers, as VectorEnv::step() takes them.
bool acts_by_rows(const Space& space);

// Plays `envs` beside as many single environments of `make`, with the same seeds and actions; in words what an
// environment of the vector gave other than the single one, empty if nothing.
std::string difference_from_singles(VectorEnv& envs, const std::function<EnvPtr()>& make,
                                    std::span<const Value> actions, std::uint64_t seed);

}  // namespace ludus::envs
