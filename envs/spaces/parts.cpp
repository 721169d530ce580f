#include "envs/spaces/parts.h"

#include <algorithm>
#include <limits>

#include "base/format.h"
#include "envs/spaces/element.h"

namespace ludus::envs {

std::vector<SpacePtr> clone_all(const std::vector<SpacePtr>& spaces) {
  std::vector<SpacePtr> copies;
  copies.reserve(spaces.size());
  for (const SpacePtr& space : spaces) copies.push_back(space->clone());
  return copies;
}

void check_parts(const std::vector<SpacePtr>& spaces, const std::string& owner) {
  for (const SpacePtr& space : spaces) {
    if (!space) throw InvalidArgument(formatted("the parts of a {} space must be spaces, got a null pointer", owner));
  }
}

std::vector<std::uint64_t> draw_seeds(Generator& generator, std::size_t n) {
  std::vector<std::uint64_t> seeds(n);
  for (std::uint64_t& seed : seeds) {
    seed = static_cast<std::uint64_t>(generator.integers(std::numeric_limits<std::int32_t>::max()));
  }
  return seeds;
}

const List& checked_seeds(const Value& seeds, std::size_t n, const Space& space) {
  if (seeds.is_list() && seeds.as_list().size() == n) return seeds.as_list();
  throw InvalidArgument(
      formatted("the seeds of {} must be one integer or a list of {}, got {}", space.to_string(), n, seeds.describe()));
}

void check_flattenable(const Space& space) {
  if (space.is_flattenable()) return;
  throw InvalidArgument(
      formatted("{} cannot be flattened: the elements of a Graph or a Sequence have no fixed size", space.to_string()));
}

SpacePtr concatenated_boxes(const std::vector<const Space*>& spaces) {
  std::vector<SpacePtr> parts;
  std::size_t size = 0;
  DType dtype = DType::kFloat32;
  for (const Space* space : spaces) {
    parts.push_back(space->flattened());
    const DType part = static_cast<const Box&>(*parts.back()).dtype();
    dtype = parts.size() == 1 ? part : result_type(dtype, part);
    size += parts.back()->flat_size();
  }

  Array low(dtype, Shape{static_cast<std::int64_t>(size)});
  Array high = low;
  std::size_t offset = 0;
  for (const SpacePtr& part : parts) {
    const auto& box = static_cast<const Box&>(*part);
    const Array lows = box.low().cast(dtype);
    const Array highs = box.high().cast(dtype);
    const auto bytes = lows.bytes().size();
    std::ranges::copy(lows.bytes(), low.bytes().subspan(offset, bytes).begin());
    std::ranges::copy(highs.bytes(), high.bytes().subspan(offset, bytes).begin());
    offset += bytes;
  }
  return std::make_unique<Box>(std::move(low), std::move(high));
}

List specs_of(const std::vector<SpacePtr>& spaces) {
  List specs;
  for (const SpacePtr& space : spaces) specs.emplace_back(space->to_spec());
  return specs;
}

}  // namespace ludus::envs
