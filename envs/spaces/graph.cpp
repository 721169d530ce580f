#include "envs/spaces/graph.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/batch.h"
#include "envs/spaces/element.h"
#include "envs/spaces/parts.h"

namespace ludus::envs {
namespace {

constexpr std::int64_t kDefaultNodes = 10;

void check_kind(const Space& space) {
  if (space.kind() == "Box" || space.kind() == "Discrete") return;
  throw InvalidArgument(
      formatted("the node and edge spaces of a Graph space must be Box or Discrete, got {}", space.to_string()));
}

SpacePtr clone_or_null(const SpacePtr& space) {
  return space ? space->clone() : nullptr;
}

}  // namespace

Graph::Graph(SpacePtr node_space, SpacePtr edge_space)
    : node_space_(std::move(node_space)), edge_space_(std::move(edge_space)) {
  if (!node_space_) throw InvalidArgument("a Graph space must have a node space, got a null pointer");
  check_kind(*node_space_);
  if (edge_space_) check_kind(*edge_space_);
}

Graph::Graph(const Graph& other)
    : Space(other), node_space_(other.node_space_->clone()), edge_space_(clone_or_null(other.edge_space_)) {}

Graph& Graph::operator=(const Graph& other) {
  if (this == &other) return *this;
  Space::operator=(other);
  node_space_ = other.node_space_->clone();
  edge_space_ = clone_or_null(other.edge_space_);
  return *this;
}

Value Graph::seed(std::uint64_t seed) {
  Space::seed(seed);
  const auto seeds = draw_seeds(generator(), edge_space_ ? 2 : 1);
  Value seed_used = Space::seed(seed);  // the inner seeds do not affect this space's stream
  Value of_nodes = node_space_->seed(seeds[0]);
  if (!edge_space_) return List{std::move(seed_used), std::move(of_nodes)};
  return List{std::move(seed_used), std::move(of_nodes), edge_space_->seed(seeds[1])};
}

Value Graph::seed_with(const Value& seeds) {
  if (!seeds.is_list()) return Space::seed_with(seeds);
  const List& list = checked_seeds(seeds, edge_space_ ? 3 : 2, *this);
  List used{Space::seed(checked_seed(list[0])), node_space_->seed_with(list[1])};
  if (edge_space_) used.push_back(edge_space_->seed_with(list[2]));
  return used;
}

SpacePtr Graph::clone() const {
  return std::make_unique<Graph>(*this);
}

Value Graph::sample_batch(const Space& space, std::int64_t n, const Value* mask, const Value* probability) {
  // the batch continues this space's stream
  const SpacePtr batch = batch_space(space, n);
  batch->set_generator(generator());
  Value sample = batch->sample_from(mask, probability);
  generator() = batch->generator();
  return sample;
}

Value Graph::sample_sized(std::int64_t num_nodes, std::optional<std::int64_t> num_edges, const Value* mask,
                          const Value* probability) {
  if (num_nodes <= 0) throw InvalidArgument(formatted("a graph must have at least one node, got {}", num_nodes));
  if (num_edges && *num_edges < 0) {
    throw InvalidArgument(formatted("the number of edges must not be negative, got {}", *num_edges));
  }

  const Value* of_nodes = nullptr;
  const Value* of_edges = nullptr;
  if (const Value* restriction = mask ? mask : probability) {
    if (!restriction->is_list() || restriction->as_list().size() != 2) {
      throw InvalidArgument(
          formatted("a mask or probability of a Graph space must be a list of two, for nodes and edges, got {}",
                    restriction->describe()));
    }
    of_nodes = unless_null(restriction->as_list()[0]);
    of_edges = unless_null(restriction->as_list()[1]);
  }

  // a sampled number of edges uses one mask for all edges
  Value repeated;
  if (!num_edges) {
    num_edges = num_nodes > 1 ? generator().integers(num_nodes * (num_nodes - 1)) : 0;
    if (of_edges) {
      repeated = List(static_cast<std::size_t>(*num_edges), *of_edges);
      of_edges = &repeated;
    }
  }

  Dict graph{{"nodes", sample_batch(*node_space_, num_nodes, mask ? of_nodes : nullptr, mask ? nullptr : of_nodes)},
             {"edges", Value()},
             {"edge_links", Value()}};
  if (edge_space_ && *num_edges > 0) {
    graph["edges"] = sample_batch(*edge_space_, *num_edges, mask ? of_edges : nullptr, mask ? nullptr : of_edges);
    graph["edge_links"] = generator().integers_array(0, num_nodes - 1, Shape{*num_edges, 2}, DType::kInt32);
  }
  return graph;
}

Value Graph::sample_from(const Value* mask, const Value* probability) {
  return sample_sized(kDefaultNodes, {}, mask, probability);
}

bool Graph::contains(const Value& value) const {
  if (!value.is_dict() || value.as_dict().size() != 3) return false;
  const Value* nodes = value.as_dict().find("nodes");
  const Value* edges = value.as_dict().find("edges");
  const Value* links = value.as_dict().find("edge_links");
  if (!nodes || !edges || !links || !nodes->is_array() || nodes->as_array().shape().rank() == 0) return false;

  const auto all_inside = [](const Space& space, const Value& batch) {
    try {
      return std::ranges::all_of(iterate(space, batch), [&](const Value& x) { return space.contains(x); });
    } catch (const InvalidArgument&) {
      return false;  // not a batch of that space
    }
  };
  if (!all_inside(*node_space_, *nodes)) return false;
  if (edges->is_null() && links->is_null()) return true;
  if (!edge_space_ || !edges->is_array() || !links->is_array()) return false;
  if (!all_inside(*edge_space_, *edges)) return false;

  // every link must connect two existing nodes
  const Array& pairs = links->as_array();
  if (is_floating(pairs.dtype()) || pairs.dtype() == DType::kBool) return false;
  if (pairs.shape() != Shape{edges->as_array().shape()[0], 2}) return false;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const std::int64_t node = integer_at(pairs, i);
    if (node < 0 || node >= nodes->as_array().shape()[0]) return false;
  }
  return true;
}

Dict Graph::to_spec() const {
  Dict spec{{"type", kind()}, {"node_space", node_space_->to_spec()}, {"edge_space", Value()}};
  if (edge_space_) spec["edge_space"] = edge_space_->to_spec();
  return spec;
}

SpacePtr Graph::from_spec(const Dict& spec) {
  const Value* edges = spec.find("edge_space");
  return std::make_unique<Graph>(spec_space(spec_field(spec, "node_space")),
                                 edges && !edges->is_null() ? spec_space(*edges) : nullptr);
}

std::string Graph::to_string() const {
  return formatted("Graph({}, {})", node_space_->to_string(), edge_space_ ? edge_space_->to_string() : "None");
}

std::size_t Graph::flat_size() const {
  check_flattenable(*this);
  return 0;
}

void Graph::flatten(const Value&, std::span<double>) const {
  check_flattenable(*this);
}

Value Graph::unflatten(std::span<const double>) const {
  check_flattenable(*this);
  return {};
}

SpacePtr Graph::flattened() const {
  check_flattenable(*this);
  return nullptr;
}

}  // namespace ludus::envs
