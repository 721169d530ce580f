// Compiles a function twice, for any x86-64 CPU and for CPUs with AVX2; the program selects one at startup. Neither
// version contracts multiplications and additions, so that both give the same bits.
#pragma once

// Sanitizers start before the selection, so sanitized builds get one version.
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define LUDUS_VECTOR_CLONES __attribute__((noinline, target_clones("avx2", "default")))
#else
#define LUDUS_VECTOR_CLONES __attribute__((noinline))
#endif
