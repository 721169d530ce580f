#include "agents/runner/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/checkpoint.h"
#include "base/format.h"

namespace ludus::agents {
namespace {

constexpr std::size_t kRecent = 100;  // episodes, as in Stable-Baselines3

template <class T>
double mean_of(const std::deque<T>& numbers) {
  if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
  return static_cast<double>(std::accumulate(numbers.begin(), numbers.end(), T{})) /
         static_cast<double>(numbers.size());
}

template <class T>
void remember(std::deque<T>& numbers, T number) {
  numbers.push_back(number);
  if (numbers.size() > kRecent) numbers.pop_front();
}

}  // namespace

Trainer::Trainer(Agent& agent, envs::VectorEnv& envs, TrainerOptions options)
    : agent_(agent),
      envs_(envs),
      options_(std::move(options)),
      masks_(agent.wants_action_masks(), envs.spec(), envs.single_action_space(), envs.num_envs()),
      returns_(envs.num_envs(), 0.0),
      lengths_(envs.num_envs(), 0) {
  if (envs.autoreset_mode() != envs::AutoresetMode::kSameStep) {
    throw InvalidArgument(formatted("training: the environments must reset in the same step, got the mode {}",
                                    name_of(envs.autoreset_mode())));
  }
}

void Trainer::add(std::shared_ptr<runs::Callback> callback) {
  callbacks_.add(callback);
  if (auto* of_trainer = dynamic_cast<TrainerCallback*>(callback.get())) {
    of_trainer->attach(*this);
    episode_callbacks_.push_back(of_trainer);
  }
}

runs::StopReason Trainer::learn(std::int64_t total_steps, std::uint64_t seed,
                                const std::function<bool()>& interrupted) {
  using Kind = runs::StopReason::Kind;
  total_steps_ = total_steps;
  agent_.begin(total_steps);
  if (!started_) {
    observations_ = envs_.reset(seed, {}).observations;
    started_ = true;
  }
  clear_stop();
  clear_reports();
  callbacks_.on_start(*this);

  while (!stop_reason() && steps_ < total_steps_) {
    if (agent_.finished()) {
      request_stop({Kind::kFinished, "there is nothing left to learn"});
      break;
    }
    clear_reports();
    make_step();
    callbacks_.on_step(*this);
    if (interrupted && interrupted()) request_stop({Kind::kInterrupted, "interrupted"});
  }

  if (!stop_reason()) request_stop(runs::StopReason{});  // all steps are done
  if (stop_reason()->kind != Kind::kInterrupted) agent_.finish();
  clear_reports();
  callbacks_.on_end(*this);
  return *stop_reason();
}

void Trainer::make_step() {
  const std::size_t n = envs_.num_envs(), width = envs_.observation_size();
  masks_.read(envs_.last());
  agent_.act({.rows = observations_, .size = n, .masks = masks_.rows()}, actions_);
  const envs::VectorStep& result = envs_.step(actions_);
  check_finite(result);

  // the next observation of an episode's last step is its final observation, not the first of the next episode
  next_observations_ = result.observations;
  for (std::size_t i = 0; i < n; ++i) {
    if (!result.has_final[i]) continue;
    std::copy_n(result.final_observations.begin() + static_cast<std::ptrdiff_t>(i * width), width,
                next_observations_.begin() + static_cast<std::ptrdiff_t>(i * width));
  }
  agent_.observe({.observations = observations_,
                  .masks = masks_.rows(),
                  .actions = &actions_,
                  .rewards = result.rewards,
                  .next_observations = next_observations_,
                  .terminated = result.terminated,
                  .truncated = result.truncated});
  observations_ = result.observations;
  steps_ += static_cast<std::int64_t>(n);

  for (std::size_t i = 0; i < n; ++i) {
    returns_[i] += result.rewards[i];
    ++lengths_[i];
    if (!result.terminated[i] && !result.truncated[i]) continue;
    const EpisodeEnd episode{i, returns_[i], lengths_[i]};
    returns_[i] = 0;
    lengths_[i] = 0;
    ++episodes_;
    remember(recent_returns_, episode.episode_return);
    remember(recent_lengths_, episode.length);
    for (TrainerCallback* callback : episode_callbacks_) callback->on_episode(*this, episode);
  }
  agent_.update();
}

void Trainer::check_finite(const envs::VectorStep& result) const {
  for (const double reward : result.rewards) {
    if (std::isfinite(reward)) continue;
    throw WorkError(formatted("{}: rewards must be finite, got {} after {} steps; fix the environment", envs_.spec().id,
                              reward, steps_));
  }
  for (const float number : result.observations) {
    if (std::isfinite(number)) continue;
    throw WorkError(formatted("{}: observations must be finite, got {} after {} steps; fix the environment",
                              envs_.spec().id, number, steps_));
  }
}

runs::Progress Trainer::progress() const {
  return {.step = steps_, .total = total_steps_, .increment = static_cast<std::int64_t>(envs_.num_envs())};
}

double Trainer::recent_return() const {
  return mean_of(recent_returns_);
}
double Trainer::recent_length() const {
  return mean_of(recent_lengths_);
}

runs::Metrics Trainer::metrics() {
  runs::Metrics metrics = agent_.metrics();
  metrics["time/episodes"] = static_cast<double>(episodes_);
  metrics["time/total_timesteps"] = static_cast<double>(steps_);
  if (episodes_ > 0) {
    metrics["rollout/ep_rew_mean"] = recent_return();
    metrics["rollout/ep_len_mean"] = recent_length();
  }
  return metrics;
}

std::vector<std::string> Trainer::metric_names() const {
  std::vector<std::string> names{"rollout/ep_len_mean", "rollout/ep_rew_mean", "time/episodes", "time/total_timesteps"};
  for (const std::string& name : agent_.metric_names()) names.push_back(name);
  return names;
}

std::string Trainer::status() const {
  return episodes_ == 0 ? "" : formatted("return {:.1f} over the last episodes", recent_return());
}

void Trainer::save(const std::filesystem::path& file) {
  callbacks_.flush();
  Checkpoint checkpoint;
  if (options_.describe) options_.describe(checkpoint);
  save(checkpoint);
  checkpoint.save(file);
}

void Trainer::save_model(const std::filesystem::path& file) const {
  Checkpoint checkpoint;
  if (options_.describe) options_.describe(checkpoint);
  agent_.save_policy(checkpoint);
  checkpoint.save(file);
}

void Trainer::check_observations() const {
  const std::size_t expected = envs_.num_envs() * envs_.observation_size();
  if (observations_.size() == expected) return;
  throw TypeMismatch(
      formatted("observations must have {} numbers, got {}; the checkpoint is of another number of environments",
                expected, observations_.size()));
}

void Trainer::save(Checkpoint& checkpoint) const {
  StateWriter visit(checkpoint.writer());
  visit("agent", agent_);
  visit("trainer", *this);
  callbacks_.write_state(visit);
}

void Trainer::load(const Checkpoint& checkpoint) {
  StateReader visit(checkpoint.reader());
  visit("agent", agent_);
  visit("trainer", *this);
  callbacks_.read_state(visit);
  visit.commit();
  started_ = true;
}

}  // namespace ludus::agents
