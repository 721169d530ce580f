#include "envs/spaces/graph.h"

#include <gtest/gtest.h>

#include <vector>

namespace ludus::envs {
namespace {

Graph points_with_coloured_edges() {
  return Graph(std::make_unique<Box>(-100, 100, Shape{3}), std::make_unique<Discrete>(3));
}

TEST(Graph, SamplesAsInGymnasiumsDocumentation) {
  Graph space = points_with_coloured_edges();
  space.seed(123);
  const Value sample = space.sample_sized(4, 8);
  const std::vector<float> nodes{36.47037F, -89.235794F, -55.928024F, -63.125637F, -64.81882F, 62.4189F,
                                 84.669F,   -44.68512F,  63.950912F,  77.97854F,   2.594091F,  -51.00708F};
  const Array& drawn = sample.as_dict().at("nodes").as_array();
  ASSERT_EQ(drawn.shape(), (Shape{4, 3}));
  for (std::size_t i = 0; i < nodes.size(); ++i) EXPECT_FLOAT_EQ(drawn.data<float>()[i], nodes[i]);
  EXPECT_EQ(sample.as_dict().at("edges"), Value(Array::of<std::int64_t>({2, 0, 2, 1, 2, 0, 2, 1})));
  EXPECT_EQ(sample.as_dict().at("edge_links"),
            Value(Array::of<std::int32_t>({3, 0, 0, 0, 0, 1, 0, 2, 1, 0, 1, 0, 0, 1, 0, 2}).reshaped(Shape{8, 2})));
}

TEST(Graph, DrawsTheNumberOfEdgesFirst) {
  Graph space = points_with_coloured_edges();
  space.seed(5);
  Generator random(5);
  const std::int64_t edges = random.integers(10 * 9);
  const Value sample = space.sample();
  EXPECT_EQ(sample.as_dict().at("nodes").as_array().shape(), (Shape{10, 3}));
  EXPECT_EQ(sample.as_dict().at("edges").as_array().shape(), (Shape{edges}));
}

TEST(Graph, HasNoEdgesWithoutTheirSpaceOrAPartner) {
  Graph lonely = points_with_coloured_edges();
  const Value one = lonely.sample_sized(1);
  EXPECT_TRUE(one.as_dict().at("edges").is_null());
  EXPECT_TRUE(lonely.contains(one));
  Graph bare(std::make_unique<Discrete>(2));
  const Value nodes_only = bare.sample();
  EXPECT_TRUE(nodes_only.as_dict().at("edge_links").is_null());
  EXPECT_TRUE(bare.contains(nodes_only));
  EXPECT_THROW(bare.sample_sized(0), InvalidArgument);
  EXPECT_THROW(bare.sample_sized(2, -1), InvalidArgument);
}

TEST(Graph, ContainsLinksBetweenNodesThatExist) {
  const Graph space(std::make_unique<Discrete>(3, 5), std::make_unique<Discrete>(2));
  Dict graph{{"nodes", Array::of<std::int64_t>({5, 7})},
             {"edges", Array::of<std::int64_t>({1})},
             {"edge_links", Array::of<std::int32_t>({0, 1}).reshaped(Shape{1, 2})}};
  EXPECT_TRUE(space.contains(graph));
  graph["edge_links"] = Array::of<std::int32_t>({0, 2}).reshaped(Shape{1, 2});
  EXPECT_FALSE(space.contains(graph));
  graph["edge_links"] = Array::of<std::int32_t>({0, 1});
  EXPECT_FALSE(space.contains(graph));
  graph["edge_links"] = Value();
  EXPECT_FALSE(space.contains(graph));
  graph["edges"] = Value();
  EXPECT_TRUE(space.contains(graph));
  graph["nodes"] = Array::of<std::int64_t>({5, 8});
  EXPECT_FALSE(space.contains(graph));
}

TEST(Graph, RepeatsTheMaskOfOneEdgeForAll) {
  Graph space(std::make_unique<Box>(0, 1, Shape{1}), std::make_unique<Discrete>(3));
  space.seed(1);
  const Value last = Array::of<std::int8_t>({0, 0, 1});
  const Value sample = space.sample_masked(List{Value(), last});
  for (std::size_t i = 0; i < sample.as_dict().at("edges").as_array().size(); ++i) {
    EXPECT_EQ(sample.as_dict().at("edges").as_array().get(i), 2);
  }
  EXPECT_GT(sample.as_dict().at("edges").as_array().size(), 0U);
  EXPECT_THROW(space.sample_masked(List{last, Value()}), InvalidArgument);  // the node space is a Box
}

TEST(Graph, IsMadeOfBoxesAndDiscretes) {
  EXPECT_THROW(Graph(std::make_unique<Graph>(std::make_unique<Discrete>(2))), InvalidArgument);
  EXPECT_THROW(Graph(nullptr), InvalidArgument);
}

TEST(Graph, SeedsItsInnerSpaces) {
  Graph space = points_with_coloured_edges();
  EXPECT_EQ(space.seed(1).as_list().size(), 3U);
  EXPECT_EQ(space.seed_with(List{1, 2, 3}), Value(List{1, 2, 3}));
  EXPECT_THROW(space.seed_with(List{1, 2}), InvalidArgument);
  EXPECT_EQ(Graph(std::make_unique<Discrete>(2)).seed(1).as_list().size(), 2U);
}

TEST(Graph, PrintsAsInGymnasium) {
  EXPECT_EQ(points_with_coloured_edges().to_string(), "Graph(Box(-100.0, 100.0, (3,), float32), Discrete(3))");
  EXPECT_EQ(Graph(std::make_unique<Discrete>(2)).to_string(), "Graph(Discrete(2), None)");
}

}  // namespace
}  // namespace ludus::envs
