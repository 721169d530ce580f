// Every record of Gymnasium's wrappers, single and vector, to the last bit.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <iostream>
#include <set>

#include "base/value_io.h"
#include "envs/registry/registry.h"
#include "envs/registry/wrapper_table.h"
#include "envs/wrappers/normalize_observation.h"
#include "envs/wrappers/normalize_reward.h"
#include "envs/wrappers/record_episode_statistics.h"
#include "envs/wrappers/transform_wrappers.h"
#include "envs/wrappers/vector/normalize.h"
#include "envs/wrappers/vector/record_episode_statistics.h"
#include "tests/support/golden.h"

namespace ludus::envs {
namespace {

using testing::doubles_of;

// All numbers of an observation, parts of a dictionary one behind the other.
std::vector<double> numbers_of(const Value& value) {
  std::vector<double> numbers;
  if (value.is_dict()) {
    for (const auto& [key, part] : value.as_dict()) {
      for (const double number : numbers_of(part)) numbers.push_back(number);
    }
  } else if (value.is_list()) {
    numbers = doubles_of(value);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.as_array().size(); ++i) numbers.push_back(value.as_array().get(i));
  } else {
    numbers.push_back(value.as_double());
  }
  return numbers;
}

// Compares numbers to the last bit, and remembers how far they were apart.
class Comparison {
 public:
  void numbers(const std::string& what, const std::vector<double>& ours, const std::vector<double>& theirs) {
    if (ours.size() != theirs.size()) {
      differ(what + ": " + std::to_string(ours.size()) + " numbers against " + std::to_string(theirs.size()), INFINITY);
      return;
    }
    for (std::size_t i = 0; i < ours.size(); ++i) {
      ++compared_;
      if (std::bit_cast<std::uint64_t>(ours[i]) == std::bit_cast<std::uint64_t>(theirs[i])) continue;
      differ(what + "[" + std::to_string(i) + "]: " + to_json(ours[i]) + " against " + to_json(theirs[i]),
             std::abs(ours[i] - theirs[i]));
    }
  }
  void number(const std::string& what, double ours, double theirs) { numbers(what, {ours}, {theirs}); }

  double worst() const { return worst_; }
  std::size_t compared() const { return compared_; }
  const std::string& first() const { return first_; }

 private:
  void differ(const std::string& what, double by) {
    worst_ = std::max(worst_, by);
    if (first_.empty()) first_ = what;
  }

  double worst_ = 0;
  std::size_t compared_ = 0;
  std::string first_;
};

// The record's wrappers from the inside out.
std::vector<WrapperSpec> stack_of(const Dict& record) {
  std::vector<WrapperSpec> stack;
  for (const Value& wrapper : record.at("stack").as_list()) {
    stack.insert(stack.begin(), {wrapper.as_list()[0].as_string(), wrapper.as_list()[1].as_dict()});
  }
  return stack;
}

// "update_running_mean_until_step" is the recorder's own; none: the statistics are never frozen.
std::int64_t take_freeze_step(WrapperSpec& wrapper) {
  const Value* step = wrapper.kwargs.find("update_running_mean_until_step");
  const std::int64_t freeze = step ? step->as_int() : -1;
  wrapper.kwargs.erase("update_running_mean_until_step");
  return freeze;
}

EnvPtr apply_wrapper(EnvPtr env, const WrapperSpec& wrapper) {
  if (wrapper.name != "TransformReward") return wrap(std::move(env), wrapper);
  const bool halved = wrapper.kwargs.at("func").as_string() == "0.5*r - 1";
  return std::make_unique<TransformReward>(std::move(env), [=](double r) { return halved ? 0.5 * r - 1 : 0.01 * r; });
}

template <class Statistics>
void compare_statistics(const Dict& after, Statistics& wrapper, Comparison& comparison) {
  comparison.numbers("mean", numbers_of(wrapper.statistics().mean()), numbers_of(after.at("mean")));
  comparison.numbers("variance", numbers_of(wrapper.statistics().variance()), numbers_of(after.at("var")));
  comparison.number("count", wrapper.statistics().count(), after.at("count").as_double());
}

// Gymnasium 1.3.0 loses the first step of every episode but the first in the autoreset mode same_step (fixed in its
// main branch). The recorded returns and lengths of those episodes are CartPole's, one reward and one step too small.
std::vector<double> with_lost_step(std::vector<double> recorded, std::size_t first_episodes, bool same_step) {
  for (std::size_t i = first_episodes; same_step && i < recorded.size(); ++i) recorded[i] += 1;
  return recorded;
}

template <class Statistics>
void compare_queues(const Dict& after, const Statistics& wrapper, Comparison& comparison,
                    std::size_t first_episodes = 0, bool same_step = false) {
  comparison.numbers("returns", {wrapper.return_queue().begin(), wrapper.return_queue().end()},
                     with_lost_step(doubles_of(after.at("return_queue")), first_episodes, same_step));
  comparison.numbers("lengths", {wrapper.length_queue().begin(), wrapper.length_queue().end()},
                     with_lost_step(doubles_of(after.at("length_queue")), first_episodes, same_step));
  comparison.number("episodes", static_cast<double>(wrapper.episode_count()), after.at("episode_count").as_double());
}

void compare_single_after(const Dict& record, Env& env, Comparison& comparison) {
  const Value* field = record.find("after");
  if (!field) return;
  const Dict& after = field->as_dict();
  std::size_t understood = 0;
  if (auto* observation = find_wrapper<NormalizeObservation>(env)) {
    compare_statistics(after, *observation, comparison);
    ++understood;
  }
  if (auto* reward = find_wrapper<NormalizeReward>(env)) {
    compare_statistics(after, *reward, comparison);
    comparison.numbers("return", {reward->discounted_return()}, doubles_of(after.at("discounted_reward")));
    ++understood;
  }
  if (auto* statistics = find_wrapper<RecordEpisodeStatistics>(env)) {
    compare_queues(after, *statistics, comparison);
    ++understood;
  }
  ASSERT_EQ(understood, 1u) << "a state after use that was not compared";
}

void freeze(Env& env) {
  if (auto* observation = find_wrapper<NormalizeObservation>(env)) observation->set_update_running_mean(false);
  if (auto* reward = find_wrapper<NormalizeReward>(env)) reward->set_update_running_mean(false);
}

// One record was made with another time limit and does not say so; its truncated episodes do.
std::optional<std::int64_t> time_limit_of(const Dict& record) {
  for (const WrapperSpec& wrapper : stack_of(record)) {
    if (wrapper.name == "TimeLimit") return {};
  }
  for (const Value& episode : record.at("episodes").as_list()) {
    const List& truncated = episode.as_dict().at("truncated").as_list();
    if (!truncated.empty() && truncated.back().as_bool()) return static_cast<std::int64_t>(truncated.size());
  }
  return {};
}

Comparison play_single(const Dict& record) {
  Comparison comparison;
  EnvPtr env = make(record.at("env_id").as_string(), {}, {.max_episode_steps = time_limit_of(record)});
  std::int64_t freeze_step = -1;
  for (WrapperSpec& wrapper : stack_of(record)) {
    freeze_step = std::max(freeze_step, take_freeze_step(wrapper));
    env = apply_wrapper(std::move(env), wrapper);
  }
  EXPECT_TRUE(env->observation_space().equals(*space_from_spec(record.at("observation_space").as_dict())))
      << env->observation_space().to_string();
  EXPECT_TRUE(env->action_space().equals(*space_from_spec(record.at("action_space").as_dict())))
      << env->action_space().to_string();

  std::optional<std::uint64_t> seed = testing::uint64_of(record.at("seed"));
  std::int64_t steps = 0;
  Step step;
  for (const Value& line : record.at("episodes").as_list()) {
    const Dict& episode = line.as_dict();
    const List& observations = episode.at("obs").as_list();
    comparison.numbers("first observation", numbers_of(env->reset(seed).observation), numbers_of(observations[0]));
    seed.reset();
    const List& actions = episode.at("actions").as_list();
    for (std::size_t t = 0; t < actions.size(); ++t) {
      const std::string at = " after step " + std::to_string(steps);
      const Value action = actions[t].is_list()
                               ? Value(to_array(actions[t], dtype_of(record.at("action_dtype").as_string())))
                               : actions[t];
      env->step_into(action, step);
      comparison.numbers("observation" + at, numbers_of(step.observation), numbers_of(observations[t + 1]));
      comparison.number("reward" + at, step.reward, episode.at("reward").as_list()[t].as_double());
      comparison.number("terminated" + at, step.terminated, episode.at("terminated").as_list()[t].as_bool());
      comparison.number("truncated" + at, step.truncated, episode.at("truncated").as_list()[t].as_bool());
      if (++steps == freeze_step) freeze(*env);
    }
    if (const Value* told = episode.find("episode_info")) {
      const Dict& info = step.info.at("episode").as_dict();
      comparison.number("r", info.at("r").as_double(), told->as_dict().at("r").as_double());
      comparison.number("l", info.at("l").as_double(), told->as_dict().at("l").as_double());
    }
  }
  compare_single_after(record, *env, comparison);
  return comparison;
}

template <class T>
std::vector<double> widened(const std::vector<T>& numbers) {
  return {numbers.begin(), numbers.end()};
}

// `episodes`: (N) those that have ended in each environment, counted on.
void compare_vector_info(const Dict& record, std::size_t t, const VectorStep& step, std::size_t row,
                         std::vector<std::size_t>& episodes, Comparison& comparison) {
  const Value* told = record.at("info").as_dict().find(std::to_string(t));
  EXPECT_EQ(told && told->as_dict().contains("episode"), step.info.contains("episode")) << t;
  if (!told) return;
  for (const auto& [key, value] : told->as_dict()) {
    if (key == "episode") {
      for (const char* name : {"r", "l"}) {
        std::vector<double> theirs = numbers_of(value.as_dict().at(name));
        for (std::size_t i = 0; i < theirs.size(); ++i) {
          if (step.has_final[i] && episodes[i] > 0) theirs[i] += 1;  // see with_lost_step
        }
        comparison.numbers(name, numbers_of(step.info.at(key).as_dict().at(name)), theirs);
      }
      for (std::size_t i = 0; i < episodes.size(); ++i) episodes[i] += step.has_final[i];
    } else if (key == "_episode") {
      comparison.numbers(key, numbers_of(step.info.at(key)), numbers_of(to_array(value, DType::kBool)));
    } else if (key == "_final_obs" || key == "_final_info") {
      comparison.numbers(key, widened(step.has_final), numbers_of(to_array(value, DType::kBool)));
    } else if (key == "final_obs") {
      for (std::size_t i = 0; i < value.as_list().size(); ++i) {
        if (value.as_list()[i].is_null()) continue;
        const auto begin = step.final_observations.begin() + static_cast<std::ptrdiff_t>(i * row);
        comparison.numbers(key, {begin, begin + static_cast<std::ptrdiff_t>(row)}, numbers_of(value.as_list()[i]));
      }
    } else {
      EXPECT_EQ(key, "final_info");
      EXPECT_TRUE(value.as_dict().empty());
    }
  }
}

Comparison play_vector(const Dict& record, VectorizationMode mode) {
  Comparison comparison;
  const bool same_step = record.at("autoreset_mode").as_string() == "SameStep";
  VectorEnvPtr envs =
      make_vec(record.at("env_id").as_string(), static_cast<std::size_t>(record.at("num_envs").as_int()),
               {.mode = mode,
                .autoreset = same_step ? AutoresetMode::kSameStep : AutoresetMode::kNextStep,
                .max_episode_steps = record.at("max_episode_steps").as_int()});
  for (const WrapperSpec& wrapper : stack_of(record)) envs = wrap(std::move(envs), wrapper);

  const List& observations = record.at("obs").as_list();
  comparison.numbers("first observations", widened(envs->reset(testing::uint64_of(record.at("seed"))).observations),
                     numbers_of(observations[0]));
  const List& actions = record.at("actions").as_list();
  std::vector<std::size_t> episodes(envs->num_envs());
  for (std::size_t t = 0; t < actions.size(); ++t) {
    const std::string at = " after step " + std::to_string(t);
    const std::vector<double> numbers = numbers_of(actions[t]);
    ActionBatch batch;
    if (envs->has_continuous_actions()) {
      batch.continuous.assign(numbers.begin(), numbers.end());
    } else {
      batch.discrete.assign(numbers.begin(), numbers.end());
    }
    const VectorStep& step = envs->step(batch);
    comparison.numbers("observations" + at, widened(step.observations), numbers_of(observations[t + 1]));
    comparison.numbers("rewards" + at, step.rewards, numbers_of(record.at("reward").as_list()[t]));
    comparison.numbers("terminated" + at, widened(step.terminated),
                       numbers_of(to_array(record.at("terminated").as_list()[t], DType::kBool)));
    comparison.numbers("truncated" + at, widened(step.truncated),
                       numbers_of(to_array(record.at("truncated").as_list()[t], DType::kBool)));
    compare_vector_info(record, t, step, envs->observation_size(), episodes, comparison);
  }

  const Dict& after = record.at("after").as_dict();
  if (auto* observation = find_wrapper<vector::NormalizeObservation>(*envs)) {
    compare_statistics(after, *observation, comparison);
  } else if (auto* reward = find_wrapper<vector::NormalizeReward>(*envs)) {
    compare_statistics(after, *reward, comparison);
    const auto returns = reward->discounted_returns();
    comparison.numbers("returns", {returns.begin(), returns.end()}, doubles_of(after.at("accumulated_reward")));
  } else {
    auto* statistics = find_wrapper<vector::RecordEpisodeStatistics>(*envs);
    EXPECT_TRUE(statistics);
    if (statistics) compare_queues(after, *statistics, comparison, envs->num_envs(), same_step);
  }
  return comparison;
}

std::string name_of_record(const Dict& record) {
  return to_json(record.at("stack")) + " " + record.at("env_id").as_string();
}

// NumPy 1 kept the variance of a float32 batch times its size in double, and NumPy 2, which ludus follows, rounds it to
// float32. The only record that shows it and has no twin of NumPy 2 is CartPole's vector.NormalizeReward.
double allowed(const Dict& record, bool numpy_2) {
  const bool shows_it = !numpy_2 && record.at("env_id").as_string() == "CartPole-v1" &&
                        record.at("stack").as_list()[0].as_list()[0].as_string() == "vector.NormalizeReward";
  return shows_it ? 3.8e-7 : 0;
}

TEST(WrappersGolden, EveryRecord) {
  const auto numpy_2 = testing::read_jsonl(testing::golden_directory() / "wrappers.nep50.jsonl");
  const auto numpy_1 = testing::read_jsonl(testing::golden_directory() / "wrappers.jsonl");
  std::set<std::string> told_by_numpy_2;
  std::size_t played = 0, skipped = 0;
  for (const auto* file : {&numpy_2, &numpy_1}) {
    for (const Value& line : *file) {
      const Dict& record = line.as_dict();
      if (record.contains("meta")) continue;
      const std::string name = name_of_record(record);
      if (file == &numpy_2) told_by_numpy_2.insert(name);
      if (file == &numpy_1 && told_by_numpy_2.contains(name)) {
        ++skipped;
        continue;
      }
      SCOPED_TRACE(name);
      std::vector<Comparison> comparisons;
      if (record.contains("vector")) {
        comparisons.push_back(play_vector(record, VectorizationMode::kSync));
        comparisons.push_back(play_vector(record, VectorizationMode::kSimulator));
      } else {
        comparisons.push_back(play_single(record));
      }
      for (const Comparison& comparison : comparisons) {
        EXPECT_GT(comparison.compared(), 100u);
        EXPECT_LE(comparison.worst(), allowed(record, file == &numpy_2)) << comparison.first();
        std::cout << comparison.worst() << "  " << comparison.compared() << " numbers  " << name << "\n";
      }
      ++played;
    }
  }
  EXPECT_EQ(played + skipped, numpy_1.size() - 1 + numpy_2.size() - 1);
}

}  // namespace
}  // namespace ludus::envs
