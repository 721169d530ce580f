#include "runs/units.h"

#include <gtest/gtest.h>

namespace ludus::runs {
namespace {

TEST(Units, BytesInReadableUnits) {
  EXPECT_EQ(bytes_text(512), "0.5 KiB");
  EXPECT_EQ(bytes_text(4.6 * 1024 * 1024), "4.6 MiB");
  EXPECT_EQ(bytes_text(1023.96 * 1024 * 1024), "1.0 GiB");
  EXPECT_EQ(bytes_text(3e30).find("PiB"), bytes_text(3e30).size() - 3);
}

TEST(Units, DurationsInReadableUnits) {
  EXPECT_EQ(duration_text(-1), "0 s");
  EXPECT_EQ(duration_text(11.2), "12 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(2 * 3600 + 5 * 60 + 59), "2 h 5 min");
}

}  // namespace
}  // namespace ludus::runs
