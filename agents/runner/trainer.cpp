#include "agents/runner/trainer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "agents/core/finite.h"
#include "agents/runner/evaluation.h"
#include "base/checkpoint.h"
#include "base/format.h"
#include "base/interruption.h"
#include "envs/core/env.h"
#include "runs/schedule.h"

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
  if (started_ && !loaded_ && steps_ >= total_steps) {
    throw InvalidArgument(
        formatted("training: the number of steps must be above the {} that were made already, got {}; a new training "
                  "of the same agent needs a new Trainer",
                  steps_, total_steps));
  }
  loaded_ = false;
  total_steps_ = total_steps;
  const InterruptionScope interruptible(interrupted);
  if (!started_) agent_.restart_training();
  agent_.set_schedule_start(schedule_start_.steps, schedule_start_.remaining);
  agent_.begin(total_steps);
  check_total_steps();
  if (options_.warn && steps_ == 0) {
    for (const std::string& warning : agent_.warnings()) options_.warn(warning);
  }
  begin_episodes(seed);
  // before the callbacks leave anything behind: an environment without the masks that the agent needs cannot be trained
  masks_.read(envs_.last());
  clear_stop();
  clear_reports();
  callbacks_.on_start(*this);
  if (options_.on_begun) options_.on_begun();

  // an incomplete rollout or generation is finished, unless it is the first: then the number of steps was too small
  const auto must_finish = [this] { return agent_.is_collecting() && agent_.missing_for_update().empty(); };
  while (!stop_reason() && (steps_ < total_steps_ || must_finish())) {
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
  const std::string missing = agent_.missing_for_update();
  if (stop_reason()->kind == Kind::kCompleted && steps_ > 0 && !missing.empty()) {
    throw InvalidArgument(
        formatted("{}: no update was made in {} steps, because the first one needs {}; raise the number of "
                  "steps (--steps)",
                  agent_.algorithm(), steps_, missing));
  }
  return *stop_reason();
}

void Trainer::check_total_steps() const {
  const auto n = static_cast<std::int64_t>(envs_.num_envs());
  const std::int64_t first = agent_.first_update_step();
  if (first <= (total_steps_ + n - 1) / n * n) return;
  throw InvalidArgument(
      formatted("{}: the first update must come within the {} steps of the training, got step {} at the "
                "earliest; raise the number of steps (--steps), or change the settings",
                agent_.algorithm(), total_steps_, first));
}

void Trainer::begin_episodes(std::uint64_t seed) {
  if (!started_ || restart_) {
    // new episodes of a resumed training must not be those of its beginning
    const envs::VectorStep& first = envs_.reset(seed + static_cast<std::uint64_t>(steps_), {});
    check_finite(first, /*after_reset=*/true);
    observations_ = first.observations;
  }
  if (restart_) {
    agent_.restart_episodes();
    returns_.assign(returns_.size(), 0.0);
    lengths_.assign(lengths_.size(), 0);
  }
  started_ = true;
  restart_ = false;
  if (!envs_save_state_) return;
  try {
    static_cast<void>(envs_.get_state());
  } catch (const envs::NotSupported& error) {
    envs_save_state_ = false;
    if (options_.warn) {
      options_.warn(formatted(
          "warning: {}; checkpoints hold the agent alone, and a resumed training begins new episodes", error.what()));
    }
  }
}

void Trainer::make_step() {
  const std::size_t n = envs_.num_envs(), width = envs_.observation_size();
  masks_.read(envs_.last());
  agent_.act({.rows = observations_, .size = n, .masks = masks_.rows()}, actions_);
  const envs::VectorStep& result = envs_.step(actions_);
  check_finite(result, /*after_reset=*/false);

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
    if (!result.terminated[i] && !result.truncated[i]) {
      if (steps_ > total_steps_) check_episode_length(envs_.spec(), lengths_[i]);
      continue;
    }
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

void Trainer::check_finite(const envs::VectorStep& result, bool after_reset) const {
  const std::size_t width = envs_.observation_size();
  const std::int64_t step = steps_ / static_cast<std::int64_t>(envs_.num_envs()) + 1;
  const auto when = [&] { return after_reset ? std::string("from the first reset") : formatted("in step {}", step); };
  // the last observation of an episode comes before the first of the next
  for (std::size_t i = 0; i < result.has_final.size(); ++i) {
    if (!result.has_final[i]) continue;
    agents::check_finite({}, std::span(result.final_observations).subspan(i * width, width), envs_.spec().id, when);
  }
  agents::check_finite(result.rewards, result.observations, envs_.spec().id, when);
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

void Trainer::announce(const std::string& activity) {
  callbacks_.on_activity(*this, activity);
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

void Trainer::continue_schedules(std::int64_t previous_total) {
  const double remaining = schedule_start_.remaining * runs::progress_remaining(steps_ - schedule_start_.steps,
                                                                                previous_total - schedule_start_.steps);
  schedule_start_ = {.steps = steps_, .remaining = std::clamp(remaining, 0.0, 1.0)};
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
  if (envs_save_state_) {
    visit("trainer/envs", envs_);
  } else {
    visit("trainer/envs_without_state", true);
  }
  if (schedule_start_.steps > 0) visit("trainer/schedule_start", schedule_start_);
  callbacks_.write_state(visit);
}

void Trainer::load(const Checkpoint& checkpoint) {
  StateReader visit(checkpoint.reader());
  visit("agent", agent_);
  visit("trainer", *this);
  const bool without_envs = checkpoint.contains_value("trainer/envs_without_state");
  if (!without_envs) visit("trainer/envs", envs_);
  schedule_start_ = {};
  if (checkpoint.contains_value("trainer/schedule_start/steps")) visit("trainer/schedule_start", schedule_start_);
  callbacks_.read_state(visit);
  visit.commit();
  started_ = true;
  loaded_ = true;
  restart_ = without_envs;
}

}  // namespace ludus::agents
