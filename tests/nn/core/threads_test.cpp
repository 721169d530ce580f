#include "nn/core/threads.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/error.h"

namespace ludus::nn {
namespace {

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

}  // namespace
}  // namespace ludus::nn
