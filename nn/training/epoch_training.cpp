#include "nn/training/epoch_training.h"

#include <algorithm>
#include <utility>

#include "base/checkpoint.h"
#include "base/error.h"
#include "base/format.h"
#include "runs/checkpoints.h"

namespace ludus::nn {
namespace {

Value metrics_to_value(const std::vector<runs::Metrics>& history) {
  List epochs;
  for (const runs::Metrics& metrics : history) epochs.emplace_back(as_dict(metrics));
  return epochs;
}

std::vector<runs::Metrics> metrics_from_value(const Value& value) {
  std::vector<runs::Metrics> history;
  for (const Value& epoch : value.as_list()) {
    runs::Metrics metrics;
    for (const auto& [tag, number] : epoch.as_dict()) metrics[tag] = number.as_double();
    history.push_back(std::move(metrics));
  }
  return history;
}

}  // namespace

Dict as_dict(const runs::Metrics& metrics) {
  Dict values;
  for (const auto& [tag, value] : metrics) values[tag] = value;
  return values;
}

EpochTraining::EpochTraining(std::string kind, data::Dataset train, EpochOptions options, std::function<double()> clock)
    : kind_(std::move(kind)),
      train_(std::move(train)),
      epochs_(options.epochs),
      batches_of_epoch_(options.steps_per_epoch),
      clock_(std::move(clock)),
      steps_per_epoch_(options.steps_per_epoch),
      pass_(train_.epoch(0)) {
  const std::optional<std::uint64_t> size = train_.size();
  if (!size) return;
  if (*size == data::Node::kUnlimited) {
    endless_ = true;
    if (steps_per_epoch_ == 0) {
      throw InvalidArgument(formatted("{}: the dataset never ends; set steps_per_epoch", kind_));
    }
    return;
  }
  if (*size == 0) throw InvalidArgument(formatted("{}: the dataset must have at least one batch, got none", kind_));
  const auto batches = static_cast<std::int64_t>(*size);
  steps_per_epoch_ = steps_per_epoch_ == 0 ? batches : std::min(steps_per_epoch_, batches);
}

runs::StopReason EpochTraining::run(const std::function<bool()>& interrupted) {
  clear_stop();
  clear_reports();
  callbacks_.on_start(*this);
  while (!stop_reason() && epoch_ < epochs_) {
    clear_reports();
    // the batch after this one is read before the step, so that the last step of an epoch is known
    if (!has_next_ && !pass_.next(next_)) throw InvalidArgument(formatted("{}: the dataset has no batch", kind_));
    const data::Batch batch = std::move(next_);
    has_next_ = step_in_epoch_ + 1 != batches_of_epoch_ && pass_.next(next_);
    make_step(batch, /*is_last=*/!has_next_);
    ++step_;
    ++step_in_epoch_;
    if (!has_next_) finish_epoch();
    callbacks_.on_step(*this);
    if (interrupted && interrupted()) request_stop({runs::StopReason::Kind::kInterrupted, "interrupted"});
  }
  if (!stop_reason()) request_stop(runs::StopReason{});
  clear_reports();
  callbacks_.on_end(*this);
  return *stop_reason();
}

void EpochTraining::finish_epoch() {
  ++epoch_;
  if (steps_per_epoch_ == 0) steps_per_epoch_ = step_in_epoch_;
  step_in_epoch_ = 0;
  runs::Metrics metrics = end_epoch();
  for (const auto& [tag, value] : metrics) report(tag, value);
  epoch_row_ = metrics;
  history_.push_back(std::move(metrics));
  if (!endless_) pass_ = train_.epoch(static_cast<std::uint64_t>(epoch_));
}

runs::Progress EpochTraining::progress() const {
  // an unknown number of steps is at least those made
  const std::int64_t total = steps_per_epoch_ > 0 ? epochs_ * steps_per_epoch_ : step_;
  return {.step = step_, .total = total, .unit = "batch"};
}

std::int64_t EpochTraining::log_interval() const {
  std::int64_t rows = std::clamp<std::int64_t>(steps_per_epoch_, 1, 10);
  while (steps_per_epoch_ % rows != 0) --rows;
  return std::max<std::int64_t>(steps_per_epoch_ / rows, 1);
}

std::string EpochTraining::status() const {
  std::string text = formatted("epoch {} of {}", std::min(epoch_ + 1, epochs_), epochs_);
  for (const auto& [tag, value] : step_in_epoch_ > 0 || history_.empty() ? epoch_metrics() : history_.back()) {
    text += formatted(", {} {:.4f}", tag.starts_with("train/") ? tag.substr(6) : tag, value);
  }
  return text;
}

// --- checkpoints

void EpochTraining::save(const std::filesystem::path& file) {
  callbacks_.flush();
  Checkpoint checkpoint;
  save(checkpoint);
  checkpoint.save(file);
}

template <class Self, class Visit>
void EpochTraining::position(Self& self, Visit&& visit) {
  visit("epoch", self.epoch_);
  visit("step", self.step_);
  visit("step_in_epoch", self.step_in_epoch_);
  visit("steps_per_epoch", self.steps_per_epoch_);
  visit("epoch_row", self.epoch_row_);
}

void EpochTraining::save(Checkpoint& checkpoint) const {
  StateWriter visit(checkpoint.writer(kind_));
  position(*this, visit);
  write_state(visit);
  visit("history", metrics_to_value(history_));
  visit("pipeline", train_.node()->order());
  callbacks_.write_state(visit);
}

void EpochTraining::load(const Checkpoint& checkpoint) {
  StateReader visit(checkpoint.reader(kind_));
  position(*this, visit);
  read_state(visit);
  const auto saved = visit.get<List>("history");
  auto history = std::make_shared<std::vector<runs::Metrics>>();
  visit.check([&] { *history = metrics_from_value(saved); });
  const auto order = visit.get<std::string>("pipeline");
  visit.check([&] {
    if (order == train_.node()->order()) return;
    throw InvalidArgument(formatted("the data pipeline was \"{}\" and is now \"{}\"; resume with the same one", order,
                                    train_.node()->order()));
  });
  callbacks_.read_state(visit);
  visit.at_commit([this, history] {
    history_ = std::move(*history);
    has_next_ = false;
    pass_ = endless_ ? train_.epoch(0, static_cast<std::uint64_t>(step_))
                     : train_.epoch(static_cast<std::uint64_t>(epoch_), static_cast<std::uint64_t>(step_in_epoch_));
  });
  visit.commit();
}

void EpochTraining::resume(const std::filesystem::path& run, const std::function<void(const std::string&)>& warn,
                           const std::function<void()>& check) {
  const auto load_and_check = [&](const std::filesystem::path& file) {
    load(Checkpoint::load(file));
    if (check) check();
  };
  runs::resume_from_newest(
      run, load_and_check, [this] { callbacks_.accept_missing_rows(); }, warn);
}

void EpochTraining::require_epochs(std::int64_t epochs, const std::filesystem::path& run) const {
  const std::int64_t begun = epoch_ + (step_in_epoch_ > 0 ? 1 : 0);
  if (epochs >= begun) return;
  throw InvalidArgument(
      formatted("--epochs: must be at least the {} that {} has begun already, got {}", begun, run.string(), epochs));
}

}  // namespace ludus::nn
