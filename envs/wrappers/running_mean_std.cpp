#include "envs/wrappers/running_mean_std.h"

#include "base/format.h"
#include "envs/spaces/element.h"

namespace ludus::envs {
namespace {

// The sum of `of` over column i of the batch, with elements `stride` apart, in NumPy's order: a single column is
// summed pairwise, one of several row by row.
template <class T, class Of>
T column_sum(std::span<const T> batch, std::size_t i, std::size_t stride, const Of& of) {
  if (stride == 1) return numpy_sum<T>(0, batch.size(), [&](std::size_t k) { return of(batch[k]); });
  T sum = 0;
  for (std::size_t k = i; k < batch.size(); k += stride) sum += of(batch[k]);
  return sum;
}

// δ = b − μ,  N = n + m
// μ ← μ + δ m / N
// σ² ← (σ² n + s² m + δ² n m / N) / N,     b and s² the mean and variance of the batch, of m elements
template <class M, class T>
void merge(std::span<M> mean, std::span<M> variance, double count, std::span<const T> batch) {
  const std::size_t size = mean.size(), rows = batch.size() / size;
  const M n = static_cast<M>(count), m = static_cast<M>(rows),
          total = static_cast<M>(count + static_cast<double>(rows));
  for (std::size_t i = 0; i < size; ++i) {
    const T batch_mean = column_sum(batch, i, size, [](T x) { return x; }) / static_cast<T>(rows);
    const T squares = column_sum(batch, i, size, [&](T x) { return (x - batch_mean) * (x - batch_mean); });
    const T batch_variance = squares / static_cast<T>(rows);

    const M delta = static_cast<M>(batch_mean) - mean[i];
    mean[i] = mean[i] + delta * m / total;
    const M of_batch = static_cast<M>(batch_variance * static_cast<T>(rows));  // NumPy 2 rounds it to the batch's type
    variance[i] = (variance[i] * n + of_batch + delta * delta * n * m / total) / total;
  }
}

}  // namespace

RunningMeanStd::RunningMeanStd(Shape shape, DType dtype, double epsilon)
    : mean_(dtype, shape), variance_(dtype, shape), count_(epsilon) {
  if (!is_floating(dtype))
    throw InvalidArgument(formatted("RunningMeanStd: dtype must be float32 or float64, got {}", name_of(dtype)));
  for (std::size_t i = 0; i < variance_.size(); ++i) variance_.set(i, 1);
}

template <class T>
void RunningMeanStd::update(std::span<const T> batch) {
  const std::size_t size = mean_.size();
  if (batch.empty()) return;
  if (size == 0 || batch.size() % size != 0) {
    throw InvalidArgument(formatted("a batch must consist of elements of shape {1}, got {0} numbers", batch.size(),
                                    mean_.shape().to_string()));
  }
  if (mean_.dtype() == DType::kFloat32) {
    merge(mean_.data<float>(), variance_.data<float>(), count_, batch);
  } else {
    merge(mean_.data<double>(), variance_.data<double>(), count_, batch);
  }
  count_ += static_cast<double>(batch.size() / size);
}

template void RunningMeanStd::update(std::span<const float>);
template void RunningMeanStd::update(std::span<const double>);

}  // namespace ludus::envs
