// Sampling from replay buffers: uniform, and prioritised with updates of the priorities.
//
//   cmake --preset release -DLUDUS_BUILD_BENCH=ON && cmake --build --preset release --target replay_bench
//   build/release/bin/replay_bench --benchmark_enable_random_interleaving=true --benchmark_repetitions=9
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "base/format.h"
#include "replay/replay_buffer.h"

namespace ludus::replay {
namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kObservation = 8;  // numbers, as in LunarLander

// A full replay buffer with random TD errors.
std::unique_ptr<ReplayBuffer> full_memory(ReplayOptions options, Generator& generator) {
  std::unique_ptr<ReplayBuffer> memory = make_replay_buffer(options);
  std::vector<float> observation(options.observation_size);
  const std::vector<float> action(options.action_size);
  std::vector<std::size_t> slot(1);
  std::vector<float> error(1);
  for (slot[0] = 0; slot[0] < options.capacity; ++slot[0]) {
    for (float& number : observation) number = static_cast<float>(generator.integers(256));
    memory->add({.observation = observation, .action = action, .next_observation = observation});
    error[0] = static_cast<float>(generator.normal(0, 1));
    memory->update_priorities(slot, error);
  }
  return memory;
}

void draw(benchmark::State& state, const ReplayOptions& options) {
  Generator generator(1);
  const std::unique_ptr<ReplayBuffer> memory = full_memory(options, generator);
  std::vector<float> errors(kBatch);
  Batch batch;
  for (auto _ : state) {
    memory->sample(kBatch, generator, batch);
    for (std::size_t i = 0; i < kBatch; ++i) errors[i] = batch.observations[i];
    memory->update_priorities(batch.slots, errors);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

// A step comes: stacks of four images, three of which are there already.
void add_frames(benchmark::State& state, std::size_t frame) {
  Generator generator(1);
  const ReplayOptions options{.capacity = 10'000, .observation_size = 4 * frame, .action_size = 1, .frame_size = frame};
  const std::unique_ptr<ReplayBuffer> memory = make_replay_buffer(options);
  const std::vector<float> action(1);
  std::vector<float> pixels(64 * frame);  // images one after another: any five consecutive ones are two stacks
  for (float& pixel : pixels) pixel = static_cast<float>(generator.integers(256));
  std::size_t t = 0;
  for (auto _ : state) {
    pixels[(t % 60) * frame] = static_cast<float>(t / 60 % 256);  // otherwise the buffer would soon contain every frame
    const auto from = std::span<const float>(pixels).subspan((t++ % 60) * frame);
    memory->add(
        {.observation = from.first(4 * frame), .action = action, .next_observation = from.subspan(frame, 4 * frame)});
  }
  state.SetItemsProcessed(state.iterations());
}

void draw_frames(benchmark::State& state, std::size_t frame) {
  draw(state, {.capacity = 2'000, .observation_size = 4 * frame, .action_size = 1, .frame_size = frame});
}

void register_all() {
  for (const std::size_t capacity : {std::size_t{100'000}, std::size_t{1'000'000}}) {
    const ReplayOptions uniform{.capacity = capacity, .observation_size = kObservation, .action_size = 1};
    ReplayOptions prioritised = uniform;
    prioritised.priorities = PriorityOptions{};
    const std::string size = formatted("/{}", capacity);
    benchmark::RegisterBenchmark(("uniform" + size).c_str(), [=](auto& state) { draw(state, uniform); });
    benchmark::RegisterBenchmark(("prioritised" + size).c_str(), [=](auto& state) { draw(state, prioritised); });
  }
  const std::size_t frame = 84 * 84;
  benchmark::RegisterBenchmark("frames/draw", [=](auto& state) { draw_frames(state, frame); });
  benchmark::RegisterBenchmark("frames/add", [=](auto& state) { add_frames(state, frame); });
}

}  // namespace
}  // namespace ludus::replay

int main(int argc, char** argv) {
  ludus::replay::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
