#include "nn/core/optimizer_kernels.h"

#include <cassert>
#include <cmath>

#include "nn/core/vector_clones.h"

namespace ludus::nn {
namespace {

// Each loop is a function that is never inlined, over unaliased pointers and scalars, because GCC does not vectorise
// the loops when they are inlined into their callers, which makes them ten times slower.

LUDUS_VECTOR_CLONES
void adam_loop(float* __restrict theta, const float* __restrict gradient, float* __restrict m, float* __restrict v,
               std::size_t count, float beta1, float beta2, float step_size, float root, float epsilon, float decay) {
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i] + decay * theta[i];
    m[i] = beta1 * m[i] + (1.0f - beta1) * g;
    v[i] = beta2 * v[i] + (1.0f - beta2) * g * g;
    theta[i] -= step_size * m[i] / (std::sqrt(v[i]) / root + epsilon);
  }
}

LUDUS_VECTOR_CLONES
void plain_sgd_loop(float* __restrict theta, const float* __restrict gradient, std::size_t count, float rate,
                    float decay) {
  for (std::size_t i = 0; i < count; ++i) theta[i] -= rate * (gradient[i] + decay * theta[i]);
}

LUDUS_VECTOR_CLONES
void momentum_loop(float* __restrict theta, const float* __restrict gradient, float* __restrict b, std::size_t count,
                   float rate, float momentum, float decay) {
  for (std::size_t i = 0; i < count; ++i) {
    b[i] = momentum * b[i] + (gradient[i] + decay * theta[i]);
    theta[i] -= rate * b[i];
  }
}

LUDUS_VECTOR_CLONES
void nesterov_loop(float* __restrict theta, const float* __restrict gradient, float* __restrict b, std::size_t count,
                   float rate, float momentum, float decay) {
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i] + decay * theta[i];
    b[i] = momentum * b[i] + g;
    theta[i] -= rate * (g + momentum * b[i]);
  }
}

LUDUS_VECTOR_CLONES
void rmsprop_loop(float* __restrict theta, const float* __restrict gradient, float* __restrict s, std::size_t count,
                  float rate, float alpha, float epsilon, float decay) {
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i] + decay * theta[i];
    s[i] = alpha * s[i] + (1.0f - alpha) * g * g;
    theta[i] -= rate * g / (std::sqrt(s[i]) + epsilon);
  }
}

LUDUS_VECTOR_CLONES
void rmsprop_momentum_loop(float* __restrict theta, const float* __restrict gradient, float* __restrict s,
                           float* __restrict b, std::size_t count, float rate, float alpha, float epsilon, float decay,
                           float momentum) {
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i] + decay * theta[i];
    s[i] = alpha * s[i] + (1.0f - alpha) * g * g;
    b[i] = momentum * b[i] + g / (std::sqrt(s[i]) + epsilon);
    theta[i] -= rate * b[i];
  }
}

// with or without momentum, which is 0 then: b = g / (sqrt(s - a²) + ε) does not depend on the old b
LUDUS_VECTOR_CLONES
void centered_rmsprop_loop(float* __restrict theta, const float* __restrict gradient, float* __restrict s,
                           float* __restrict a, float* __restrict b, std::size_t count, float rate, float alpha,
                           float epsilon, float decay, float momentum) {
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i] + decay * theta[i];
    s[i] = alpha * s[i] + (1.0f - alpha) * g * g;
    a[i] = alpha * a[i] + (1.0f - alpha) * g;
    const float variance = s[i] - a[i] * a[i];  // below 0 by rounding where the gradient is constant
    const float ratio = g / (std::sqrt(variance > 0.0f ? variance : 0.0f) + epsilon);
    const float velocity = b ? momentum * b[i] + ratio : ratio;
    if (b) b[i] = velocity;
    theta[i] -= rate * velocity;
  }
}

LUDUS_VECTOR_CLONES
void adagrad_loop(float* __restrict theta, const float* __restrict gradient, float* __restrict s, std::size_t count,
                  float rate, float epsilon, float decay) {
  for (std::size_t i = 0; i < count; ++i) {
    const float g = gradient[i] + decay * theta[i];
    s[i] += g * g;
    theta[i] -= rate * g / (std::sqrt(s[i]) + epsilon);
  }
}

// eight partial sums, whatever the vector width of the CPU, so that rounding is the same on every CPU
LUDUS_VECTOR_CLONES
double sum_of_squares_loop(const float* __restrict x, std::size_t count) {
  double sums[8] = {};
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const double value = static_cast<double>(x[i + lane]);
      sums[lane] += value * value;
    }
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) {
    const double value = static_cast<double>(x[i]);
    sums[lane] += value * value;
  }
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

LUDUS_VECTOR_CLONES
void scale_loop(float* __restrict x, std::size_t count, float factor) {
  for (std::size_t i = 0; i < count; ++i) x[i] *= factor;
}

}  // namespace

void adam_step(std::span<float> values, std::span<const float> gradients, std::span<float> first_moment,
               std::span<float> second_moment, const AdamCoefficients& c) {
  assert(gradients.size() == values.size() && first_moment.size() == values.size() &&
         second_moment.size() == values.size());
  adam_loop(values.data(), gradients.data(), first_moment.data(), second_moment.data(), values.size(), c.beta1, c.beta2,
            c.step_size, c.second_correction_root, c.epsilon, c.weight_decay);
}

void sgd_step(std::span<float> values, std::span<const float> gradients, std::span<float> velocity,
              const SgdCoefficients& c) {
  assert(gradients.size() == values.size());
  if (c.momentum == 0.0f) {
    plain_sgd_loop(values.data(), gradients.data(), values.size(), c.learning_rate, c.weight_decay);
    return;
  }
  assert(velocity.size() == values.size());
  const auto loop = c.nesterov ? nesterov_loop : momentum_loop;
  loop(values.data(), gradients.data(), velocity.data(), values.size(), c.learning_rate, c.momentum, c.weight_decay);
}

void rmsprop_step(std::span<float> values, std::span<const float> gradients, std::span<float> square_average,
                  const RmsPropCoefficients& c, std::span<float> velocity, std::span<float> gradient_average) {
  assert(gradients.size() == values.size() && square_average.size() == values.size());
  assert(velocity.empty() || velocity.size() == values.size());
  assert(gradient_average.empty() || gradient_average.size() == values.size());
  if (!gradient_average.empty()) {
    centered_rmsprop_loop(values.data(), gradients.data(), square_average.data(), gradient_average.data(),
                          velocity.empty() ? nullptr : velocity.data(), values.size(), c.learning_rate, c.alpha,
                          c.epsilon, c.weight_decay, c.momentum);
  } else if (!velocity.empty()) {
    rmsprop_momentum_loop(values.data(), gradients.data(), square_average.data(), velocity.data(), values.size(),
                          c.learning_rate, c.alpha, c.epsilon, c.weight_decay, c.momentum);
  } else {
    rmsprop_loop(values.data(), gradients.data(), square_average.data(), values.size(), c.learning_rate, c.alpha,
                 c.epsilon, c.weight_decay);
  }
}

void adagrad_step(std::span<float> values, std::span<const float> gradients, std::span<float> square_sum,
                  const AdagradCoefficients& c) {
  assert(gradients.size() == values.size() && square_sum.size() == values.size());
  adagrad_loop(values.data(), gradients.data(), square_sum.data(), values.size(), c.learning_rate, c.epsilon,
               c.weight_decay);
}

double sum_of_squares(std::span<const float> values) {
  return sum_of_squares_loop(values.data(), values.size());
}

void scale(std::span<float> values, float factor) {
  scale_loop(values.data(), values.size(), factor);
}

}  // namespace ludus::nn
