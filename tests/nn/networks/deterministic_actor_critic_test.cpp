#include "nn/networks/deterministic_actor_critic.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace ludus::nn {
namespace {

DeterministicActorCritic linear_pair() {
  NetworkOptions actor{.features = FeatureOptions::numbers(1), .extra_inputs = 0, .mlp = {}};
  actor.mlp.outputs = 1;
  actor.mlp.output_activation = Activation::kTanh;
  NetworkOptions critic = actor;
  critic.extra_inputs = 1;
  critic.mlp.output_activation = Activation::kNone;
  return {actor, critic, 2, 4, Device{}};
}

TEST(DeterministicActorCritic, TargetsStartEqualAndArePolyakAveraged) {
  DeterministicActorCritic networks = linear_pair();
  EXPECT_TRUE(at::equal(networks.target_actor_parameters.values(), networks.actor_learner.parameters.values()));
  EXPECT_TRUE(at::equal(networks.target_critic_parameters.values(), networks.critic_learner.parameters.values()));
  networks.actor_learner.parameters.values().fill_(1);
  networks.target_actor_parameters.values().fill_(0);
  networks.critic_learner.parameters.values().fill_(2);
  networks.target_critic_parameters.values().fill_(-2);
  networks.polyak_update(0.25);
  EXPECT_TRUE(at::equal(networks.target_actor_parameters.values(), at::full({2}, 0.25)));
  EXPECT_TRUE(at::equal(networks.target_critic_parameters.values(), at::full({6}, -1.0)));
}

TEST(DeterministicActorCritic, ActorLossIsThatOfQ1) {
  // Q_1 = 3 a, Q_2 = −5 a, μ(s) = tanh(w s + b) with w = b = 0:  ∇ of −mean Q_1(s, μ(s)) over s = 1 and −2 is
  // −3 (1 − 0²) mean(s) = 1.5 by w and −3 by b
  DeterministicActorCritic networks = linear_pair();
  networks.actor_learner.parameters.values().zero_();
  networks.critic_learner.parameters.values().copy_(at::tensor({0.0f, 3.0f, 1.0f, 0.0f, -5.0f, 0.0f}));
  const at::Tensor before = networks.critic_learner.parameters.values().clone();
  EXPECT_FLOAT_EQ(static_cast<float>(networks.update_actor(at::tensor({1.0f, -2.0f}).view({2, 1}), {})), -1);
  EXPECT_TRUE(at::allclose(networks.actor_learner.parameters.gradients(), at::tensor({1.5f, -3.0f}), 0, 1e-6));
  EXPECT_TRUE(at::equal(networks.critic_learner.parameters.values(), before));
}

}  // namespace
}  // namespace ludus::nn
