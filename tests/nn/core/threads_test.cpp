#include "nn/core/threads.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"

namespace ludus::nn {
namespace {

TEST(Threads, SingleThreadOnEveryThread) {
  set_threads(2);
  EXPECT_EQ(threads(), 2);
  use_single_thread();
  EXPECT_EQ(threads(), 1);
  int on_other_thread = 0;
  std::thread([&] { on_other_thread = threads(); }).join();
  EXPECT_EQ(on_other_thread, 1);
}

TEST(Threads, RejectsLessThanOne) {
  EXPECT_THROW(set_threads(0), InvalidArgument);
  EXPECT_THROW(set_threads(-3), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
