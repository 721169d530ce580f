#include "nn/model/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/rng.h"

namespace ludus::nn {
namespace {

constexpr std::string_view kClassMetrics[] = {"accuracy", "top_2_accuracy", "precision", "recall", "f1"};
constexpr std::string_view kLabelMetrics[] = {"binary_accuracy", "binary_precision", "binary_recall", "binary_f1",
                                              "auc"};
constexpr std::string_view kNumberMetrics[] = {"mse", "mae", "r2"};

struct Data {
  std::size_t rows = 0, columns = 4;
  std::vector<float> predictions = {}, targets = {};
  std::vector<std::int64_t> classes = {};

  MetricBatch batch(std::size_t begin, std::size_t end) const {
    return {
        .rows = end - begin,
        .columns = columns,
        .predictions = std::span(predictions).subspan(begin * columns, (end - begin) * columns),
        .classes = classes.empty() ? std::span<const std::int64_t>() : std::span(classes).subspan(begin, end - begin),
        .targets = targets.empty() ? std::span<const float>()
                                   : std::span(targets).subspan(begin * columns, (end - begin) * columns)};
  }
};

// Random data for a metric, with scores in steps so that ties occur.
Data data_for(std::string_view metric, std::size_t rows) {
  Generator random(3);
  const bool classes = std::find(std::begin(kClassMetrics), std::end(kClassMetrics), metric) != std::end(kClassMetrics);
  const bool labels = std::find(std::begin(kLabelMetrics), std::end(kLabelMetrics), metric) != std::end(kLabelMetrics);
  Data data{.rows = rows};
  for (std::size_t i = 0; i < rows * data.columns; ++i) {
    data.predictions.push_back(static_cast<float>(random.integers(0, 20)) * 0.05f);
    if (!classes) data.targets.push_back(labels ? static_cast<float>(random.integers(0, 2)) : random.random_float32());
  }
  for (std::size_t i = 0; classes && i < rows; ++i) data.classes.push_back(random.integers(0, 4));
  return data;
}

std::vector<std::string> all_metrics() {
  std::vector<std::string> names;
  names.insert(names.end(), std::begin(kClassMetrics), std::end(kClassMetrics));
  names.insert(names.end(), std::begin(kLabelMetrics), std::end(kLabelMetrics));
  names.insert(names.end(), std::begin(kNumberMetrics), std::end(kNumberMetrics));
  return names;
}

// Batches of 1, 2, 3, … rows and an empty one in between.
TEST(Metrics, UnevenBatchesGiveTheValueOfTheWholeSet) {
  for (const std::string& name : all_metrics()) {
    const Data data = data_for(name, 100);
    const auto whole = make_metric(name), batched = make_metric(name);
    whole->update(data.batch(0, data.rows));
    for (std::size_t begin = 0, size = 1; begin < data.rows; begin += size, ++size) {
      batched->update(data.batch(begin, std::min(begin + size, data.rows)));
      batched->update(data.batch(begin, begin));
    }
    EXPECT_EQ(batched->name(), name);
    EXPECT_DOUBLE_EQ(batched->value(), whole->value()) << name;
    EXPECT_TRUE(std::isfinite(whole->value())) << name;

    batched->reset();
    EXPECT_TRUE(std::isnan(batched->value())) << name;
    batched->update(data.batch(0, data.rows));
    EXPECT_DOUBLE_EQ(batched->value(), whole->value()) << name;
  }
}

TEST(Metrics, StateIsExact) {
  for (const std::string& name : all_metrics()) {
    const Data data = data_for(name, 60);
    const auto through = make_metric(name), first = make_metric(name), second = make_metric(name);
    through->update(data.batch(0, 60));
    first->update(data.batch(0, 25));
    Dict state;
    StateWriter writer(state);
    first->write_state(writer);
    StateReader reader(state);
    second->read_state(reader);
    reader.commit();
    second->update(data.batch(25, 60));
    EXPECT_EQ(std::bit_cast<std::uint64_t>(second->value()), std::bit_cast<std::uint64_t>([&] {
                first->update(data.batch(25, 60));
                return first->value();
              }()))
        << name;
    EXPECT_DOUBLE_EQ(second->value(), through->value()) << name;
  }
}

// Three classes: the second row ties classes 0 and 1, and the lower one counts as higher.
TEST(Metrics, AccuracyByHand) {
  const std::vector<float> scores{0.1f, 0.7f, 0.2f, 0.4f, 0.4f, 0.2f, 0.5f, 0.3f, 0.2f, 0.1f, 0.2f, 0.7f};
  const std::vector<std::int64_t> classes{1, 1, 2, 2};
  const MetricBatch batch{.rows = 4, .columns = 3, .predictions = scores, .classes = classes};
  Accuracy top1, top2(2), top3(3);
  top1.update(batch);
  top2.update(batch);
  top3.update(batch);
  EXPECT_EQ(top1.value(), 0.5);   // rows 0 and 3
  EXPECT_EQ(top2.value(), 0.75);  // row 1 too
  EXPECT_EQ(top3.value(), 1.0);
  EXPECT_THROW(Accuracy(0), InvalidArgument);
}

// true class 0 predicted 0, 0, 1; true class 1 predicted 1, 2; class 2 never true
TEST(Metrics, ConfusionMatrixByHand) {
  const std::vector<float> scores{1, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 1};
  const std::vector<std::int64_t> classes{0, 0, 0, 1, 1};
  ConfusionMatrix matrix;
  EXPECT_TRUE(std::isnan(matrix.macro_f1()));
  matrix.update({.rows = 5, .columns = 3, .predictions = scores, .classes = classes});
  EXPECT_EQ(matrix.count(0, 0), 2);
  EXPECT_EQ(matrix.count(0, 1), 1);
  EXPECT_EQ(matrix.count(1, 2), 1);
  EXPECT_EQ(matrix.total(), 5);
  EXPECT_EQ(matrix.accuracy(), 0.6);
  EXPECT_EQ(matrix.precision(0), 1.0);
  EXPECT_EQ(matrix.precision(1), 0.5);
  EXPECT_EQ(matrix.precision(2), 0.0);
  EXPECT_DOUBLE_EQ(matrix.recall(0), 2.0 / 3.0);
  EXPECT_EQ(matrix.recall(1), 0.5);
  EXPECT_EQ(matrix.recall(2), 0.0);
  EXPECT_DOUBLE_EQ(matrix.f1(0), 0.8);  // 2 · 1 · 2/3 / (5/3)
  EXPECT_DOUBLE_EQ(matrix.macro_precision(), 0.5);
  EXPECT_DOUBLE_EQ(matrix.macro_recall(), (2.0 / 3.0 + 0.5) / 3.0);
  EXPECT_DOUBLE_EQ(matrix.macro_f1(), (0.8 + 0.5) / 3.0);
  EXPECT_THROW(matrix.count(3, 0), InvalidArgument);
  EXPECT_EQ(matrix.to_string(),
            "true \\ predicted       0       1       2\n"
            "               0       2       1       0\n"
            "               1       0       1       1\n"
            "               2       0       0       0");
}

// probabilities 0.9, 0.5, 0.4, 0.1 of labels 1, 0, 1, 0: one each of TP, FP, FN, TN
TEST(Metrics, LabelsByHand) {
  const std::vector<float> scores{0.9f, 0.5f, 0.4f, 0.1f}, labels{1, 0, 1, 0};
  const MetricBatch batch{.rows = 2, .columns = 2, .predictions = scores, .targets = labels};
  for (const std::string_view name : {"binary_accuracy", "binary_precision", "binary_recall", "binary_f1"}) {
    const auto metric = make_metric(name);
    metric->update(batch);
    EXPECT_EQ(metric->value(), 0.5) << name;
  }
  // three of the four pairs are in order: 0.9 > 0.5, 0.9 > 0.1, 0.4 > 0.1, not 0.4 > 0.5
  Auc auc;
  auc.update(batch);
  EXPECT_EQ(auc.value(), 0.75);
  // a tie counts half
  Auc ties;
  ties.update(
      {.rows = 2, .columns = 1, .predictions = std::vector<float>{0.3f, 0.3f}, .targets = std::vector<float>{1, 0}});
  EXPECT_EQ(ties.value(), 0.5);
}

// errors 1, -1, 0, 2: squares 6, absolutes 4; targets 1, 2, 3, 6 with mean 3 and Σ (y - 3)² = 14
TEST(Metrics, RegressionByHand) {
  const std::vector<float> predictions{2, 1, 3, 8}, targets{1, 2, 3, 6};
  const MetricBatch batch{.rows = 4, .columns = 1, .predictions = predictions, .targets = targets};
  const std::pair<const char*, double> expected[] = {{"mse", 1.5}, {"mae", 1.0}, {"r2", 1.0 - 6.0 / 14.0}};
  for (const auto& [name, value] : expected) {
    const auto metric = make_metric(name);
    metric->update(batch);
    EXPECT_DOUBLE_EQ(metric->value(), value) << name;
  }
  R2 constant;
  constant.update(
      {.rows = 2, .columns = 1, .predictions = std::vector<float>{1, 2}, .targets = std::vector<float>{3, 3}});
  EXPECT_TRUE(std::isnan(constant.value()));
}

TEST(Metrics, RejectsBatchesThatDoNotFit) {
  const std::vector<float> three{1, 0, 0};
  const std::vector<std::int64_t> one{0}, bad{3};
  Accuracy accuracy;
  EXPECT_THROW(accuracy.update({.rows = 2, .columns = 3, .predictions = three, .classes = one}), InvalidArgument);
  EXPECT_THROW(accuracy.update({.rows = 1, .columns = 3, .predictions = three}), InvalidArgument);
  EXPECT_THROW(accuracy.update({.rows = 1, .columns = 3, .predictions = three, .classes = bad}), InvalidArgument);
  ConfusionMatrix matrix;
  matrix.update({.rows = 1, .columns = 3, .predictions = three, .classes = one});
  EXPECT_THROW(matrix.update({.rows = 1, .columns = 2, .predictions = std::span(three).first(2), .classes = one}),
               InvalidArgument);
  EXPECT_THROW(Auc().update({.rows = 3, .columns = 1, .predictions = three, .targets = std::vector<float>{0, 0.5f, 1}}),
               InvalidArgument);
  EXPECT_THROW(R2().update({.rows = 3, .columns = 1, .predictions = three}), InvalidArgument);
}

TEST(Metrics, UnknownNamesGetASuggestion) {
  for (const char* name : {"acuracy", "top_0_accuracy", "top_x_accuracy", ""}) {
    EXPECT_THROW(make_metric(name), InvalidArgument) << name;
  }
  EXPECT_EQ(make_metric("top_5_accuracy")->name(), "top_5_accuracy");
}

}  // namespace
}  // namespace ludus::nn
