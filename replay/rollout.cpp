#include "replay/rollout.h"

#include <string>

#include "base/error.h"
#include "base/format.h"
#include "base/size_limit.h"

namespace ludus::replay {

Rollout::Rollout(std::size_t length, std::size_t num_envs, const StepSizes& sizes)
    : length_(length), num_envs_(num_envs), steps_(sizes) {
  if (length == 0 || num_envs == 0) {
    throw InvalidArgument(formatted("rollout: length and num_envs must be positive, got {} and {}", length, num_envs));
  }
  SizeLimit::require(sizeof(float) * static_cast<double>(length) * static_cast<double>(num_envs) *
                     static_cast<double>(sizes.observation + sizes.action + 1));
  steps_.reserve(length * num_envs);
}

void Rollout::add(const StepRows& step) {
  // the last step of a rollout bootstraps from the value of its next observation
  const bool last = steps_.size() + num_envs_ == length_ * num_envs_;
  for (std::size_t i = 0; i < num_envs_; ++i) steps_.add(step, i, last);
}

void Rollout::check_rows() const {
  if (steps_.size() % num_envs_ == 0 && steps_.size() <= length_ * num_envs_) return;
  throw TypeMismatch(formatted("rollout: rows must be a multiple of {} environments, at most {} steps each, got {}",
                               num_envs_, length_, steps_.size()));
}

}  // namespace ludus::replay
