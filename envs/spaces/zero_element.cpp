#include "envs/spaces/zero_element.h"

#include <algorithm>

#include "base/format.h"
#include "envs/spaces/batch.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/graph.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/one_of.h"
#include "envs/spaces/sequence.h"
#include "envs/spaces/text.h"
#include "envs/spaces/tuple.h"

namespace ludus::envs {
namespace {

Array nearest_to_zero(const Box& box) {
  Array zero(box.dtype(), box.shape());
  dispatch(box.dtype(), [&](auto none) {
    using T = decltype(none);
    const auto low = box.low().data<T>(), high = box.high().data<T>();
    const auto out = zero.data<T>();
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::clamp(T{}, low[i], high[i]);
  });
  return zero;
}

Value one_node(const Graph& graph) {
  Dict zero{{"nodes", zero_element(*batch_space(graph.node_space(), 1))}, {"edges", Value()}, {"edge_links", Value()}};
  if (graph.edge_space()) {
    zero["edges"] = zero_element(*batch_space(*graph.edge_space(), 1));
    zero["edge_links"] = Array(DType::kInt64, Shape{1, 2});
  }
  return zero;
}

}  // namespace

Value zero_element(const Space& space) {
  if (const auto* box = dynamic_cast<const Box*>(&space)) return nearest_to_zero(*box);
  if (const auto* discrete = dynamic_cast<const Discrete*>(&space)) return discrete->start();
  if (const auto* multi = dynamic_cast<const MultiDiscrete*>(&space)) return multi->start().cast(multi->dtype());
  if (const auto* bits = dynamic_cast<const MultiBinary*>(&space)) return Array(DType::kInt8, bits->shape());
  if (const auto* tuple = dynamic_cast<const Tuple*>(&space)) {
    List parts;
    for (std::size_t i = 0; i < tuple->size(); ++i) parts.push_back(zero_element(tuple->at(i)));
    return parts;
  }
  if (const auto* dict = dynamic_cast<const DictSpace*>(&space)) {
    Dict parts;
    for (const std::string& key : dict->keys()) parts[key] = zero_element(dict->at(key));
    return parts;
  }
  if (const auto* sequence = dynamic_cast<const Sequence*>(&space)) {
    return sequence->stack() ? zero_element(*batch_space(sequence->feature_space(), 1)) : Value(List{});
  }
  if (const auto* text = dynamic_cast<const TextSpace*>(&space)) {
    std::string shortest;
    for (std::int64_t i = 0; i < text->min_length(); ++i) shortest += text->characters().front();
    return shortest;
  }
  if (const auto* graph = dynamic_cast<const Graph*>(&space)) return one_node(*graph);
  if (const auto* one_of = dynamic_cast<const OneOf*>(&space)) return List{0, zero_element(one_of->at(0))};
  throw InvalidArgument(formatted("the space {} has no known zero element", space.to_string()));
}

}  // namespace ludus::envs
