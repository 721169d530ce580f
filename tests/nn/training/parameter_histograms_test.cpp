#include "nn/training/parameter_histograms.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>

#include "base/checkpoint.h"
#include "base/error.h"
#include "base/file.h"
#include "base/protobuf.h"
#include "nn/data/array_source.h"
#include "nn/model/graph_nodes.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using test_support::Scratch;

data::Dataset points() {
  Array x(DType::kFloat32, Shape{12, 3}), y(DType::kFloat32, Shape{12, 2});
  for (std::size_t i = 0; i < x.size(); ++i) x.set(i, 0.1 * static_cast<double>(i % 7));
  for (std::size_t i = 0; i < y.size(); ++i) y.set(i, 0.2 * static_cast<double>(i % 5));
  return data::from_arrays({{"x", x}, {"y", y}});
}

FitOptions options() {
  return {.epochs = 2, .inputs = {"x"}, .targets = {"y"}, .losses = {{.kind = LossKind::kMeanSquaredError}}};
}

std::unique_ptr<Model> model() {
  Generator random(1);
  return std::make_unique<Model>(sequential(Shape{3}, {layers::Dense{.units = 2}}), random);
}

std::vector<std::string> fields(std::string_view message, std::uint32_t id) {
  std::vector<std::string> found;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->id == id) found.emplace_back(field->bytes);
  }
  return found;
}

double double_of(const std::string& bytes) {
  double number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number;
}

// The events of a file, without their frames.
std::vector<std::string> events_of(const std::filesystem::path& path) {
  const std::string file = read_text(path);
  std::vector<std::string> events;
  for (std::size_t at = 0; at < file.size();) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data() + at, sizeof length);
    events.push_back(file.substr(at + 12, length));
    at += 16 + length;
  }
  return events;
}

TEST(ParameterHistograms, AreWrittenAtTheirInterval) {
  const Scratch folder;
  const auto first = model();
  const runs::Experiment experiment{.graph = [&] { return graph_nodes(first->description()); }};
  Checkpoint checkpoint;
  at::Tensor gradients, weights;
  {
    Fit fit(*first, points().batch(4), options());
    const auto log = std::make_shared<runs::MetricsLog>(folder.path(), fit.metric_names(), 100, experiment);
    fit.add(log);
    fit.add(std::make_shared<ParameterHistograms>(fit, log, 2));
    std::int64_t steps = 0;
    fit.run([&] { return ++steps == 2; });
    gradients = first->parameters().gradients().clone();
    weights = first->parameters().values().detach().clone();
    fit.save(checkpoint);
  }
  const auto file = [&] {
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      if (entry.path().filename().string().starts_with("events.")) return entry.path();
    }
    return std::filesystem::path();
  }();
  std::vector<std::string> events = events_of(file);
  ASSERT_EQ(events.size(), 3u);  // version, graph, histograms of step 2

  const std::vector<std::string> nodes = fields(fields(events[1], 4).at(0), 1);
  ASSERT_EQ(nodes.size(), 2u);
  EXPECT_EQ(fields(nodes[0], 1).at(0), "input");
  EXPECT_EQ(fields(nodes[1], 1).at(0), "dense");
  EXPECT_EQ(fields(nodes[1], 3).at(0), "input");

  std::map<std::string, double> sums, counts;
  for (const std::string& value : fields(fields(events[2], 5).at(0), 1)) {
    const std::string tag = fields(value, 1).at(0), histogram = fields(value, 5).at(0);
    counts[tag] = double_of(fields(histogram, 3).at(0));
    sums[tag] = double_of(fields(histogram, 4).at(0));
  }
  EXPECT_EQ(counts, (std::map<std::string, double>{{"gradients/dense.bias", 2},
                                                   {"gradients/dense.weight", 6},
                                                   {"weights/dense.bias", 2},
                                                   {"weights/dense.weight", 6}}));
  EXPECT_NEAR(sums["weights/dense.weight"] + sums["weights/dense.bias"], weights.sum().item<double>(), 1e-6);
  EXPECT_NEAR(sums["gradients/dense.weight"] + sums["gradients/dense.bias"], gradients.sum().item<double>(), 1e-6);
  EXPECT_NE(gradients.abs().sum().item<double>(), 0.0);

  // a resumed training adds no second graph, and continues the histograms
  const auto second = model();
  Fit fit(*second, points().batch(4), options());
  const auto log = std::make_shared<runs::MetricsLog>(folder.path(), fit.metric_names(), 100, experiment);
  fit.add(log);
  fit.add(std::make_shared<ParameterHistograms>(fit, log, 2));
  fit.load(checkpoint);
  fit.run();
  std::size_t graphs = 0, summaries = 0;
  for (const std::string& event : events_of(file)) {
    graphs += fields(event, 4).size();
    summaries += fields(event, 5).size();
  }
  EXPECT_EQ(graphs, 1u);
  EXPECT_EQ(summaries, 3u);  // of the steps 2, 4 and 6

  EXPECT_THROW(ParameterHistograms(fit, log, -1), InvalidArgument);
}

TEST(FitOptions, HyperparametersNameTheParts) {
  const Dict settings = hyperparameters_of({.epochs = 3, .optimizer = {.name = "sgd", .momentum = 0.5}});
  EXPECT_EQ(settings.at("epochs").as_int(), 3);
  EXPECT_EQ(settings.at("optimizer/name").as_string(), "sgd");
  EXPECT_EQ(settings.at("optimizer/momentum").as_double(), 0.5);
  EXPECT_EQ(settings.at("learning_rate/schedule").as_string(), "constant");
  EXPECT_TRUE(settings.at("max_gradient_norm").is_null());
}

}  // namespace
}  // namespace ludus::nn
