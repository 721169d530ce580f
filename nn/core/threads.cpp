#include "nn/core/threads.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <string>

#include "base/error.h"
#include "base/float_mode.h"

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

}  // namespace ludus::nn
