#include "nn/layers/mlp_kernels.h"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cstddef>

#include "nn/core/vector_clones.h"

#ifdef LUDUS_HAVE_BLAS
extern "C" void sgemm_(const char* transpose_a, const char* transpose_b, const int* m, const int* n, const int* k,
                       const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                       const float* beta, float* c, const int* ldc);
#endif

namespace ludus::nn {
namespace {

// ---- products --------------------------------------------------------------------------------------------------

#ifdef LUDUS_HAVE_BLAS

// BLAS is column-major and reads a row-major matrix as its transpose. Each product below is therefore stated
// transposed, without copying. (BLAS is called directly, because Eigen's EIGEN_USE_BLAS would change Eigen's templates
// in this file only and violate the one-definition rule.)
void sgemm(char transpose_a, char transpose_b, std::int64_t m, std::int64_t n, std::int64_t k, const float* a,
           std::int64_t lda, const float* b, std::int64_t ldb, float beta, float* c, std::int64_t ldc) {
  const int im = static_cast<int>(m), in = static_cast<int>(n), ik = static_cast<int>(k);
  const int ia = static_cast<int>(lda), ib = static_cast<int>(ldb), ic = static_cast<int>(ldc);
  const float one = 1.0f;
  sgemm_(&transpose_a, &transpose_b, &im, &in, &ik, &one, a, &ia, b, &ib, &beta, c, &ic);
}

// y (n x o) += x (n x i) Wᵀ, with W (o x i):   yᵀ += W xᵀ
void add_x_wt(const float* x, const float* w, std::int64_t n, std::int64_t i, std::int64_t o, float* y) {
  sgemm('T', 'N', o, n, i, w, i, x, i, 1.0f, y, o);
}

// dW (o x i) = δᵀ x, with δ (n x o), x (n x i):   dWᵀ = xᵀ δ
void delta_t_x(const float* delta, const float* x, std::int64_t n, std::int64_t i, std::int64_t o, float* dw) {
  sgemm('N', 'T', i, o, n, x, i, delta, o, 0.0f, dw, i);
}

// dx (n x i) = δ W, with δ (n x o), W (o x i):   dxᵀ = Wᵀ δᵀ
void delta_w(const float* delta, const float* w, std::int64_t n, std::int64_t i, std::int64_t o, float* dx) {
  sgemm('N', 'N', i, n, o, w, i, delta, o, 0.0f, dx, i);
}

#else

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using ConstMap = Eigen::Map<const Matrix>;
using Map = Eigen::Map<Matrix>;

void add_x_wt(const float* x, const float* w, std::int64_t n, std::int64_t i, std::int64_t o, float* y) {
  Map(y, n, o).noalias() += ConstMap(x, n, i) * ConstMap(w, o, i).transpose();
}

void delta_t_x(const float* delta, const float* x, std::int64_t n, std::int64_t i, std::int64_t o, float* dw) {
  Map(dw, o, i).noalias() = ConstMap(delta, n, o).transpose() * ConstMap(x, n, i);
}

void delta_w(const float* delta, const float* w, std::int64_t n, std::int64_t i, std::int64_t o, float* dx) {
  Map(dx, n, i).noalias() = ConstMap(delta, n, o) * ConstMap(w, o, i);
}

#endif

// Vectors of eight and four floats; the compiler splits the eight if registers hold only four.
using Eight = float __attribute__((vector_size(32), aligned(4), may_alias));
using Four = float __attribute__((vector_size(16), aligned(4), may_alias));

// y = W x + b for one row. Four outputs at a time share each load of x, and hide the latency of the additions.
LUDUS_VECTOR_CLONES
void one_row(const float* __restrict w, const float* __restrict b, const float* __restrict x, std::int64_t inputs,
             std::int64_t outputs, float* __restrict y) {
  std::int64_t o = 0;
  for (; o + 4 <= outputs; o += 4) {
    const float* w0 = w + o * inputs;
    const float* w1 = w0 + inputs;
    const float* w2 = w1 + inputs;
    const float* w3 = w2 + inputs;
    Four s0{}, s1{}, s2{}, s3{};
    std::int64_t i = 0;
    if (inputs >= 8) {
      Eight e0{}, e1{}, e2{}, e3{};
      for (; i + 8 <= inputs; i += 8) {
        const Eight v = *reinterpret_cast<const Eight*>(x + i);
        e0 += *reinterpret_cast<const Eight*>(w0 + i) * v;
        e1 += *reinterpret_cast<const Eight*>(w1 + i) * v;
        e2 += *reinterpret_cast<const Eight*>(w2 + i) * v;
        e3 += *reinterpret_cast<const Eight*>(w3 + i) * v;
      }
      s0 = __builtin_shufflevector(e0, e0, 0, 1, 2, 3) + __builtin_shufflevector(e0, e0, 4, 5, 6, 7);
      s1 = __builtin_shufflevector(e1, e1, 0, 1, 2, 3) + __builtin_shufflevector(e1, e1, 4, 5, 6, 7);
      s2 = __builtin_shufflevector(e2, e2, 0, 1, 2, 3) + __builtin_shufflevector(e2, e2, 4, 5, 6, 7);
      s3 = __builtin_shufflevector(e3, e3, 0, 1, 2, 3) + __builtin_shufflevector(e3, e3, 4, 5, 6, 7);
    }
    if (i + 4 <= inputs) {
      const Four v = *reinterpret_cast<const Four*>(x + i);
      s0 += *reinterpret_cast<const Four*>(w0 + i) * v;
      s1 += *reinterpret_cast<const Four*>(w1 + i) * v;
      s2 += *reinterpret_cast<const Four*>(w2 + i) * v;
      s3 += *reinterpret_cast<const Four*>(w3 + i) * v;
      i += 4;
    }

    // transpose the four sums, so that one addition finishes four outputs
    const Four a = __builtin_shufflevector(s0, s1, 0, 4, 1, 5) + __builtin_shufflevector(s0, s1, 2, 6, 3, 7);
    const Four c = __builtin_shufflevector(s2, s3, 0, 4, 1, 5) + __builtin_shufflevector(s2, s3, 2, 6, 3, 7);
    Four sum = __builtin_shufflevector(a, c, 0, 1, 4, 5) + __builtin_shufflevector(a, c, 2, 3, 6, 7);
    for (; i < inputs; ++i) {
      const Four column{w0[i], w1[i], w2[i], w3[i]};
      sum += column * x[i];
    }
    *reinterpret_cast<Four*>(y + o) = sum + *reinterpret_cast<const Four*>(b + o);
  }
  for (; o < outputs; ++o) {
    const float* row = w + o * inputs;
    Eight e{};
    std::int64_t i = 0;
    for (; i + 8 <= inputs; i += 8)
      e += *reinterpret_cast<const Eight*>(row + i) * *reinterpret_cast<const Eight*>(x + i);
    float sum = ((e[0] + e[4]) + (e[2] + e[6])) + ((e[1] + e[5]) + (e[3] + e[7]));
    for (; i < inputs; ++i) sum += row[i] * x[i];
    y[o] = sum + b[o];
  }
}

// Up to this number of rows, calling one_row() for each is faster than BLAS (measured for widths of 64 to 256 with
// OpenBLAS 0.3.21).
constexpr std::int64_t kFewRows = 8;

LUDUS_VECTOR_CLONES
void sum_rows(const float* __restrict delta, std::int64_t rows, std::int64_t width, float* __restrict sum) {
  for (std::int64_t o = 0; o < width; ++o) sum[o] = 0.0f;
  for (std::int64_t n = 0; n < rows; ++n) {
    for (std::int64_t o = 0; o < width; ++o) sum[o] += delta[n * width + o];
  }
}

}  // namespace

void dense_forward(const DenseLayer& layer, const float* input, std::int64_t rows, float* output) {
  if (rows <= kFewRows) {
    for (std::int64_t n = 0; n < rows; ++n) {
      one_row(layer.weight, layer.bias, input + n * layer.inputs, layer.inputs, layer.outputs,
              output + n * layer.outputs);
    }
  } else {
    for (std::int64_t n = 0; n < rows; ++n) std::copy_n(layer.bias, layer.outputs, output + n * layer.outputs);
    add_x_wt(input, layer.weight, rows, layer.inputs, layer.outputs, output);
  }
  kernels_of(layer.activation).forward(output, rows * layer.outputs);
}

std::int64_t hidden_size(std::span<const DenseLayer> layers, std::int64_t rows) {
  std::int64_t width = 0;
  for (std::size_t l = 0; l + 1 < layers.size(); ++l) width += layers[l].outputs;
  return rows * width;
}

void mlp_forward(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, float* hidden,
                 float* output) {
  assert(!layers.empty());
  for (const DenseLayer& layer : layers.first(layers.size() - 1)) {
    dense_forward(layer, input, rows, hidden);
    input = hidden;
    hidden += rows * layer.outputs;
  }
  dense_forward(layers.back(), input, rows, output);
}

void mlp_infer(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, float* output,
               std::vector<float>& scratch) {
  const std::size_t size = static_cast<std::size_t>(hidden_size(layers, rows));
  if (scratch.size() < size) scratch.resize(size);
  mlp_forward(layers, input, rows, scratch.data(), output);
}

void mlp_backward(std::span<const DenseLayer> layers, const float* input, std::int64_t rows, const float* hidden,
                  const float* output, const float* output_gradient, std::span<const DenseGradient> gradients,
                  float* input_gradient) {
  assert(!layers.empty() && gradients.size() == layers.size());

  // δ of the current layer, and dL/dy of the one before it; reused between calls, one per thread, because the
  // allocation would cost more than the arithmetic
  thread_local std::vector<float> delta;
  thread_local std::vector<float> gradient;
  std::int64_t widest = 0;
  for (const DenseLayer& layer : layers) widest = std::max(widest, layer.outputs);
  const std::size_t size = static_cast<std::size_t>(rows * widest);
  if (delta.size() < size) delta.resize(size);
  if (layers.size() > 1 && gradient.size() < size) gradient.resize(size);

  // the first layer that requires gradients, where backpropagation stops
  std::size_t first = 0;
  if (input_gradient == nullptr) {
    while (first < layers.size() && gradients[first].weight == nullptr && gradients[first].bias == nullptr) ++first;
  }

  const float* layer_output = output;
  const float* dy = output_gradient;
  const float* end = hidden + hidden_size(layers, rows);  // end of the outputs of the layers before the current one
  for (std::size_t l = layers.size(); l-- > first;) {
    const DenseLayer& layer = layers[l];
    const float* x = l == 0 ? input : end - rows * layer.inputs;
    kernels_of(layer.activation).backward(layer_output, dy, rows * layer.outputs, delta.data());

    if (gradients[l].weight) {
      if (rows > 0) {
        delta_t_x(delta.data(), x, rows, layer.inputs, layer.outputs, gradients[l].weight);
      } else {
        std::fill_n(gradients[l].weight, layer.outputs * layer.inputs, 0.0f);
      }
    }
    if (gradients[l].bias) sum_rows(delta.data(), rows, layer.outputs, gradients[l].bias);

    const bool needs_dx = l > first || (l == 0 && input_gradient != nullptr);
    float* dx = l == 0 ? input_gradient : gradient.data();
    if (needs_dx && rows > 0) delta_w(delta.data(), layer.weight, rows, layer.inputs, layer.outputs, dx);
    layer_output = x;
    dy = dx;
    end = x;
  }
}

}  // namespace ludus::nn
