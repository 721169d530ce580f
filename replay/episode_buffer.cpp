#include "replay/episode_buffer.h"

#include <algorithm>
#include <string>

#include "base/error.h"

namespace ludus::replay {

EpisodeBuffer::EpisodeBuffer(std::size_t episodes, std::size_t num_envs, const StepSizes& sizes)
    : episodes_(episodes), lanes_(num_envs, Lane{.episode = Trajectory(sizes)}), finished_(sizes) {
  if (episodes == 0 || num_envs == 0) {
    throw InvalidArgument("episodes are gathered from one environment at least, one at least, and here they are " +
                          std::to_string(episodes) + " from " + std::to_string(num_envs));
  }
  clear();
}

bool EpisodeBuffer::full() const {
  return std::all_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.wanted == 0; });
}

void EpisodeBuffer::clear() {
  finished_.clear();
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    lanes_[i].wanted = static_cast<std::int64_t>((episodes_ + i) / lanes_.size());
    lanes_[i].waits = lanes_[i].waits || lanes_[i].episode.size() > 0;
    lanes_[i].episode.clear();
  }
}

void EpisodeBuffer::add(const StepRows& step) {
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    Lane& lane = lanes_[i];
    const bool over = step.terminated[i] || step.truncated[i];  // as an episode; what follows it the two tell apart
    if (!lane.waits && lane.wanted > 0) {
      lane.episode.add(step, i, /*last=*/false);
      if (!over) continue;
      finished_.append(lane.episode);
      lane.episode.clear();
      --lane.wanted;
    } else {
      lane.waits = !over;
    }
  }
}

Dict EpisodeBuffer::state() const {
  List lanes;
  for (const Lane& lane : lanes_) {
    lanes.push_back(Dict{{"episode", lane.episode.state()}, {"wanted", lane.wanted}, {"waits", lane.waits}});
  }
  return {{"finished", finished_.state()}, {"lanes", lanes}};
}

void EpisodeBuffer::restore(const Dict& state) {
  const List& lanes = state.at("lanes").as_list();
  if (lanes.size() != lanes_.size()) {
    throw TypeMismatch("saved episodes of " + std::to_string(lanes.size()) +
                       " environments cannot be restored into those of " + std::to_string(lanes_.size()));
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const Dict& parts = lanes[i].as_dict();
    lanes_[i].episode.restore(parts.at("episode").as_dict());
    lanes_[i].wanted = parts.at("wanted").as_int();
    lanes_[i].waits = parts.at("waits").as_bool();
  }
  finished_.restore(state.at("finished").as_dict());
}

}  // namespace ludus::replay
