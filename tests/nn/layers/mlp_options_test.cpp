#include "nn/layers/mlp_options.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ludus::nn {
namespace {

TEST(MlpOptions, RejectsNonPositiveWidthsAndNonFiniteGains) {
  const MlpOptions good{.inputs = 4, .hidden = {8}, .outputs = 2};
  EXPECT_NO_THROW(good.validate());

  MlpOptions bad = good;
  bad.inputs = 0;
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.hidden = {8, -1};
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.outputs = 0;
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.hidden_gain = std::numeric_limits<double>::infinity();
  EXPECT_THROW(bad.validate(), InvalidArgument);
  bad = good;
  bad.output_gain = std::nan("");
  EXPECT_THROW(bad.validate(), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
