#include "base/size_limit.h"

#include <gtest/gtest.h>

#include "base/array.h"

namespace ludus {
namespace {

TEST(SizeLimit, CountsWhatIsAllocatedWhileItLives) {
  EXPECT_NO_THROW(SizeLimit::require(1e18));  // no limit
  {
    const SizeLimit limit("policy.safetensors", 1e6);
    EXPECT_NO_THROW(SizeLimit::require(6e5));
    {
      const SizeLimit inner("inner.safetensors", 1e9);
      EXPECT_NO_THROW(SizeLimit::require(6e5));
    }
    EXPECT_NO_THROW(SizeLimit::require(1000));  // too small to be counted
    try {
      SizeLimit::require(6e5);
      FAIL();
    } catch (const TooLarge& error) {
      EXPECT_NE(std::string(error.what()).find("policy.safetensors"), std::string::npos);
    }
    EXPECT_THROW(Array(DType::kFloat64, Shape{1 << 20}), TooLarge);
  }
  EXPECT_NO_THROW(Array(DType::kFloat64, Shape{1 << 20}));
}

}  // namespace
}  // namespace ludus
