#include "envs/wrappers/box_grid.h"

#include <algorithm>

#include "base/format.h"
#include "envs/core/env.h"
#include "envs/spaces/multi_discrete.h"
#include "envs/wrappers/value_transforms.h"

namespace ludus::envs {
namespace {

const Box& finite_box(const Space& space) {
  const auto* box = dynamic_cast<const Box*>(&space);
  if (box && box->is_bounded()) return *box;
  throw InvalidArgument(formatted("discretisation needs a Box with finite bounds, got {}", space.to_string()));
}

// numpy.linspace(low, high, bins + 1): every number rounded to T where NumPy rounds it.
template <class T>
std::vector<double> linspace(T low, T high, std::int64_t bins) {
  const T step = (high - low) / static_cast<T>(bins);
  std::vector<double> edges;
  for (std::int64_t k = 0; k < bins; ++k) edges.push_back(static_cast<double>(static_cast<T>(k) * step + low));
  edges.push_back(static_cast<double>(high));
  return edges;
}

template <class T>
std::vector<double> middles(const std::vector<double>& edges) {
  std::vector<double> result;
  for (std::size_t k = 0; k + 1 < edges.size(); ++k) {
    result.push_back(static_cast<double>(T{0.5} * (static_cast<T>(edges[k]) + static_cast<T>(edges[k + 1]))));
  }
  return result;
}

}  // namespace

BoxGrid::BoxGrid(const Space& space, const std::vector<std::int64_t>& bins, bool multidiscrete)
    : shape_(finite_box(space).shape()), dtype_(finite_box(space).dtype()), multidiscrete_(multidiscrete), bins_(bins) {
  const Box& box = finite_box(space);
  const std::size_t elements = shape_.elements();
  if (bins_.size() == 1) bins_.assign(elements, bins[0]);
  if (bins_.size() != elements) {
    throw InvalidArgument(
        formatted("bins must be one number or one for each of the {} elements, got {}", elements, bins.size()));
  }
  std::int64_t cells = 1;
  for (const std::int64_t count : bins_) {
    if (!multidiscrete_ && __builtin_mul_overflow(cells, count, &cells)) {
      throw InvalidArgument("discretisation: the number of cells must fit int64; use fewer bins, or multidiscrete");
    }
  }

  if (multidiscrete_) {
    cells_ = std::make_shared<const MultiDiscrete>(bins_);
  } else {
    cells_ = std::make_shared<const Discrete>(cells);
  }

  // an integer box is cut in double, as NumPy does
  const bool single = dtype_ == DType::kFloat32;
  for (std::size_t i = 0; i < elements; ++i) {
    const double low = box.low().get(i), high = box.high().get(i);
    edges_.push_back(single ? linspace(static_cast<float>(low), static_cast<float>(high), bins_[i])
                            : linspace(low, high, bins_[i]));
    middles_.push_back(single ? middles<float>(edges_[i]) : middles<double>(edges_[i]));
  }
}

void BoxGrid::cell_of(const Value& point, Value& cell) const {
  const Array& x = point.as_array();
  if (!(x.shape() == shape_)) {
    throw InvalidArgument(
        formatted("a point of this box must have the shape {}, got {}", shape_.to_string(), x.shape().to_string()));
  }
  std::int64_t number = 0;
  Array* numbers = nullptr;
  if (multidiscrete_) {
    numbers = &array_in(cell, DType::kInt64, Shape{static_cast<std::int64_t>(bins_.size())});
  }
  for (std::size_t i = 0; i < bins_.size(); ++i) {
    // how many inner edges are not above x
    const auto inner = edges_[i].begin() + 1;
    const auto above = std::upper_bound(inner, edges_[i].end() - 1, x.get(i));
    const std::int64_t k = above - inner;
    if (numbers) {
      numbers->data<std::int64_t>()[i] = k;
    } else {
      number = number * bins_[i] + k;
    }
  }
  if (!numbers) cell = number;
}

void BoxGrid::middle_of(const Value& cell, Value& point) const {
  if (!cells_->contains(cell)) {
    throw InvalidAction(formatted("the action must be an element of {}, got {}", cells_->to_string(), cell.describe()));
  }
  Array& x = array_in(point, dtype_, shape_);
  std::int64_t number = multidiscrete_ ? 0 : cell.as_int();
  for (std::size_t i = bins_.size(); i-- > 0;) {
    std::int64_t k = 0;
    if (multidiscrete_) {
      k = static_cast<std::int64_t>(cell.as_array().get(i));
    } else {
      k = number % bins_[i];
      number /= bins_[i];
    }
    x.set(i, middles_[i][static_cast<std::size_t>(k)]);
  }
}

Value bins_argument(const std::vector<std::int64_t>& bins) {
  if (bins.size() == 1) return bins[0];
  return List(bins.begin(), bins.end());
}

}  // namespace ludus::envs
