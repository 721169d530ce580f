// Metrics over a stream of batches, exact whatever the sizes of the batches. This header does not include torch.
//
//   Accuracy accuracy;
//   for (…) accuracy.update({.rows = n, .columns = 10, .predictions = logits, .classes = labels});
//   accuracy.value();
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/state_fields.h"

namespace ludus::nn {

/// Predictions for some examples and what they should be. Class metrics read `classes`, the others `targets`.
struct MetricBatch {
  std::size_t rows = 0;
  std::size_t columns = 1;                     // outputs of an example: classes, labels or regressed numbers
  std::span<const float> predictions = {};     // (rows x columns): logits, scores, probabilities or numbers
  std::span<const std::int64_t> classes = {};  // (rows), in [0, columns)
  std::span<const float> targets = {};         // (rows x columns); 0 or 1 for labels
};

class Metric {
 public:
  virtual ~Metric() = default;

  virtual std::string name() const = 0;

  /// Counts a batch. Throws InvalidArgument for spans whose lengths do not fit rows and columns, for a class outside
  /// [0, columns), and for a batch of other columns than the first one.
  virtual void update(const MetricBatch& batch) = 0;

  /// Returns the value over all batches since the last reset; NaN where it is undefined (no examples).
  virtual double value() const = 0;
  virtual void reset() = 0;

  /// Save and load the state, so that a training resumes in the middle of an epoch.
  virtual void write_state(StateWriter& writer) const = 0;
  virtual void read_state(StateReader& reader) = 0;
};

/// Returns a metric by its name: "accuracy", "top_5_accuracy" (any number), "binary_accuracy", "precision", "recall",
/// "f1" (macro averages over the classes), "binary_precision", "binary_recall", "binary_f1", "auc", "mse", "mae", "r2".
/// Throws InvalidArgument with the list and a suggestion.
std::unique_ptr<Metric> make_metric(std::string_view name);

/// The share of examples whose class is among the k highest predictions. Of equal predictions the lower class counts as
/// the higher one.
class Accuracy : public Metric {
 public:
  /// Throws InvalidArgument unless k >= 1.
  explicit Accuracy(std::int64_t k = 1);
  std::string name() const override;
  void update(const MetricBatch& batch) override;
  double value() const override;
  void reset() override { *this = Accuracy(k_); }
  void write_state(StateWriter& writer) const override;
  void read_state(StateReader& reader) override;

 private:
  std::int64_t k_;
  std::int64_t correct_ = 0;
  std::int64_t rows_ = 0;
};

/// Counts of (true class, predicted class), and what follows from them.
class ConfusionMatrix {
 public:
  /// Counts the class of the highest prediction of every row. Throws as Metric::update does.
  void update(const MetricBatch& batch);
  void reset() { *this = ConfusionMatrix(); }

  std::int64_t classes() const { return classes_; }  // 0 before the first batch
  std::int64_t count(std::int64_t true_class, std::int64_t predicted_class) const;
  std::int64_t total() const;

  double accuracy() const;
  /// Of the examples predicted as class c, the share that is c; 0 if there are none. The others likewise.
  double precision(std::int64_t c) const;
  double recall(std::int64_t c) const;  // of the examples of class c, the share predicted as c
  double f1(std::int64_t c) const;      // harmonic mean of both
  /// Means over the classes, each counted once; NaN without examples.
  double macro_precision() const;
  double macro_recall() const;
  double macro_f1() const;

  /// Returns the matrix as a table, a row for each true class.
  std::string to_string() const;

  template <class Self, class Visit>
  static void state(Self& self, Visit& visit) {
    visit("classes", self.classes_);
    visit("counts", self.counts_, AnyLength{});
    visit.check([&] { self.check_size(); });
  }

 private:
  void check_size() const;  // throws unless the counts fit the number of classes
  double mean(double (ConfusionMatrix::*statistic)(std::int64_t) const) const;

  std::int64_t classes_ = 0;
  std::vector<std::int64_t> counts_;  // (classes x classes), rows: true classes
};

/// The macro average of a statistic over the classes.
class MacroAverage : public Metric {
 public:
  enum class Statistic { kPrecision, kRecall, kF1 };
  explicit MacroAverage(Statistic statistic) : statistic_(statistic) {}
  std::string name() const override;
  void update(const MetricBatch& batch) override { matrix_.update(batch); }
  double value() const override;
  void reset() override { matrix_.reset(); }
  void write_state(StateWriter& writer) const override;
  void read_state(StateReader& reader) override;
  const ConfusionMatrix& matrix() const { return matrix_; }

 private:
  Statistic statistic_;
  ConfusionMatrix matrix_;
};

/// A statistic of labels that are 0 or 1 each, over all rows and columns (micro average): a prediction of `threshold`
/// or more says 1.
class BinaryStatistic : public Metric {
 public:
  enum class Statistic { kAccuracy, kPrecision, kRecall, kF1 };
  /// The threshold of probabilities is 0.5, of logits 0.
  explicit BinaryStatistic(Statistic statistic, double threshold = 0.5);
  std::string name() const override;
  void update(const MetricBatch& batch) override;
  double value() const override;
  void reset() override;
  void write_state(StateWriter& writer) const override;
  void read_state(StateReader& reader) override;

 private:
  Statistic statistic_;
  double threshold_;
  std::int64_t true_positives_ = 0;
  std::int64_t false_positives_ = 0;
  std::int64_t false_negatives_ = 0;
  std::int64_t true_negatives_ = 0;
};

/// The area under the receiver operating characteristic of labels that are 0 or 1: the probability that a positive
/// scores higher than a negative, ties counting half (Hanley and McNeil 1982). It stores every score, 8 bytes each. NaN
/// unless both labels occur.
class Auc : public Metric {
 public:
  std::string name() const override { return "auc"; }
  void update(const MetricBatch& batch) override;
  double value() const override;
  void reset() override { *this = Auc(); }
  void write_state(StateWriter& writer) const override;
  void read_state(StateReader& reader) override;

 private:
  std::vector<float> positives_;
  std::vector<float> negatives_;
};

/// The mean over all numbers of (prediction - target)², or of |prediction - target|.
class MeanError : public Metric {
 public:
  enum class Kind { kSquared, kAbsolute };
  explicit MeanError(Kind kind) : kind_(kind) {}
  std::string name() const override { return kind_ == Kind::kSquared ? "mse" : "mae"; }
  void update(const MetricBatch& batch) override;
  double value() const override;
  void reset() override { *this = MeanError(kind_); }
  void write_state(StateWriter& writer) const override;
  void read_state(StateReader& reader) override;

 private:
  Kind kind_;
  double sum_ = 0.0;
  std::int64_t count_ = 0;
};

/// The coefficient of determination, 1 - Σ (y - ŷ)² / Σ (y - mean y)², averaged over the columns. NaN if a column's
/// targets are constant or there are fewer than two rows.
class R2 : public Metric {
 public:
  std::string name() const override { return "r2"; }
  void update(const MetricBatch& batch) override;
  double value() const override;
  void reset() override { *this = R2(); }
  void write_state(StateWriter& writer) const override;
  void read_state(StateReader& reader) override;

 private:
  std::int64_t rows_ = 0;
  std::vector<double> means_;       // of the targets of each column
  std::vector<double> deviations_;  // Σ (y - mean)² of each column
  std::vector<double> errors_;      // Σ (y - ŷ)² of each column
};

}  // namespace ludus::nn
