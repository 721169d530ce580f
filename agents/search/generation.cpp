#include "agents/search/generation.h"

#include <utility>

#include "agents/core/saved_state.h"
#include "base/checkpoint.h"

namespace ludus::agents {

Generation::Generation(std::size_t size, std::int64_t episodes, std::size_t lanes)
    : episodes_(episodes),
      sums_(size, 0.0),
      lane_candidate_(lanes, kNobody),
      lane_return_(lanes, 0.0),
      lane_fresh_(lanes, 1) {
  for (std::int64_t& candidate : lane_candidate_) candidate = assign_next();
}

std::int64_t Generation::assign_next() {
  const auto size = static_cast<std::int64_t>(sums_.size());
  return handed_ == size * episodes_ ? kNobody : handed_++ % size;
}

void Generation::record(std::size_t lane, double reward, bool ended) {
  lane_return_[lane] += reward;
  lane_fresh_[lane] = 0;
  if (!ended) return;

  if (lane_candidate_[lane] != kNobody) {
    sums_[static_cast<std::size_t>(lane_candidate_[lane])] += lane_return_[lane];
    ++finished_;
  }
  lane_return_[lane] = 0;
  lane_fresh_[lane] = 1;
  lane_candidate_[lane] = assign_next();
}

std::vector<double> Generation::mean_returns() const {
  std::vector<double> means;
  for (const double sum : sums_) means.push_back(sum / static_cast<double>(episodes_));
  return means;
}

void Generation::next() {
  handed_ = 0;
  finished_ = 0;
  sums_.assign(sums_.size(), 0.0);
  for (std::size_t lane = 0; lane < lane_candidate_.size(); ++lane) {
    if (lane_fresh_[lane]) lane_candidate_[lane] = assign_next();
  }
}

void Generation::save(Checkpoint& checkpoint) const {
  put_integer(checkpoint, "agent/generation/handed", handed_);
  put_integer(checkpoint, "agent/generation/finished", finished_);
  put_numbers(checkpoint, "agent/generation/return_sums", sums_);
  put_numbers(checkpoint, "agent/lanes/candidate", lane_candidate_);
  put_numbers(checkpoint, "agent/lanes/return", lane_return_);
  put_numbers(checkpoint, "agent/lanes/fresh", lane_fresh_);
}

void Generation::load(const Checkpoint& checkpoint) {
  Generation loaded = *this;
  const Shape candidates{static_cast<std::int64_t>(sums_.size())};
  const Shape lanes{static_cast<std::int64_t>(lane_candidate_.size())};
  loaded.handed_ = take_integer(checkpoint, "agent/generation/handed");
  loaded.finished_ = take_integer(checkpoint, "agent/generation/finished");
  loaded.sums_ = take_numbers<double>(checkpoint, "agent/generation/return_sums", candidates);
  loaded.lane_candidate_ = take_numbers<std::int64_t>(checkpoint, "agent/lanes/candidate", lanes);
  loaded.lane_return_ = take_numbers<double>(checkpoint, "agent/lanes/return", lanes);
  loaded.lane_fresh_ = take_numbers<std::uint8_t>(checkpoint, "agent/lanes/fresh", lanes);

  // every episode that was handed out is either over or under way, or the generation would never be complete
  std::int64_t playing = 0;
  for (const std::int64_t candidate : loaded.lane_candidate_) {
    if (candidate < kNobody || candidate >= candidates[0]) {
      throw CorruptCheckpoint("the checkpoint's agent/lanes/candidate names the candidate " +
                                  std::to_string(candidate) + " of " + std::to_string(candidates[0]));
    }
    if (candidate != kNobody) ++playing;
  }
  if (loaded.handed_ < 0 || loaded.handed_ > candidates[0] * episodes_ ||
      loaded.handed_ != loaded.finished_ + playing) {
    throw CorruptCheckpoint("the checkpoint's agent/generation does not add up: " + std::to_string(loaded.handed_) +
                                " episodes begun, " + std::to_string(loaded.finished_) + " over, " +
                                std::to_string(playing) + " under way");
  }
  *this = std::move(loaded);
}

}  // namespace ludus::agents
