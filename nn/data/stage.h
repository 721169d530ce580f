/// @file
/// What a dataset is made of: nodes, which describe, and stages, which run. Sources implement both.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "nn/data/example.h"

namespace ludus::data {

/// What the stages of one pass over a dataset share.
struct Pass {
  std::uint64_t epoch = 0;
  /// Set when the pass is being destroyed: loops that may run long without an element must end.
  std::shared_ptr<std::atomic<bool>> stopped = std::make_shared<std::atomic<bool>>(false);
  /// Whether a cache records this pass: datasets that differ from epoch to epoch are refused.
  bool recorded = false;

  bool is_stopped() const { return stopped->load(std::memory_order_relaxed); }
};

/// One pass over the elements of a node.
class Stage {
 public:
  virtual ~Stage() = default;

  /// Replaces `example` by the next element. Returns false after the last, again and again.
  virtual bool next(Example& example) = 0;

  /// Skips up to `count` elements and returns how many there were: exactly as if next() had been called so often, but
  /// faster where a stage can. By default calls next().
  virtual std::uint64_t skip(std::uint64_t count);
};

using StagePtr = std::unique_ptr<Stage>;

/// An immutable description of a source or of a step of a pipeline.
class Node {
 public:
  virtual ~Node() = default;

  /// Starts a pass. Throws what the source throws, if a file is missing or invalid.
  virtual StagePtr open(const Pass& pass) const = 0;

  /// Returns the number of elements of a pass, if it is known without one; kUnlimited for endless ones.
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();
  virtual std::optional<std::uint64_t> size() const { return std::nullopt; }

  /// Returns what determines the order of the elements: kinds and arguments of the steps, sizes. Equal texts are
  /// required to resume a pass. Paths are not part of it, for data may be moved; nor are threads, which do not change
  /// the order.
  virtual std::string order() const = 0;

  /// Returns what determines the elements themselves, files with their sizes and times included: the key of a cache.
  /// Throws InvalidArgument naming the function that has no key.
  virtual std::string key() const = 0;

  /// Returns the step that makes the elements differ from epoch to epoch, "" if they do not.
  virtual std::string varies() const = 0;
};

using NodePtr = std::shared_ptr<const Node>;

/// Returns a description of a file for Node::key(): absolute path, size, time of the last change. Throws FileError.
std::string file_key(const std::string& path);

}  // namespace ludus::data
