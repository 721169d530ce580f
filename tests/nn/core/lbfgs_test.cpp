#include "nn/core/lbfgs.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/optim/lbfgs.h>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

struct Point : torch::nn::Module {
  explicit Point(std::vector<double> start = {-1.2, 1.0, -0.5, 2.0}) {
    const auto size = static_cast<std::int64_t>(start.size());
    const at::Tensor values = at::tensor(start, at::kDouble);
    a = register_parameter("a", values.narrow(0, 0, size / 2).clone());
    b = register_parameter("b", values.narrow(0, size / 2, size - size / 2).clone());
  }
  at::Tensor x() const { return at::cat({a, b}); }
  at::Tensor a, b;
};

// Rosenbrock's function, with a minimum of 0 at (1, 1, …)
at::Tensor rosenbrock(const at::Tensor& x) {
  const std::int64_t n = x.numel();
  const at::Tensor head = x.narrow(0, 0, n - 1), tail = x.narrow(0, 1, n - 1);
  return (100 * (tail - head.square()).square() + (1 - head).square()).sum();
}

// 100 steps of one iteration, and steps of the default of 20, against torch's optimiser.
TEST(Lbfgs, IsTorchs) {
  for (const bool wolfe : {false, true}) {
    for (const std::int64_t iterations : {1, 20}) {
      const double rate = wolfe ? 1.0 : 0.002;
      Point ours, theirs;
      FlatParameters flat(ours);
      Lbfgs optimizer(flat,
                      {.learning_rate = rate, .max_iterations = iterations, .history_size = 5, .strong_wolfe = wolfe});
      auto options = torch::optim::LBFGSOptions(rate).max_iter(iterations).history_size(5);
      if (wolfe) options.line_search_fn("strong_wolfe");
      torch::optim::LBFGS reference(theirs.parameters(), options);
      for (int step = 0; step < (iterations == 1 ? 100 : 8); ++step) {
        const double loss = optimizer.step([&] { return rosenbrock(ours.x()); });
        const at::Tensor expected = reference.step([&] {
          reference.zero_grad();
          const at::Tensor value = rosenbrock(theirs.x());
          value.backward();
          return value;
        });
        ASSERT_NEAR(loss, expected.item<double>(), 1e-8 * (1 + loss)) << "step " << step << " wolfe " << wolfe;
        ASSERT_TRUE(at::allclose(ours.x(), theirs.x(), 1e-7, 1e-9)) << "step " << step << " wolfe " << wolfe;
      }
    }
  }
}

TEST(Lbfgs, FindsTheMinimumOfRosenbrocksFunction) {
  Point point;
  FlatParameters flat(point);
  Lbfgs optimizer(flat, {.change_tolerance = 1e-14, .strong_wolfe = true});
  for (int step = 0; step < 5; ++step) optimizer.step([&] { return rosenbrock(point.x()); });
  EXPECT_LT(rosenbrock(point.x()).item<double>(), 1e-10);
  EXPECT_TRUE(at::allclose(point.x(), at::ones({4}, at::kDouble), 1e-4, 1e-5)) << point.x();
}

TEST(Lbfgs, FrozenParametersStayAsTheyAre) {
  Point point;
  FlatParameters flat(point);
  flat.set_trainable([](std::string_view name) { return name == "b"; });
  const at::Tensor before = point.a.detach().clone();
  Lbfgs optimizer(flat, {.strong_wolfe = true});
  optimizer.step([&] { return rosenbrock(point.x()); });
  EXPECT_TRUE(at::equal(point.a, before));
  EXPECT_NE(point.b[0].item<double>(), -0.5);
}

TEST(Lbfgs, ResumingIsExact) {
  for (const bool wolfe : {false, true}) {
    const LbfgsOptions options{
        .learning_rate = wolfe ? 1.0 : 0.002, .max_iterations = 4, .history_size = 3, .strong_wolfe = wolfe};
    Point through, first, second;
    FlatParameters through_flat(through), first_flat(first), second_flat(second);
    const auto run = [](Point& point, Lbfgs& optimizer, int steps) {
      for (int step = 0; step < steps; ++step) optimizer.step([&] { return rosenbrock(point.x()); });
    };
    Lbfgs whole(through_flat, options), before(first_flat, options), after(second_flat, options);
    after.load_state(before.state());  // without a direction yet
    run(through, whole, 4);
    run(first, before, 2);
    second_flat.load_state(first_flat.state());
    after.load_state(before.state());
    EXPECT_EQ(after.iterations(), before.iterations());
    EXPECT_EQ(after.evaluations(), before.evaluations());
    run(second, after, 2);
    EXPECT_TRUE(at::equal(second.x(), through.x()));
  }
}

TEST(Lbfgs, AReusedEvaluationSavesACallAndChangesNothing) {
  Point plain, reusing;
  FlatParameters plain_flat(plain), reusing_flat(reusing);
  Lbfgs without(plain_flat, {.max_iterations = 1, .strong_wolfe = true});
  Lbfgs with(reusing_flat, {.max_iterations = 1, .strong_wolfe = true, .reuse_evaluation = true});
  std::size_t calls = 0;
  double next = 0;
  for (int step = 0; step < 30; ++step) {
    const double loss = without.step([&] {
      ++calls;
      return rosenbrock(plain.x());
    });
    std::vector<double> losses;
    const double same = with.step([&] {
      const at::Tensor value = rosenbrock(reusing.x());
      losses.push_back(value.item<double>());
      return value;
    });
    calls -= losses.size();
    ASSERT_EQ(same, loss);
    ASSERT_TRUE(at::equal(reusing.x(), plain.x())) << "step " << step;
    if (step > 0) {  // the loss of the evaluation that was accepted
      ASSERT_EQ(loss, next) << "step " << step;
    }
    ASSERT_GE(with.accepted(), 0);
    next = losses.at(static_cast<std::size_t>(with.accepted()));
  }
  EXPECT_EQ(calls, 29u);
  EXPECT_EQ(with.evaluations(), without.evaluations());
  // a state that is loaded is evaluated again
  reusing_flat.load_state(plain_flat.state());
  with.load_state(without.state());
  std::size_t evaluated = 0;
  with.step([&] {
    ++evaluated;
    return rosenbrock(reusing.x());
  });
  without.step([&] {
    --evaluated;
    return rosenbrock(plain.x());
  });
  EXPECT_EQ(evaluated, 0u);
  EXPECT_TRUE(at::equal(reusing.x(), plain.x()));
}

TEST(Lbfgs, RejectsInvalidOptionsLossesAndStates) {
  Point point;
  FlatParameters flat(point);
  EXPECT_THROW(Lbfgs(flat, {.learning_rate = 0}), InvalidArgument);
  EXPECT_THROW(Lbfgs(flat, {.max_iterations = 0}), InvalidArgument);
  EXPECT_THROW(Lbfgs(flat, {.history_size = 0}), InvalidArgument);
  EXPECT_THROW(Lbfgs(flat, {.change_tolerance = -1}), InvalidArgument);
  EXPECT_THROW(Lbfgs(flat, {.reuse_evaluation = true}), InvalidArgument);
  Lbfgs optimizer(flat);
  const at::Tensor before = point.x().detach().clone();
  EXPECT_THROW(optimizer.step([&] { return rosenbrock(point.x()) / 0.0; }), WorkError);
  EXPECT_TRUE(at::equal(point.x(), before));

  optimizer.step([&] { return rosenbrock(point.x()); });
  NamedArrays state = optimizer.state();
  state[5].second = Array(DType::kFloat64, Shape{1, 3});
  EXPECT_THROW(optimizer.load_state(state), TypeMismatch);
  state = optimizer.state();
  state.pop_back();
  EXPECT_THROW(optimizer.load_state(state), InvalidArgument);
  state = optimizer.state();
  state.emplace_back("first_moment", Array(DType::kFloat64, Shape{4}));
  EXPECT_THROW(optimizer.load_state(state), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
