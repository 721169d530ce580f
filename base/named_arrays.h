// The state of a part as named arrays: what checkpoints are made of. This header does not include torch.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/array.h"

namespace ludus {

// In the order in which the part lists them; no name twice.
using NamedArrays = std::vector<std::pair<std::string, Array>>;

}  // namespace ludus
