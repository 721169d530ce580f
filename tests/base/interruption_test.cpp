#include "base/interruption.h"

#include <gtest/gtest.h>

#include <thread>

namespace ludus {
namespace {

TEST(InterruptionScope, GivesUpWorkThatLastsLongerThanItsPatience) {
  EXPECT_NO_THROW(InterruptionScope::poll());  // outside of a scope
  bool interrupted = false;
  const std::function<bool()> ask = [&] { return interrupted; };
  {
    const InterruptionScope scope(ask);
    EXPECT_NO_THROW(InterruptionScope::poll());
    interrupted = true;
    EXPECT_NO_THROW(InterruptionScope::poll());  // short work is finished
    std::this_thread::sleep_for(InterruptionScope::kPatience);
    EXPECT_THROW(InterruptionScope::poll(), Interrupted);
  }
  EXPECT_NO_THROW(InterruptionScope::poll());
}

}  // namespace
}  // namespace ludus
