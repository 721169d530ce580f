// The Graph space: nodes and edges.
#pragma once

#include <optional>

#include "envs/spaces/space.h"

namespace ludus::envs {

/// Elements are dictionaries of `nodes` (n x node shape), `edges` (m x edge shape, or null) and `edge_links` (m x 2
/// node indices, or null). The node and edge spaces are Box or Discrete. Masks and probabilities are lists [for the
/// batch of nodes, for one edge], with null entries for none.
class Graph : public Space {
 public:
  /// `edge_space` is null for a graph without edges. Throws InvalidArgument for another kind of space.
  explicit Graph(SpacePtr node_space, SpacePtr edge_space = nullptr);
  Graph(const Graph& other);
  Graph& operator=(const Graph& other);

  Space& node_space() { return *node_space_; }
  const Space& node_space() const { return *node_space_; }
  const Space* edge_space() const { return edge_space_.get(); }
  static SpacePtr from_spec(const Dict& spec);

  /// Samples a graph with this number of nodes (10 in sample()). Without `num_edges`, the number of edges is sampled
  /// below n (n - 1). With `num_edges`, the mask of the edges is a list with one entry per edge. Throws InvalidArgument
  /// unless num_nodes > 0 and num_edges >= 0.
  Value sample_sized(std::int64_t num_nodes, std::optional<std::int64_t> num_edges = {}, const Value* mask = nullptr,
                     const Value* probability = nullptr);

  /// Returns the list of this space's seed and the sampled seeds of the node and edge spaces.
  Value seed(std::uint64_t seed) override;
  /// Accepts a list of those two or three seeds.
  Value seed_with(const Value& seeds) override;

  SpacePtr clone() const override;
  bool contains(const Value& value) const override;
  std::string kind() const override { return "Graph"; }
  Dict to_spec() const override;
  std::string to_string() const override;
  /// A graph has no fixed size: these throw InvalidArgument.
  bool is_flattenable() const override { return false; }
  std::size_t flat_size() const override;
  void flatten(const Value& value, std::span<double> out) const override;
  Value unflatten(std::span<const double> flat) const override;
  SpacePtr flattened() const override;

 protected:
  Value sample_from(const Value* mask, const Value* probability) override;

 private:
  Value sample_batch(const Space& space, std::int64_t n, const Value* mask, const Value* probability);

  SpacePtr node_space_;
  SpacePtr edge_space_;
};

}  // namespace ludus::envs
