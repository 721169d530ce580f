// A training in the manner of TensorFlow's Estimator: a function that describes the model from hyperparameters, a
// function that gives the data, a folder for checkpoints and logs, from which a second call of the program continues.
#include <ludus/data.h>
#include <ludus/nn/core/threads.h>
#include <ludus/nn/model/restore.h>
#include <ludus/nn/training/fit.h>
#include <ludus/runs.h>

#include <cmath>
#include <cstdio>
#include <memory>
#include <string>

namespace data = ludus::data;
namespace nn = ludus::nn;
namespace runs = ludus::runs;

nn::Description model_fn(std::int64_t units, double dropout) {
  using namespace nn::layers;
  return nn::sequential(ludus::Shape{2}, {Dense{.units = units, .activation = nn::Activation::kTanh},
                                          Dropout{.rate = dropout}, Dense{.units = 2}});
}

data::Dataset input_fn(std::int64_t n, std::uint64_t seed) {  // points inside and outside of a circle
  ludus::Generator random(seed);
  ludus::Array x(ludus::DType::kFloat32, ludus::Shape{n, 2}), y(ludus::DType::kInt64, ludus::Shape{n});
  for (float& number : x.data<float>()) number = static_cast<float>(random.uniform(-1, 1));
  for (std::size_t i = 0; i < y.size(); ++i) y.set(i, std::hypot(x.get(2 * i), x.get(2 * i + 1)) < 0.8 ? 1 : 0);
  return data::from_arrays({{"input", x}, {"dense_1", y}});
}

int main(int, char** argv) {
  nn::use_single_thread();
  const std::filesystem::path model_dir = argv[1];
  runs::make_run_folder(model_dir);
  ludus::Generator random(1);
  nn::Model model(model_fn(/*units=*/32, /*dropout=*/0.05), random);
  nn::Fit fit(model, input_fn(2000, 1).shuffle(2000, 1).batch(50),
              {.epochs = std::stoll(argv[2]), .metrics = {"accuracy"}, .learning_rate = {.initial = 0.02}},
              input_fn(500, 2).batch(500));
  fit.add(std::make_shared<runs::MetricsLog>(model_dir, fit.metric_names(), /*every=*/40));
  fit.add(std::make_shared<runs::Checkpoints>(model_dir, /*every=*/200, /*keep=*/5));
  if (const auto files = runs::checkpoints_in(model_dir); !files.empty())
    fit.load(ludus::Checkpoint::load(files.back()));
  std::printf("from step %d ", static_cast<int>(fit.progress().step));
  fit.run();
  fit.save_model(model_dir / "model.safetensors");
  std::printf("to %d: accuracy %.3f\n", static_cast<int>(fit.progress().step), fit.history().back().at("val/accuracy"));
  const ludus::Array logits = nn::predict(model, input_fn(1, 3).batch(1)).front();
  std::printf("the first point is %s\n", logits.get(1) > logits.get(0) ? "inside" : "outside");
}
