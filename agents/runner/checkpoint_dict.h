// Dictionaries in and out of a checkpoint.
#pragma once

#include <string>

#include "base/value.h"

namespace ludus::nn {
class Checkpoint;
}

namespace ludus::agents {

// The arrays of `dict` become tensors of their own, "PREFIX/NAME", readable from anywhere, and its other entries one
// value called PREFIX.
void put_dict(nn::Checkpoint& checkpoint, const std::string& prefix, const Dict& dict);
// Throws CorruptCheckpoint where there is no such value.
Dict take_dict(const nn::Checkpoint& checkpoint, const std::string& prefix);

}  // namespace ludus::agents
