// Counts every operator new of the program.
#pragma once

#include <cstddef>

namespace ludus::testing {

std::size_t allocations();  // so far

}  // namespace ludus::testing
