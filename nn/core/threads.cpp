#include "nn/core/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <cstdint>
#include <string>

#include "base/error.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace ludus::nn {

void set_threads(int count) {
  if (count < 1) {
    throw InvalidArgument("the number of threads must be 1 or more, and here it is " + std::to_string(count));
  }
  at::set_num_threads(count);

  // Which BLAS is loaded is the system's choice, so that OpenBLAS is asked for by name and not linked.
  using SetThreads = void (*)(int);
  if (void* symbol = ::dlsym(RTLD_DEFAULT, "openblas_set_num_threads")) {
    reinterpret_cast<SetThreads>(symbol)(count);
  }
}

void use_single_thread() {
  set_threads(1);
  flush_denormals_on_this_thread();
}

int threads() {
  return at::get_num_threads();
}

void flush_denormals_on_this_thread() {
#if defined(__x86_64__)
  constexpr unsigned kDenormalsAreZero = 0x0040;  // operands; bit 6 of MXCSR (Intel SDM vol. 1, 10.2.3)
  constexpr unsigned kFlushToZero = 0x8000;       // results; bit 15
  _mm_setcsr(_mm_getcsr() | kDenormalsAreZero | kFlushToZero);
#elif defined(__aarch64__)
  constexpr std::uint64_t kFlushToZero = std::uint64_t{1} << 24;  // operands and results; bit FZ of FPCR
  std::uint64_t control = 0;
  asm volatile("mrs %0, fpcr" : "=r"(control));
  asm volatile("msr fpcr, %0" : : "r"(control | kFlushToZero));
#endif
}

}  // namespace ludus::nn
