// How the CPU computes on one thread: its rounding, and whether denormal numbers are kept. It decides last bits,
// so a thread that works for another takes over the other's mode.
#pragma once

#include <cstdint>

namespace ludus {

// The control bits of the floating-point unit; on CPUs other than x86-64 and 64-bit Arm always the same.
struct FloatMode {
  std::uint64_t bits = 0;
  friend bool operator==(const FloatMode&, const FloatMode&) = default;
};

// Of the calling thread.
FloatMode float_mode();
void set_float_mode(FloatMode mode);

// Makes the CPU treat numbers below 1.2e-38 (float) or 2.2e-308 (double) as zero, on the calling thread only.
// The moments of an optimiser decay into such numbers where gradients stay zero (dead ReLUs), and arithmetic on
// them is many times slower. Call it at the start of each thread that computes. Does nothing on CPUs other than
// x86-64 and 64-bit Arm.
void flush_denormals_on_this_thread();

}  // namespace ludus
