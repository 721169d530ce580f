#include "nn/core/lbfgs.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/format.h"
#include "base/text.h"
#include "nn/core/tensor_io.h"

namespace ludus::nn {
namespace {

double dot_product(const at::Tensor& a, const at::Tensor& b) {
  return a.dot(b).item<double>();
}

double largest(const at::Tensor& a) {
  return a.numel() == 0 ? 0.0 : a.abs().max().item<double>();
}

// The minimum, in [low, high], of the cubic through two points with these values and slopes (Nocedal and Wright,
// equation 3.59); the middle of the interval if there is none.
double cubic_minimum(double x1, double f1, double g1, double x2, double f2, double g2, double low, double high) {
  const double d1 = g1 + g2 - 3.0 * (f1 - f2) / (x1 - x2);
  const double square = d1 * d1 - g1 * g2;
  if (!(square >= 0.0)) return (low + high) / 2.0;
  const double d2 = std::sqrt(square);
  const double minimum = x1 <= x2 ? x2 - (x2 - x1) * ((g2 + d2 - d1) / (g2 - g1 + 2.0 * d2))
                                  : x1 - (x1 - x2) * ((g1 + d2 - d1) / (g1 - g2 + 2.0 * d2));
  return std::min(std::max(minimum, low), high);
}

at::Tensor stacked(const std::vector<at::Tensor>& rows, const at::Tensor& like) {
  return rows.empty() ? at::empty({0, like.numel()}, like.options()) : at::stack(rows);
}

}  // namespace

Lbfgs::Lbfgs(FlatParameters& parameters, const LbfgsOptions& options) : parameters_(parameters), options_(options) {
  set_learning_rate(options.learning_rate);
  if (options.max_iterations < 1 || options.max_evaluations < 0 || options.history_size < 1) {
    throw InvalidArgument(formatted(
        "lbfgs: max_iterations and history_size must be 1 or more and max_evaluations 0 or more, got {}, {} and {}",
        options.max_iterations, options.history_size, options.max_evaluations));
  }
  if (!(options.gradient_tolerance >= 0.0 && options.change_tolerance >= 0.0)) {
    throw InvalidArgument(formatted("lbfgs: the tolerances must be 0 or more, got {} and {}",
                                    options.gradient_tolerance, options.change_tolerance));
  }
  if (options.reuse_evaluation && !options.strong_wolfe) {
    throw InvalidArgument("lbfgs: reuse_evaluation needs strong_wolfe, whose line search ends with an evaluation");
  }
  if (options_.max_evaluations == 0)
    options_.max_evaluations = std::max<std::int64_t>(options.max_iterations * 5 / 4, 1);
}

void Lbfgs::set_learning_rate(double rate) {
  if (!(std::isfinite(rate) && rate > 0.0)) {
    throw InvalidArgument(formatted("lbfgs: learning rate must be positive, got {}", rate));
  }
  options_.learning_rate = rate;
}

Lbfgs::Point Lbfgs::evaluate(const std::function<at::Tensor()>& loss) {
  if (parameters_.leaves().empty()) {
    throw InvalidArgument("lbfgs: at least one parameter must be trainable, got none; unfreeze some");
  }
  parameters_.zero_gradients();
  const at::AutoGradMode with_gradients(true);
  const at::Tensor value = loss();
  value.backward({}, /*retain_graph=*/{}, /*create_graph=*/false, at::TensorList(parameters_.leaves()));
  return {value.item<double>(), parameters_.gradients().clone(), calls_++};
}

// The pair of the last iteration: s = t d, y = g - g_previous. It is left out where the curvature is not positive.
void Lbfgs::remember(const at::Tensor& gradient) {
  const at::Tensor y = gradient - previous_gradient_, s = direction_ * step_length_;
  const double curvature = dot_product(y, s);
  if (curvature <= 1e-10) return;
  if (static_cast<std::int64_t>(gradient_changes_.size()) == options_.history_size) {
    gradient_changes_.erase(gradient_changes_.begin());
    parameter_changes_.erase(parameter_changes_.begin());
  }
  gradient_changes_.push_back(y);
  parameter_changes_.push_back(s);
  hessian_scale_ = curvature / dot_product(y, y);
}

// -H g by the two-loop recursion (Nocedal and Wright, algorithm 7.4), with ρ_i = 1 / (y_i · s_i).
at::Tensor Lbfgs::descent_direction(const at::Tensor& gradient) const {
  const std::size_t count = gradient_changes_.size();
  std::vector<double> rho(count), alpha(count);
  at::Tensor q = gradient.neg();
  for (std::size_t i = count; i-- > 0;) {
    rho[i] = 1.0 / dot_product(gradient_changes_[i], parameter_changes_[i]);
    alpha[i] = dot_product(parameter_changes_[i], q) * rho[i];
    q.add_(gradient_changes_[i], -alpha[i]);
  }
  at::Tensor r = q * hessian_scale_;
  for (std::size_t i = 0; i < count; ++i) {
    const double beta = dot_product(gradient_changes_[i], r) * rho[i];
    r.add_(parameter_changes_[i], alpha[i] - beta);
  }
  return r;
}

double Lbfgs::step(const std::function<at::Tensor()>& loss) {
  const at::NoGradGuard no_grad;
  calls_ = 0;
  Point point = last_ ? Point{last_->loss, last_->gradient, -1} : evaluate(loss);
  const double first_loss = point.loss;
  if (!std::isfinite(first_loss) || !std::isfinite(largest(point.gradient))) {
    throw WorkError(formatted("lbfgs: training diverged, the loss is {} after {} iterations; lower the learning rate",
                              first_loss, iterations_));
  }
  std::int64_t evaluations = 1;
  ++evaluations_;
  last_.reset();
  accepted_ = point.number;
  if (largest(point.gradient) <= options_.gradient_tolerance) {
    if (options_.reuse_evaluation) last_ = point;
    return first_loss;
  }

  for (std::int64_t iteration = 1;; ++iteration) {
    if (iterations_ == 0) {
      direction_ = point.gradient.neg();
    } else {
      remember(point.gradient);
      direction_ = descent_direction(point.gradient);
    }
    previous_gradient_ = point.gradient.clone();
    previous_loss_ = point.loss;
    // the first step is short, since nothing is known of the curvature
    step_length_ = options_.learning_rate;
    if (iterations_ == 0) step_length_ *= std::min(1.0, 1.0 / point.gradient.abs().sum().item<double>());
    ++iterations_;

    const double slope = dot_product(point.gradient, direction_);
    if (slope > -options_.change_tolerance) break;
    std::int64_t searched = 0;
    if (options_.strong_wolfe) {
      point = line_search(loss, point, slope, step_length_, searched);
      parameters_.values().add_(direction_, step_length_);
    } else {
      parameters_.values().add_(direction_, step_length_);
      if (iteration != options_.max_iterations) {
        point = evaluate(loss);
        searched = 1;
      }
    }
    evaluations += searched;
    evaluations_ += searched;

    if (iteration == options_.max_iterations || evaluations >= options_.max_evaluations) break;
    if (largest(point.gradient) <= options_.gradient_tolerance) break;
    if (largest(direction_) * step_length_ <= options_.change_tolerance) break;
    if (std::fabs(point.loss - previous_loss_) < options_.change_tolerance) break;
    if (!std::isfinite(point.loss)) break;  // the next step() reports it
  }
  accepted_ = point.number;
  if (options_.reuse_evaluation) last_ = std::move(point);
  return first_loss;
}

// Returns the point at a step length that satisfies the strong Wolfe conditions, with the parameters unchanged (Nocedal
// and Wright, algorithms 3.5 and 3.6, with torch's constants).
Lbfgs::Point Lbfgs::line_search(const std::function<at::Tensor()>& loss, const Point& start, double slope,
                                double& step_length, std::int64_t& evaluations) {
  constexpr double kDecrease = 1e-4, kCurvature = 0.9;  // c1 and c2
  constexpr int kMaxIterations = 25;

  struct End {
    double t;
    Point point;
    double slope;
  };
  const at::Tensor x = parameters_.values().clone();
  const auto probe = [&](double t) {
    parameters_.values().copy_(x).add_(direction_, t);
    Point point = evaluate(loss);
    parameters_.values().copy_(x);
    ++evaluations;
    const double new_slope = dot_product(point.gradient, direction_);
    return End{t, std::move(point), new_slope};
  };
  const auto too_high = [&](const End& end) { return end.point.loss > start.loss + kDecrease * end.t * slope; };
  const auto flat = [&](const End& end) { return std::fabs(end.slope) <= -kCurvature * slope; };

  // bracket the minimum: the step grows until the loss rises or the slope turns
  const double scale = largest(direction_);
  End previous{0.0, start, slope}, current = probe(step_length);
  std::array<End, 2> bracket{previous, current};
  bool done = false, bracketed = false;
  int iteration = 0;
  for (; iteration < kMaxIterations; ++iteration) {
    if (too_high(current) || (iteration > 1 && current.point.loss >= previous.point.loss)) {
      bracket = {previous, current};
      bracketed = true;
      break;
    }
    if (flat(current)) {
      bracket = {current, current};
      bracketed = done = true;
      break;
    }
    if (current.slope >= 0.0) {
      bracket = {previous, current};
      bracketed = true;
      break;
    }
    const double t = cubic_minimum(previous.t, previous.point.loss, previous.slope, current.t, current.point.loss,
                                   current.slope, current.t + 0.01 * (current.t - previous.t), current.t * 10.0);
    previous = current;
    current = probe(t);
  }
  if (!bracketed) bracket = {End{0.0, start, slope}, current};

  // shrink the bracket; `low` is its end with the lower loss
  std::size_t low = bracket[0].point.loss <= bracket[1].point.loss ? 0 : 1;
  bool slow = false;  // the last step came close to an end of the bracket
  while (!done && iteration < kMaxIterations) {
    const double left = std::min(bracket[0].t, bracket[1].t), right = std::max(bracket[0].t, bracket[1].t);
    if ((right - left) * scale < options_.change_tolerance) break;
    double t = cubic_minimum(bracket[0].t, bracket[0].point.loss, bracket[0].slope, bracket[1].t, bracket[1].point.loss,
                             bracket[1].slope, left, right);
    const double margin = 0.1 * (right - left);
    if (std::min(right - t, t - left) < margin) {
      if (slow || t >= right || t <= left) {
        t = std::fabs(t - right) < std::fabs(t - left) ? right - margin : left + margin;
        slow = false;
      } else {
        slow = true;
      }
    } else {
      slow = false;
    }
    current = probe(t);
    ++iteration;
    if (too_high(current) || current.point.loss >= bracket[low].point.loss) {
      bracket[1 - low] = current;
      low = bracket[0].point.loss <= bracket[1].point.loss ? 0 : 1;
    } else {
      if (flat(current)) {
        done = true;
      } else if (current.slope * (bracket[1 - low].t - bracket[low].t) >= 0.0) {
        bracket[1 - low] = bracket[low];
      }
      bracket[low] = current;
    }
  }
  step_length = bracket[low].t;
  return bracket[low].point;
}

NamedArrays Lbfgs::state() const {
  const at::Tensor& like = parameters_.values();
  const at::Tensor nothing = at::empty({0}, like.options());
  NamedArrays state;
  state.emplace_back("step", Array::scalar<std::int64_t>(iterations_));
  state.emplace_back("evaluations", Array::scalar<std::int64_t>(evaluations_));
  state.emplace_back("numbers",
                     Array::of<double>({options_.learning_rate, step_length_, previous_loss_, hessian_scale_}));
  state.emplace_back("direction", to_array(direction_.defined() ? direction_ : nothing));
  state.emplace_back("previous_gradient", to_array(previous_gradient_.defined() ? previous_gradient_ : nothing));
  state.emplace_back("gradient_changes", to_array(stacked(gradient_changes_, like)));
  state.emplace_back("parameter_changes", to_array(stacked(parameter_changes_, like)));
  return state;
}

Lbfgs::Loaded Lbfgs::read(const NamedArrays& state) const {
  const NamedArrays expected = this->state();
  std::vector<const Array*> arrays;
  std::vector<std::string> missing, extra;
  for (const auto& [name, array] : expected) {
    const auto place = std::find_if(state.begin(), state.end(), [&](const auto& entry) { return entry.first == name; });
    if (place == state.end()) missing.push_back(name);
    arrays.push_back(place == state.end() ? nullptr : &place->second);
  }
  for (const auto& [name, array] : state) {
    const bool known =
        std::any_of(expected.begin(), expected.end(), [&](const auto& entry) { return entry.first == name; });
    if (!known) extra.push_back(name);
  }
  if (!missing.empty() || !extra.empty()) {
    throw InvalidArgument(
        formatted("the state is that of another optimiser; missing: {}; unknown: {}; load it into an "
                  "optimiser of the kind it was saved from",
                  joined(missing), joined(extra)));
  }

  // vectors are empty before the first iteration; both histories have the same length
  const std::int64_t size = parameters_.size();
  const std::int64_t pairs = arrays[5]->shape().rank() == 2 ? arrays[5]->shape()[0] : -1;
  const bool vectors =
      arrays[3]->shape() == arrays[4]->shape() && (arrays[3]->shape() == Shape{size} || arrays[3]->shape() == Shape{0});
  if (!(arrays[0]->shape() == Shape{}) || !(arrays[1]->shape() == Shape{}) || !(arrays[2]->shape() == Shape{4}) ||
      !vectors || !(arrays[5]->shape() == Shape{std::max<std::int64_t>(pairs, 0), size}) ||
      !(arrays[6]->shape() == arrays[5]->shape()) || pairs > options_.history_size) {
    throw TypeMismatch(formatted("lbfgs: the state must be that of {} parameters and a history of {}, got other shapes",
                                 size, options_.history_size));
  }
  const std::span<const double> numbers = arrays[2]->data<double>();
  Loaded loaded{.iterations = arrays[0]->data<std::int64_t>()[0],
                .evaluations = arrays[1]->data<std::int64_t>()[0],
                .learning_rate = numbers[0],
                .step_length = numbers[1],
                .previous_loss = numbers[2],
                .hessian_scale = numbers[3],
                .direction = {},
                .previous_gradient = {},
                .gradient_changes = {},
                .parameter_changes = {}};
  if (loaded.iterations < 0 || loaded.evaluations < 0 || !(std::isfinite(numbers[0]) && numbers[0] > 0.0)) {
    throw InvalidArgument("lbfgs: counts must be 0 or more and the learning rate positive in a saved state");
  }
  if (loaded.iterations > 0 && arrays[3]->size() == 0) {
    throw InvalidArgument("lbfgs: a saved state after the first iteration must hold a direction");
  }
  const auto vector = [&](const Array& array, const std::string& name) {
    at::Tensor tensor = at::empty({size}, parameters_.values().options());
    assign(tensor, array, "the optimiser's " + name);
    return tensor;
  };
  if (arrays[3]->size() > 0) {
    loaded.direction = vector(*arrays[3], "direction");
    loaded.previous_gradient = vector(*arrays[4], "previous_gradient");
  }
  const auto rows = [&](const Array& array, const std::string& name) {
    at::Tensor matrix = at::empty({pairs, size}, parameters_.values().options());
    assign(matrix, array, "the optimiser's " + name);
    std::vector<at::Tensor> result;
    for (std::int64_t i = 0; i < pairs; ++i) result.push_back(matrix[i].clone());
    return result;
  };
  loaded.gradient_changes = rows(*arrays[5], "gradient_changes");
  loaded.parameter_changes = rows(*arrays[6], "parameter_changes");
  return loaded;
}

void Lbfgs::load_state(const NamedArrays& state) {
  Loaded loaded = read(state);
  last_.reset();
  iterations_ = loaded.iterations;
  evaluations_ = loaded.evaluations;
  options_.learning_rate = loaded.learning_rate;
  step_length_ = loaded.step_length;
  previous_loss_ = loaded.previous_loss;
  hessian_scale_ = loaded.hessian_scale;
  direction_ = std::move(loaded.direction);
  previous_gradient_ = std::move(loaded.previous_gradient);
  gradient_changes_ = std::move(loaded.gradient_changes);
  parameter_changes_ = std::move(loaded.parameter_changes);
}

}  // namespace ludus::nn
