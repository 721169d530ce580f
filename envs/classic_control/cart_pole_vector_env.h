/// @file
/// CartPole as a structure of arrays with one generator: Gymnasium's CartPoleVectorEnv, number for number.
///
/// Its random numbers differ from those of N single environments: one generator draws for all.
#pragma once

#include "envs/classic_control/cart_pole.h"
#include "envs/classic_control/reset_options.h"
#include "envs/vector/vector_env.h"

namespace ludus::envs {

class CartPoleVectorEnv final : public VectorEnv {
 public:
  /// Throws NotSupported for an autoreset mode other than kNextStep, UnknownField or InvalidArgument for bad kwargs.
  CartPoleVectorEnv(const EnvSpec& spec, std::size_t num_envs, AutoresetMode mode);

  const VectorStep& reset(std::optional<std::uint64_t> seed = {}, const Dict& options = {}) override;
  const VectorStep& step(ActionView actions) override;
  Scene render(std::size_t i) const override;
  double frames_per_second() const override { return CartPole::kFramesPerSecond; }
  Value get_state() const override;
  void set_state(const Value& state) override;

  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("x", self.x_);
    visit("x_dot", self.x_dot_);
    visit("theta", self.theta_);
    visit("theta_dot", self.theta_dot_);
    visit("steps", self.steps_);
    visit("ended", self.ended_);
    visit("bounds/low", self.bounds_.low);
    visit("bounds/high", self.bounds_.high);
    visit("started", self.started_);
    visit("generator", self.generator_);
    visit("result", self.result_);
  }

 private:
  void advance(std::span<const std::int64_t> actions);
  void reset_ended();
  void write_observations();

  CartPole sim_;
  std::int64_t max_episode_steps_;  ///< 0: none
  ResetBounds bounds_{-0.05, 0.05};
  std::optional<Generator> generator_;
  std::vector<double> x_, x_dot_, theta_, theta_dot_;  ///< (N) each, units as in CartPole::State
  std::vector<std::int64_t> steps_;                    ///< (N) of the current episodes
  std::vector<std::uint8_t> ended_;                    ///< (N) of 0 and 1: resets in the next step
  bool started_ = false;
};

VectorEnvPtr make_cart_pole_vector_env(const EnvSpec& spec, std::size_t num_envs, AutoresetMode mode);

}  // namespace ludus::envs
