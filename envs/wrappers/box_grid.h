/// @file
/// A grid of equal cells over a finite Box.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/value.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

/// Divides element i into bins[i] cells of equal width, with the edges of numpy.linspace in the box's dtype. A cell
/// contains its lower edge, the last one also its upper edge. A cell's index is row-major, last element fastest, or
/// (multidiscrete) one index per element.
class BoxGrid {
 public:
  /// `bins`: one number of at least 1 for all elements, or one for each. Throws InvalidArgument for a space that is no
  /// finite Box, bins of the wrong length, or more cells than an int64 counts.
  BoxGrid(const Space& space, const std::vector<std::int64_t>& bins, bool multidiscrete);

  SpacePtr cells() const { return cells_->clone(); }  // Discrete or MultiDiscrete

  /// Computes the cell of a point (a point outside belongs to the nearest cell) and the centre of a cell. Throw
  /// InvalidArgument and InvalidAction respectively for a value of another type or shape.
  void cell_of(const Value& point, Value& cell) const;
  void middle_of(const Value& cell, Value& point) const;

 private:
  Shape shape_;
  DType dtype_;
  bool multidiscrete_;
  std::vector<std::int64_t> bins_;
  std::shared_ptr<const Space> cells_;
  std::vector<std::vector<double>> edges_;    ///< bins + 1 of each element
  std::vector<std::vector<double>> middles_;  ///< bins of each element
};

/// Returns the bins as a spec records them: a number, or a list.
Value bins_argument(const std::vector<std::int64_t>& bins);

}  // namespace ludus::envs
