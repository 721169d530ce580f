#include "envs/wrappers/finished_episodes.h"

namespace ludus::envs {
namespace {

template <class T>
void add_to(std::deque<T>& queue, T value, std::size_t kept) {
  queue.push_back(value);
  if (queue.size() > kept) queue.pop_front();
}

}  // namespace

FinishedEpisodes::FinishedEpisodes(std::size_t kept) : kept_(kept) {
  if (kept == 0) throw InvalidArgument("RecordEpisodeStatistics must keep at least one episode, not 0");
}

void FinishedEpisodes::add(double episode_return, std::int64_t length, double seconds) {
  add_to(returns_, episode_return, kept_);
  add_to(lengths_, length, kept_);
  add_to(times_, seconds, kept_);
  ++count_;
}

}  // namespace ludus::envs
