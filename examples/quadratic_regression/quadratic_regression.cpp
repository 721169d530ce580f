// Regression of y = 0.2 x² − x + 1 with a network of 3-4-4-1 units: describe, build, a plain loop over the optimiser,
// evaluate, save.
#include <ATen/ATen.h>
#include <ludus/nn/core/gradient_step.h>
#include <ludus/nn/core/threads.h>
#include <ludus/nn/model/build.h>
#include <ludus/nn/model/losses.h>
#include <ludus/nn/model/metrics.h>
#include <ludus/nn/model/restore.h>

#include <cstdio>
#include <numeric>

using namespace ludus::nn;

namespace {

struct Data {
  at::Tensor x;  // (n x 3): the same number three times, scaled to [0, 1]
  at::Tensor y;  // (n x 1), scaled to [0, 1]
};

// n points evenly spaced in [-20, 20]; y is between -0.25 and 101 there.
Data parabola(std::int64_t n) {
  const at::Tensor x = at::linspace(-20, 20, n).view({n, 1});
  const at::Tensor y = 0.2 * x.square() - x + 1;
  return {((x + 20) / 40).repeat({1, 3}), (y + 0.25) / 101.25};
}

}  // namespace

int main(int argc, char** argv) {
  use_single_thread();  // more threads only slow down a network of this size

  // the network as data; ludus::nn::to_json() prints it
  const layers::Dense hidden{.units = 4, .activation = Activation::kSigmoid, .weight_init = Initializer::normal(1.0)};
  ludus::Generator random(1);
  Model model(sequential(ludus::Shape{3}, {hidden, hidden, layers::Dense{.units = 1}}, "quadratic"), random);
  std::printf("%s\n", model.summary().to_string().c_str());

  // a plain loop over random batches
  const Data train = parabola(2000), test = parabola(1500);
  const LossOptions mse{.kind = LossKind::kMeanSquaredError};
  Adam adam(model.parameters());
  std::vector<std::int64_t> order(2000);
  std::iota(order.begin(), order.end(), 0);
  for (int epoch = 0; epoch < 200; ++epoch) {
    random.shuffle(std::span(order));
    double sum = 0;
    for (std::size_t begin = 0; begin < order.size(); begin += 100) {
      const at::Tensor rows = at::tensor(at::ArrayRef<std::int64_t>(order.data() + begin, 100));
      const at::Tensor output = model.forward(train.x.index_select(0, rows), Mode::kTrain);
      const at::Tensor loss = compute_loss(mse, output, train.y.index_select(0, rows)) + model.penalty();
      sum += gradient_step(model.parameters(), adam, loss, {.learning_rate = 0.01});
    }
    if (epoch % 40 == 0 || epoch == 199) std::printf("epoch %3d: loss %.6f\n", epoch, sum / 20);
  }

  // points between those of the training
  const at::Tensor output = model.predict(test.x);
  R2 r2;
  r2.update({.rows = 1500,
             .columns = 1,
             .predictions = std::span<const float>(output.data_ptr<float>(), 1500),
             .targets = std::span<const float>(test.y.data_ptr<float>(), 1500)});
  std::printf("test: R2 %.4f\n", r2.value());

  // description, weights and optimiser in one file, which load_model() reads without this program
  if (argc > 1) save_model(argv[1], model, {.optimizer = adam.state()});
}
