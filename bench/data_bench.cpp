// Files of data and pipelines: bytes a second of the readers, and what a training waits for.
//
//   data_bench                          throughput, by Google Benchmark
//   data_bench --memory FILE BATCH      one pass over a TFRecord file of tf.Examples: peak resident memory in MB, in a
//                                       separate process, because a peak never falls
//   data_bench --make FILE MB           makes such a file
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "base/crc32c.h"
#include "nn/data/array_source.h"
#include "nn/data/tfrecord_source.h"
#include "nn/io/csv.h"
#include "nn/io/tfrecord.h"

namespace ludus {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

fs::path scratch(const std::string& name) {
  return fs::temp_directory_path() / ("ludus_data_bench_" + name);
}

// Records of an image of 64 x 64 x 3 bytes and a label.
void make_file(const fs::path& path, std::size_t megabytes) {
  io::TfRecordWriter writer(path);
  std::string image(64 * 64 * 3, '\0');
  for (std::size_t written = 0, i = 0; written < megabytes * 1'000'000; ++i, written += image.size()) {
    for (std::size_t k = 0; k < image.size(); k += 7) image[k] = static_cast<char>(i + k);
    writer.write(io::to_tf_example(
        {{"image", io::BytesList{image}}, {"label", io::Int64List{static_cast<std::int64_t>(i % 10)}}}));
  }
  writer.close();
}

const fs::path& file() {
  static const fs::path path = [] {
    const fs::path made = scratch("100.tfrecord");
    make_file(made, 100);
    return made;
  }();
  return path;
}

void set_bytes(benchmark::State& state) {
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(fs::file_size(file())));
}

void Crc32c(benchmark::State& state) {
  const std::string text(1 << 20, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(text));
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(Crc32c);

// Records with their checksums verified.
void TfRecordRead(benchmark::State& state) {
  for (auto _ : state) {
    io::TfRecordReader reader(file());
    std::string_view record;
    while (reader.next(record)) benchmark::DoNotOptimize(record);
  }
  set_bytes(state);
}
BENCHMARK(TfRecordRead)->Unit(benchmark::kMillisecond);

// The same as a dataset of parsed tf.Examples.
void TfExampleDataset(benchmark::State& state) {
  const data::Dataset dataset = data::from_tf_example(file());
  for (auto _ : state) {
    for (const data::Example& example : dataset.epoch(0)) benchmark::DoNotOptimize(&example);
  }
  set_bytes(state);
}
BENCHMARK(TfExampleDataset)->Unit(benchmark::kMillisecond);

data::Example to_floats(data::Example example) {
  const std::string& bytes = example.text("image");
  Array image(DType::kFloat32, Shape{3, 64, 64});
  const std::span<float> pixels = image.data<float>();
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<float>(static_cast<std::uint8_t>(bytes[i])) / 255;
  example["image"] = std::move(image);
  return example;
}

data::Dataset training_data(const fs::path& path, std::size_t batch, std::size_t workers) {
  return data::from_tf_example(path).shuffle(1000, 1).map(to_floats, {.workers = workers}).batch(batch).prefetch(2);
}

void Pipeline(benchmark::State& state) {
  const data::Dataset dataset = training_data(file(), 64, static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    for (const data::Batch& batch : dataset.epoch(0)) benchmark::DoNotOptimize(&batch);
  }
  set_bytes(state);
}
BENCHMARK(Pipeline)
    ->Arg(0)
    ->Arg(1)
    ->Arg(2)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->ArgName("workers");

// A training that computes 10 ms for each batch: the share of the time that it waits for data, in percent. Wants two
// free cores.
void TrainingWaits(benchmark::State& state) {
  const data::Dataset dataset = training_data(file(), 64, 1);
  double waited = 0, computed = 0;
  for (auto _ : state) {
    data::Epoch pass = dataset.epoch(0);
    data::Batch batch;
    pass.next(batch);  // the shuffle buffer is filled once an epoch
    while (true) {
      const auto begin = Clock::now();
      if (!pass.next(batch)) break;
      const auto end = Clock::now();
      waited += std::chrono::duration<double>(end - begin).count();
      while (Clock::now() - end < std::chrono::milliseconds(10)) {
      }
      computed += 0.01;
    }
  }
  state.counters["waiting_%"] = 100 * waited / (waited + computed);
}
BENCHMARK(TrainingWaits)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(1);

void CsvRead(benchmark::State& state) {
  std::string text = "a,b,c\r\n";
  while (text.size() < 10'000'000) text += "12345.678,\"quoted, text\",-0.25\r\n";
  for (auto _ : state) {
    io::CsvReader reader(io::open_memory(text, "table"));
    io::CsvRow row;
    while (reader.next(row)) benchmark::DoNotOptimize(&row);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * text.size()));
}
BENCHMARK(CsvRead)->Unit(benchmark::kMillisecond);

int measure_memory(const char* path, std::size_t batch) {
  std::size_t batches = 0;
  for ([[maybe_unused]] const data::Batch& data : training_data(path, batch, 1).epoch(0)) ++batches;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("%zu batches, peak memory %.0f MB\n", batches, static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}

}  // namespace
}  // namespace ludus

int main(int count, char** arguments) {
  if (count == 4 && std::strcmp(arguments[1], "--make") == 0) {
    ludus::make_file(arguments[2], std::stoul(arguments[3]));
    return 0;
  }
  if (count == 4 && std::strcmp(arguments[1], "--memory") == 0) {
    return ludus::measure_memory(arguments[2], std::stoul(arguments[3]));
  }
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
}
