/// @file
/// Datasets: sources of examples, and pipelines of steps over them.
///
///   auto train = data::from_idx(images, labels)
///                    .shuffle(10000, seed)
///                    .map(augment, {.workers = 4, .seed = seed})
///                    .batch(128)
///                    .prefetch(2);
///   for (const data::Batch& batch : train.epoch(0)) …
///
/// A Dataset is a description: cheap to copy, without open files. epoch(e) starts a pass over it. The order of the
/// elements and all random numbers depend on the seeds, the epoch and the position of an element, never on the number
/// of threads. Memory does not grow with the data: only buffers (shuffle, prefetch, workers) and cache() without a
/// folder hold elements.
///
/// The state of a pass is its epoch and its position. A resumed pass skips to its position: sources seek, map() without
/// a call, shuffle() by repeating its draws; only filter() and skipped broken records must compute again what they
/// dropped.
///
/// Sources: nn/data/array_source.h, csv_source.h, tfrecord_source.h, file_source.h.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "base/state_fields.h"
#include "nn/data/example.h"
#include "nn/data/stage.h"

namespace ludus::data {

class Dataset;
class Epoch;

/// What happens to records that cannot be read or converted.
struct BrokenRecords {
  enum class Action : std::uint8_t {
    kFail,  ///< the error is thrown to who reads the dataset
    kSkip,  ///< the record is left out and reported
  };
  Action action = Action::kFail;
  /// Receives one line for each skipped record, with file and position. By default it is printed on stderr.
  std::function<void(const std::string& line)> report = {};

  static BrokenRecords fail() { return {}; }
  static BrokenRecords skip(std::function<void(const std::string&)> report = {}) {
    return {.action = Action::kSkip, .report = std::move(report)};
  }
};

/// A function of an example and random numbers of this example alone.
using MapFunction = std::function<Example(Example, Generator&)>;

struct MapOptions {
  /// Number of threads. 0: the function is called by who reads the dataset.
  std::size_t workers = 0;
  /// Seed of the random numbers: element i of epoch e receives NumPy's default_rng(SeedSequence(seed, spawn_key=(e,
  /// i))).
  std::uint64_t seed = 0;
  /// Names the function, its arguments and its version for cache(), which cannot look into a function.
  std::string key = {};
  /// What happens if the function throws a ludus::InputError; any other exception is always fatal.
  BrokenRecords broken = {};
};

struct BatchOptions {
  /// Whether a last batch with fewer elements is left out.
  bool drop_remainder = false;
  /// Pads arrays of different extents at their ends to the largest of the batch with this number. Without it, different
  /// shapes are an error.
  std::optional<double> pad = {};
};

struct InterleaveOptions {
  std::size_t cycle = 4;  ///< number of datasets read in turn
  std::size_t block = 1;  ///< consecutive elements from each
  /// Names the function for cache().
  std::string key = {};
};

class Dataset {
 public:
  explicit Dataset(NodePtr node) : node_(std::move(node)) {}

  /// Applies a function, Example(Example) or Example(Example, Generator&), to every element. With several workers it is
  /// called by several threads at once; the order stays. An error is thrown at its place in the order, and its message
  /// names the element and where it was read from.
  template <class F>
  requires std::invocable<F&, Example, Generator&> || std::invocable<F&, Example> Dataset map(F function,
                                                                                              MapOptions options = {})
  const {
    if constexpr (std::invocable<F&, Example, Generator&>) {
      return mapped(MapFunction(std::move(function)), true, std::move(options));
    } else {
      return mapped([function = std::move(function)](Example example,
                                                     Generator&) mutable { return function(std::move(example)); },
                    false, std::move(options));
    }
  }

  /// Keeps the elements for which the predicate holds. `key` names it for cache().
  Dataset filter(std::function<bool(const Example&)> predicate, std::string key = {}) const;

  /// Draws each element from a buffer of `buffer` elements, which is filled from the front: a uniformly random order if
  /// `buffer` is at least the size of the dataset. Another order in every epoch. Throws InvalidArgument for 0.
  Dataset shuffle(std::size_t buffer, std::uint64_t seed) const;

  /// Stacks `size` consecutive elements to one. Throws InvalidArgument for 0.
  Dataset batch(std::size_t size, BatchOptions options = {}) const;

  /// Repeats the dataset `count` times, endlessly without a count. The repetitions of epoch e are the epochs e · count,
  /// …, e · count + count - 1 of this dataset, so each is shuffled differently. An endless one has the epoch 0 only.
  Dataset repeat(std::optional<std::uint64_t> count = {}) const;

  /// The first `count` elements, and those after them.
  Dataset take(std::uint64_t count) const;
  Dataset skip(std::uint64_t count) const;

  /// Replaces every element by the dataset that `function` makes of it, and reads `cycle` of them in turn, `block`
  /// elements from each. A dataset that ends is replaced by the next.
  Dataset interleave(std::function<Dataset(const Example&)> function, InterleaveOptions options = {}) const;

  /// Reads up to `count` elements ahead in a thread. Throws InvalidArgument for 0.
  Dataset prefetch(std::size_t count) const;

  /// Keeps the elements in memory during the first complete pass and serves later passes from there.
  Dataset cache() const;
  /// Writes the elements to a file in `folder` during the first complete pass, and reads later passes from there, also
  /// in other programs. The name of the file is a hash of what made the elements (files with size and time, arguments,
  /// the keys of map functions), so a change of these makes a new file. Throws InvalidArgument if a function before it
  /// has no key, or if the elements differ from epoch to epoch (shuffle, random numbers): cache before those steps.
  Dataset cache(const std::filesystem::path& folder) const;

  /// Number of elements of a pass, if it is known without one: not after filter() or for CSV and TFRecord files.
  std::optional<std::uint64_t> size() const { return node_->size(); }

  /// Starts a pass, or continues one at element `position`.
  Epoch epoch(std::uint64_t epoch, std::uint64_t position = 0) const;

  const NodePtr& node() const { return node_; }

 private:
  Dataset mapped(MapFunction function, bool random, MapOptions options) const;
  NodePtr node_;
};

/// Joins the fields of one element of each dataset to one, up to the end of the shortest. Throws InvalidArgument for no
/// dataset; a pass throws it if two have a field of the same name.
Dataset zip(const std::vector<Dataset>& datasets);

/// One dataset after the other.
Dataset concatenate(const std::vector<Dataset>& datasets);

/// A source of `size` examples by index. `key` names the function for cache().
Dataset from_index(std::uint64_t size, std::function<Example(std::uint64_t index)> function, std::string key = {});

/// A source of examples one after the other: `open` starts a pass, and the function that it returns gives an element,
/// or nullopt at the end. `key` names the source for cache().
Dataset from_stream(std::function<std::function<std::optional<Example>()>()> open, std::string key = {});

/// One pass over a dataset. Used by one thread at a time.
///
///   Epoch pass = train.epoch(0);
///   load_state(pass, checkpoint.reader("data"));   // continues at the saved epoch and position
///   while (pass.next(batch)) …
class Epoch {
 public:
  ~Epoch();
  Epoch(Epoch&&) noexcept;
  Epoch& operator=(Epoch&&) noexcept;

  /// Replaces `example` by the next element. Returns false after the last. After an error, the next call tries the same
  /// element again.
  bool next(Example& example);

  std::uint64_t epoch() const { return epoch_; }
  std::uint64_t position() const { return position_; }  ///< number of elements read

  /// Saves and loads epoch and position, with a description of the pipeline; loading fails if that differs, since the
  /// order would be another one.
  void write_state(StateWriter& writer) const;
  void read_state(StateReader& reader);

  /// The rest of the pass, for range-based loops.
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Example;
    using difference_type = std::ptrdiff_t;
    using pointer = const Example*;
    using reference = const Example&;

    reference operator*() const { return pass_->current_; }
    pointer operator->() const { return &pass_->current_; }
    Iterator& operator++() {
      if (!pass_->next(pass_->current_)) pass_ = nullptr;
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class Epoch;
    explicit Iterator(Epoch* pass) : pass_(pass) {}
    Epoch* pass_;  // null at the end
  };
  Iterator begin() {
    Iterator first(this);
    return ++first;
  }
  Iterator end() { return Iterator(nullptr); }

 private:
  friend class Dataset;
  Epoch(NodePtr node, std::uint64_t epoch, std::uint64_t position);
  void close();

  NodePtr node_;
  std::uint64_t epoch_ = 0;
  std::uint64_t position_ = 0;
  Pass pass_;
  StagePtr stage_;  // null: not started, or to be started again
  Example current_;
};

}  // namespace ludus::data
