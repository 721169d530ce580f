#include "nn/training/fit.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "base/checkpoint.h"
#include "base/error.h"
#include "base/format.h"
#include "nn/core/gradient_step.h"
#include "nn/core/tensor_io.h"
#include "nn/model/losses.h"
#include "nn/model/restore.h"

namespace ludus::nn {
namespace {

std::vector<std::string> fields_or(const std::vector<std::string>& fields, std::vector<std::string> names,
                                   std::string_view option, std::string_view part) {
  if (fields.empty()) return names;
  if (fields.size() == names.size()) return fields;
  throw InvalidArgument(formatted("fit: {} must name one field for each {} of the model, {}, got {}", option, part,
                                  names.size(), fields.size()));
}

std::vector<std::string> input_names(const Description& description) {
  std::vector<std::string> names;
  for (const InputSpec& input : description.inputs) names.push_back(input.name);
  return names;
}

FitOptions completed(FitOptions options, const Description& description) {
  options.check();
  options.inputs = fields_or(options.inputs, input_names(description), "inputs", "input");
  options.targets = fields_or(options.targets, description.outputs, "targets", "output");
  if (options.losses.empty()) options.losses.resize(description.outputs.size());
  if (options.losses.size() != description.outputs.size()) {
    throw InvalidArgument(formatted("fit: losses must have one element for each output of the model, {}, got {}",
                                    description.outputs.size(), options.losses.size()));
  }
  completed(options.interface, description);  // checks it
  return options;
}

// The tensors of a batch on the model's device.
struct Tensors {
  std::vector<at::Tensor> inputs, targets;
  at::Tensor weights;  // undefined: all examples weigh the same

  Tensors(const data::Batch& batch, const FitOptions& options, const Device& device) {
    const auto tensor = [&](const std::string& field) {
      const at::Tensor host = to_tensor(batch.array(field));
      return device.cuda ? host.to(at::Device(at::kCUDA, static_cast<at::DeviceIndex>(device.index))) : host;
    };
    for (const std::string& field : options.inputs) inputs.push_back(tensor(field));
    for (const std::string& field : options.targets) targets.push_back(target(tensor(field)));
    if (!options.example_weights.empty()) weights = tensor(options.example_weights).to(at::kFloat);
  }

  // Classes are int64 whatever integer type the dataset has.
  static at::Tensor target(const at::Tensor& stored) {
    return at::isIntegralType(stored.scalar_type(), /*includeBool=*/true) ? stored.to(at::kLong) : stored;
  }
};

// Σ weight · loss over the outputs, and the loss of each. The penalty on the weights is not included.
struct Losses {
  at::Tensor total;
  std::vector<double> of_outputs;
};

Losses losses_of(const FitOptions& options, const std::vector<at::Tensor>& outputs, const Tensors& batch) {
  Losses losses;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const at::Tensor loss = compute_loss(options.losses[k], outputs[k], batch.targets[k], batch.weights);
    losses.of_outputs.push_back(loss.item<double>());
    const at::Tensor weighted = options.losses[k].weight * loss;
    losses.total = losses.total.defined() ? losses.total + weighted : weighted;
  }
  return losses;
}

}  // namespace

Fit::Fit(Model& model, data::Dataset train, FitOptions options, std::optional<data::Dataset> validation,
         std::function<double()> clock)
    : EpochTraining("fit", std::move(train), {.epochs = options.epochs, .steps_per_epoch = options.steps_per_epoch},
                    std::move(clock)),
      model_(model),
      validation_(std::move(validation)),
      options_(completed(std::move(options), model.description())),
      epoch_metrics_(options_.metrics, model.description().outputs) {
  if (steps_per_epoch() == 0 && options_.learning_rate.needs_total()) {
    throw InvalidArgument(
        formatted("fit: the learning rate is {} to the end of a training of unknown length, because the size of the "
                  "dataset is unknown; set steps_per_epoch or decay_steps",
                  options_.learning_rate.schedule));
  }
  if (options_.optimizer.name == kLbfgs) {
    lbfgs_ =
        std::make_unique<Lbfgs>(model_.parameters(), LbfgsOptions{.learning_rate = options_.learning_rate.at(0, 1)});
  } else {
    optimizer_ = make_optimizer(options_.optimizer, model_.parameters(), options_.learning_rate.at(0, 1));
  }
  if (options_.accumulate > 1) accumulated_ = at::zeros_like(model_.parameters().values());
  if (options_.average_decay) {
    average_ = std::make_unique<MovingAverage>(model_.parameters(), *options_.average_decay);
  }
}

Fit::~Fit() = default;

void Fit::make_step(const data::Batch& batch, bool is_last) {
  const Tensors tensors(batch, options_, model_.parameters().device());
  std::vector<at::Tensor> outputs;
  Losses losses;
  const auto compute = [&] {
    std::vector<at::Tensor> present = model_.forward(tensors.inputs, Mode::kTrain);
    Losses present_losses = losses_of(options_, present, tensors);
    const at::Tensor loss = present_losses.total + model_.penalty();
    if (outputs.empty()) {  // L-BFGS computes the loss several times; the first is that of the present parameters
      outputs = std::move(present);
      losses = std::move(present_losses);
    }
    return loss;
  };
  const double loss = lbfgs_ ? lbfgs_step(compute) : descend(compute(), is_last);

  epoch_metrics_.update(loss, losses.of_outputs, outputs, tensors.targets);
  recent_loss_.add(loss, static_cast<double>(outputs[0].size(0)));
}

double Fit::lbfgs_step(const std::function<at::Tensor()>& loss) {
  lbfgs_->set_learning_rate(learning_rate());
  const double before = lbfgs_->step(loss);
  if (average_) average_->update();
  return before;
}

// Adds the gradient of a batch to those before it; the last of `accumulate` batches, or of an epoch, takes a step along
// their mean. Returns the loss.
double Fit::descend(const at::Tensor& loss, bool is_last) {
  FlatParameters& parameters = model_.parameters();
  ++accumulated_batches_;
  if (accumulated_batches_ < options_.accumulate && !is_last) {
    parameters.zero_gradients();
    loss.backward({}, /*retain_graph=*/{}, /*create_graph=*/false, at::TensorList(parameters.leaves()));
    accumulated_.add_(parameters.gradients());
    return loss.item<double>();
  }
  const auto before_step = [&](const at::Tensor& gradients) {
    at::Tensor mean = gradients;
    if (accumulated_batches_ > 1) mean.add_(accumulated_).div_(accumulated_batches_);
    if (options_.max_gradient_value) mean.clamp_(-*options_.max_gradient_value, *options_.max_gradient_value);
  };
  const double value = gradient_step(
      parameters, *optimizer_, loss,
      {.learning_rate = learning_rate(), .max_gradient_norm = options_.max_gradient_norm, .before_step = before_step});
  if (accumulated_.defined()) accumulated_.zero_();
  accumulated_batches_ = 0;
  if (average_) average_->update();
  return value;
}

runs::Metrics Fit::end_epoch() {
  runs::Metrics metrics = epoch_metrics_.values("train/");
  epoch_metrics_.reset();
  if (validation_) {
    const MovingAverage::Applied averaged(average_.get());
    for (const auto& [tag, value] : nn::evaluate(model_, *validation_, options_)) metrics["val/" + tag] = value;
  }
  return metrics;
}

double Fit::learning_rate() const {
  return learning_rate_scale_ * options_.learning_rate.at(step(), progress().total);
}

void Fit::set_learning_rate_scale(double scale) {
  if (!(scale > 0)) throw InvalidArgument(formatted("fit: the learning rate's scale must be positive, got {}", scale));
  learning_rate_scale_ = scale;
}

void Fit::restore_weights(const std::filesystem::path& file) {
  load_weights(file, model_);
  if (average_) average_->assign_parameters();
}

runs::Metrics Fit::metrics() {
  runs::Metrics metrics = take_epoch_row();
  if (recent_loss_.weight > 0) metrics["train/loss"] = recent_loss_.value();
  recent_loss_ = {};
  metrics["train/learning_rate"] = learning_rate();
  metrics["time/epoch"] = static_cast<double>(epoch());
  return metrics;
}

std::vector<std::string> Fit::metric_names() const {
  std::vector<std::string> names = epoch_metrics_.tags("train/");
  if (validation_) {
    for (std::string& tag : epoch_metrics_.tags("val/")) names.push_back(std::move(tag));
  }
  names.insert(names.end(), {"train/learning_rate", "time/epoch"});
  return names;
}

// --- checkpoints

void Fit::save_model(const std::filesystem::path& file) const {
  const MovingAverage::Applied averaged(average_.get());
  nn::save_model(file, model_, {}, options_.interface);
}

void Fit::save_whole_model(const std::filesystem::path& file, const Value& configuration) const {
  SavedTraining training{.configuration = configuration};
  training.optimizer = lbfgs_ ? lbfgs_->state() : optimizer_->state();
  const MovingAverage::Applied averaged(average_.get());
  nn::save_model(file, model_, training, options_.interface);
}

void Fit::load_optimizer(const NamedArrays& state) {
  if (lbfgs_) {
    lbfgs_->load_state(state);
  } else {
    optimizer_->load_state(state);
  }
}

runs::Metrics Fit::evaluate(const data::Dataset& batches) const {
  const MovingAverage::Applied averaged(average_.get());
  return nn::evaluate(model_, batches, options_);
}

template <class Self, class Visit>
void Fit::state(Self& self, Visit&& visit) {
  visit("model", self.model_);
  visit("random", self.model_.random());
  visit("optimizer", self.optimizer_);
  visit("lbfgs", self.lbfgs_);
  visit("average", self.average_);
  visit("learning_rate_scale", self.learning_rate_scale_);
  visit("epoch_metrics", self.epoch_metrics_);
  visit("recent_loss", self.recent_loss_);
  visit("accumulated_batches", self.accumulated_batches_);
  if (self.accumulated_.defined()) {
    visit.property("accumulated", to_array(self.accumulated_), [&self](const Array& gradients) {
      if constexpr (!std::is_const_v<Self>) assign(self.accumulated_, gradients, "accumulated gradients");
    });
  }
}

void Fit::write_state(StateWriter& visit) const {
  state(*this, visit);
}

void Fit::read_state(StateReader& visit) {
  state(*this, visit);
}

// --- inference

runs::Metrics evaluate(Model& model, const data::Dataset& batches, const FitOptions& options) {
  const FitOptions complete = completed(options, model.description());
  BatchMetrics metrics(complete.metrics, model.description().outputs);
  const at::NoGradGuard no_grad;
  const double penalty = model.penalty().item<double>();
  for (const data::Batch& batch : batches.epoch(0)) {
    const Tensors tensors(batch, complete, model.parameters().device());
    const std::vector<at::Tensor> outputs = model.predict(tensors.inputs);
    const Losses losses = losses_of(complete, outputs, tensors);
    metrics.update(losses.total.item<double>() + penalty, losses.of_outputs, outputs, tensors.targets);
  }
  runs::Metrics values = metrics.values("");
  if (values.empty()) throw InvalidArgument("evaluate: the dataset must have at least one batch, got none");
  return values;
}

std::vector<Array> predict(Model& model, const data::Dataset& batches, const std::vector<std::string>& inputs) {
  FitOptions options{.inputs = fields_or(inputs, input_names(model.description()), "inputs", "input")};
  std::vector<std::vector<at::Tensor>> parts(model.description().outputs.size());
  for (const data::Batch& batch : batches.epoch(0)) {
    const std::vector<at::Tensor> outputs = model.predict(Tensors(batch, options, model.parameters().device()).inputs);
    for (std::size_t k = 0; k < outputs.size(); ++k) parts[k].push_back(outputs[k].to(at::kCPU));
  }
  std::vector<Array> predictions;
  for (const std::vector<at::Tensor>& of_output : parts) {
    if (of_output.empty()) throw InvalidArgument("predict: the dataset must have at least one batch, got none");
    predictions.push_back(to_array(at::cat(of_output)));
  }
  return predictions;
}

}  // namespace ludus::nn
