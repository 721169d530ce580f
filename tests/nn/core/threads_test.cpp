#include "nn/core/threads.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <limits>
#include <thread>

#include "base/error.h"

namespace ludus::nn {
namespace {

// the smallest normal float halved is a denormal, unless such are flushed
bool denormals_are_flushed() {
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float half = smallest * 0.5f;
  return half == 0.0f;
}

TEST(Threads, OneThreadIsSetEverywhere) {
  set_threads(2);
  EXPECT_EQ(threads(), 2);
  use_single_thread();
  EXPECT_EQ(threads(), 1);
  int elsewhere = 0;
  std::thread([&] { elsewhere = threads(); }).join();
  EXPECT_EQ(elsewhere, 1);
}

TEST(Threads, LessThanOneIsRefused) {
  EXPECT_THROW(set_threads(0), InvalidArgument);
  EXPECT_THROW(set_threads(-3), InvalidArgument);
}

#if defined(__x86_64__) || defined(__aarch64__)
TEST(Threads, DenormalsAreFlushedOnTheThreadThatAsks) {
  bool before = true, after = false;
  std::thread([&] {
    std::fesetenv(FE_DFL_ENV);  // a thread begins with the setting of the one that started it
    before = denormals_are_flushed();
    flush_denormals_on_this_thread();
    after = denormals_are_flushed();
  }).join();
  EXPECT_FALSE(before);
  EXPECT_TRUE(after);
}
#endif

}  // namespace
}  // namespace ludus::nn
