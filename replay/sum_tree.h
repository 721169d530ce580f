// Numbers whose sum, and the number at which a running sum passes a value, are known in logarithmic time.
//
// Source: T. Schaul et al., "Prioritized Experience Replay" (ICLR 2016, arXiv:1511.05952), appendix B.2.1.
#pragma once

#include <cstddef>
#include <vector>

namespace ludus::replay {

// A binary tree in an array: node i is the sum of nodes 2i and 2i + 1, node 1 the total, and the leaves a power of two
// from there on. A sum is always made anew from its two children, never corrected by a difference, so that it does not
// drift however many changes there are: the same leaves make the same tree to the last bit.
class SumTree {
 public:
  // `size` numbers, all 0. Throws InvalidArgument if there are none.
  explicit SumTree(std::size_t size);

  // Bytes that a tree of that size takes.
  static double bytes(std::size_t size);

  std::size_t size() const { return size_; }
  double total() const { return nodes_[1]; }
  double operator[](std::size_t i) const { return nodes_[leaves_ + i]; }

  void set(std::size_t i, double value);  // not negative, and finite

  // The first i with value_0 + … + value_i > at, for 0 ≤ at < total(); rounding may tell neighbours apart by the last bit.
  // Never one that is 0. The total must not be 0.
  std::size_t find(double at) const;

 private:
  std::size_t size_;
  std::size_t leaves_;         // the power of two that is no less than size
  std::vector<double> nodes_;  // (2 leaves); node 0 is not used
};

}  // namespace ludus::replay
