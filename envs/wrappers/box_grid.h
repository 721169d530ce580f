// A finite box cut into equal cells.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/value.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

// Element i is cut into bins[i] cells of equal width, whose edges are those of numpy.linspace in the box's dtype; a cell
// holds its lower edge, the last one also the upper. Cells are numbered row-major, the last element fastest, or by one
// number for each element.
class BoxGrid {
 public:
  // `bins`: one number for all elements, or one for each. Throws InvalidArgument for a space that is no finite Box, a
  // bin count below 1 or of the wrong length, or more cells than an int64 counts.
  BoxGrid(const Space& space, const std::vector<std::int64_t>& bins, bool multidiscrete);

  SpacePtr cells() const { return cells_->clone(); }  // Discrete of all cells, or MultiDiscrete

  // The cell of a point (points outside belong to the nearest cell), and the middle of a cell. Throw InvalidArgument
  // and InvalidAction for another form.
  void cell_of(const Value& point, Value& cell) const;
  void middle_of(const Value& cell, Value& point) const;

 private:
  Shape shape_;
  DType dtype_;
  bool multidiscrete_;
  std::vector<std::int64_t> bins_;
  std::shared_ptr<const Space> cells_;
  std::vector<std::vector<double>> edges_;    // bins + 1 of each element
  std::vector<std::vector<double>> middles_;  // bins of each element
};

// As a spec records it: the number, or the list.
Value bins_argument(const std::vector<std::int64_t>& bins);

}  // namespace ludus::envs
