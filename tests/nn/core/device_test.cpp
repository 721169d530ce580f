#include "nn/core/device.h"

#include <gtest/gtest.h>

#include "nn/core/torch_compat.h"

namespace ludus::nn {
namespace {

TEST(Device, CpuIsAlwaysAvailable) {
  const Device device = parse_device("cpu");
  EXPECT_FALSE(device.cuda);
  EXPECT_EQ(device.to_string(), "cpu");
  EXPECT_TRUE(to_torch(device).is_cpu());
  EXPECT_EQ(from_torch(to_torch(device)), device);
}

TEST(Device, AutoPrefersAGpu) {
  EXPECT_EQ(parse_device("auto").cuda, cuda_device_count() > 0);
}

TEST(Device, RejectsMissingGpus) {
  const int count = cuda_device_count();
  EXPECT_THROW(parse_device("cuda:" + std::to_string(count)), InvalidArgument);
  if (count == 0) {
    EXPECT_THROW(parse_device("cuda"), InvalidArgument);
  } else {
    EXPECT_EQ(parse_device("cuda"), (Device{.cuda = true, .index = 0}));
    EXPECT_EQ(parse_device(parse_device("cuda").to_string()), parse_device("cuda"));
  }
}

TEST(Device, ConvertsToAndFromTorch) {
  const Device third{.cuda = true, .index = 2};
  EXPECT_EQ(third.to_string(), "cuda:2");
  EXPECT_EQ(to_torch(third).str(), "cuda:2");
  EXPECT_EQ(from_torch(to_torch(third)), third);
}

TEST(Device, RejectsOtherNamesWithTheAllowedOnes) {
  for (const char* word : {"", "gpu", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "cuda:99999999999", "cpu:0"}) {
    try {
      parse_device(word);
      ADD_FAILURE() << "\"" << word << "\" was accepted";
    } catch (const InvalidArgument& error) {
      EXPECT_NE(std::string(error.what()).find("auto"), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace ludus::nn
