#include "envs/registry/check_vector.h"

#include <algorithm>
#include <vector>

#include "base/format.h"
#include "envs/registry/check_runs.h"
#include "envs/spaces/element.h"
#include "envs/vector/action_rows.h"

namespace ludus::envs {
namespace {

// Reference implementation of Gymnasium's three autoreset modes for a single environment.
class OneOfAVector {
 public:
  OneOfAVector(EnvPtr env, AutoresetMode mode) : env_(std::move(env)), mode_(mode) {}

  void reset(std::optional<std::uint64_t> seed) {
    take_reset(seed);
    ended_ = false;
  }

  void step(const Value& action) {
    has_final = was_reset = false;
    if (mode_ == AutoresetMode::kNextStep && ended_) {
      take_reset({});
      was_reset = true;
      ended_ = false;
      return;
    }
    const Step step = env_->step(action);
    observation = row_of(step.observation);
    reward = step.reward, terminated = step.terminated, truncated = step.truncated;
    ended_ = terminated || truncated;
    if (!ended_ || mode_ != AutoresetMode::kSameStep) return;
    final_observation = observation;
    has_final = true;
    observation = row_of(env_->reset().observation);
    ended_ = false;
  }

  bool ended() const { return ended_; }

  std::vector<float> observation, final_observation;
  double reward = 0;
  bool terminated = false, truncated = false, has_final = false, was_reset = false;

 private:
  void take_reset(std::optional<std::uint64_t> seed) {
    observation = row_of(env_->reset(seed).observation);
    reward = 0, terminated = truncated = has_final = was_reset = false;
  }

  std::vector<float> row_of(const Value& value) {
    std::vector<double> row(env_->observation_space().row_size());
    env_->observation_space().to_row(value, row);
    return {row.begin(), row.end()};
  }

  EnvPtr env_;
  AutoresetMode mode_;
  bool ended_ = false;
};

// Describes the difference between row i of the vector environment's result and the single environment, if any.
std::string difference(const VectorStep& all, std::size_t i, const OneOfAVector& one) {
  const std::size_t size = one.observation.size();
  const auto same_row = [&](const std::vector<float>& rows, const std::vector<float>& row) {
    return std::equal(row.begin(), row.end(), rows.begin() + static_cast<std::ptrdiff_t>(i * size));
  };
  if (!same_row(all.observations, one.observation)) return "another observation";
  if (!same_number(all.rewards[i], one.reward)) return "another reward";
  if (all.terminated[i] != one.terminated || all.truncated[i] != one.truncated) return "other flags";
  if (all.was_reset[i] != one.was_reset) return "its reset in another step";
  if (all.has_final[i] != one.has_final) return "its final observation in another step";
  if (one.has_final && !same_row(all.final_observations, one.final_observation)) return "another final observation";
  return "";
}

}  // namespace

bool acts_by_rows(const Space& space) {
  const std::string kind = space.kind();
  return kind == "Discrete" || kind == "Box" || kind == "MultiDiscrete" || kind == "MultiBinary";
}

std::string difference_from_singles(VectorEnv& envs, const std::function<EnvPtr()>& make,
                                    std::span<const Value> actions, std::uint64_t seed) {
  const std::size_t n = envs.num_envs();
  std::vector<OneOfAVector> singles;
  for (std::size_t i = 0; i < n; ++i) {
    singles.emplace_back(make(), envs.autoreset_mode());
    singles[i].reset(seed + i);
  }
  const auto difference_of = [&](const VectorStep& all, std::size_t t) -> std::string {
    for (std::size_t i = 0; i < n; ++i) {
      const std::string differs = difference(all, i, singles[i]);
      if (differs.empty()) continue;
      return formatted("environment {} returned {} than a single one, in result {}", i, differs, t);
    }
    return "";
  };
  std::string differs = difference_of(envs.reset(seed), 0);

  const Space& space = envs.single_action_space();
  const FloatBounds bounds =
      envs.has_continuous_actions() ? float_bounds(dynamic_cast<const Box&>(space)) : FloatBounds{};
  std::vector<double> row(envs.action_size());
  ActionBatch batch;
  for (std::size_t t = 0; differs.empty() && t + n <= actions.size(); ++t) {
    // environments to be reset by the caller
    Array mask(DType::kBool, Shape{static_cast<std::int64_t>(n)});
    bool any = false;
    for (std::size_t i = 0; i < n && envs.autoreset_mode() == AutoresetMode::kDisabled; ++i) {
      if (!singles[i].ended()) continue;
      singles[i].reset({});
      mask.data<bool>()[i] = any = true;
    }
    if (any) envs.reset({}, {{"reset_mask", mask}});

    batch = {};
    for (std::size_t i = 0; i < n; ++i) {
      space.to_row(actions[t + i], row);
      for (const double number : row) {
        if (envs.has_continuous_actions()) {
          const std::size_t k = batch.continuous.size() % row.size();
          batch.continuous.push_back(std::clamp(static_cast<float>(number), bounds.low[k], bounds.high[k]));
        } else {
          batch.discrete.push_back(static_cast<std::int64_t>(number));
        }
      }
      singles[i].step(ActionView(batch).visit(
          [&](auto numbers) { return action_of(space, numbers.subspan(i * row.size()), row); }));
    }
    const VectorStep& all = envs.step(batch);
    differs = difference_of(all, t + 1);
  }
  return differs;
}

}  // namespace ludus::envs
