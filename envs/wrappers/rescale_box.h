// The straight line, element by element, that takes a box onto other bounds.
#pragma once

#include <vector>

#include "base/value.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

// y = gradient x + intercept, with [low, high] of the box onto [new_low, new_high]. Where a bound is infinite its new
// one must be the same infinity, and the element keeps its scale (and moves with the bound that is finite). Gradient
// and intercept are of the box's dtype, the gradient divided in long double before it is rounded: NumPy's numbers.
class BoxRescaling {
 public:
  // `new_low`, `new_high`: one number for all elements, or an array or nested list of the box's shape. Throws
  // InvalidArgument for another form, a low above its high, a finite bound for an infinite one or the reverse, and a
  // space that is no Box of float32 or float64.
  BoxRescaling(const Space& space, const Value& new_low, const Value& new_high);

  SpacePtr image() const;  // the box of the new bounds

  // Of the box's shape; computed in the wider of the box's dtype and x's. Throw InvalidAction for another form.
  void forward(const Value& x, Value& y) const { apply(x, y, true); }
  void backward(const Value& y, Value& x) const { apply(y, x, false); }

 private:
  void apply(const Value& from, Value& to, bool forward) const;

  Array low_, high_;            // new bounds, of the box's dtype
  Array gradient_, intercept_;  // of the box's dtype
};

}  // namespace ludus::envs
