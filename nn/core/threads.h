// The number of threads per operation. This header does not include torch.
#pragma once

namespace ludus::nn {

/// Sets the number of threads that torch and, if loaded, OpenBLAS use per operation, for all threads. Throws
/// InvalidArgument unless count >= 1.
void set_threads(int count);

/// Applies the defaults of all ludus programs: one thread for torch and BLAS, and denormals flushed on the calling
/// thread. Small networks are 3 times slower with two threads, 25 to 50 times if another process competes for the CPU.
void use_single_thread();

/// Returns the number of threads that torch uses per operation.
int threads();

}  // namespace ludus::nn
