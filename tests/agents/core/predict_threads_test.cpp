// Several threads call predict() of one policy at once.
//
// LUDUS_PREDICT_CALLS sets the number of calls of each thread.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "agents/algorithms.h"
#include "agents/core/action_masks.h"
#include "tests/agents/support/drive.h"
#include "tests/agents/support/small_agents.h"

namespace ludus::agents {
namespace {

constexpr std::size_t kThreads = 3, kBatches = 8;

std::size_t calls(std::size_t by_default) {
  const char* number = std::getenv("LUDUS_PREDICT_CALLS");
  return number ? std::stoul(number) : by_default;
}

// Observations of up to kBatches environments, with masks that allow all but one action where the agent uses masks.
struct Request {
  std::vector<float> rows;
  std::vector<std::uint8_t> masks;
  std::size_t size = 0;

  envs::ObservationBatch batch() const { return {.rows = rows, .size = size, .masks = masks}; }
};

std::vector<Request> requests_for(const EnvSignature& signature, bool masked) {
  Generator random(1);
  std::vector<Request> requests(kBatches);
  for (std::size_t k = 0; k < kBatches; ++k) {
    Request& request = requests[k];
    request.size = 1 + k;
    const envs::SpacePtr space = signature.observation_space->clone();
    space->seed(k);
    std::vector<double> row(signature.observation_size);
    for (std::size_t i = 0; i < request.size; ++i) {
      space->to_row(space->sample(), row);
      for (const double number : row) request.rows.push_back(static_cast<float>(std::clamp(number, -255.0, 255.0)));
      const auto actions = masked ? static_cast<std::size_t>(signature.discrete_actions("test").n()) : 0;
      const auto forbidden = static_cast<std::size_t>(random.integers(8)) % std::max<std::size_t>(actions, 1);
      for (std::size_t a = 0; a < actions; ++a) request.masks.push_back(a == forbidden ? 0 : 1);
    }
  }
  return requests;
}

// Deterministic calls give what a single thread gets; stochastic ones among them disturb nothing.
void expect_thread_safe(Policy& policy, const std::vector<Request>& requests, std::size_t calls_per_thread) {
  std::vector<envs::ActionBatch> expected(requests.size());
  for (std::size_t k = 0; k < requests.size(); ++k) policy.predict(requests[k].batch(), true, expected[k]);

  std::atomic<std::size_t> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      Generator random(thread);
      envs::ActionBatch actions;
      for (std::size_t call = 0; call < calls_per_thread; ++call) {
        const auto k = static_cast<std::size_t>(random.integers(static_cast<std::int64_t>(requests.size())));
        if (call % 8 == thread) {
          policy.predict(requests[k].batch(), false, actions);
          wrong += actions.discrete.size() != expected[k].discrete.size();
          wrong += actions.continuous.size() != expected[k].continuous.size();
          continue;
        }
        policy.predict(requests[k].batch(), true, actions);
        wrong += actions.discrete != expected[k].discrete || actions.continuous != expected[k].continuous;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong.load(), 0u);
}

class PredictThreads : public ::testing::TestWithParam<std::string> {};

TEST_P(PredictThreads, GiveTheActionsOfASingleThread) {
  const Algorithm& algorithm = find_algorithm(GetParam());
  if (algorithm.name == "random") GTEST_SKIP() << "skipped: random actions are never the same";
  const auto envs = testing::make_envs(testing::environment_for(algorithm.name), 2);
  const EnvSignature signature = EnvSignature::of(*envs);
  const AgentPtr agent = algorithm.make(testing::settings_for(algorithm), signature, 3, "cpu");
  agent->begin(60);
  testing::Driver(*envs, *agent, 4).run(60);
  expect_thread_safe(*agent, requests_for(signature, false), calls(2000));
}

std::vector<std::string> algorithm_names() {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms()) names.push_back(algorithm.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(All, PredictThreads, ::testing::ValuesIn(algorithm_names()),
                         [](const auto& test) { return test.param; });

EnvSignature signature_of(envs::SpacePtr observations, envs::SpacePtr actions) {
  EnvSignature signature;
  signature.spec.id = "AgentsTest/Threads-v0";
  signature.observation_size = observations->row_size();
  signature.action_size = actions->row_size();
  signature.observation_space = std::move(observations);
  signature.action_space = std::move(actions);
  return signature;
}

TEST(PredictThreads, GiveTheActionsOfASingleThreadForImages) {
  for (const std::string algorithm : {"dqn", "ppo", "sac"}) {
    envs::SpacePtr actions = std::make_unique<envs::Discrete>(3);
    if (algorithm == "sac") actions = std::make_unique<envs::Box>(-1.0, 1.0, Shape{2}, DType::kFloat32);
    const EnvSignature signature =
        signature_of(std::make_unique<envs::Box>(0.0, 255.0, Shape{36, 36, 1}, DType::kUInt8), std::move(actions));
    const AgentPtr agent = find_algorithm(algorithm).make({{"hidden", List{8}}}, signature, 3, "cpu");
    expect_thread_safe(*agent, requests_for(signature, false), calls(40));
  }
}

TEST(PredictThreads, GiveTheActionsOfASingleThreadWithMasks) {
  const EnvSignature signature = signature_of(std::make_unique<envs::Box>(-1.0, 1.0, Shape{4}, DType::kFloat32),
                                              std::make_unique<envs::Discrete>(5));
  const AgentPtr agent =
      find_algorithm("ppo").make({{"mask_actions", true}, {"normalize_observations", true}}, signature, 3, "cpu");
  expect_thread_safe(*agent, requests_for(signature, true), calls(2000));
}

TEST(PredictThreads, GiveTheActionsOfASingleThreadWithGsde) {
  for (const std::string algorithm : {"sac", "ppo"}) {
    const auto envs = testing::make_envs("Pendulum-v1", 1);
    const EnvSignature signature = EnvSignature::of(*envs);
    const AgentPtr agent =
        find_algorithm(algorithm).make({{"use_sde", true}, {"hidden", List{8}}}, signature, 3, "cpu");
    expect_thread_safe(*agent, requests_for(signature, false), calls(2000));
  }
}

}  // namespace
}  // namespace ludus::agents
