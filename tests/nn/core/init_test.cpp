#include "nn/core/init.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace ludus::nn {
namespace {

TEST(Init, DependsOnTheSeedAndNotOnTheGlobalGenerator) {
  at::manual_seed(1);
  const at::Tensor expected = at::rand({3});
  at::manual_seed(1);

  at::Generator first = make_generator(5), second = make_generator(5), third = make_generator(6);
  const at::Tensor a = at::empty({100}), b = at::empty({100}), c = at::empty({100});
  init_uniform(a, 0.5, first);
  init_uniform(b, 0.5, second);
  init_uniform(c, 0.5, third);
  EXPECT_TRUE(a.equal(b));
  EXPECT_FALSE(a.equal(c));
  EXPECT_TRUE(at::rand({3}).equal(expected));
}

TEST(Init, UniformFillsTheInterval) {
  at::Generator generator = make_generator(1);
  const at::Tensor numbers = at::empty({10000});
  init_uniform(numbers, 0.25, generator);
  // of 10,000 numbers the largest misses 0.25 by more than 0.001 with probability (1 - 0.002)^10000 = 2e-9
  EXPECT_GE(numbers.min().item<float>(), -0.25f);
  EXPECT_LT(numbers.max().item<float>(), 0.25f);
  EXPECT_LT(numbers.min().item<float>(), -0.249f);
  EXPECT_GT(numbers.max().item<float>(), 0.249f);
  // the mean has a standard deviation of 0.25/sqrt(3)/100 = 0.0014
  EXPECT_NEAR(numbers.mean().item<float>(), 0.0f, 0.006f);
}

TEST(Init, OrthogonalRowsOrColumns) {
  at::Generator generator = make_generator(2);
  for (const auto& [rows, columns] : {std::pair{3, 7}, std::pair{7, 3}, std::pair{5, 5}, std::pair{1, 4}}) {
    const at::Tensor w = at::empty({rows, columns});
    init_orthogonal(w, 2.0, generator);
    const at::Tensor product = rows < columns ? w.mm(w.t()) : w.t().mm(w);
    EXPECT_TRUE(at::allclose(product, 4.0 * at::eye(std::min(rows, columns)), 1e-5, 1e-5)) << product;
  }

  // a kernel of 2 x 3 x 3 x 3 counts as 2 x 27
  const at::Tensor kernel = at::empty({2, 3, 3, 3});
  init_orthogonal(kernel, 1.0, generator);
  EXPECT_TRUE(at::allclose(kernel.view({2, 27}).mm(kernel.view({2, 27}).t()), at::eye(2), 1e-5, 1e-5));

  EXPECT_THROW(init_orthogonal(at::empty({4}), 1.0, generator), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
