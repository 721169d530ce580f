#include "nn/core/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include "base/error.h"
#include "base/float_mode.h"
#include "base/format.h"

namespace ludus::nn {

void set_threads(int count) {
  if (count < 1) {
    throw InvalidArgument(formatted("threads must be positive, got {}", count));
  }
  at::set_num_threads(count);

  // The system selects the BLAS: OpenBLAS is looked up by name and not linked.
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

}  // namespace ludus::nn
