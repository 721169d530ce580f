// A sum tree: prefix sums of numbers are updated and searched in logarithmic time.
//
// Source: T. Schaul et al., "Prioritized Experience Replay" (ICLR 2016, arXiv:1511.05952), appendix B.2.1.
#pragma once

#include <cstddef>
#include <vector>

namespace ludus::replay {

/// A binary tree in an array: node i is the sum of nodes 2i and 2i + 1, node 1 is the total, and the leaves start at a
/// power of two. A sum is always recomputed from its two children, never adjusted by a difference, so that errors do
/// not accumulate: equal leaves give a bitwise equal tree.
class SumTree {
 public:
  /// Creates `size` numbers, all 0. Throws InvalidArgument if `size` is 0.
  explicit SumTree(std::size_t size);

  /// Returns the bytes that a tree of that size allocates.
  static double bytes(std::size_t size);

  std::size_t size() const { return size_; }
  double total() const { return nodes_[1]; }
  double operator[](std::size_t i) const { return nodes_[leaves_ + i]; }

  void set(std::size_t i, double value);  // not negative, and finite

  /// Returns the first i with value_0 + … + value_i > at, for 0 ≤ at < total(), up to rounding between neighbours.
  /// Never returns the index of a 0. The total must not be 0.
  std::size_t find(double at) const;

 private:
  std::size_t size_;
  std::size_t leaves_;         // the smallest power of two that is at least size
  std::vector<double> nodes_;  // (2 leaves); node 0 is not used
};

}  // namespace ludus::replay
