#include "replay/sum_tree.h"

#include <bit>
#include <cassert>
#include <cmath>

#include "base/error.h"

namespace ludus::replay {

SumTree::SumTree(std::size_t size) : size_(size), leaves_(std::bit_ceil(size)), nodes_(2 * leaves_) {
  if (size == 0) throw InvalidArgument("sum tree: the size must be positive, got 0");
}

double SumTree::bytes(std::size_t size) {
  return 2.0 * sizeof(double) * std::exp2(std::ceil(std::log2(static_cast<double>(size))));
}

void SumTree::set(std::size_t i, double value) {
  assert(i < size_ && value >= 0 && std::isfinite(value));
  std::size_t node = leaves_ + i;
  nodes_[node] = value;
  for (node /= 2; node > 0; node /= 2) nodes_[node] = nodes_[2 * node] + nodes_[2 * node + 1];
}

std::size_t SumTree::find(double at) const {
  assert(total() > 0);
  std::size_t node = 1;
  while (node < leaves_) {
    const double left = nodes_[2 * node], right = nodes_[2 * node + 1];
    node *= 2;
    // go left if the right subtree is empty, even if rounding has moved `at` past the left sum
    if (at >= left && right > 0) {
      at -= left;
      ++node;
    }
  }
  return node - leaves_;
}

}  // namespace ludus::replay
