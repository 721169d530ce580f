// Named arrays, the form in which components save their state to checkpoints. This header does not include torch.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/array.h"

namespace ludus {

/// Arrays in the order of the component's parameters, with unique names.
using NamedArrays = std::vector<std::pair<std::string, Array>>;

}  // namespace ludus
