// How many threads the arithmetic uses. This header does not include torch.
#pragma once

namespace ludus::nn {

// Lets torch and, where it is loaded, OpenBLAS use `count` threads for one operation, from now on and on every
// thread. Throws InvalidArgument unless count >= 1.
void set_threads(int count);

// The default of every program of ludus: one thread for torch and BLAS alike, and denormals flushed on the calling
// thread. Small networks lose a factor of 3 with two threads, and of 25 to 50 when another process wants the processor.
void use_single_thread();

// How many threads torch uses for one operation.
int threads();

}  // namespace ludus::nn
