// Weight initialisation schemes. This header does not include torch, so that configurations can hold them.
#pragma once

#include <cstdint>

namespace ludus::nn {

/// The initialisation of the weight and bias of a layer.
enum class Initialisation : std::uint8_t {
  kUniform,     ///< both uniform in ±1/sqrt(fan_in): torch's default, Kaiming uniform with a = sqrt(5)
  kOrthogonal,  ///< weight orthogonal times a gain (Saxe et al. 2014, arXiv:1312.6120), bias 0: usual for PPO and A2C
  kConstant,    ///< every element of both equal to the gain
};

}  // namespace ludus::nn
