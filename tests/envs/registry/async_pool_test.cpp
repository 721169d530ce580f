#include "envs/registry/async_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "envs/core/wrapper.h"
#include "envs/vector/sync_vector_env.h"
#include "tests/envs/support/drive.h"
#include "tests/envs/support/fragile.h"

namespace ludus::envs {
namespace {

using testing::Hash;

// Sleeps for a varying time in every step.
class Dawdling final : public Wrapper {
 public:
  Dawdling(EnvPtr env, std::uint64_t seed) : Wrapper(std::move(env), {}), chance_(seed) {}
  void step_into(const Value& action, Step& out) override {
    std::this_thread::sleep_for(std::chrono::microseconds(chance_.integers(150)));
    inner().step_into(action, out);
  }

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override {
    return std::make_unique<Dawdling>(std::move(env), 0);
  }

 private:
  Generator chance_;
};

// Converts row k of the pool's result to the result of a vector environment of one.
VectorStep row_of(const PoolStep& step, std::size_t k) {
  const std::size_t size = step.observations.size() / step.env_ids.size();
  const auto rows = [&](const std::vector<float>& all) {
    const auto first = all.begin() + static_cast<std::ptrdiff_t>(k * size);
    return std::vector<float>(first, first + static_cast<std::ptrdiff_t>(size));
  };
  VectorStep one{.observations = rows(step.observations),
                 .rewards = {step.rewards[k]},
                 .terminated = {step.terminated[k]},
                 .truncated = {step.truncated[k]},
                 .final_observations = rows(step.final_observations),
                 .has_final = {step.has_final[k]},
                 .was_reset = {step.was_reset[k]},
                 .info = {}};
  // every entry of this environment, including nested dictionaries
  const std::function<Dict(const Dict&)> row_of_info = [&](const Dict& info) {
    Dict row;
    for (const auto& [key, value] : info) {
      const Value* mask = info.find("_" + key);
      if (!mask || !mask->as_array().data<bool>()[k]) continue;
      row[key] = value.is_dict()   ? Value(row_of_info(value.as_dict()))
                 : value.is_list() ? value.as_list()[k]
                                   : Value(value.as_array().get(k * (value.as_array().size() / step.env_ids.size())));
    }
    return row;
  };
  one.info = row_of_info(step.info);
  return one;
}

// Five environments with independent random actions; returns one hash of the first 60 results of each.
constexpr std::size_t kEnvs = 5;
constexpr int kResults = 60;
constexpr std::uint64_t kSeed = 7;

struct Way {
  std::string id;
  AutoresetMode autoreset;
};

VectorOptions options_of(const Way& way) {
  return {.autoreset = way.autoreset, .max_episode_steps = 11};
}

SpacePtr actions_of(std::size_t env_id, const Space& space) {
  SpacePtr actions = space.clone();
  actions->seed(100 + env_id);
  return actions;
}

void add(Hash& hash, VectorStep one) {
  if (!one.has_final[0]) one.final_observations.clear();  // remains from an earlier episode
  hash.add(one);
}

std::vector<std::uint64_t> hashes_one_by_one(const Way& way) {
  std::vector<std::uint64_t> hashes;
  for (std::size_t i = 0; i < kEnvs; ++i) {
    VectorOptions options = options_of(way);
    options.mode = VectorizationMode::kSync;  // as in the pool, which uses wrapped environments
    const auto env = make_vec(way.id, 1, options);
    const SpacePtr actions = actions_of(i, env->single_action_space());
    Hash hash;
    env->reset(kSeed + i);
    bool reset = true;
    for (int t = 0; t < kResults; ++t) {
      PoolStep one{env->last(), {0}};
      if (reset) one.was_reset[0] = 1;
      add(hash, row_of(one, 0));
      reset = testing::reset_ended(*env);
      if (!reset) env->step(testing::random_actions(*actions, 1));
    }
    hashes.push_back(hash.value());
  }
  return hashes;
}

std::vector<std::uint64_t> hashes_of_pool(const Way& way, std::size_t batch_size, std::size_t threads) {
  PoolOptions options{.batch_size = batch_size, .threads = threads, .vector = options_of(way)};
  std::uint64_t seed = 0;
  options.vector.wrap = [&](EnvPtr env) -> EnvPtr { return std::make_unique<Dawdling>(std::move(env), seed++); };
  AsyncPool pool = make_pool(way.id, kEnvs, options);
  std::vector<SpacePtr> actions;
  for (std::size_t i = 0; i < kEnvs; ++i) actions.push_back(actions_of(i, pool.single_action_space()));

  std::vector<Hash> hashes(kEnvs);
  std::vector<int> results(kEnvs, 0);
  pool.async_reset(kSeed);
  while (*std::min_element(results.begin(), results.end()) < kResults) {
    const PoolStep& ready = pool.recv();
    for (std::size_t k = 0; k < batch_size; ++k) {
      const std::size_t i = ready.env_ids[k];
      if (results[i]++ < kResults) add(hashes[i], row_of(ready, k));
      const bool ended = ready.terminated[k] || ready.truncated[k];
      if (way.autoreset == AutoresetMode::kDisabled && ended) {
        pool.async_reset({&i, 1});
      } else {
        pool.send(testing::random_actions(*actions[i], 1), {&i, 1});
      }
    }
  }
  std::vector<std::uint64_t> values;
  for (const Hash& hash : hashes) values.push_back(hash.value());
  return values;
}

TEST(AsyncPool, EveryEnvironmentGoesItsOwnWayWhateverTheOrder) {
  for (const char* id : {"CartPole-v1", "Pendulum-v1", "Taxi-v4"}) {
    for (const auto autoreset : {AutoresetMode::kNextStep, AutoresetMode::kSameStep, AutoresetMode::kDisabled}) {
      const Way way{id, autoreset};
      const std::vector<std::uint64_t> alone = hashes_one_by_one(way);
      EXPECT_EQ(hashes_of_pool(way, 1, 3), alone) << id << " " << name_of(autoreset);
      EXPECT_EQ(hashes_of_pool(way, 3, 2), alone) << id << " " << name_of(autoreset);
      EXPECT_EQ(hashes_of_pool(way, 5, 3), alone) << id << " " << name_of(autoreset);
    }
  }
}

TEST(AsyncPool, WithAllInABatchItIsTheVectorEnvironment) {
  AsyncPool pool = make_pool("CartPole-v1", 3);
  EXPECT_EQ(pool.batch_size(), 3u);
  const auto envs = make_vec("CartPole-v1", 3);
  pool.async_reset(9);
  envs->reset(9);
  const std::vector<std::int64_t> actions{1, 0, 1};
  for (int t = 0; t < 30; ++t) {
    const PoolStep& ready = pool.recv();
    for (std::size_t k = 0; k < 3; ++k) {
      const auto row = envs->last().observations.begin() + static_cast<std::ptrdiff_t>(4 * ready.env_ids[k]);
      EXPECT_EQ(row_of(ready, k).observations, std::vector<float>(row, row + 4));
      EXPECT_EQ(ready.terminated[k], envs->last().terminated[ready.env_ids[k]]);
    }
    pool.send(actions, std::vector<std::size_t>{0, 1, 2});
    envs->step(actions);
  }
}

// Waits in every step until its gate is open.
struct Gate {
  std::atomic<bool> open{false};
  std::atomic<int> passed{0};
};
class Gated final : public Wrapper {
 public:
  Gated(EnvPtr env, Gate& gate) : Wrapper(std::move(env), {}), gate_(gate) {}
  void step_into(const Value& action, Step& out) override {
    while (!gate_.open) std::this_thread::yield();
    ++gate_.passed;
    inner().step_into(action, out);
  }

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override {
    return std::make_unique<Gated>(std::move(env), gate_);
  }

 private:
  Gate& gate_;
};

// A pool in which environment i waits at gate i.
AsyncPool gated_pool(std::vector<Gate>& gates, const PoolOptions& options) {
  PoolOptions all = options;
  std::size_t i = 0;
  all.vector.wrap = [&](EnvPtr env) -> EnvPtr { return std::make_unique<Gated>(std::move(env), gates[i++]); };
  return make_pool("CartPole-v1", gates.size(), all);
}

const std::vector<std::int64_t> kThreeActions{0, 1, 0};
const std::vector<std::size_t> kAllThree{0, 1, 2};

TEST(AsyncPool, WhoIsReadyFirstIsServedFirst) {
  std::vector<Gate> gates(3);
  AsyncPool pool = gated_pool(gates, {.batch_size = 1, .threads = 3});
  pool.async_reset(0);
  for (int i = 0; i < 3; ++i) pool.recv();
  pool.send(kThreeActions, kAllThree);
  for (const std::size_t first : {1u, 2u, 0u}) {
    gates[first].open = true;
    EXPECT_EQ(pool.recv().env_ids, std::vector<std::size_t>{first});
  }
  EXPECT_EQ(pool.pending(), 0u);
}

TEST(AsyncPool, EndsWithWorkUnderWay) {
  std::vector<Gate> gates(3);
  {
    AsyncPool pool = gated_pool(gates, {.batch_size = 3, .threads = 1});
    pool.async_reset(0);
    pool.recv();
    pool.send(kThreeActions, kAllThree);
    for (Gate& gate : gates) gate.open = true;
  }
  // running steps finished, and none started afterwards
  const int passed = gates[0].passed + gates[1].passed + gates[2].passed;
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_EQ(gates[0].passed + gates[1].passed + gates[2].passed, passed);
}

TEST(AsyncPool, RefusesCallsOutOfTurnAndSetsOffNothing) {
  std::vector<Gate> gates(3);
  AsyncPool pool = gated_pool(gates, {.batch_size = 2, .threads = 2});
  const auto send = [&](const std::vector<std::int64_t>& actions, const std::vector<std::size_t>& env_ids) {
    pool.send(actions, env_ids);
  };
  EXPECT_THROW(pool.recv(), NoAsyncCall);
  EXPECT_THROW(send({0}, {0}), ResetNeeded);
  pool.async_reset(1);
  EXPECT_THROW(pool.async_reset(1), AlreadyPendingCall);
  EXPECT_THROW(send({0}, {0}), AlreadyPendingCall);
  EXPECT_THROW(pool.get_state(), AlreadyPendingCall);
  pool.recv();
  EXPECT_THROW(pool.recv(), NoAsyncCall);  // one call is pending, fewer than the batch size of two
  EXPECT_EQ(pool.pending(), 1u);

  std::vector<std::size_t> idle;
  for (const std::size_t i : kAllThree) {
    try {
      pool.last(i);
      idle.push_back(i);
    } catch (const AlreadyPendingCall&) {
    }
  }
  ASSERT_EQ(idle.size(), 2u);
  EXPECT_THROW(send({0, 2}, idle), InvalidAction);
  EXPECT_THROW(send({0}, idle), InvalidAction);
  EXPECT_THROW(pool.send(std::vector<float>{0, 1}, idle), InvalidAction);
  EXPECT_THROW(send({0, 1}, {idle[0], idle[0]}), InvalidArgument);
  EXPECT_THROW(send({0}, {3}), InvalidArgument);
  EXPECT_THROW(pool.async_reset(idle, 0, {{"reset_mask", Array::of({true})}}), InvalidArgument);
  EXPECT_EQ(pool.pending(), 1u);
  for (Gate& gate : gates) gate.open = true;
  send({0, 1}, idle);
  EXPECT_EQ(pool.pending(), 3u);
  EXPECT_EQ(pool.recv().env_ids.size(), 2u);
}

TEST(AsyncPool, DisabledAsksForAResetOfWhatHasEnded) {
  AsyncPool pool =
      make_pool("CartPole-v1", 1, {.vector = {.autoreset = AutoresetMode::kDisabled, .max_episode_steps = 1}});
  const std::vector<std::int64_t> action{0};
  const std::vector<std::size_t> only{0};
  pool.async_reset(0);
  pool.recv();
  pool.send(action, only);
  EXPECT_EQ(pool.recv().truncated[0], 1);
  EXPECT_THROW(pool.send(action, only), ResetNeeded);
  pool.async_reset();
  EXPECT_EQ(pool.recv().was_reset[0], 1);
  EXPECT_NO_THROW(pool.send(action, only));
}

TEST(AsyncPool, AFailureIsToldWithItsEnvironmentAndTheOthersGoOn) {
  for (const auto& [failure, words] : std::vector<std::pair<std::string, std::string>>{
           {"input", "environment 1: too hot"},
           {"foreign", "environment 1: the environment failed: map::at"},
           {"thing", "environment 1: the environment failed: it threw an object that is not a std::exception"}}) {
    std::vector<VectorEnvPtr> envs;
    for (int i = 0; i < 3; ++i) {
      std::vector<EnvPtr> one;
      one.push_back(std::make_unique<testing::Fragile>(failure));
      envs.push_back(std::make_unique<SyncVectorEnv>(std::move(one), AutoresetMode::kNextStep));
    }
    AsyncPool pool(std::move(envs), 3, 2);
    pool.async_reset(0);
    pool.recv();
    pool.send(kThreeActions, kAllThree);
    try {
      pool.recv();
      FAIL() << "nothing was thrown";
    } catch (const EnvironmentFailed& error) {
      EXPECT_EQ(error.env_id(), 1u);
      EXPECT_EQ(error.what(), words);
    }

    // the other two are still to be received; the failed one must be reset
    EXPECT_EQ(pool.pending(), 2u);
    const std::vector<std::size_t> failed{1};
    EXPECT_THROW(pool.send(std::vector<std::int64_t>{0}, failed), ResetNeeded);
    pool.async_reset(failed);
    std::vector<std::size_t> received = pool.recv().env_ids;
    std::sort(received.begin(), received.end());
    EXPECT_EQ(received, kAllThree);
    pool.send(std::vector<std::int64_t>{0, 0, 0}, kAllThree);
    EXPECT_NO_THROW(pool.recv());
  }
}

TEST(AsyncPool, RestoredItGoesOnIdentically) {
  const auto rewards_after = [](AsyncPool& pool) {
    std::vector<double> sum(4, 0);
    for (int t = 0; t < 50; ++t) {
      pool.send(std::vector<std::int64_t>{0, 1, 1, 0}, std::vector<std::size_t>{0, 1, 2, 3});
      const PoolStep& ready = pool.recv();
      for (std::size_t k = 0; k < 4; ++k) {
        sum[ready.env_ids[k]] += ready.rewards[k] + static_cast<double>(ready.observations[4 * k + 2]);
      }
    }
    return sum;
  };
  AsyncPool pool = make_pool("CartPole-v1", 4), other = make_pool("CartPole-v1", 4);
  pool.async_reset(3);
  pool.recv();
  rewards_after(pool);
  const Value state = decode(encode(pool.get_state()));
  other.set_state(state);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(other.last(i).observations, pool.last(i).observations);
  EXPECT_EQ(rewards_after(other), rewards_after(pool));
  AsyncPool smaller = make_pool("CartPole-v1", 3);
  EXPECT_THROW(smaller.set_state(state), TypeMismatch);
}

TEST(AsyncPool, NeedsEnvironmentsThatFit) {
  EXPECT_THROW(make_pool("CartPole-v1", 0), InvalidArgument);
  EXPECT_THROW(make_pool("CartPole-v1", 2, {.batch_size = 3}), InvalidArgument);
  EXPECT_THROW(make_pool("CartPole-v1", 2, {.vector = {.threads = 2}}), InvalidArgument);
  const auto pool_of = [](const char* first, const char* second, std::size_t second_n) {
    std::vector<VectorEnvPtr> envs;
    envs.push_back(make_vec(first, 1));
    envs.push_back(make_vec(second, second_n));
    return AsyncPool(std::move(envs), 1, 1);
  };
  EXPECT_THROW(pool_of("CartPole-v1", "Acrobot-v1", 1), InvalidArgument);
  EXPECT_THROW(pool_of("CartPole-v1", "CartPole-v1", 2), InvalidArgument);
  std::size_t warnings = 0;
  make_pool("Taxi-v3", 3, {.vector = {.warn = [&](const std::string&) { ++warnings; }}});
  EXPECT_EQ(warnings, 1u);
}

}  // namespace
}  // namespace ludus::envs
