// Policies in ONNX against predict(), computed by the reader in Python.
#include <gtest/gtest.h>

#include "agents/algorithms.h"
#include "agents/runner/recorded_examples.h"
#include "nn/model/onnx_policy.h"
#include "tests/agents/support/drive.h"
#include "tests/support/onnx_reference.h"

namespace ludus::agents {
namespace {

using test_support::OnnxReference;

// The observations of the examples, and the actions.
template <class T>
Array rows_of(const std::vector<nn::RecordedExample>& examples, std::vector<T> nn::RecordedExample::*member) {
  std::vector<T> numbers;
  for (const nn::RecordedExample& e : examples) numbers.insert(numbers.end(), (e.*member).begin(), (e.*member).end());
  const auto count = static_cast<std::int64_t>(examples.size());
  return Array::of(std::span<const T>(numbers), Shape{count, static_cast<std::int64_t>(numbers.size()) / count});
}

// Actions of Pendulum are in [-2, 2]: 1e-6 of the range.
TEST(OnnxExport, PoliciesActTheSameOnTenThousandObservations) {
  if (!OnnxReference::is_available()) GTEST_SKIP() << "skipped: no python3-onnx";
  const std::vector<std::tuple<const char*, const char*, Dict>> policies{
      {"ppo", "Pendulum-v1", {{"normalize_observations", true}}},
      {"dqn", "CartPole-v1", {}},
      {"sac", "Pendulum-v1", {{"hidden", List{64, 64}}}},
  };
  OnnxReference reference;
  for (const auto& [algorithm, id, settings] : policies) {
    SCOPED_TRACE(algorithm);
    const auto envs = testing::make_envs(id, 8);
    const EnvSignature signature = EnvSignature::of(*envs);
    AgentPtr agent = find_algorithm(algorithm).make(settings, signature, 7, "cpu");
    agent->begin(400);
    testing::Driver(*envs, *agent, 3).run(400);
    const auto examples = record_examples(*agent, *envs, 10'000, 1);
    const nn::ExportedPolicy policy = agent->export_policy();
    reference.add(nn::export_onnx(policy), std::vector{rows_of(examples, &nn::RecordedExample::input)},
                  std::vector{policy.action.is_discrete() ? rows_of(examples, &nn::RecordedExample::choices)
                                                          : rows_of(examples, &nn::RecordedExample::numbers)});
  }
  const auto [equal, report] = reference.compare("4e-6");
  EXPECT_TRUE(equal) << report;
  RecordProperty("report", report);
}

}  // namespace
}  // namespace ludus::agents
