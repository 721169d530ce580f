#include "nn/core/optimizer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <functional>

#include "nn/core/init.h"

namespace ludus::nn {
namespace {

struct Weights : torch::nn::Module {
  explicit Weights(at::ScalarType type = at::kFloat) {
    at::Generator generator = make_generator(1);
    a = register_parameter("a", at::empty({7, 5}, type).uniform_(-1, 1, generator));
    b = register_parameter("b", at::empty({7}, type).uniform_(-1, 1, generator));
  }
  at::Tensor a, b;
};

// A different gradient for every step, with some zeros, as dead ReLUs have.
void set_gradients(const at::Tensor& gradients, std::uint64_t step) {
  gradients.normal_(0.0, 0.5 + 0.1 * static_cast<double>(step % 7), make_generator(100 + step));
  gradients.narrow(0, 3, 4).zero_();
}

using MakeOurs = std::function<std::unique_ptr<Optimizer>(FlatParameters&)>;
using MakeTorchs = std::function<std::unique_ptr<torch::optim::Optimizer>(std::vector<at::Tensor>)>;

// 200 steps against torch's optimiser, in float (the fused loop) and in double (torch's operators).
void expect_like_torch(const MakeOurs& make_ours, const MakeTorchs& make_torchs) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    Weights ours(type), torchs(type);
    FlatParameters our_flat(ours), torchs_flat(torchs);
    const auto our_optimizer = make_ours(our_flat);
    const auto torchs_optimizer = make_torchs(torchs.parameters());
    const double tolerance = type == at::kFloat ? 2e-5 : 1e-12;
    for (std::uint64_t step = 0; step < 200; ++step) {
      set_gradients(our_flat.gradients(), step);
      torchs_flat.gradients().copy_(our_flat.gradients());
      our_optimizer->step();
      torchs_optimizer->step();
      if (step == 0 || step == 199) {
        const at::Tensor difference = (our_flat.values() - torchs_flat.values()).abs().max();
        EXPECT_LT(difference.item<double>(), tolerance) << "step " << step << " in " << c10::toString(type);
      }
    }
    EXPECT_GT((ours.a - Weights(type).a).abs().max().item<double>(), 0.1);  // the parameters did change
    EXPECT_EQ(our_optimizer->steps(), 200);
  }
}

// θ = 1, g = 0.5, the first step: m = 0.1 · 0.5, corrected 0.5; v = 0.001 · 0.25, corrected 0.25;
// θ ← 1 - 0.1 · 0.5 / (sqrt(0.25) + 1e-8) = 0.9. The first step of Adam has the learning rate's length, whatever g.
TEST(Optimizer, AdamsFirstStepByHand) {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    Weights module(type);
    FlatParameters flat(module);
    Adam adam(flat, {.learning_rate = 0.1});
    flat.values().fill_(1.0);
    flat.gradients().fill_(0.5);
    adam.step();
    EXPECT_NEAR(module.a[0][0].item<double>(), 0.9, 1e-6);
    EXPECT_EQ(flat.gradients()[0].item<double>(), 0.5);
  }
}

TEST(Optimizer, AdamIsTorchs) {
  for (const double decay : {0.0, 0.1}) {
    expect_like_torch(
        [=](FlatParameters& flat) {
          return std::make_unique<Adam>(
              flat,
              AdamOptions{.learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-5, .weight_decay = decay});
        },
        [=](std::vector<at::Tensor> parameters) {
          return std::make_unique<torch::optim::Adam>(
              parameters,
              torch::optim::AdamOptions(0.01).betas(std::make_tuple(0.8, 0.99)).eps(1e-5).weight_decay(decay));
        });
  }
}

TEST(Optimizer, SgdIsTorchs) {
  for (const auto& [momentum, nesterov] : {std::pair{0.0, false}, std::pair{0.9, false}, std::pair{0.9, true}}) {
    expect_like_torch(
        [momentum = momentum, nesterov = nesterov](FlatParameters& flat) {
          return std::make_unique<Sgd>(
              flat, SgdOptions{.learning_rate = 0.01, .momentum = momentum, .weight_decay = 0.1, .nesterov = nesterov});
        },
        [momentum = momentum, nesterov = nesterov](std::vector<at::Tensor> parameters) {
          return std::make_unique<torch::optim::SGD>(
              parameters, torch::optim::SGDOptions(0.01).momentum(momentum).weight_decay(0.1).nesterov(nesterov));
        });
  }
}

TEST(Optimizer, AdamWIsTorchs) {
  for (const double decay : {0.0, 0.1}) {
    expect_like_torch(
        [=](FlatParameters& flat) {
          return std::make_unique<AdamW>(
              flat,
              AdamWOptions{.learning_rate = 0.01, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-5, .weight_decay = decay});
        },
        [=](std::vector<at::Tensor> parameters) {
          return std::make_unique<torch::optim::AdamW>(
              parameters,
              torch::optim::AdamWOptions(0.01).betas(std::make_tuple(0.8, 0.99)).eps(1e-5).weight_decay(decay));
        });
  }
}

// θ = 1, g = 0: the decay alone, θ ← (1 − 0.1 · 0.5) θ
TEST(Optimizer, AdamWsDecayByHand) {
  Weights module;
  FlatParameters flat(module);
  AdamW adamw(flat, {.learning_rate = 0.1, .weight_decay = 0.5});
  flat.values().fill_(1.0);
  adamw.step();
  EXPECT_NEAR(module.a[0][0].item<double>(), 0.95, 1e-7);
}

TEST(Optimizer, AdagradIsTorchs) {
  for (const double decay : {0.0, 0.1}) {
    expect_like_torch(
        [=](FlatParameters& flat) {
          return std::make_unique<Adagrad>(flat, AdagradOptions{.learning_rate = 0.1,
                                                                .learning_rate_decay = 0.01,
                                                                .epsilon = 1e-5,
                                                                .weight_decay = decay,
                                                                .initial_accumulator = 0.1});
        },
        [=](std::vector<at::Tensor> parameters) {
          return std::make_unique<torch::optim::Adagrad>(
              parameters,
              torch::optim::AdagradOptions(0.1).lr_decay(0.01).eps(1e-5).weight_decay(decay).initial_accumulator_value(
                  0.1));
        });
  }
}

TEST(Optimizer, RmsPropWithMomentumAndCentredIsTorchs) {
  for (const auto& [momentum, centered] : {std::pair{0.9, false}, std::pair{0.0, true}, std::pair{0.5, true}}) {
    expect_like_torch(
        [momentum = momentum, centered = centered](FlatParameters& flat) {
          return std::make_unique<RmsProp>(flat, RmsPropOptions{.learning_rate = 0.002,
                                                                .alpha = 0.95,
                                                                .epsilon = 1e-2,
                                                                .weight_decay = 0.1,
                                                                .momentum = momentum,
                                                                .centered = centered});
        },
        [momentum = momentum, centered = centered](std::vector<at::Tensor> parameters) {
          return std::make_unique<torch::optim::RMSprop>(
              parameters,
              torch::optim::RMSpropOptions(0.002).alpha(0.95).eps(1e-2).weight_decay(0.1).momentum(momentum).centered(
                  centered));
        });
  }
}

TEST(Optimizer, RmsPropIsTorchs) {
  for (const double decay : {0.0, 0.1}) {
    expect_like_torch(
        [=](FlatParameters& flat) {
          return std::make_unique<RmsProp>(
              flat, RmsPropOptions{.learning_rate = 0.01, .alpha = 0.95, .epsilon = 1e-5, .weight_decay = decay});
        },
        [=](std::vector<at::Tensor> parameters) {
          return std::make_unique<torch::optim::RMSprop>(
              parameters, torch::optim::RMSpropOptions(0.01).alpha(0.95).eps(1e-5).weight_decay(decay));
        });
  }
}

// 20 steps, or 10, saved, loaded into a fresh optimiser, and 10: not one bit apart.
TEST(Optimizer, ResumingIsExact) {
  const std::vector<MakeOurs> kinds{
      [](FlatParameters& flat) { return std::make_unique<Adam>(flat); },
      [](FlatParameters& flat) { return std::make_unique<Sgd>(flat, SgdOptions{.momentum = 0.9}); },
      [](FlatParameters& flat) { return std::make_unique<Sgd>(flat); },
      [](FlatParameters& flat) { return std::make_unique<RmsProp>(flat); },
      [](FlatParameters& flat) {
        return std::make_unique<RmsProp>(flat, RmsPropOptions{.momentum = 0.5, .centered = true});
      },
      [](FlatParameters& flat) { return std::make_unique<AdamW>(flat); },
      [](FlatParameters& flat) { return std::make_unique<Adagrad>(flat, AdagradOptions{.learning_rate_decay = 0.1}); }};
  for (const MakeOurs& make : kinds) {
    for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
      Weights through(type), first(type), second(type);
      FlatParameters through_flat(through), first_flat(first), second_flat(second);
      const auto run = [](FlatParameters& flat, Optimizer& optimizer, std::uint64_t begin, std::uint64_t end) {
        for (std::uint64_t step = begin; step < end; ++step) {
          set_gradients(flat.gradients(), step);
          optimizer.step();
          optimizer.set_learning_rate(optimizer.learning_rate() * 0.99);
        }
      };
      const auto whole = make(through_flat);
      run(through_flat, *whole, 0, 20);

      const auto before = make(first_flat);
      run(first_flat, *before, 0, 10);
      const auto after = make(second_flat);
      second_flat.load_state(first_flat.state());
      after->load_state(before->state());
      EXPECT_EQ(after->steps(), 10);
      EXPECT_EQ(after->learning_rate(), before->learning_rate());
      run(second_flat, *after, 10, 20);
      EXPECT_TRUE(second_flat.values().equal(through_flat.values()));
    }
  }
}

TEST(Optimizer, RejectedStateChangesNothing) {
  Weights module;
  FlatParameters flat(module);
  Adam adam(flat);
  set_gradients(flat.gradients(), 1);
  adam.step();
  const NamedArrays good = adam.state();

  NamedArrays bad = good;
  bad[0].second = Array::scalar<std::int64_t>(7);
  bad[3].second = Array(DType::kFloat32, Shape{3});
  EXPECT_THROW(adam.load_state(bad), TypeMismatch);
  bad = good;
  bad.pop_back();
  EXPECT_THROW(adam.load_state(bad), InvalidArgument);
  bad = good;
  bad.emplace_back("velocity", Array(DType::kFloat32, Shape{42}));
  EXPECT_THROW(adam.load_state(bad), InvalidArgument);
  bad = good;
  bad[0].second = Array::scalar<std::int64_t>(-1);
  EXPECT_THROW(adam.load_state(bad), InvalidArgument);
  EXPECT_EQ(adam.state(), good);
}

TEST(Optimizer, RejectsInvalidOptions) {
  Weights module;
  FlatParameters flat(module);
  EXPECT_THROW(Adam(flat, {.learning_rate = -1.0}), InvalidArgument);
  EXPECT_THROW(Adam(flat, {.beta1 = 1.0}), InvalidArgument);
  EXPECT_THROW(Adam(flat, {.beta2 = -0.1}), InvalidArgument);
  EXPECT_THROW(Adam(flat, {.epsilon = -1.0}), InvalidArgument);
  EXPECT_THROW(Sgd(flat, {.nesterov = true}), InvalidArgument);
  EXPECT_THROW(Sgd(flat, {.momentum = -0.1}), InvalidArgument);
  EXPECT_THROW(RmsProp(flat, {.alpha = 1.0}), InvalidArgument);
  EXPECT_THROW(RmsProp(flat, {.momentum = -0.5}), InvalidArgument);
  EXPECT_THROW(AdamW(flat, {.beta2 = 1.0}), InvalidArgument);
  EXPECT_THROW(Adagrad(flat, {.learning_rate_decay = -1.0}), InvalidArgument);
  Adam adam(flat);
  EXPECT_THROW(adam.set_learning_rate(std::nan("")), InvalidArgument);
}

}  // namespace
}  // namespace ludus::nn
