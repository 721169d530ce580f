// The built-in controllers over Gymnasium's 200 seeds: their returns have the distribution that they have there.
//
// Three tests each. The means differ by less than three standard errors of the difference. The largest distance of the
// two distribution functions is below the critical value of Kolmogorov and Smirnov at 1 %, which covers the quantiles.
// The share of returns of 200 and more differs by less than three of its standard errors.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>

#include "base/file.h"
#include "base/value_io.h"
#include "tests/envs/box2d/episodes.h"
#include "tests/support/golden.h"

namespace ludus::envs {
namespace {

using ludus::testing::doubles_of;

struct Moments {
  double mean = 0;
  double variance = 0;
};

Moments moments_of(const std::vector<double>& numbers) {
  const auto n = static_cast<double>(numbers.size());
  Moments m;
  for (const double x : numbers) m.mean += x / n;
  for (const double x : numbers) m.variance += (x - m.mean) * (x - m.mean) / (n - 1);
  return m;
}

double share_at_least(const std::vector<double>& numbers, double bound) {
  return static_cast<double>(std::count_if(numbers.begin(), numbers.end(), [&](double x) { return x >= bound; })) /
         static_cast<double>(numbers.size());
}

// sup |F(x) − G(x)| of the two empirical distribution functions; both sorted.
double kolmogorov_distance(const std::vector<double>& a, const std::vector<double>& b) {
  const auto share_up_to = [](const std::vector<double>& v, double x) {
    return static_cast<double>(std::upper_bound(v.begin(), v.end(), x) - v.begin()) / static_cast<double>(v.size());
  };
  double worst = 0;
  for (const auto* both : {&a, &b}) {
    for (const double x : *both) worst = std::max(worst, std::abs(share_up_to(a, x) - share_up_to(b, x)));
  }
  return worst;
}

void expect_same_distribution(const std::string& id, std::size_t episodes) {
  const Value file = from_json(read_text(ludus::testing::golden_directory() / "box2d_heuristic_returns.json"));
  std::vector<double> theirs = doubles_of(file.as_dict().at(id).as_dict().at("returns"));
  ASSERT_GE(theirs.size(), episodes);
  theirs.resize(episodes);
  std::vector<double> ours;
  const EnvPtr env = make(id);
  for (std::uint64_t seed = 0; seed < episodes; ++seed) {
    ours.push_back(testing::play_controller(*env, id, seed).episode_return);
  }

  const auto n = static_cast<double>(episodes);
  const Moments a = moments_of(ours), b = moments_of(theirs);
  const double standard_error = std::sqrt((a.variance + b.variance) / n);
  EXPECT_LT(std::abs(a.mean - b.mean), 3 * standard_error) << a.mean << " and " << b.mean;

  std::sort(ours.begin(), ours.end());
  std::sort(theirs.begin(), theirs.end());
  const double distance = kolmogorov_distance(ours, theirs);
  EXPECT_LT(distance, 1.628 * std::sqrt(2 / n));  // 1.628: K⁻¹(0.99) (Smirnov 1948)

  const double p = share_at_least(ours, 200), q = share_at_least(theirs, 200), pooled = (p + q) / 2;
  EXPECT_LE(std::abs(p - q), 3 * std::sqrt(2 * pooled * (1 - pooled) / n)) << p << " and " << q;

  std::cout << id << ": mean " << a.mean << ", Gymnasium's " << b.mean << " (" << (a.mean - b.mean) / standard_error
            << " standard errors), distance " << distance << ", shares of 200 " << p << " and " << q << "\n";
}

// a walker's 200 episodes take some 200 000 steps: fewer here, all of them in the slow tests
TEST(Box2dReturns, LunarLander) {
  expect_same_distribution("LunarLander-v3", LUDUS_BOX2D_LANDINGS);
}
TEST(Box2dReturns, LunarLanderContinuous) {
  expect_same_distribution("LunarLanderContinuous-v3", LUDUS_BOX2D_LANDINGS);
}
TEST(Box2dReturns, BipedalWalker) {
  expect_same_distribution("BipedalWalker-v3", LUDUS_BOX2D_WALKS);
}
TEST(Box2dReturns, BipedalWalkerHardcore) {
  expect_same_distribution("BipedalWalkerHardcore-v3", LUDUS_BOX2D_WALKS);
}

}  // namespace
}  // namespace ludus::envs
