#include "envs/wrappers/observation_transforms.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "envs/spaces/dict.h"
#include "envs/spaces/element.h"
#include "envs/spaces/multi_binary.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/spaces/tuple.h"
#include "envs/wrappers/box_grid.h"
#include "envs/wrappers/image.h"
#include "envs/wrappers/rescale_box.h"
#include "envs/wrappers/wrapper_arguments.h"

namespace ludus::envs {
namespace {

[[noreturn]] void does_not_apply(const char* name, const std::string& needed, const Space& inside) {
  throw InvalidArgument(formatted("{} needs {}, got {}", name, needed, inside.to_string()));
}

const Box& box_for(const char* name, const Space& inside) {
  if (const auto* box = dynamic_cast<const Box*>(&inside)) return *box;
  does_not_apply(name, "a Box", inside);
}

// The box of images, uint8 from 0 to 255 with two or three axes.
const Box& image_space_for(const char* name, const Space& inside) {
  const auto* box = dynamic_cast<const Box*>(&inside);
  if (box && box->dtype() == DType::kUInt8 && (box->shape().rank() == 2 || box->shape().rank() == 3)) {
    const auto is = [](int bound) { return [bound](std::uint8_t number) { return number == bound; }; };
    if (std::ranges::all_of(box->low().data<std::uint8_t>(), is(0)) &&
        std::ranges::all_of(box->high().data<std::uint8_t>(), is(255))) {
      return *box;
    }
  }
  does_not_apply(name, "images (a Box from 0 to 255 of dtype uint8 with two or three axes)", inside);
}

SpacePtr image_box(const Shape& shape) {
  return std::make_unique<Box>(0, 255, shape, DType::kUInt8);
}

Shape shape_of(const char* name, const std::vector<std::int64_t>& extents) {
  check_fields(ShapeArguments{extents}, name);
  return Shape(std::span<const std::int64_t>(extents));
}

ObservationTransform filter_dict(WrapperSpec self, const List& keys, const DictSpace& inside) {
  std::vector<DictSpace::Part> parts;
  for (const Value& key : keys) {
    if (!key.is_string()) {
      throw InvalidArgument(formatted("FilterObservation: the keys of a Dict must be strings, got {}", key.describe()));
    }
    parts.emplace_back(key.as_string(), inside.at(key.as_string()).clone());
  }
  auto space = std::make_unique<DictSpace>(std::move(parts));
  const std::vector<std::string> kept = space->keys();
  return {std::move(self), std::move(space), [kept](const Value& observation, Value& out) {
            if (!out.is_dict()) out = Dict();
            for (const std::string& key : kept) out.as_dict()[key] = observation.as_dict().at(key);
          }};
}

ObservationTransform filter_tuple(WrapperSpec self, const List& keys, const Tuple& inside) {
  std::vector<SpacePtr> parts;
  std::vector<std::size_t> kept;
  for (const Value& key : keys) {
    const bool good = key.is_int() && key.as_int() >= 0 && key.as_int() < static_cast<std::int64_t>(inside.size());
    const auto position = good ? static_cast<std::size_t>(key.as_int()) : 0;
    if (!good || std::ranges::find(kept, position) != kept.end()) {
      throw InvalidArgument(
          formatted("FilterObservation: the keys of a Tuple must be different integers from 0 to {}, got {}",
                    inside.size() - 1, key.describe()));
    }
    kept.push_back(position);
    parts.push_back(inside.at(position).clone());
  }
  return {std::move(self), std::make_unique<Tuple>(std::move(parts)), [kept](const Value& observation, Value& out) {
            if (!out.is_list() || out.as_list().size() != kept.size()) out = List(kept.size());
            for (std::size_t i = 0; i < kept.size(); ++i) out.as_list()[i] = observation.as_list().at(kept[i]);
          }};
}

// A bound in another type; throws InvalidArgument if the type cannot hold it.
Array cast_bound(const Array& bound, DType dtype) {
  if (is_floating(dtype) || dtype == bound.dtype()) return bound.cast(dtype);
  std::vector<double> numbers;
  for (std::size_t i = 0; i < bound.size(); ++i) numbers.push_back(bound.get(i));
  return array_from_numbers(numbers, bound.shape(), dtype);
}

SpacePtr space_of_dtype(const Space& inside, DType dtype) {
  if (const auto* box = dynamic_cast<const Box*>(&inside)) {
    return std::make_unique<Box>(cast_bound(box->low(), dtype), cast_bound(box->high(), dtype));
  }
  if (const auto* discrete = dynamic_cast<const Discrete*>(&inside)) {
    // Gymnasium's upper bound is one above the last element
    return std::make_unique<Box>(static_cast<double>(discrete->start()),
                                 static_cast<double>(discrete->start() + discrete->n()), Shape{}, dtype);
  }
  if (const auto* multi = dynamic_cast<const MultiDiscrete*>(&inside)) {
    if (is_floating(dtype))
      does_not_apply("DtypeObservation of a floating type", "a space other than MultiDiscrete", inside);
    return std::make_unique<MultiDiscrete>(multi->nvec(), multi->start(), dtype);
  }
  if (const auto* bits = dynamic_cast<const MultiBinary*>(&inside)) {
    return std::make_unique<Box>(0, 1, bits->shape(), dtype);
  }
  does_not_apply("DtypeObservation", "a Box, Discrete, MultiDiscrete or MultiBinary", inside);
}

}  // namespace

MakeObservationTransform filter_observation(const List& keys) {
  return [keys](const Space& inside) {
    WrapperSpec self{"FilterObservation", {{"filter_keys", keys}}};
    if (keys.empty()) throw InvalidArgument("FilterObservation needs at least one key to keep");
    if (const auto* dict = dynamic_cast<const DictSpace*>(&inside)) return filter_dict(std::move(self), keys, *dict);
    if (const auto* tuple = dynamic_cast<const Tuple*>(&inside)) return filter_tuple(std::move(self), keys, *tuple);
    does_not_apply("FilterObservation", "a Dict or a Tuple", inside);
  };
}

MakeObservationTransform flatten_observation() {
  return [](const Space& inside) {
    SpacePtr space = inside.flattened();
    const DType dtype = static_cast<const Box&>(*space).dtype();
    const Shape shape{static_cast<std::int64_t>(inside.flat_size())};
    const std::shared_ptr<const Space> from = inside.clone();
    const bool as_it_is = inside.kind() == "Box";
    auto apply = [from, dtype, shape, as_it_is, row = std::vector<double>(inside.flat_size())](const Value& observation,
                                                                                               Value& out) mutable {
      Array& flat = array_in(out, dtype, shape);
      if (as_it_is && observation.is_array() && observation.as_array().dtype() == dtype) {
        std::ranges::copy(observation.as_array().bytes(), flat.bytes().begin());
        return;
      }
      from->flatten(observation, row);
      for (std::size_t i = 0; i < row.size(); ++i) flat.set(i, row[i]);
    };
    return ObservationTransform{{"FlattenObservation", {}}, std::move(space), std::move(apply)};
  };
}

MakeObservationTransform grayscale_observation(bool keep_dim) {
  return [keep_dim](const Space& inside) {
    const Shape from = image_space_for("GrayscaleObservation", inside).shape();
    if (from.rank() != 3 || from[2] != 3) {
      does_not_apply("GrayscaleObservation", "RGB images, (height, width, 3)", inside);
    }
    const Shape shape = keep_dim ? Shape{from[0], from[1], 1} : Shape{from[0], from[1]};
    return ObservationTransform{{"GrayscaleObservation", {{"keep_dim", keep_dim}}},
                                image_box(shape),
                                [shape](const Value& observation, Value& out) {
                                  to_gray(observation.as_array(), kLuminance709, Rounding::kDown,
                                          array_in(out, DType::kUInt8, shape));
                                }};
  };
}

MakeObservationTransform resize_observation(const std::vector<std::int64_t>& extents) {
  return [extents](const Space& inside) {
    const Shape from = image_space_for("ResizeObservation", inside).shape();
    Shape shape = shape_of("ResizeObservation", extents);
    if (extents.size() != 2) throw InvalidArgument("ResizeObservation needs a shape of two extents: height, width");
    const std::int64_t channels = from.rank() == 3 ? from[2] : 1;
    if (from.rank() == 3) shape = shape.appended(channels);
    return ObservationTransform{{"ResizeObservation", {{"shape", List(extents.begin(), extents.end())}}},
                                image_box(shape),
                                [shape, resize = AreaResize(from[0], from[1], shape[0], shape[1], channels)](
                                    const Value& observation, Value& out) mutable {
                                  resize(observation.as_array(), array_in(out, DType::kUInt8, shape));
                                }};
  };
}

MakeObservationTransform reshape_observation(const std::vector<std::int64_t>& extents) {
  return [extents](const Space& inside) {
    const Box& box = box_for("ReshapeObservation", inside);
    const Shape shape = shape_of("ReshapeObservation", extents);
    if (shape.elements() != box.shape().elements()) {
      throw InvalidArgument(formatted("ReshapeObservation: the shape must have as many elements as {1}, got {0}",
                                      shape.to_string(), box.shape().to_string()));
    }
    return ObservationTransform{{"ReshapeObservation", {{"shape", List(extents.begin(), extents.end())}}},
                                std::make_unique<Box>(box.low().reshaped(shape), box.high().reshaped(shape)),
                                [shape](const Value& observation, Value& out) {
                                  const Array& from = observation.as_array();
                                  std::ranges::copy(from.bytes(), array_in(out, from.dtype(), shape).bytes().begin());
                                }};
  };
}

MakeObservationTransform rescale_observation(const Value& min_obs, const Value& max_obs) {
  return [min_obs, max_obs](const Space& inside) {
    const BoxRescaling rescaling(inside, min_obs, max_obs);
    return ObservationTransform{
        {"RescaleObservation", {{"min_obs", min_obs}, {"max_obs", max_obs}}},
        rescaling.image(),
        [rescaling](const Value& observation, Value& out) { rescaling.forward(observation, out); }};
  };
}

MakeObservationTransform dtype_observation(DType dtype) {
  return [dtype](const Space& inside) {
    return ObservationTransform{{"DtypeObservation", {{"dtype", name_of(dtype)}}},
                                space_of_dtype(inside, dtype),
                                [dtype](const Value& observation, Value& out) {
                                  if (observation.is_int()) {
                                    array_in(out, dtype, Shape{}).set(0, observation.as_double());
                                    return;
                                  }
                                  const Array& from = observation.as_array();
                                  Array& to = array_in(out, dtype, from.shape());
                                  for (std::size_t i = 0; i < from.size(); ++i) to.set(i, from.get(i));
                                }};
  };
}

MakeObservationTransform discretize_observation(const std::vector<std::int64_t>& bins, bool multidiscrete) {
  check_fields(DiscretizeArguments{bins, multidiscrete}, "DiscretizeObservation");
  return [bins, multidiscrete](const Space& inside) {
    const BoxGrid grid(inside, bins, multidiscrete);
    return ObservationTransform{
        {"DiscretizeObservation", {{"bins", bins_argument(bins)}, {"multidiscrete", multidiscrete}}},
        grid.cells(),
        [grid](const Value& observation, Value& out) { grid.cell_of(observation, out); }};
  };
}

}  // namespace ludus::envs
