// Named arrays in and out of a checkpoint, under a common prefix: "agent/q/layers.0.weight".
#pragma once

#include <string>

#include "base/value.h"
#include "nn/core/named_arrays.h"

namespace ludus::nn {
class Checkpoint;
}

namespace ludus::agents {

void put_arrays(nn::Checkpoint& checkpoint, const std::string& prefix, const nn::NamedArrays& arrays);
nn::NamedArrays take_arrays(const nn::Checkpoint& checkpoint, const std::string& prefix);

// A dictionary whose arrays become tensors of their own, readable from anywhere, and whose other entries one value.
void put_dict(nn::Checkpoint& checkpoint, const std::string& prefix, const Dict& dict);
Dict take_dict(const nn::Checkpoint& checkpoint, const std::string& prefix);

}  // namespace ludus::agents
