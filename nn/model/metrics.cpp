#include "nn/model/metrics.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double ratio(std::int64_t a, std::int64_t b, double otherwise) {
  return b == 0 ? otherwise : static_cast<double>(a) / static_cast<double>(b);
}

void check_predictions(const MetricBatch& batch, std::string_view metric) {
  if (batch.columns < 1 || batch.predictions.size() != batch.rows * batch.columns) {
    throw InvalidArgument(formatted("metric {}: {} rows of {} columns must have {} predictions, got {}", metric,
                                    batch.rows, batch.columns, batch.rows * batch.columns, batch.predictions.size()));
  }
}

void check_classes(const MetricBatch& batch, std::string_view metric) {
  check_predictions(batch, metric);
  if (batch.classes.size() != batch.rows) {
    throw InvalidArgument(formatted("metric {}: {} rows must have {} classes, got {}", metric, batch.rows, batch.rows,
                                    batch.classes.size()));
  }
  for (const std::int64_t c : batch.classes) {
    if (c < 0 || c >= static_cast<std::int64_t>(batch.columns)) {
      throw InvalidArgument(formatted("metric {}: a class must be in [0, {}], got {}", metric, batch.columns - 1, c));
    }
  }
}

void check_targets(const MetricBatch& batch, std::string_view metric) {
  check_predictions(batch, metric);
  if (batch.targets.size() != batch.predictions.size()) {
    throw InvalidArgument(formatted("metric {}: {} predictions must have as many targets, got {}", metric,
                                    batch.predictions.size(), batch.targets.size()));
  }
}

void check_labels(const MetricBatch& batch, std::string_view metric) {
  check_targets(batch, metric);
  for (const float target : batch.targets) {
    if (target != 0.0f && target != 1.0f) {
      throw InvalidArgument(formatted("metric {}: a label must be 0 or 1, got {}", metric, target));
    }
  }
}

void check_columns(std::size_t columns, std::size_t first, std::string_view metric) {
  if (columns != first) {
    throw InvalidArgument(
        formatted("metric {}: every batch must have {} columns, as the first one, got {}", metric, first, columns));
  }
}

std::span<const float> row_of(const MetricBatch& batch, std::size_t row) {
  return batch.predictions.subspan(row * batch.columns, batch.columns);
}

}  // namespace

std::unique_ptr<Metric> make_metric(std::string_view name) {
  if (name == "accuracy") return std::make_unique<Accuracy>();
  if (name == "precision") return std::make_unique<MacroAverage>(MacroAverage::Statistic::kPrecision);
  if (name == "recall") return std::make_unique<MacroAverage>(MacroAverage::Statistic::kRecall);
  if (name == "f1") return std::make_unique<MacroAverage>(MacroAverage::Statistic::kF1);
  if (name == "binary_accuracy") return std::make_unique<BinaryStatistic>(BinaryStatistic::Statistic::kAccuracy);
  if (name == "binary_precision") return std::make_unique<BinaryStatistic>(BinaryStatistic::Statistic::kPrecision);
  if (name == "binary_recall") return std::make_unique<BinaryStatistic>(BinaryStatistic::Statistic::kRecall);
  if (name == "binary_f1") return std::make_unique<BinaryStatistic>(BinaryStatistic::Statistic::kF1);
  if (name == "auc") return std::make_unique<Auc>();
  if (name == "mse") return std::make_unique<MeanError>(MeanError::Kind::kSquared);
  if (name == "mae") return std::make_unique<MeanError>(MeanError::Kind::kAbsolute);
  if (name == "r2") return std::make_unique<R2>();
  if (name.starts_with("top_") && name.ends_with("_accuracy")) {
    const std::string_view digits = name.substr(4, name.size() - 4 - 9);
    std::int64_t k = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), k);
    if (error == std::errc() && end == digits.data() + digits.size() && k >= 1) return std::make_unique<Accuracy>(k);
  }
  const std::vector<std::string> names{"accuracy",
                                       "top_5_accuracy",
                                       "precision",
                                       "recall",
                                       "f1",
                                       "binary_accuracy",
                                       "binary_precision",
                                       "binary_recall",
                                       "binary_f1",
                                       "auc",
                                       "mse",
                                       "mae",
                                       "r2"};
  throw InvalidArgument(
      formatted("metric must be one of {}, got \"{}\".{}", joined(names), name, did_you_mean(name, names)));
}

// ---- accuracy ------------------------------------------------------------------------------------------------------

Accuracy::Accuracy(std::int64_t k) : k_(k) {
  if (k < 1) throw InvalidArgument(formatted("top-k accuracy: k must be 1 or more, got {}", k));
}

std::string Accuracy::name() const {
  return k_ == 1 ? "accuracy" : formatted("top_{}_accuracy", k_);
}

void Accuracy::update(const MetricBatch& batch) {
  check_classes(batch, name());
  for (std::size_t i = 0; i < batch.rows; ++i) {
    const std::span<const float> scores = row_of(batch, i);
    const std::size_t c = static_cast<std::size_t>(batch.classes[i]);
    // the rank of the true class; a NaN ranks below all numbers
    std::int64_t above = 0;
    for (std::size_t j = 0; j < scores.size(); ++j) {
      if (j != c && (scores[j] > scores[c] || (j < c && scores[j] == scores[c]) || std::isnan(scores[c]))) ++above;
    }
    if (above < k_) ++correct_;
  }
  rows_ += static_cast<std::int64_t>(batch.rows);
}

double Accuracy::value() const {
  return ratio(correct_, rows_, kUndefined);
}

void Accuracy::write_state(StateWriter& writer) const {
  writer("correct", correct_);
  writer("rows", rows_);
}

void Accuracy::read_state(StateReader& reader) {
  reader("correct", correct_);
  reader("rows", rows_);
}

// ---- confusion matrix ----------------------------------------------------------------------------------------------

void ConfusionMatrix::update(const MetricBatch& batch) {
  check_classes(batch, "confusion matrix");
  if (classes_ == 0) {
    classes_ = static_cast<std::int64_t>(batch.columns);
    counts_.assign(batch.columns * batch.columns, 0);
  }
  check_columns(batch.columns, static_cast<std::size_t>(classes_), "confusion matrix");
  for (std::size_t i = 0; i < batch.rows; ++i) {
    const std::span<const float> scores = row_of(batch, i);
    const auto predicted = static_cast<std::size_t>(std::max_element(scores.begin(), scores.end()) - scores.begin());
    ++counts_[static_cast<std::size_t>(batch.classes[i]) * batch.columns + predicted];
  }
}

std::int64_t ConfusionMatrix::count(std::int64_t true_class, std::int64_t predicted_class) const {
  if (true_class < 0 || true_class >= classes_ || predicted_class < 0 || predicted_class >= classes_) {
    throw InvalidArgument(formatted("confusion matrix: a class must be in [0, {}], got {} and {}", classes_ - 1,
                                    true_class, predicted_class));
  }
  return counts_[static_cast<std::size_t>(true_class * classes_ + predicted_class)];
}

void ConfusionMatrix::check_size() const {
  if (classes_ < 0 || classes_ > 1'000'000 || static_cast<std::int64_t>(counts_.size()) != classes_ * classes_) {
    throw InvalidArgument(
        formatted("confusion matrix: {} classes must have their square of counts, got {}", classes_, counts_.size()));
  }
}

std::int64_t ConfusionMatrix::total() const {
  std::int64_t sum = 0;
  for (const std::int64_t number : counts_) sum += number;
  return sum;
}

double ConfusionMatrix::accuracy() const {
  std::int64_t correct = 0;
  for (std::int64_t c = 0; c < classes_; ++c) correct += count(c, c);
  return ratio(correct, total(), kUndefined);
}

double ConfusionMatrix::precision(std::int64_t c) const {
  std::int64_t predicted = 0;
  for (std::int64_t t = 0; t < classes_; ++t) predicted += count(t, c);
  return ratio(count(c, c), predicted, 0.0);
}

double ConfusionMatrix::recall(std::int64_t c) const {
  std::int64_t actual = 0;
  for (std::int64_t p = 0; p < classes_; ++p) actual += count(c, p);
  return ratio(count(c, c), actual, 0.0);
}

double ConfusionMatrix::f1(std::int64_t c) const {
  // 2 TP / (2 TP + FP + FN)
  std::int64_t marked = 0;
  for (std::int64_t other = 0; other < classes_; ++other) marked += count(c, other) + count(other, c);
  return ratio(2 * count(c, c), marked, 0.0);
}

double ConfusionMatrix::mean(double (ConfusionMatrix::*statistic)(std::int64_t) const) const {
  if (total() == 0) return kUndefined;
  double sum = 0.0;
  for (std::int64_t c = 0; c < classes_; ++c) sum += (this->*statistic)(c);
  return sum / static_cast<double>(classes_);
}

double ConfusionMatrix::macro_precision() const {
  return mean(&ConfusionMatrix::precision);
}
double ConfusionMatrix::macro_recall() const {
  return mean(&ConfusionMatrix::recall);
}
double ConfusionMatrix::macro_f1() const {
  return mean(&ConfusionMatrix::f1);
}

std::string ConfusionMatrix::to_string() const {
  std::string text = "true \\ predicted";
  for (std::int64_t c = 0; c < classes_; ++c) text += formatted(" {:>7}", c);
  for (std::int64_t t = 0; t < classes_; ++t) {
    text += formatted("\n{:>16}", t);
    for (std::int64_t p = 0; p < classes_; ++p) text += formatted(" {:>7}", count(t, p));
  }
  return text;
}

std::string MacroAverage::name() const {
  switch (statistic_) {
    case Statistic::kPrecision: return "precision";
    case Statistic::kRecall: return "recall";
    case Statistic::kF1: break;
  }
  return "f1";
}

double MacroAverage::value() const {
  switch (statistic_) {
    case Statistic::kPrecision: return matrix_.macro_precision();
    case Statistic::kRecall: return matrix_.macro_recall();
    case Statistic::kF1: break;
  }
  return matrix_.macro_f1();
}

void MacroAverage::write_state(StateWriter& writer) const {
  writer("matrix", matrix_);
}

void MacroAverage::read_state(StateReader& reader) {
  reader("matrix", matrix_);
}

// ---- labels --------------------------------------------------------------------------------------------------------

BinaryStatistic::BinaryStatistic(Statistic statistic, double threshold) : statistic_(statistic), threshold_(threshold) {
  if (!std::isfinite(threshold)) {
    throw InvalidArgument(formatted("metric {}: the threshold must be finite, got {}", name(), threshold));
  }
}

std::string BinaryStatistic::name() const {
  switch (statistic_) {
    case Statistic::kAccuracy: return "binary_accuracy";
    case Statistic::kPrecision: return "binary_precision";
    case Statistic::kRecall: return "binary_recall";
    case Statistic::kF1: break;
  }
  return "binary_f1";
}

void BinaryStatistic::update(const MetricBatch& batch) {
  check_labels(batch, name());
  for (std::size_t i = 0; i < batch.predictions.size(); ++i) {
    const bool predicted = static_cast<double>(batch.predictions[i]) >= threshold_, actual = batch.targets[i] == 1.0f;
    ++(predicted ? (actual ? true_positives_ : false_positives_) : (actual ? false_negatives_ : true_negatives_));
  }
}

double BinaryStatistic::value() const {
  const std::int64_t total = true_positives_ + false_positives_ + false_negatives_ + true_negatives_;
  if (total == 0) return kUndefined;
  switch (statistic_) {
    case Statistic::kAccuracy: return ratio(true_positives_ + true_negatives_, total, kUndefined);
    case Statistic::kPrecision: return ratio(true_positives_, true_positives_ + false_positives_, 0.0);
    case Statistic::kRecall: return ratio(true_positives_, true_positives_ + false_negatives_, 0.0);
    case Statistic::kF1: break;
  }
  return ratio(2 * true_positives_, 2 * true_positives_ + false_positives_ + false_negatives_, 0.0);
}

void BinaryStatistic::reset() {
  true_positives_ = false_positives_ = false_negatives_ = true_negatives_ = 0;
}

void BinaryStatistic::write_state(StateWriter& writer) const {
  writer("true_positives", true_positives_);
  writer("false_positives", false_positives_);
  writer("false_negatives", false_negatives_);
  writer("true_negatives", true_negatives_);
}

void BinaryStatistic::read_state(StateReader& reader) {
  reader("true_positives", true_positives_);
  reader("false_positives", false_positives_);
  reader("false_negatives", false_negatives_);
  reader("true_negatives", true_negatives_);
}

void Auc::update(const MetricBatch& batch) {
  check_labels(batch, name());
  for (std::size_t i = 0; i < batch.predictions.size(); ++i) {
    if (std::isnan(batch.predictions[i])) throw InvalidArgument("metric auc: a prediction must be a number, got nan");
    (batch.targets[i] == 1.0f ? positives_ : negatives_).push_back(batch.predictions[i]);
  }
}

double Auc::value() const {
  if (positives_.empty() || negatives_.empty()) return kUndefined;
  std::vector<float> negatives = negatives_;
  std::sort(negatives.begin(), negatives.end());
  // for every positive, the negatives below it and half of its equals; twice the sum is an integer
  std::int64_t twice = 0;
  for (const float score : positives_) {
    const auto [first, last] = std::equal_range(negatives.begin(), negatives.end(), score);
    twice += 2 * (first - negatives.begin()) + (last - first);
  }
  return static_cast<double>(twice) / 2.0 / static_cast<double>(positives_.size()) /
         static_cast<double>(negatives_.size());
}

void Auc::write_state(StateWriter& writer) const {
  writer("positives", positives_, AnyLength{});
  writer("negatives", negatives_, AnyLength{});
}

void Auc::read_state(StateReader& reader) {
  reader("positives", positives_, AnyLength{});
  reader("negatives", negatives_, AnyLength{});
}

// ---- regression ----------------------------------------------------------------------------------------------------

void MeanError::update(const MetricBatch& batch) {
  check_targets(batch, name());
  for (std::size_t i = 0; i < batch.predictions.size(); ++i) {
    const double error = static_cast<double>(batch.predictions[i]) - static_cast<double>(batch.targets[i]);
    sum_ += kind_ == Kind::kSquared ? error * error : std::fabs(error);
  }
  count_ += static_cast<std::int64_t>(batch.predictions.size());
}

double MeanError::value() const {
  return count_ == 0 ? kUndefined : sum_ / static_cast<double>(count_);
}

void MeanError::write_state(StateWriter& writer) const {
  writer("sum", sum_);
  writer("count", count_);
}

void MeanError::read_state(StateReader& reader) {
  reader("sum", sum_);
  reader("count", count_);
}

void R2::update(const MetricBatch& batch) {
  check_targets(batch, name());
  if (means_.empty()) {
    means_.assign(batch.columns, 0.0);
    deviations_ = errors_ = means_;
  }
  check_columns(batch.columns, means_.size(), name());
  for (std::size_t i = 0; i < batch.rows; ++i) {
    ++rows_;
    for (std::size_t c = 0; c < batch.columns; ++c) {
      const double y = static_cast<double>(batch.targets[i * batch.columns + c]);
      const double error = y - static_cast<double>(batch.predictions[i * batch.columns + c]);
      errors_[c] += error * error;
      // Welford's update of mean and sum of squared deviations
      const double delta = y - means_[c];
      means_[c] += delta / static_cast<double>(rows_);
      deviations_[c] += delta * (y - means_[c]);
    }
  }
}

double R2::value() const {
  if (rows_ < 2) return kUndefined;
  double sum = 0.0;
  for (std::size_t c = 0; c < means_.size(); ++c) {
    if (!(deviations_[c] > 0.0)) return kUndefined;
    sum += 1.0 - errors_[c] / deviations_[c];
  }
  return sum / static_cast<double>(means_.size());
}

void R2::write_state(StateWriter& writer) const {
  writer("rows", rows_);
  writer("means", means_, AnyLength{});
  writer("deviations", deviations_, AnyLength{});
  writer("errors", errors_, AnyLength{});
}

void R2::read_state(StateReader& reader) {
  reader("rows", rows_);
  reader("means", means_, AnyLength{});
  reader("deviations", deviations_, AnyLength{});
  reader("errors", errors_, AnyLength{});
  reader.check([&] {
    if (deviations_.size() != means_.size() || errors_.size() != means_.size()) {
      throw InvalidArgument("metric r2: means, deviations and errors must have one entry a column each");
    }
  });
}

}  // namespace ludus::nn
