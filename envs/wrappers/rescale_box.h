/// @file
/// Element-wise affine map of a Box onto other bounds.
#pragma once

#include <vector>

#include "base/value.h"
#include "envs/spaces/space.h"

namespace ludus::envs {

/// y = gradient x + intercept, which maps [low, high] of the box onto [new_low, new_high]. An infinite bound must keep
/// its value; such an element keeps its scale and is shifted by its finite bound. Gradient and intercept have the box's
/// dtype; the gradient is divided in long double before rounding, as in NumPy.
class BoxRescaling {
 public:
  /// `new_low`, `new_high`: one number for all elements, or an array or nested list of the box's shape. Throws
  /// InvalidArgument for any other value, a low above its high, a finite bound for an infinite one or the reverse, an
  /// element whose finite bounds, old or new, are equal or too far apart for the dtype (the map would have no inverse),
  /// and a space other than a Box of float32 or float64.
  BoxRescaling(const Space& space, const Value& new_low, const Value& new_high);

  SpacePtr image() const;  ///< the box of the new bounds

  /// Map an array of the box's shape, computed in the wider of the box's dtype and x's. Throw InvalidAction for any
  /// other value.
  void forward(const Value& x, Value& y) const { apply(x, y, true); }
  /// backward() returns an array in the box for every array in image(): rounding never moves it beyond a bound.
  void backward(const Value& y, Value& x) const { apply(y, x, false); }

 private:
  void apply(const Value& from, Value& to, bool forward) const;

  Array old_low_, old_high_;    ///< bounds of the box
  Array low_, high_;            ///< new bounds, of the box's dtype
  Array gradient_, intercept_;  ///< of the box's dtype
};

}  // namespace ludus::envs
