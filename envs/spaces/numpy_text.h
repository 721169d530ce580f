// Numbers and arrays in NumPy's text format, so that spaces print as in Gymnasium.
//
// Source: the rules of numpy.array2string with default options (precision 8, line width 75, threshold 1000, 3 edge
// items). Floating-point digits are the shortest that round-trip (R. G. Burger and R. K. Dybvig, "Printing
// Floating-Point Numbers Quickly and Accurately", 1996).
#pragma once

#include <cstddef>
#include <string>

#include "base/array.h"

namespace ludus::envs {

/// Returns str() of element i as a NumPy scalar: "-1.0", "3.4028235e+38", "inf", "255", "True".
std::string numpy_scalar_text(const Array& array, std::size_t i);

/// Returns str() of the array: "[-4.8               -inf -0.41887903        -inf]".
std::string numpy_text(const Array& array);

}  // namespace ludus::envs
