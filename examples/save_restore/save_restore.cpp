// The four forms in which models are saved and restored: whole, description alone, weights alone, and chosen weights
// under other names, of which another model restores what fits. The model is y = w x + b with w = 0.3, b = -0.3.
#include <ATen/ATen.h>
#include <ludus/nn/core/optimizer.h>
#include <ludus/nn/model/restore.h>

#include <cstdio>
#include <filesystem>

using namespace ludus::nn;

namespace {

// A line whose parameters are 0 at first.
Description line() {
  return sequential(ludus::Shape{1},
                    {layers::Dense{.units = 1, .weight_init = Initializer::zeros(), .bias_init = Initializer::zeros()}},
                    "line");
}

Model untrained(const Description& description) {
  ludus::Generator random(0);
  return Model(description, random);
}

void print_outputs(const char* title, Model& model) {
  const at::Tensor y = model.predict(at::arange(1, 5, at::kFloat).view({4, 1})).contiguous();
  const float* of = y.data_ptr<float>();
  std::printf("%-20s %.1f %.1f %.1f %.1f\n", title, of[0], of[1], of[2], of[3]);
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : ".";
  Model model = untrained(line());
  {
    const at::NoGradGuard no_grad;
    model.parameter("dense.weight").fill_(0.3);
    model.parameter("dense.bias").fill_(-0.3);
  }
  print_outputs("trained", model);

  // 1. whole: description, weights, the state of the optimiser, the configuration of the training
  Sgd sgd(model.parameters());
  save_model(folder / "whole.safetensors", model,
             {.optimizer = sgd.state(), .configuration = ludus::Dict{{"epochs", 20}}});
  const LoadedModel whole = load_model(folder / "whole.safetensors");
  print_outputs("whole", *whole.model);

  // 2. the description alone: another model of the same form, untrained
  save_description(folder / "line.json", model.description());
  Model same_form = untrained(load_description(folder / "line.json"));
  print_outputs("description", same_form);

  // 3. the weights alone, into a model that exists
  save_weights(folder / "weights.safetensors", model);
  load_weights(folder / "weights.safetensors", same_form);
  print_outputs("weights", same_form);

  // 4. chosen weights under another name; the rest keeps its initial values
  save_weights(folder / "chosen.safetensors", model, {{.from = "dense.weight", .to = "weights"}});
  Model partial = untrained(line());
  const RestoreReport report =
      restore(partial, folder / "chosen.safetensors", {.names = {{.from = "weights", .to = "dense.weight"}}});
  std::printf("%s", report.to_string().c_str());
  print_outputs("chosen weights", partial);
}
