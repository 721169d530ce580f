// The floating-point mode of a thread: rounding and denormal handling. The mode affects the last bits of results, so
// worker threads copy it from the thread that started the work.
#pragma once

#include <cstdint>

namespace ludus {

/// The control bits of the floating-point unit. On CPUs other than x86-64 and 64-bit Arm, all modes compare equal.
struct FloatMode {
  std::uint64_t bits = 0;
  friend bool operator==(const FloatMode&, const FloatMode&) = default;
};

/// Get and set the mode of the calling thread.
FloatMode float_mode();
void set_float_mode(FloatMode mode);

/// Makes the CPU flush denormals, numbers below 1.2e-38 (float) or 2.2e-308 (double), to zero on the calling thread.
/// The moments of an optimiser decay into denormals where gradients stay zero, as for inactive ReLU units, and
/// arithmetic on them is many times slower. Call it at the start of each compute thread. Does nothing on CPUs other
/// than x86-64 and 64-bit Arm.
void flush_denormals_on_this_thread();

}  // namespace ludus
