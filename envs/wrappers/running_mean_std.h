// The mean and variance of all numbers seen so far: what the normalising wrappers know.
#pragma once

#include <span>

#include "base/value.h"

namespace ludus::envs {

// Moments of arrays of one shape, updated batch by batch (Chan, Golub and LeVeque 1979, as OpenAI Baselines and
// Gymnasium use it). They start as if a little of mean 0 and variance 1 had been seen: count = epsilon. The numbers are
// NumPy's to the last bit: mean and variance of `dtype`, the moments of a batch in the batch's own type, the count in
// double.
class RunningMeanStd {
 public:
  // `dtype`: float32 or float64.
  explicit RunningMeanStd(Shape shape = {}, DType dtype = DType::kFloat64, double epsilon = 1e-4);

  // A batch of elements of the shape, row-major; T is float or double. An empty batch changes nothing.
  template <class T>
  void update(std::span<const T> batch);

  const Array& mean() const { return mean_; }
  const Array& variance() const { return variance_; }
  double count() const { return count_; }

  // {"mean", "variance", "count"}, for checkpoints; restoring throws TypeMismatch for another shape or dtype.
  Value to_value() const;
  void restore(const Value& saved);

  friend bool operator==(const RunningMeanStd&, const RunningMeanStd&) = default;

 private:
  Array mean_, variance_;
  double count_;
};

extern template void RunningMeanStd::update(std::span<const float>);
extern template void RunningMeanStd::update(std::span<const double>);

}  // namespace ludus::envs
