#include "apps/player.h"

#include "agents/core/action_masks.h"
#include "apps/table.h"
#include "base/format.h"

namespace ludus::apps {

Player::Player(envs::EnvPtr env, std::uint64_t seed) : env_(std::move(env)), seed_(seed) {
  row_.resize(env_->observation_space().row_size());
  observation_.resize(row_.size());
  begin(1);
  env_->render();  // throws now, not later, if the environment cannot be drawn
}

void Player::begin(std::int64_t episode) {
  const std::uint64_t seed = seed_ + static_cast<std::uint64_t>(episode) - 1;
  facts_ = {.episode = episode, .seed = seed, .step = 0, .reward = 0, .episode_return = 0};
  envs::Reset reset = env_->reset(seed);
  facts_.observation = std::move(reset.observation);
  step_.info = std::move(reset.info);
  over_ = false;
}

void Player::step(agents::Policy& policy) {
  env_->observation_space().to_row(facts_.observation, row_);
  for (std::size_t i = 0; i < row_.size(); ++i) observation_[i] = static_cast<float>(row_[i]);
  const std::size_t env = 0;
  const std::uint8_t episode_start = facts_.step == 0;
  agents::ActionMasks masks(policy.wants_action_masks(), env_->spec(), env_->action_space(), 1);
  masks.read(step_.info);
  policy.predict(
      {.rows = observation_, .size = 1, .masks = masks.rows(), .envs = {&env, 1}, .episode_start = {&episode_start, 1}},
      /*deterministic=*/true, actions_);
  std::vector<double> action(actions_.discrete.begin(), actions_.discrete.end());
  action.insert(action.end(), actions_.continuous.begin(), actions_.continuous.end());
  step_by(env_->action_space().from_row(action));
}

void Player::step_by(const Value& action) {
  env_->step_into(action, step_);
  facts_.step += 1;
  facts_.reward = step_.reward;
  facts_.episode_return += step_.reward;
  facts_.action = action;
  facts_.observation = step_.observation;
  over_ = step_.terminated || step_.truncated;
  if (over_) results_.push_back({facts_.episode, facts_.seed, facts_.step, facts_.episode_return});
}

std::string results_text(const std::vector<Player::Result>& results) {
  if (results.empty()) return "no episode was finished\n";
  Table table{.header = {"episode", "seed", "steps", "return"}, .rows = {}, .right = {true, true, true, true}};
  double sum = 0;
  for (const Player::Result& result : results) {
    table.rows.push_back({std::to_string(result.episode), std::to_string(result.seed), std::to_string(result.steps),
                          fixed(result.episode_return, 2)});
    sum += result.episode_return;
  }
  return formatted("{}mean return {}\n", to_text(table), fixed(sum / static_cast<double>(results.size()), 2));
}

}  // namespace ludus::apps
