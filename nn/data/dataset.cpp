#include "nn/data/dataset.h"

#include <algorithm>
#include <cstdio>

#include "base/format.h"
#include "nn/data/steps.h"

namespace ludus::data {

std::uint64_t Stage::skip(std::uint64_t count) {
  Example example;
  std::uint64_t skipped = 0;
  while (skipped < count && next(example)) ++skipped;
  return skipped;
}

std::string file_key(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  const auto size = std::filesystem::file_size(absolute, error);
  if (error) throw FileError(formatted("cannot read {}: {}", path, error.message()));
  const auto time = std::filesystem::last_write_time(absolute, error);
  if (error) throw FileError(formatted("cannot read {}: {}", path, error.message()));
  return formatted("{} ({} bytes, changed {})", absolute.string(), size, time.time_since_epoch().count());
}

const std::string& required_key(const std::string& key, std::string_view step) {
  if (!key.empty()) return key;
  throw InvalidArgument(
      formatted("cache: the function of the {} before it has no key; give it one that names the function, "
                "its arguments and its version",
                step));
}

void report_broken(const BrokenRecords& broken, const std::string& line) {
  if (broken.report) return broken.report(line);
  std::fprintf(stderr, "skipped: %s\n", line.c_str());
}

void rethrow_or_report(const BrokenRecords& broken, const std::exception& error) {
  if (broken.action == BrokenRecords::Action::kFail) throw;
  report_broken(broken, error.what());
}

namespace {

std::uint64_t sum(std::uint64_t a, std::uint64_t b) {
  return a > Node::kUnlimited - b ? Node::kUnlimited : a + b;
}

std::uint64_t product(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > Node::kUnlimited / b ? Node::kUnlimited : a * b;
}

// ---- filter

class FilterStage final : public Stage {
 public:
  FilterStage(StagePtr upstream, Pass pass, const std::function<bool(const Example&)>& predicate)
      : upstream_(std::move(upstream)), pass_(std::move(pass)), predicate_(predicate) {}
  bool next(Example& example) override {
    while (!pass_.is_stopped() && upstream_->next(example)) {
      if (predicate_(example)) return true;
    }
    return false;
  }

 private:
  StagePtr upstream_;
  Pass pass_;
  const std::function<bool(const Example&)>& predicate_;
};

class FilterNode final : public Step {
 public:
  FilterNode(NodePtr upstream, std::function<bool(const Example&)> predicate, std::string key)
      : Step(std::move(upstream)), predicate_(std::move(predicate)), key_(std::move(key)) {}
  StagePtr open(const Pass& pass) const override {
    return std::make_unique<FilterStage>(upstream().open(pass), pass, predicate_);
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  std::string order() const override { return order_with("filter"); }
  std::string key() const override { return key_with(formatted("filter({})", required_key(key_, "filter()"))); }

 private:
  std::function<bool(const Example&)> predicate_;
  std::string key_;
};

// ---- take and skip

class TakeStage final : public Stage {
 public:
  TakeStage(StagePtr upstream, std::uint64_t count) : upstream_(std::move(upstream)), left_(count) {}
  bool next(Example& example) override {
    if (left_ == 0 || !upstream_->next(example)) return false;
    --left_;
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t skipped = upstream_->skip(std::min(count, left_));
    left_ -= skipped;
    return skipped;
  }

 private:
  StagePtr upstream_;
  std::uint64_t left_;
};

class TakeNode final : public Step {
 public:
  TakeNode(NodePtr upstream, std::uint64_t count) : Step(std::move(upstream)), count_(count) {}
  StagePtr open(const Pass& pass) const override { return std::make_unique<TakeStage>(upstream().open(pass), count_); }
  std::optional<std::uint64_t> size() const override {
    const auto size = upstream().size();
    return size ? std::optional(std::min(*size, count_)) : std::nullopt;
  }
  std::string order() const override { return order_with(formatted("take({})", count_)); }
  std::string key() const override { return key_with(formatted("take({})", count_)); }

 private:
  std::uint64_t count_;
};

class SkipStage final : public Stage {
 public:
  SkipStage(StagePtr upstream, std::uint64_t count) : upstream_(std::move(upstream)), pending_(count) {}
  bool next(Example& example) override {
    skip_pending();
    return upstream_->next(example);
  }
  std::uint64_t skip(std::uint64_t count) override {
    skip_pending();
    return upstream_->skip(count);
  }

 private:
  void skip_pending() {
    if (pending_ > 0) upstream_->skip(std::exchange(pending_, 0));
  }
  StagePtr upstream_;
  std::uint64_t pending_;
};

class SkipNode final : public Step {
 public:
  SkipNode(NodePtr upstream, std::uint64_t count) : Step(std::move(upstream)), count_(count) {}
  StagePtr open(const Pass& pass) const override { return std::make_unique<SkipStage>(upstream().open(pass), count_); }
  std::optional<std::uint64_t> size() const override {
    const auto size = upstream().size();
    if (!size || *size == kUnlimited) return size;
    return *size - std::min(*size, count_);
  }
  std::string order() const override { return order_with(formatted("skip({})", count_)); }
  std::string key() const override { return key_with(formatted("skip({})", count_)); }

 private:
  std::uint64_t count_;
};

// ---- repeat

class RepeatStage final : public Stage {
 public:
  RepeatStage(const Node& node, Pass pass, std::optional<std::uint64_t> count)
      : node_(node), pass_(std::move(pass)), count_(count), first_epoch_(pass_.epoch * count.value_or(1)) {}

  bool next(Example& example) override {
    while (true) {
      if (!start()) return false;
      if (stage_->next(example)) {
        empty_ = false;
        return true;
      }
      finish();
    }
  }
  std::uint64_t skip(std::uint64_t count) override {
    std::uint64_t skipped = 0;
    const auto size = node_.size();
    while (skipped < count) {
      if (size && *size > 0 && !stage_) {  // whole repetitions are not even opened
        std::uint64_t whole = (count - skipped) / *size;
        if (count_) whole = std::min(whole, *count_ - repetition_);
        repetition_ += whole;
        skipped += whole * *size;
        if (whole > 0) empty_ = false;
        if (skipped == count) break;
      }
      if (!start()) break;
      const std::uint64_t part = stage_->skip(count - skipped);
      if (part > 0) empty_ = false;
      skipped += part;
      if (skipped < count) finish();
    }
    return skipped;
  }

 private:
  // Opens the current repetition. Returns false after the last.
  bool start() {
    if (stage_) return true;
    if (pass_.is_stopped() || (count_ && repetition_ >= *count_)) return false;
    if (!count_ && empty_ && repetition_ > 0) return false;  // endless repetition of nothing
    Pass inner = pass_;
    inner.epoch = first_epoch_ + repetition_;
    stage_ = node_.open(inner);
    empty_ = true;
    return true;
  }
  void finish() {
    stage_.reset();
    ++repetition_;
  }

  const Node& node_;
  Pass pass_;
  std::optional<std::uint64_t> count_;
  std::uint64_t first_epoch_;
  std::uint64_t repetition_ = 0;
  bool empty_ = true;  // whether the latest repetition had no element
  StagePtr stage_;
};

class RepeatNode final : public Step {
 public:
  RepeatNode(NodePtr upstream, std::optional<std::uint64_t> count) : Step(std::move(upstream)), count_(count) {}
  StagePtr open(const Pass& pass) const override {
    if (!count_ && pass.epoch != 0) {
      throw InvalidArgument(
          formatted("repeat: without a count it never ends and has the epoch 0 only, got epoch {}; give it "
                    "a count, or read epoch 0",
                    pass.epoch));
    }
    return std::make_unique<RepeatStage>(upstream(), pass, count_);
  }
  std::optional<std::uint64_t> size() const override {
    const auto size = upstream().size();
    if (!size || *size == 0) return size;
    return count_ ? product(*size, *count_) : kUnlimited;
  }
  std::string order() const override { return order_with(text()); }
  std::string key() const override { return key_with(text()); }

 private:
  std::string text() const { return count_ ? formatted("repeat({})", *count_) : "repeat()"; }
  std::optional<std::uint64_t> count_;
};

// ---- several datasets

std::string joined_texts(const std::vector<NodePtr>& nodes, std::string (Node::*text)() const) {
  std::string all;
  for (const NodePtr& node : nodes) all += (all.empty() ? "" : ", ") + ((*node).*text)();
  return all;
}

class SeveralNode : public Node {
 public:
  explicit SeveralNode(std::vector<NodePtr> nodes) : nodes_(std::move(nodes)) {}
  std::string varies() const override {
    for (const NodePtr& node : nodes_) {
      if (std::string step = node->varies(); !step.empty()) return step;
    }
    return {};
  }

 protected:
  std::vector<StagePtr> open_all(const Pass& pass) const {
    std::vector<StagePtr> stages;
    for (const NodePtr& node : nodes_) stages.push_back(node->open(pass));
    return stages;
  }
  const std::vector<NodePtr>& nodes() const { return nodes_; }

 private:
  std::vector<NodePtr> nodes_;
};

class ZipStage final : public Stage {
 public:
  explicit ZipStage(std::vector<StagePtr> stages) : stages_(std::move(stages)) {}
  bool next(Example& example) override {
    if (ended_) return false;
    for (std::size_t i = 0; i < stages_.size(); ++i) {
      if (!stages_[i]->next(i == 0 ? example : other_)) {
        ended_ = true;
        return false;
      }
      if (i == 0) continue;
      for (auto& [name, value] : other_) {
        if (example.contains(name)) {
          throw InvalidArgument(formatted("zip: two datasets have a field \"{}\"; rename one by a map()", name));
        }
        example[name] = std::move(value);
      }
    }
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    for (const StagePtr& stage : stages_) count = std::min(count, stage->skip(count));
    return count;  // of an earlier dataset more were skipped if this one ended; the next call ends all the same
  }

 private:
  std::vector<StagePtr> stages_;
  Example other_;
  bool ended_ = false;
};

class ZipNode final : public SeveralNode {
 public:
  using SeveralNode::SeveralNode;
  StagePtr open(const Pass& pass) const override { return std::make_unique<ZipStage>(open_all(pass)); }
  std::optional<std::uint64_t> size() const override {
    std::uint64_t shortest = kUnlimited;
    for (const NodePtr& node : nodes()) {
      const auto size = node->size();
      if (!size) return std::nullopt;
      shortest = std::min(shortest, *size);
    }
    return shortest;
  }
  std::string order() const override { return formatted("zip({})", joined_texts(nodes(), &Node::order)); }
  std::string key() const override { return formatted("zip({})", joined_texts(nodes(), &Node::key)); }
};

class ConcatenateStage final : public Stage {
 public:
  ConcatenateStage(const std::vector<NodePtr>& nodes, Pass pass) : nodes_(nodes), pass_(std::move(pass)) {}
  bool next(Example& example) override {
    while (start()) {
      if (stage_->next(example)) return true;
      finish();
    }
    return false;
  }
  std::uint64_t skip(std::uint64_t count) override {
    std::uint64_t skipped = 0;
    while (skipped < count && start()) {
      skipped += stage_->skip(count - skipped);
      if (skipped < count) finish();
    }
    return skipped;
  }

 private:
  bool start() {
    if (!stage_ && at_ < nodes_.size()) stage_ = nodes_[at_]->open(pass_);
    return stage_ != nullptr;
  }
  void finish() {
    stage_.reset();
    ++at_;
  }
  const std::vector<NodePtr>& nodes_;
  Pass pass_;
  std::size_t at_ = 0;
  StagePtr stage_;
};

class ConcatenateNode final : public SeveralNode {
 public:
  using SeveralNode::SeveralNode;
  StagePtr open(const Pass& pass) const override { return std::make_unique<ConcatenateStage>(nodes(), pass); }
  std::optional<std::uint64_t> size() const override {
    std::uint64_t all = 0;
    for (const NodePtr& node : nodes()) {
      const auto size = node->size();
      if (!size) return std::nullopt;
      all = sum(all, *size);
    }
    return all;
  }
  std::string order() const override { return formatted("concatenate({})", joined_texts(nodes(), &Node::order)); }
  std::string key() const override { return formatted("concatenate({})", joined_texts(nodes(), &Node::key)); }
};

// ---- interleave

class InterleaveStage final : public Stage {
 public:
  InterleaveStage(StagePtr upstream, Pass pass, const std::function<Dataset(const Example&)>& function,
                  const InterleaveOptions& options)
      : upstream_(std::move(upstream)),
        pass_(std::move(pass)),
        function_(function),
        block_(options.block),
        slots_(options.cycle) {}

  bool next(Example& example) override {
    while (Slot* slot = current()) {
      if (slot->stage->next(example)) {
        count_in_block(1);
        return true;
      }
      slot->stage.reset();
      slot->node.reset();
      advance();
    }
    return false;
  }
  std::uint64_t skip(std::uint64_t count) override {
    std::uint64_t skipped = 0;
    while (skipped < count) {
      Slot* const slot = current();
      if (!slot) break;
      const std::uint64_t most = std::min<std::uint64_t>(count - skipped, block_ - in_block_);
      const std::uint64_t part = slot->stage->skip(most);
      skipped += part;
      if (part == most) {
        count_in_block(part);
      } else {
        slot->stage.reset();
        slot->node.reset();
        advance();
      }
    }
    return skipped;
  }

 private:
  struct Slot {
    NodePtr node;  // outlives its stage
    StagePtr stage;
  };

  // Returns the current slot, with an open dataset; null if there is none left.
  Slot* current() {
    for (std::size_t empty = 0; empty < slots_.size() && !pass_.is_stopped(); ++empty) {
      Slot& slot = slots_[at_];
      if (!slot.stage) open(slot);
      if (slot.stage) return &slot;
      advance();
    }
    return nullptr;
  }
  void open(Slot& slot) {
    Example example;
    if (upstream_ended_ || !upstream_->next(example)) {
      upstream_ended_ = true;
      return;
    }
    slot.node = function_(example).node();
    if (pass_.recorded && !slot.node->varies().empty()) {
      throw InvalidArgument(
          formatted("cache: the elements differ from epoch to epoch, because {} is part of the interleave() "
                    "before it; move it behind the cache",
                    slot.node->varies()));
    }
    slot.stage = slot.node->open(pass_);
  }
  void count_in_block(std::uint64_t elements) {
    in_block_ += elements;
    if (in_block_ == block_) advance();
  }
  void advance() {
    at_ = (at_ + 1) % slots_.size();
    in_block_ = 0;
  }

  StagePtr upstream_;
  Pass pass_;
  const std::function<Dataset(const Example&)>& function_;
  std::uint64_t block_;
  std::vector<Slot> slots_;
  std::size_t at_ = 0;          // the current slot
  std::uint64_t in_block_ = 0;  // elements read from it in this turn
  bool upstream_ended_ = false;
};

class InterleaveNode final : public Step {
 public:
  InterleaveNode(NodePtr upstream, std::function<Dataset(const Example&)> function, InterleaveOptions options)
      : Step(std::move(upstream)), function_(std::move(function)), options_(std::move(options)) {
    if (options_.cycle == 0 || options_.block == 0) {
      throw InvalidArgument(
          formatted("interleave: cycle and block must be at least 1, got {} and {}", options_.cycle, options_.block));
    }
  }
  StagePtr open(const Pass& pass) const override {
    return std::make_unique<InterleaveStage>(upstream().open(pass), pass, function_, options_);
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  std::string order() const override { return order_with(text()); }
  std::string key() const override {
    return key_with(formatted("{} of {}", text(), required_key(options_.key, "interleave()")));
  }

 private:
  std::string text() const { return formatted("interleave(cycle {}, block {})", options_.cycle, options_.block); }
  std::function<Dataset(const Example&)> function_;
  InterleaveOptions options_;
};

// ---- sources of the user

class IndexStage final : public Stage {
 public:
  IndexStage(std::uint64_t size, const std::function<Example(std::uint64_t)>& function)
      : size_(size), function_(function) {}
  bool next(Example& example) override {
    if (at_ == size_) return false;
    example = function_(at_);
    ++at_;
    return true;
  }
  std::uint64_t skip(std::uint64_t count) override {
    const std::uint64_t skipped = std::min(count, size_ - at_);
    at_ += skipped;
    return skipped;
  }

 private:
  std::uint64_t size_;
  const std::function<Example(std::uint64_t)>& function_;
  std::uint64_t at_ = 0;
};

class IndexNode final : public Node {
 public:
  IndexNode(std::uint64_t size, std::function<Example(std::uint64_t)> function, std::string key)
      : size_(size), function_(std::move(function)), key_(std::move(key)) {}
  StagePtr open(const Pass&) const override { return std::make_unique<IndexStage>(size_, function_); }
  std::optional<std::uint64_t> size() const override { return size_; }
  std::string order() const override { return formatted("index({})", size_); }
  std::string key() const override { return formatted("index({}, {})", size_, required_key(key_, "from_index()")); }
  std::string varies() const override { return {}; }

 private:
  std::uint64_t size_;
  std::function<Example(std::uint64_t)> function_;
  std::string key_;
};

class StreamStage final : public Stage {
 public:
  explicit StreamStage(std::function<std::optional<Example>()> function) : function_(std::move(function)) {}
  bool next(Example& example) override {
    if (ended_) return false;
    std::optional<Example> element = function_();
    ended_ = !element;
    if (element) example = std::move(*element);
    return !ended_;
  }

 private:
  std::function<std::optional<Example>()> function_;
  bool ended_ = false;
};

class StreamNode final : public Node {
 public:
  StreamNode(std::function<std::function<std::optional<Example>()>()> open, std::string key)
      : open_(std::move(open)), key_(std::move(key)) {}
  StagePtr open(const Pass&) const override { return std::make_unique<StreamStage>(open_()); }
  std::string order() const override { return "stream"; }
  std::string key() const override { return formatted("stream({})", required_key(key_, "from_stream()")); }
  std::string varies() const override { return {}; }

 private:
  std::function<std::function<std::optional<Example>()>()> open_;
  std::string key_;
};

std::vector<NodePtr> nodes_of(const std::vector<Dataset>& datasets, std::string_view function) {
  if (datasets.empty()) throw InvalidArgument(formatted("{}: at least one dataset is required, got none", function));
  std::vector<NodePtr> nodes;
  for (const Dataset& dataset : datasets) nodes.push_back(dataset.node());
  return nodes;
}

}  // namespace

// ---- Dataset

Dataset Dataset::mapped(MapFunction function, bool random, MapOptions options) const {
  return Dataset(make_map(node_, std::move(function), random, std::move(options)));
}
Dataset Dataset::filter(std::function<bool(const Example&)> predicate, std::string key) const {
  return Dataset(std::make_shared<FilterNode>(node_, std::move(predicate), std::move(key)));
}
Dataset Dataset::shuffle(std::size_t buffer, std::uint64_t seed) const {
  return Dataset(make_shuffle(node_, buffer, seed));
}
Dataset Dataset::batch(std::size_t size, BatchOptions options) const {
  return Dataset(make_batch(node_, size, options));
}
Dataset Dataset::repeat(std::optional<std::uint64_t> count) const {
  return Dataset(std::make_shared<RepeatNode>(node_, count));
}
Dataset Dataset::take(std::uint64_t count) const {
  return Dataset(std::make_shared<TakeNode>(node_, count));
}
Dataset Dataset::skip(std::uint64_t count) const {
  return Dataset(std::make_shared<SkipNode>(node_, count));
}
Dataset Dataset::interleave(std::function<Dataset(const Example&)> function, InterleaveOptions options) const {
  return Dataset(std::make_shared<InterleaveNode>(node_, std::move(function), std::move(options)));
}
Dataset Dataset::prefetch(std::size_t count) const {
  return Dataset(make_prefetch(node_, count));
}
Dataset Dataset::cache() const {
  return Dataset(make_memory_cache(node_));
}
Dataset Dataset::cache(const std::filesystem::path& folder) const {
  return Dataset(make_file_cache(node_, folder));
}
Epoch Dataset::epoch(std::uint64_t epoch, std::uint64_t position) const {
  return {node_, epoch, position};
}

Dataset zip(const std::vector<Dataset>& datasets) {
  return Dataset(std::make_shared<ZipNode>(nodes_of(datasets, "zip")));
}
Dataset concatenate(const std::vector<Dataset>& datasets) {
  return Dataset(std::make_shared<ConcatenateNode>(nodes_of(datasets, "concatenate")));
}
Dataset from_index(std::uint64_t size, std::function<Example(std::uint64_t)> function, std::string key) {
  return Dataset(std::make_shared<IndexNode>(size, std::move(function), std::move(key)));
}
Dataset from_stream(std::function<std::function<std::optional<Example>()>()> open, std::string key) {
  return Dataset(std::make_shared<StreamNode>(std::move(open), std::move(key)));
}

// ---- Epoch

Epoch::Epoch(NodePtr node, std::uint64_t epoch, std::uint64_t position)
    : node_(std::move(node)), epoch_(epoch), position_(position) {}

Epoch::~Epoch() {
  close();
}

Epoch::Epoch(Epoch&&) noexcept = default;

Epoch& Epoch::operator=(Epoch&& other) noexcept {
  if (this != &other) {
    close();
    node_ = std::move(other.node_);
    epoch_ = other.epoch_;
    position_ = other.position_;
    pass_ = std::move(other.pass_);
    stage_ = std::move(other.stage_);
    current_ = std::move(other.current_);
  }
  return *this;
}

// Ends the threads of the pass.
void Epoch::close() {
  if (!stage_) return;
  pass_.stopped->store(true, std::memory_order_relaxed);
  stage_.reset();
}

bool Epoch::next(Example& example) {
  try {
    if (!stage_) {
      pass_ = Pass{.epoch = epoch_};
      stage_ = node_->open(pass_);
      const std::uint64_t skipped = position_ > 0 ? stage_->skip(position_) : 0;
      if (skipped != position_) {
        throw InvalidArgument(
            formatted("the pass cannot continue at position {}: the dataset has {} elements; it must be "
                      "the one of which the position was saved",
                      position_, skipped));
      }
    }
    if (!stage_->next(example)) return false;
  } catch (...) {
    close();  // a later call starts again and skips to this position
    throw;
  }
  ++position_;
  return true;
}

void Epoch::write_state(StateWriter& writer) const {
  writer("epoch", epoch_);
  writer("position", position_);
  writer("pipeline", node_->order());
}

void Epoch::read_state(StateReader& reader) {
  const auto order = reader.get<std::string>("pipeline");
  reader.check([&] {
    if (order == node_->order()) return;
    throw InvalidArgument(
        formatted("the data pipeline was \"{}\" and is now \"{}\"; resume with the same one", order, node_->order()));
  });
  reader("epoch", epoch_);
  reader("position", position_);
  reader.at_commit([this] { close(); });
}

}  // namespace ludus::data
