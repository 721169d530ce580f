#include "nn/model/graph_nodes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ludus::nn {
namespace {

TEST(GraphNodes, HaveScopesShapesAndSettings) {
  Description description;
  const std::string input = description.add_input("image", Shape{3, kFree, kFree});
  const std::string features =
      description.add(layers::Conv2d{.out_channels = 4, .padding = Padding::same()}, {input}, "features.0");
  description.outputs = {description.add(layers::GlobalAveragePool{}, {features}, "head.pool")};
  const std::vector<runs::GraphNode> nodes = graph_nodes(description);
  ASSERT_EQ(nodes.size(), 3u);
  EXPECT_EQ(nodes[0].output_shape, (std::vector<std::int64_t>{-1, 3, -1, -1}));
  EXPECT_EQ(nodes[1].name, "features/0");
  EXPECT_EQ(nodes[1].op, "conv2d");
  const auto has = [&](const char* name, const char* value) {
    return std::find(nodes[1].attributes.begin(), nodes[1].attributes.end(),
                     std::pair<std::string, std::string>(name, value)) != nodes[1].attributes.end();
  };
  EXPECT_TRUE(has("out_channels", "4"));
  EXPECT_TRUE(has("padding", "same"));
  EXPECT_EQ(nodes[2].inputs, (std::vector<std::string>{"features/0"}));
  EXPECT_EQ(nodes[2].output_shape, (std::vector<std::int64_t>{-1, 4}));
}

}  // namespace
}  // namespace ludus::nn
