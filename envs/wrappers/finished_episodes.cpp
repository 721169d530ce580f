#include "envs/wrappers/finished_episodes.h"

namespace ludus::envs {
namespace {

template <class T>
void add_to(std::deque<T>& queue, T value, std::size_t kept) {
  queue.push_back(value);
  if (queue.size() > kept) queue.pop_front();
}

template <class T>
Array array_of(const std::deque<T>& queue) {
  const std::vector<T> numbers(queue.begin(), queue.end());
  return Array::of(std::span<const T>(numbers));
}

template <class T>
void fill(std::deque<T>& queue, const Value& saved) {
  const auto numbers = saved.as_array().data<T>();
  queue.assign(numbers.begin(), numbers.end());
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

Value FinishedEpisodes::to_value() const {
  return Dict{
      {"count", count_}, {"returns", array_of(returns_)}, {"lengths", array_of(lengths_)}, {"times", array_of(times_)}};
}

void FinishedEpisodes::restore(const Value& saved) {
  const Dict& parts = saved.as_dict();
  count_ = parts.at("count").as_int();
  fill(returns_, parts.at("returns"));
  fill(lengths_, parts.at("lengths"));
  fill(times_, parts.at("times"));
}

}  // namespace ludus::envs
