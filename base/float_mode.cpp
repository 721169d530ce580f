#include "base/float_mode.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ludus {
namespace {

#if defined(__x86_64__)
constexpr unsigned kStatus = 0x003F;            // status flags, not control bits: bits 0-5 of MXCSR
constexpr unsigned kDenormalsAreZero = 0x0040;  // operands; bit 6 (Intel SDM vol. 1, 10.2.3)
constexpr unsigned kFlushToZero = 0x8000;       // results; bit 15
constexpr std::uint64_t kFlush = kDenormalsAreZero | kFlushToZero;
#elif defined(__aarch64__)
constexpr std::uint64_t kFlush = std::uint64_t{1} << 24;  // operands and results; bit FZ of FPCR
#else
constexpr std::uint64_t kFlush = 0;
#endif

}  // namespace

FloatMode float_mode() {
#if defined(__x86_64__)
  return {_mm_getcsr() & ~kStatus};
#elif defined(__aarch64__)
  std::uint64_t control = 0;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  return {control};
#else
  return {};
#endif
}

void set_float_mode(FloatMode mode) {
#if defined(__x86_64__)
  _mm_setcsr((_mm_getcsr() & kStatus) | static_cast<unsigned>(mode.bits));
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" : : "r"(mode.bits));
#else
  static_cast<void>(mode);
#endif
}

void flush_denormals_on_this_thread() {
  set_float_mode({float_mode().bits | kFlush});
}

}  // namespace ludus
