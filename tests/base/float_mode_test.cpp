#include "base/float_mode.h"

#include <gtest/gtest.h>

#include <cfenv>
#include <limits>
#include <thread>

namespace ludus {
namespace {

#if defined(__x86_64__) || defined(__aarch64__)

// half of the smallest normal float is a denormal, unless denormals are flushed
bool denormals_are_flushed() {
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float half = smallest * 0.5f;
  return half == 0.0f;
}

TEST(FloatMode, DenormalsAreFlushedOnTheThreadThatAsks) {
  bool before = true, after = false;
  std::thread([&] {
    std::fesetenv(FE_DFL_ENV);  // a new thread inherits the mode of its creator
    before = denormals_are_flushed();
    flush_denormals_on_this_thread();
    after = denormals_are_flushed();
  }).join();
  EXPECT_FALSE(before);
  EXPECT_TRUE(after);
}

TEST(FloatMode, OfOneThreadCanBeTakenOverByAnother) {
  FloatMode flushing;
  std::thread([&] {
    flush_denormals_on_this_thread();
    std::fesetround(FE_UPWARD);
    flushing = float_mode();
  }).join();
  bool flushed = false, upward = false, same = false;
  std::thread([&] {
    std::fesetenv(FE_DFL_ENV);
    set_float_mode(flushing);
    flushed = denormals_are_flushed();
    volatile float one = 1.0f, tiny = 1e-20f;
    upward = one + tiny > 1.0f;
    same = float_mode() == flushing;
  }).join();
  EXPECT_TRUE(flushed);
  EXPECT_TRUE(upward);
  EXPECT_TRUE(same);
}

#endif

}  // namespace
}  // namespace ludus
