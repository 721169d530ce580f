// Weight initialisation. The generator is an argument and samples on the CPU, so that a seed gives the same network on
// every device.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "nn/core/initialisation.h"

namespace ludus::nn {

/// Returns a torch generator (Mersenne twister) seeded with `seed`.
at::Generator make_generator(std::uint64_t seed);

/// Fills `tensor` with uniform samples from [-bound, bound).
void init_uniform(at::Tensor tensor, double bound, at::Generator& generator);

/// Fills a matrix (rows x columns), or a kernel viewed as (first dimension x rest), with orthonormal rows or columns,
/// whichever are fewer, times `gain` (Saxe et al. 2014, arXiv:1312.6120): the Q of the QR decomposition of a normal
/// matrix, with the signs of the diagonal of R applied to its columns, so that Q is uniformly distributed. Throws
/// InvalidArgument for fewer than 2 dimensions.
void init_orthogonal(at::Tensor tensor, double gain, at::Generator& generator);

/// Initialises the weight (outputs x …) and then the bias (outputs) of a layer. `gain` is the factor of kOrthogonal and
/// the value of kConstant; kUniform ignores it.
void init_layer(at::Tensor weight, at::Tensor bias, Initialisation initialisation, double gain,
                at::Generator& generator);

}  // namespace ludus::nn
