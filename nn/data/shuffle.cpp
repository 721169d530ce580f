// shuffle(): a random order from a buffer.
#include <algorithm>

#include "base/format.h"
#include "base/rng.h"
#include "nn/data/steps.h"

namespace ludus::data {
namespace {

// The stream of random numbers of one epoch: NumPy's SeedSequence(seed, spawn_key=(epoch,)).
Generator generator_of(std::uint64_t seed, std::uint64_t epoch) {
  const auto words = [](std::uint64_t number) {
    std::vector<std::uint32_t> parts{static_cast<std::uint32_t>(number)};
    if (number >> 32) parts.push_back(static_cast<std::uint32_t>(number >> 32));
    return parts;
  };
  return Generator(SeedSequence(words(seed), words(epoch)));
}

class ShuffleStage final : public Stage {
 public:
  ShuffleStage(StagePtr upstream, std::optional<std::uint64_t> upstream_size, std::size_t buffer, Generator generator)
      : upstream_(std::move(upstream)),
        upstream_size_(upstream_size),
        most_(buffer),
        generator_(std::move(generator)) {}

  bool next(Example& example) override {
    while (buffer_.size() < most_ && !upstream_ended_) {
      Entry& entry = buffer_.emplace_back(Entry{read_, {}});
      if (upstream_->next(entry.example)) {
        ++read_;
      } else {
        buffer_.pop_back();
        upstream_ended_ = true;
      }
    }
    if (buffer_.empty()) return false;
    Entry& drawn = draw();
    example = std::move(drawn.example);
    remove(drawn);
    return true;
  }

  // With a known number of elements the draws need no elements: they are repeated over places, and then only those
  // elements are read that are still in the buffer.
  std::uint64_t skip(std::uint64_t count) override {
    if (!upstream_size_) return Stage::skip(count);
    const std::uint64_t first_unread = read_;
    std::uint64_t skipped = 0;
    for (; skipped < count; ++skipped) {
      while (buffer_.size() < most_ && read_ < *upstream_size_) buffer_.push_back({read_++, {}});
      if (buffer_.empty()) break;
      remove(draw());
    }

    std::vector<Entry*> unread;
    for (Entry& entry : buffer_) {
      if (entry.place >= first_unread) unread.push_back(&entry);
    }
    std::sort(unread.begin(), unread.end(), [](const Entry* a, const Entry* b) { return a->place < b->place; });
    std::uint64_t place = first_unread;
    for (Entry* entry : unread) {
      const bool there =
          upstream_->skip(entry->place - place) == entry->place - place && upstream_->next(entry->example);
      if (!there) {
        throw InputError(
            formatted("shuffle: the dataset before it should have {} elements and ends after {}; its files must "
                      "not change during a pass",
                      *upstream_size_, place));
      }
      place = entry->place + 1;
    }
    upstream_->skip(read_ - place);
    return skipped;
  }

 private:
  struct Entry {
    std::uint64_t place;  // in the order of the dataset before
    Example example;
  };

  Entry& draw() {
    return buffer_[static_cast<std::size_t>(generator_.integers(static_cast<std::int64_t>(buffer_.size())))];
  }
  // Fills the gap with the last entry.
  void remove(Entry& entry) {
    if (&entry != &buffer_.back()) entry = std::move(buffer_.back());
    buffer_.pop_back();
  }

  StagePtr upstream_;
  std::optional<std::uint64_t> upstream_size_;
  std::size_t most_;
  Generator generator_;
  std::vector<Entry> buffer_;
  std::uint64_t read_ = 0;  // elements taken from upstream
  bool upstream_ended_ = false;
};

class ShuffleNode final : public Step {
 public:
  ShuffleNode(NodePtr upstream, std::size_t buffer, std::uint64_t seed)
      : Step(std::move(upstream)), buffer_(buffer), seed_(seed) {
    if (buffer == 0) throw InvalidArgument("shuffle: the buffer must hold at least 1 element, got 0");
  }
  StagePtr open(const Pass& pass) const override {
    return std::make_unique<ShuffleStage>(upstream().open(pass), upstream().size(), buffer_,
                                          generator_of(seed_, pass.epoch));
  }
  std::string order() const override { return order_with(formatted("shuffle({}, seed {})", buffer_, seed_)); }
  std::string key() const override { return key_with(formatted("shuffle({}, seed {})", buffer_, seed_)); }
  std::string varies() const override { return "shuffle()"; }

 private:
  std::size_t buffer_;
  std::uint64_t seed_;
};

}  // namespace

NodePtr make_shuffle(NodePtr upstream, std::size_t buffer, std::uint64_t seed) {
  return std::make_shared<ShuffleNode>(std::move(upstream), buffer, seed);
}

}  // namespace ludus::data
