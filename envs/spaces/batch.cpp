#include "envs/spaces/batch.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/element.h"
#include "envs/spaces/graph.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/parts.h"
#include "envs/spaces/sequence.h"
#include "envs/spaces/text.h"
#include "envs/spaces/tuple.h"

namespace ludus::envs {
namespace {

[[noreturn]] void throw_wrong_item(const Space& space, const Value& item) {
  throw InvalidArgument(
      formatted("an item of a batch of {} must be an element of it, got {}", space.to_string(), item.describe()));
}

// Stacks n copies of `array` along a new first axis.
Array repeated(const Array& array, std::int64_t n) {
  Array result(array.dtype(), array.shape().prepended(n));
  const auto out = result.bytes();
  const auto once = array.bytes();
  for (std::size_t offset = 0; offset < out.size(); offset += once.size()) {
    std::ranges::copy(once, out.subspan(offset, once.size()).begin());
  }
  return result;
}

SpacePtr batch_of_copies(const Space& space, std::int64_t n) {
  std::vector<SpacePtr> copies;
  for (std::int64_t i = 0; i < n; ++i) copies.push_back(space.clone());
  auto batch = std::make_unique<Tuple>(std::move(copies));
  constexpr std::int64_t kSeeds = 100'000'000;  // the value in Gymnasium
  if (space.seeded_generator()) {
    Generator random = *space.seeded_generator();
    for (std::size_t i = 0; i < batch->size(); ++i) {
      batch->at(i).seed(static_cast<std::uint64_t>(random.integers(kSeeds)));
    }
  }
  return batch;
}

SpacePtr unseeded_batch(const Space& space, std::int64_t n) {
  if (const auto* box = dynamic_cast<const Box*>(&space)) {
    return std::make_unique<Box>(repeated(box->low(), n), repeated(box->high(), n));
  }
  if (const auto* discrete = dynamic_cast<const Discrete*>(&space)) {
    return std::make_unique<MultiDiscrete>(repeated(Array::scalar(discrete->n()), n),
                                           repeated(Array::scalar(discrete->start()), n), discrete->dtype());
  }
  if (const auto* multi = dynamic_cast<const MultiDiscrete*>(&space)) {
    Array last = multi->start();
    for (std::size_t i = 0; i < last.size(); ++i) {
      last.data<std::int64_t>()[i] += multi->nvec().data<std::int64_t>()[i] - 1;
    }
    return std::make_unique<Box>(repeated(multi->start().cast(multi->dtype()), n),
                                 repeated(last.cast(multi->dtype()), n));
  }
  if (const auto* bits = dynamic_cast<const MultiBinary*>(&space)) {
    return std::make_unique<Box>(0, 1, bits->shape().prepended(n), DType::kInt8);
  }
  if (const auto* tuple = dynamic_cast<const Tuple*>(&space)) {
    std::vector<SpacePtr> parts;
    for (std::size_t i = 0; i < tuple->size(); ++i) parts.push_back(batch_space(tuple->at(i), n));
    return std::make_unique<Tuple>(std::move(parts));
  }
  if (const auto* dict = dynamic_cast<const DictSpace*>(&space)) {
    std::vector<DictSpace::Part> parts;
    for (const std::string& key : dict->keys()) parts.emplace_back(key, batch_space(dict->at(key), n));
    return std::make_unique<DictSpace>(std::move(parts), DictSpace::KeyOrder::kAsGiven);
  }
  return batch_of_copies(space, n);
}

Array concatenate_arrays(const Space& space, const ElementForm& form, std::span<const Value> items) {
  Array batch(form.dtype, form.shape.prepended(static_cast<std::int64_t>(items.size())));
  const std::size_t bytes = form.shape.elements() * size_of(form.dtype);
  std::size_t offset = 0;
  for (const Value& item : items) {
    Array array = item.is_int() ? Array::scalar(item.as_int()) : item.is_array() ? item.as_array() : Array();
    const bool fits = can_cast(array.dtype(), form.dtype) || (item.is_int() && space.contains(item));
    if (array.shape() != form.shape || !fits) {
      throw_wrong_item(space, item);
    }
    if (array.dtype() != form.dtype) array = array.cast(form.dtype);
    std::ranges::copy(array.bytes(), batch.bytes().subspan(offset, bytes).begin());
    offset += bytes;
  }
  return batch;
}

List iterate_array(const Space& space, const ElementForm& form, const Value& batch) {
  if (!batch.is_array() || batch.as_array().shape().rank() != form.shape.rank() + 1 ||
      !std::equal(form.shape.begin(), form.shape.end(), batch.as_array().shape().begin() + 1)) {
    throw InvalidArgument(formatted("a batch of {} must be an array of shape (n, ...) of its elements, got {}",
                                    space.to_string(), batch.describe()));
  }
  const Array& array = batch.as_array();
  const std::size_t bytes = form.shape.elements() * size_of(array.dtype());
  const bool discrete = space.kind() == "Discrete";
  List items;
  for (std::int64_t i = 0; i < array.shape()[0]; ++i) {
    Array item(array.dtype(), form.shape);
    std::ranges::copy(array.bytes().subspan(static_cast<std::size_t>(i) * bytes, bytes), item.bytes().begin());
    const auto integer = discrete ? integer_of(item) : std::nullopt;
    items.push_back(integer ? Value(*integer) : Value(std::move(item)));
  }
  return items;
}

// Returns the elements of every part; all parts must have the same number of them.
std::vector<List> iterate_parts(const Space& space, const std::vector<const Space*>& parts,
                                const std::vector<const Value*>& batches) {
  std::vector<List> columns;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    columns.push_back(iterate(*parts[i], *batches[i]));
    if (columns[i].size() != columns[0].size()) {
      throw InvalidArgument(formatted("the parts of a batch of {} must have equal sizes, got {} and {}",
                                      space.to_string(), columns[0].size(), columns[i].size()));
    }
  }
  return columns;
}

}  // namespace

SpacePtr batch_space(const Space& space, std::int64_t n) {
  if (n <= 0) throw InvalidArgument(formatted("a batch must have at least one element, got {}", n));
  SpacePtr batch = unseeded_batch(space, n);
  batch->set_generator(space.seeded_generator());
  return batch;
}

Value concatenate(const Space& space, std::span<const Value> items) {
  if (const auto form = array_form(space)) return concatenate_arrays(space, *form, items);
  if (const auto* tuple = dynamic_cast<const Tuple*>(&space)) {
    List batch;
    for (std::size_t i = 0; i < tuple->size(); ++i) {
      List column;
      for (const Value& item : items) {
        if (!item.is_list() || item.as_list().size() != tuple->size()) throw_wrong_item(space, item);
        column.push_back(item.as_list()[i]);
      }
      batch.push_back(concatenate(tuple->at(i), column));
    }
    return batch;
  }
  if (const auto* dict = dynamic_cast<const DictSpace*>(&space)) {
    Dict batch;
    for (const std::string& key : dict->keys()) {
      List column;
      for (const Value& item : items) {
        const Value* part = item.is_dict() ? item.as_dict().find(key) : nullptr;
        if (!part) throw_wrong_item(space, item);
        column.push_back(*part);
      }
      batch[key] = concatenate(dict->at(key), column);
    }
    return batch;
  }
  return List(items.begin(), items.end());
}

List iterate(const Space& space, const Value& batch) {
  if (const auto form = array_form(space)) return iterate_array(space, *form, batch);
  std::vector<const Space*> parts;
  std::vector<const Value*> batches;

  if (const auto* tuple = dynamic_cast<const Tuple*>(&space)) {
    if (!batch.is_list() || batch.as_list().size() != tuple->size()) {
      throw InvalidArgument(formatted("a batch of {} must be a list of the batches of its parts, got {}",
                                      space.to_string(), batch.describe()));
    }
    for (std::size_t i = 0; i < tuple->size(); ++i) {
      parts.push_back(&tuple->at(i));
      batches.push_back(&batch.as_list()[i]);
    }
    const auto columns = iterate_parts(space, parts, batches);
    List items;
    for (std::size_t k = 0; !columns.empty() && k < columns[0].size(); ++k) {
      List item;
      for (const List& column : columns) item.push_back(column[k]);
      items.emplace_back(std::move(item));
    }
    return items;
  }

  if (const auto* dict = dynamic_cast<const DictSpace*>(&space)) {
    for (const std::string& key : dict->keys()) {
      const Value* part = batch.is_dict() ? batch.as_dict().find(key) : nullptr;
      if (!part || batch.as_dict().size() != dict->size()) {
        throw InvalidArgument(formatted("a batch of {} must be a dictionary of the batches of its parts, got {}",
                                        space.to_string(), batch.describe()));
      }
      parts.push_back(&dict->at(key));
      batches.push_back(part);
    }
    const auto columns = iterate_parts(space, parts, batches);
    List items;
    for (std::size_t k = 0; !columns.empty() && k < columns[0].size(); ++k) {
      Dict item;
      for (std::size_t i = 0; i < columns.size(); ++i) item[dict->keys()[i]] = columns[i][k];
      items.emplace_back(std::move(item));
    }
    return items;
  }

  if (batch.is_list()) return batch.as_list();
  throw InvalidArgument(
      formatted("a batch of {} must be a list of its elements, got {}", space.to_string(), batch.describe()));
}

Value create_empty(const Space& space, std::int64_t n) {
  if (n < 0) throw InvalidArgument(formatted("the size of a batch must not be negative, got {}", n));
  const auto times = [&](const Value& item) { return List(static_cast<std::size_t>(n), item); };
  if (const auto form = array_form(space)) return Array(form->dtype, form->shape.prepended(n));
  if (const auto* tuple = dynamic_cast<const Tuple*>(&space)) {
    List batch;
    for (std::size_t i = 0; i < tuple->size(); ++i) batch.push_back(create_empty(tuple->at(i), n));
    return batch;
  }
  if (const auto* dict = dynamic_cast<const DictSpace*>(&space)) {
    Dict batch;
    for (const std::string& key : dict->keys()) batch[key] = create_empty(dict->at(key), n);
    return batch;
  }
  if (const auto* graph = dynamic_cast<const Graph*>(&space)) {
    Dict one{{"nodes", create_empty(graph->node_space(), 1)}, {"edges", Value()}, {"edge_links", Value()}};
    if (graph->edge_space()) {
      one["edges"] = create_empty(*graph->edge_space(), 1);
      one["edge_links"] = Array(DType::kInt64, Shape{1, 2});
    }
    return times(one);
  }
  if (const auto* text = dynamic_cast<const TextSpace*>(&space)) {
    std::string shortest;
    const std::string& first = *std::ranges::min_element(text->characters());
    for (std::int64_t i = 0; i < text->min_length(); ++i) shortest += first;
    return times(shortest);
  }
  if (const auto* sequence = dynamic_cast<const Sequence*>(&space); sequence && sequence->stack()) {
    return times(create_empty(sequence->feature_space(), 1));
  }
  return times(List{});
}

}  // namespace ludus::envs
