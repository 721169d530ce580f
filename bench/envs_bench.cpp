// Environment steps a second: single environments, vector environments on one thread and on several, and the pool.
//
//   cmake --preset release -DLUDUS_BUILD_BENCH=ON && cmake --build --preset release --target envs_bench
//   build/release/bin/envs_bench --benchmark_filter=CartPole --benchmark_repetitions=9
//
// The measured results are in docs/results/throughput.md.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/float_mode.h"
#include "base/format.h"
#include "envs/core/wrapper.h"
#include "envs/registry/async_pool.h"
#include "envs/registry/registry.h"
#include "envs/vector/action_rows.h"

namespace ludus::envs {
namespace {

constexpr std::size_t kRounds = 64;  // different batches of random actions, taken in turn

// kRounds batches of n random actions of a space.
struct Actions {
  Actions(Space& space, std::size_t n) {
    space.seed(1);
    continuous = is_continuous(space);
    size = n * space.row_size();
    std::vector<double> row(space.row_size());
    for (std::size_t k = 0; k < kRounds * n; ++k) {
      space.to_row(space.sample(), row);
      for (const double number : row) {
        if (continuous) {
          actions.continuous.push_back(static_cast<float>(number));
        } else {
          actions.discrete.push_back(static_cast<std::int64_t>(number));
        }
      }
    }
  }

  // Returns the batch that begins at a number.
  ActionView from(std::size_t first) const {
    if (continuous) return std::span<const float>(actions.continuous).subspan(first, size);
    return std::span<const std::int64_t>(actions.discrete).subspan(first, size);
  }

  bool continuous;
  std::size_t size;  // numbers of a batch
  ActionBatch actions;
};

void report(benchmark::State& state, std::size_t steps_of_an_iteration) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(steps_of_an_iteration));
}

// The Gymnasium loop: one environment, a reset where an episode ends.
void single(benchmark::State& state, const std::string& id) {
  const EnvPtr env = make(id);
  env->action_space().seed(1);
  std::vector<Value> actions;
  for (std::size_t k = 0; k < kRounds; ++k) actions.push_back(env->action_space().sample());
  env->reset(0);
  Step step;
  std::size_t t = 0;
  for (auto _ : state) {
    env->step_into(actions[t++ % kRounds], step);
    benchmark::DoNotOptimize(step.reward);
    if (step.terminated || step.truncated) env->reset();
  }
  report(state, 1);
}

void step_batches(benchmark::State& state, VectorEnv& envs) {
  const Actions actions(envs.single_action_space(), envs.num_envs());
  envs.reset(0);
  std::size_t t = 0;
  for (auto _ : state) {
    const std::size_t first = (t++ % kRounds) * actions.size;
    const VectorStep& step = envs.step(actions.from(first));
    benchmark::DoNotOptimize(step.rewards.data());
  }
  report(state, envs.num_envs());
}

void vector_of(benchmark::State& state, const std::string& id, VectorizationMode mode, std::size_t n,
               std::size_t threads) {
  step_batches(state, *make_vec(id, n, {.mode = mode, .threads = threads}));
}

// Steps the environments that are ready, half of them at a time.
void go_on(benchmark::State& state, AsyncPool& pool) {
  const Actions actions(pool.single_action_space(), pool.batch_size());
  pool.async_reset(0);
  std::size_t t = 0;
  for (auto _ : state) {
    const PoolStep& ready = pool.recv();
    const std::size_t first = (t++ % kRounds) * actions.size;
    pool.send(actions.from(first), ready.env_ids);
  }
  report(state, pool.batch_size());
}

void pool_of(benchmark::State& state, const std::string& id, std::size_t n, std::size_t threads) {
  AsyncPool pool = make_pool(id, n, {.batch_size = n / 2, .threads = threads});
  go_on(state, pool);
}

// CartPole with random step costs: most some microseconds, one in ten thirty times as much, as in games with
// frames differ or in simulators that look for contacts.
class Uneven final : public Wrapper {
 public:
  Uneven(EnvPtr env, std::uint64_t seed) : Wrapper(std::move(env), {}), chance_(seed) {}
  void step_into(const Value& action, Step& out) override {
    const int work = chance_.random() < 0.1 ? 30'000 : 1'000;
    double sum = 0;
    for (int k = 0; k < work; ++k) benchmark::DoNotOptimize(sum += 0.5);
    inner().step_into(action, out);
  }

 protected:
  std::unique_ptr<Wrapper> clone_around(EnvPtr env) const override {
    return std::make_unique<Uneven>(std::move(env), 0);
  }

 private:
  Generator chance_;
};

VectorOptions uneven(std::size_t threads) {
  return {.wrap = [seed = std::uint64_t{0}](EnvPtr env) mutable -> EnvPtr {
            return std::make_unique<Uneven>(std::move(env), seed++);
          },
          .threads = threads};
}

void register_all() {
  const auto add = [](const std::string& name, auto function) {
    benchmark::RegisterBenchmark(name.c_str(), function)->UseRealTime();
  };
  for (const std::string id : {"CartPole-v1", "Pendulum-v1", "Acrobot-v1", "Taxi-v4"}) {
    add(id + "/env", [id](benchmark::State& state) { single(state, id); });
    for (const std::size_t n : {1u, 16u, 1024u}) {
      for (const std::size_t threads : {1u, 2u}) {
        if (threads > n) continue;
        const std::string size = formatted("/{}/threads:{}", n, threads);
        add(id + "/simulator" + size,
            [=](benchmark::State& state) { vector_of(state, id, VectorizationMode::kSimulator, n, threads); });
        if (n == 1024) continue;
        add(id + "/sync" + size,
            [=](benchmark::State& state) { vector_of(state, id, VectorizationMode::kSync, n, threads); });
      }
    }
    add(id + "/pool/16/batch:8/threads:2", [id](benchmark::State& state) { pool_of(state, id, 16, 2); });
  }
  for (const std::size_t n : {16u, 1024u}) {
    add(formatted("CartPole-v1/batched/{}", n),
        [n](benchmark::State& state) { vector_of(state, "CartPole-v1", VectorizationMode::kVectorEntry, n, 1); });
  }
  for (const std::size_t threads : {1u, 2u}) {
    const std::string by = formatted("/16/threads:{}", threads);
    add("Uneven/sync" + by,
        [threads](benchmark::State& state) { step_batches(state, *make_vec("CartPole-v1", 16, uneven(threads))); });
    add("Uneven/pool/batch:4" + by, [threads](benchmark::State& state) {
      AsyncPool pool = make_pool("CartPole-v1", 16, {.batch_size = 4, .threads = threads, .vector = uneven(1)});
      go_on(state, pool);
    });
  }
}

}  // namespace
}  // namespace ludus::envs

int main(int argc, char** argv) {
  ludus::flush_denormals_on_this_thread();
  ludus::envs::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
