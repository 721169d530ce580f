// The base of vector environments that hold N environments: the three autoreset modes and the division of the
// environments among threads.
#pragma once

#include <algorithm>

#include "base/format.h"
#include "base/state_fields.h"
#include "base/thread_team.h"
#include "envs/core/env.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

/// The result of one environment's step, apart from its observation.
struct StepResult {
  double reward = 0;
  bool terminated = false;
  bool truncated = false;
};

/// Rethrows the exception of environment `slot` of `n`, with the environment index in front of the message if n > 1: an
/// Error of the same type, or a WorkError for any other exception.
[[noreturn]] void rethrow_from_slot(std::size_t n, std::size_t slot, const std::exception_ptr& error);

/// The base class of `Slots`, which defines for environment i
///   void reset_slot(i, std::optional<seed>, const Dict& options, std::span<float> row);
///   StepResult step_env(i, std::span<const T> action, std::span<float> row);  T as its actions: int64_t or float
///   const Dict& slot_info(i) const;        the info of its last reset or step
///   Value slot_state(i) const;  void set_slot_state(i, const Value&);
///   static constexpr bool kHasInfo        false if slot_info is always empty
///   bool takes(std::span<const T> action) const    whether the action is in the action space
/// reset_slot and step_env run concurrently for different environments: they may write only data of environment i.
template <class Slots>
class VectorEnvBase : public VectorEnv {
 public:
  const VectorStep& reset(std::optional<std::uint64_t> seed, const Dict& options) override {
    Dict rest;
    const std::vector<std::uint8_t> mask = reset_mask(options, rest);
    clear_result();
    for_each_slot([&](std::size_t i) {
      if (!mask[i]) return;
      const auto slot_seed = seed ? std::optional<std::uint64_t>(*seed + i) : std::nullopt;
      slots().reset_slot(i, slot_seed, rest, row(result_.observations, i));
      ended_[i] = 0;
    });
    if constexpr (Slots::kHasInfo) {
      for (std::size_t i = 0; i < num_envs(); ++i) {
        if (mask[i]) add_info(result_.info, i, slots().slot_info(i));
      }
    }
    started_ = started_ || std::all_of(mask.begin(), mask.end(), [](std::uint8_t chosen) { return chosen != 0; });
    return result_;
  }

  const VectorStep& step(ActionView actions) override {
    if (!started_) throw ResetNeeded("step() was called before the first reset(); call reset() to start the episodes");
    check_actions(actions);
    return actions.visit([&](auto numbers) -> const VectorStep& { return step_rows(numbers); });
  }

  void set_threads(std::size_t threads) override {
    const std::size_t size = std::clamp<std::size_t>(threads, 1, num_envs());
    if (size != team_->size()) team_ = std::make_unique<ThreadTeam>(size);
  }
  std::size_t threads() const override { return team_->size(); }

  Value get_state() const override {
    Dict state;
    StateWriter visit(state);
    visit("ended", ended_);
    visit("started", started_);
    visit("result", result_);
    visit("envs", num_envs());
    for (std::size_t i = 0; i < num_envs(); ++i) visit(formatted("envs/{}", i), slots().slot_state(i));
    return state;
  }

  /// Throws InputError and changes nothing.
  void set_state(const Value& state) override {
    std::vector<EnvPart> parts;
    for (std::size_t i = 0; i < num_envs(); ++i) parts.push_back({slots(), i});
    StateReader visit(state.as_dict());
    visit("ended", ended_);
    visit("started", started_);
    visit("result", result_);
    visit("envs", parts);
    visit.commit();
  }

 protected:
  VectorEnvBase(std::size_t n, SpacePtr observation_space, SpacePtr action_space, AutoresetMode mode, EnvSpec spec)
      : VectorEnv(n, std::move(observation_space), std::move(action_space), mode, std::move(spec)),
        ended_(n, 0),
        team_(std::make_unique<ThreadTeam>(1)) {}

 private:
  // The state of one environment.
  struct EnvPart {
    Slots& slots;
    std::size_t i;
    Value get_state() const { return slots.slot_state(i); }
    void set_state(const Value& state) { slots.set_slot_state(i, state); }
  };

  Slots& slots() { return static_cast<Slots&>(*this); }
  const Slots& slots() const { return static_cast<const Slots&>(*this); }

  template <class T>
  const VectorStep& step_rows(std::span<const T> actions) {
    // all actions are checked before any environment steps
    for (std::size_t i = 0; i < num_envs(); ++i) {
      if (autoreset_mode() == AutoresetMode::kDisabled && ended_[i]) {
        throw ResetNeeded(
            formatted("the episode of environment {} has ended and autoreset is disabled; "
                      "reset it with options {{\"reset_mask\": …}} first",
                      i));
      }
      const auto action = actions.subspan(i * action_size(), action_size());
      const bool ignored = autoreset_mode() == AutoresetMode::kNextStep && ended_[i];
      if (!ignored && !slots().takes(action)) reject_action(describe(action));
    }

    clear_result();
    for_each_slot([&](std::size_t i) { step_one(i, actions.subspan(i * action_size(), action_size())); });
    if constexpr (Slots::kHasInfo) gather_info();
    return result_;
  }

  template <class Work>
  void for_each_slot(Work&& work) {
    const ThreadTeam::Failure failure = team_->run(num_envs(), work);
    if (failure.error) rethrow_from_slot(num_envs(), failure.item, failure.error);
  }

  template <class T>
  void step_one(std::size_t i, std::span<const T> action) {
    const std::span<float> observation = row(result_.observations, i);
    if (autoreset_mode() == AutoresetMode::kNextStep && ended_[i]) {
      slots().reset_slot(i, {}, {}, observation);
      result_.was_reset[i] = 1;
      ended_[i] = 0;
      return;
    }

    const StepResult step = slots().step_env(i, action, observation);
    result_.rewards[i] = step.reward;
    result_.terminated[i] = step.terminated;
    result_.truncated[i] = step.truncated;
    const bool ended = step.terminated || step.truncated;  // for the autoreset only; the flags stay separate
    ended_[i] = ended;
    if (!ended || autoreset_mode() != AutoresetMode::kSameStep) return;

    std::copy(observation.begin(), observation.end(), row(result_.final_observations, i).begin());
    result_.has_final[i] = 1;
    if constexpr (Slots::kHasInfo) final_infos_[i] = slots().slot_info(i);
    slots().reset_slot(i, {}, {}, observation);
    ended_[i] = 0;
  }

  void clear_result() {
    std::fill(result_.rewards.begin(), result_.rewards.end(), 0.0);
    for (auto* flags : {&result_.terminated, &result_.truncated, &result_.has_final, &result_.was_reset}) {
      std::fill(flags->begin(), flags->end(), std::uint8_t{0});
    }
    if (!result_.info.empty()) result_.info.clear();
    if constexpr (Slots::kHasInfo) final_infos_.resize(num_envs());
  }

  void gather_info() {
    Dict final_info;
    Array has_final(DType::kBool, Shape{static_cast<std::int64_t>(num_envs())});
    bool any = false;
    for (std::size_t i = 0; i < num_envs(); ++i) {
      add_info(result_.info, i, slots().slot_info(i));
      if (!result_.has_final[i]) continue;
      any = true;
      has_final.data<bool>()[i] = true;
      add_info(final_info, i, final_infos_[i]);
    }
    if (!any) return;
    result_.info["final_info"] = std::move(final_info);
    result_.info["_final_info"] = std::move(has_final);
  }

  // As Gymnasium's VectorEnv._add_info: gathers numbers in arrays (0 where absent), dictionaries recursively, other
  // values in lists; each key has a mask.
  void add_info(Dict& batch, std::size_t i, const Dict& info);

  template <class T>
  static std::string describe(std::span<const T> action) {
    std::string text = action.size() == 1 ? "the action " : "the action (";
    for (std::size_t k = 0; k < action.size(); ++k) text += (k ? ", " : "") + std::to_string(action[k]);
    return action.size() == 1 ? text : text + ")";
  }

  std::vector<std::uint8_t> ended_;  // (N) of 0 and 1: the episode has ended, the reset is due
  std::vector<Dict> final_infos_;    // (N)
  bool started_ = false;
  std::unique_ptr<ThreadTeam> team_;
};

/// Adds the info of environment i of `n` to the batch. Throws TypeMismatch if an array differs in type or shape from
/// the same entry of other environments.
void add_slot_info(Dict& batch, std::size_t n, std::size_t i, const Dict& info);

/// Copies `row` to row i of the `n` rows of `batch`, the entry `key` of an info. Throws TypeMismatch if type or shape
/// differ.
void place_info_row(Array& batch, std::size_t n, std::size_t i, const Array& row, const std::string& key);

template <class Slots>
void VectorEnvBase<Slots>::add_info(Dict& batch, std::size_t i, const Dict& info) {
  if (!info.empty()) add_slot_info(batch, num_envs(), i, info);
}

}  // namespace ludus::envs
