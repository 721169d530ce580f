/// @file
/// The nodes of the steps of a pipeline, made by the functions of Dataset. Private to nn/data.
#pragma once

#include <exception>
#include <filesystem>
#include <string>
#include <utility>

#include "nn/data/dataset.h"

namespace ludus::data {

/// A step over one dataset, which it passes on unless a function says otherwise.
class Step : public Node {
 public:
  explicit Step(NodePtr upstream) : upstream_(std::move(upstream)) {}
  std::string varies() const override { return upstream_->varies(); }
  std::optional<std::uint64_t> size() const override { return upstream_->size(); }

 protected:
  const Node& upstream() const { return *upstream_; }
  std::string order_with(const std::string& step) const { return upstream_->order() + " | " + step; }
  std::string key_with(const std::string& step) const { return upstream_->key() + " | " + step; }

 private:
  NodePtr upstream_;
};

/// Returns `key`. Throws InvalidArgument naming the step if it is empty.
const std::string& required_key(const std::string& key, std::string_view step);

NodePtr make_map(NodePtr upstream, MapFunction function, bool random, MapOptions options);
NodePtr make_shuffle(NodePtr upstream, std::size_t buffer, std::uint64_t seed);
NodePtr make_batch(NodePtr upstream, std::size_t size, BatchOptions options);
NodePtr make_prefetch(NodePtr upstream, std::size_t count);
NodePtr make_memory_cache(NodePtr upstream);
NodePtr make_file_cache(NodePtr upstream, std::filesystem::path folder);

/// Reports a skipped record, on stderr unless the user gave a function.
void report_broken(const BrokenRecords& broken, const std::string& line);

/// In a handler of `error`, a broken record: throws it again or reports it, as `broken` says.
void rethrow_or_report(const BrokenRecords& broken, const std::exception& error);

}  // namespace ludus::data
