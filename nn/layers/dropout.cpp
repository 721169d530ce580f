#include "nn/layers/dropout.h"

#include "base/format.h"

namespace ludus::nn::layers {

void Dropout::check() const {
  if (!(rate >= 0.0 && rate < 1.0)) throw InvalidArgument(formatted("rate must be in [0, 1), got {}", rate));
}

}  // namespace ludus::nn::layers
