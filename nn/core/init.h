// How weights begin, always from a generator that is passed in, on the processor, so that one seed makes one network
// whatever the device.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace ludus::nn {

// A generator of torch's (Mersenne twister) of its own, started from `seed`.
at::Generator make_generator(std::uint64_t seed);

// Every element uniform in [-bound, bound).
void init_uniform(at::Tensor tensor, double bound, at::Generator& generator);

// A matrix (rows x columns), or a kernel seen as (its first extent x the rest), with orthonormal rows or columns,
// whichever are fewer, times `gain` (Saxe et al. 2014, arXiv:1312.6120): the Q of a QR decomposition of normal numbers,
// each column's sign that of R's diagonal, so that Q is uniform over such matrices. Throws InvalidArgument for fewer
// than 2 dimensions.
void init_orthogonal(at::Tensor tensor, double gain, at::Generator& generator);

}  // namespace ludus::nn
