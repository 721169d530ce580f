#include "envs/classic_control/numpy_scalar.h"

#include <cmath>

namespace ludus::envs {
namespace {

// read at run time: a compiler that sees the exponent 2 turns pow(x, 2) into x * x
const volatile double kTwo = 2.0;
const volatile float kTwoFloat32 = 2.0f;

}  // namespace

double numpy_square(double x) {
  return std::pow(x, kTwo);
}

float numpy_square(float x) {
  return std::pow(x, kTwoFloat32);
}

}  // namespace ludus::envs
