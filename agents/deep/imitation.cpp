#include "agents/deep/imitation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "agents/core/saved_state.h"
#include "nn/core/flat_parameters.h"
#include "nn/core/gradient_step.h"
#include "nn/core/init.h"
#include "nn/layers/mlp.h"
#include "nn/core/optimizer.h"
#include "nn/core/torch_compat.h"
#include "base/checkpoint.h"

namespace ludus::agents {

// The network, its parameters as one vector, and Adam over it.
class Imitation::Classifier {
 public:
  Classifier(const nn::MlpOptions& options, double learning_rate, std::uint64_t seed, const nn::Device& device)
      : mlp_(make(options, seed)), parameters_(*mlp_), device_(nn::to_torch(device)), learning_rate_(learning_rate) {
    parameters_.to(device);
    adam_ = std::make_unique<nn::Adam>(parameters_, nn::AdamOptions{.learning_rate = learning_rate});
  }

  // The likeliest class of each of n rows of (n x inputs).
  void classify(std::span<const float> rows, std::size_t n, std::span<std::int64_t> out) {
    const auto classes = static_cast<std::size_t>(mlp_->options().outputs);
    logits_.resize(n * classes);
    mlp_->act(rows, n, logits_);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = logits_.begin() + static_cast<std::ptrdiff_t>(i * classes);
      out[i] = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row;
    }
  }

  // One pass over the pairs in the order given, a step of Adam for every batch. Returns the mean loss, in nats.
  double epoch(std::span<const float> observations, std::span<const std::int64_t> actions,
               std::span<const std::int64_t> order, std::int64_t batch_size) {
    const auto count = static_cast<std::int64_t>(actions.size());
    const at::Tensor inputs =
        at::from_blob(const_cast<float*>(observations.data()), {count, mlp_->options().inputs}, at::kFloat).to(device_);
    const at::Tensor targets = at::from_blob(const_cast<std::int64_t*>(actions.data()), {count}, at::kLong).to(device_);
    const at::Tensor indices = at::from_blob(const_cast<std::int64_t*>(order.data()), {count}, at::kLong).to(device_);

    double sum = 0;
    for (std::int64_t begin = 0; begin < count; begin += batch_size) {
      const at::Tensor batch = indices.slice(0, begin, std::min(begin + batch_size, count));
      // L = -(1/B) Σ_i log softmax(f(o_i))[a_i]
      const at::Tensor loss =
          at::cross_entropy_loss(mlp_->forward(inputs.index_select(0, batch)), targets.index_select(0, batch));
      sum += nn::gradient_step(parameters_, *adam_, loss, {.learning_rate = learning_rate_}) *
             static_cast<double>(batch.size(0));
    }
    return sum / static_cast<double>(count);
  }

  void save_network(Checkpoint& checkpoint) const {
    checkpoint.writer("agent/network").put_all(parameters_.state());
  }
  void load_network(const Checkpoint& checkpoint) {
    load_part(checkpoint, "agent/network", [&](const NamedArrays& state) { parameters_.load_state(state); });
  }
  void save_optimizer(Checkpoint& checkpoint) const {
    checkpoint.writer("agent/optimizer").put_all(adam_->state());
  }
  void load_optimizer(const Checkpoint& checkpoint) {
    load_part(checkpoint, "agent/optimizer", [&](const NamedArrays& state) { adam_->load_state(state); });
  }

 private:
  static std::shared_ptr<nn::Mlp> make(const nn::MlpOptions& options, std::uint64_t seed) {
    at::Generator generator = nn::make_generator(seed);
    return std::make_shared<nn::Mlp>(options, generator);
  }

  template <class Load>
  static void load_part(const Checkpoint& checkpoint, const std::string& prefix, Load load) {
    const CheckpointReader reader = checkpoint.reader(prefix);
    try {
      load(reader.all());
    } catch (const CorruptCheckpoint&) {
      throw;
    } catch (const InputError& error) {
      reader.fail(error.what());
    }
  }

  std::shared_ptr<nn::Mlp> mlp_;
  nn::FlatParameters parameters_;
  c10::Device device_;
  double learning_rate_;
  std::unique_ptr<nn::Adam> adam_;
  std::vector<float> logits_;
};

void Imitation::Config::check() const {
  if (episodes < 1) {
    throw InvalidArgument("imitation needs at least 1 episode, and episodes is " + std::to_string(episodes));
  }
  if (std::isnan(score_threshold)) throw InvalidArgument("score_threshold must be a number, and is NaN");
  if (behaviour != "linear" && behaviour != "random") {
    throw InvalidArgument("behaviour must be \"linear\" or \"random\", and is \"" + behaviour + "\"");
  }
  if (epochs < 1) throw InvalidArgument("epochs must be 1 or more, and is " + std::to_string(epochs));
  if (batch_size < 1) throw InvalidArgument("batch_size must be 1 or more, and is " + std::to_string(batch_size));
  if (!(learning_rate > 0) || !std::isfinite(learning_rate)) {
    throw InvalidArgument("learning_rate must be a positive number, and is " + std::to_string(learning_rate));
  }
}

Imitation::Imitation(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : config_(config),
      environment_(facts.spec.id),
      observation_size_(facts.observation_size),
      first_action_(facts.discrete_actions("imitation").start()),
      actions_(facts.discrete_actions("imitation").n()),
      behaviour_(facts, false, "imitation"),
      generator_(seed),
      lanes_(facts.num_envs) {
  config_.check();
  if (facts.observation_space->kind() != "Box") {
    throw NotApplicable("imitation needs Box observations, and those of " + facts.spec.id + " are " +
                        facts.observation_space->to_string());
  }
  const nn::MlpOptions network{
      .inputs = static_cast<std::int64_t>(observation_size_), .hidden = config_.hidden, .outputs = actions_};
  network.validate();
  classifier_ = std::make_unique<Classifier>(network, config_.learning_rate, seed, nn::parse_device(device));
  for (Lane& lane : lanes_) begin_episode(lane);
}

Imitation::~Imitation() = default;

void Imitation::predict(std::span<const float> observations, std::size_t n, bool, Actions& out) {
  out.reals.clear();
  out.integers.resize(n);
  classifier_->classify(observations, n, out.integers);
  for (std::int64_t& action : out.integers) action += first_action_;
}

void Imitation::act(std::span<const float> observations, Actions& out) {
  // once the playing is over, the classifier shows what it has learnt
  if (!collecting()) return predict(observations, lanes_.size(), true, out);

  out.reals.clear();
  out.integers.resize(lanes_.size());
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    if (config_.behaviour == "random") {
      out.integers[i] = first_action_ + generator_.integers(actions_);
    } else {
      const auto observation = observations.subspan(i * observation_size_, observation_size_);
      behaviour_.choose(lanes_[i].parameters, observation, i, out);
    }
  }
}

void Imitation::observe(const Experience& experience) {
  for (std::size_t i = 0; i < lanes_.size() && collecting(); ++i) {
    // remember the step
    Lane& lane = lanes_[i];
    const auto observation = experience.observations.subspan(i * observation_size_, observation_size_);
    lane.observations.insert(lane.observations.end(), observation.begin(), observation.end());
    lane.actions.push_back(experience.actions->integers[i] - first_action_);
    lane.total += experience.rewards[i];

    // an episode that was cut counts like one that ended: those that reach the time limit are the best there are
    if (experience.terminated[i] || experience.truncated[i]) end_episode(lane);
  }
}

void Imitation::begin_episode(Lane& lane) {
  lane = {};
  if (config_.behaviour == "random") return;
  lane.parameters.resize(behaviour_.parameter_count());
  for (double& parameter : lane.parameters) parameter = generator_.uniform(-1, 1);
}

// An episode above the threshold is kept, every other forgotten.
void Imitation::end_episode(Lane& lane) {
  ++played_;
  if (lane.total > config_.score_threshold) {
    ++kept_;
    samples_ += static_cast<std::int64_t>(lane.actions.size());
    good_observations_.insert(good_observations_.end(), lane.observations.begin(), lane.observations.end());
    good_actions_.insert(good_actions_.end(), lane.actions.begin(), lane.actions.end());
  }
  begin_episode(lane);
}

void Imitation::update() {
  if (!collecting() && !finished()) fit_one_epoch();
}

void Imitation::finish() {
  fitting_ = true;
  while (!finished()) fit_one_epoch();
}

void Imitation::fit_one_epoch() {
  fitting_ = true;
  if (kept_ == 0) {
    throw NothingToImitate("none of the " + std::to_string(played_) + " episodes that imitation played in " +
                           environment_ + " returned more than " + std::to_string(config_.score_threshold) +
                           "; lower score_threshold, or give more episodes");
  }
  const std::vector<std::int64_t> order = generator_.permutation(samples_);
  loss_ = classifier_->epoch(good_observations_, good_actions_, order, config_.batch_size);
  ++epoch_;
}

Metrics Imitation::metrics() {
  Metrics metrics = {{"rollout/episodes_kept", static_cast<double>(kept_)},
                     {"rollout/episodes_played", static_cast<double>(played_)}};
  if (epoch_ > 0) {
    metrics["train/epoch"] = static_cast<double>(epoch_);
    metrics["train/loss"] = loss_;
  }
  return metrics;
}

std::vector<std::string> Imitation::metric_names() const {
  return {"rollout/episodes_kept", "rollout/episodes_played", "train/epoch", "train/loss"};
}

// --- checkpoints

void Imitation::save_policy(Checkpoint& checkpoint) const {
  classifier_->save_network(checkpoint);
}

void Imitation::load_policy(const Checkpoint& checkpoint) {
  classifier_->load_network(checkpoint);
}

void Imitation::save(Checkpoint& checkpoint) const {
  save_policy(checkpoint);
  classifier_->save_optimizer(checkpoint);
  put_generator(checkpoint, "agent/generator", generator_);
  const auto row = static_cast<std::int64_t>(observation_size_);
  put_numbers<float>(checkpoint, "agent/good/observations", good_observations_, Shape{samples_, row});
  put_numbers(checkpoint, "agent/good/actions", good_actions_);
  put_integer(checkpoint, "agent/played", played_);
  put_integer(checkpoint, "agent/kept", kept_);
  put_integer(checkpoint, "agent/fitting", fitting_ ? 1 : 0);
  put_integer(checkpoint, "agent/epoch", epoch_);
  put_real(checkpoint, "agent/loss", loss_);

  // episodes under way, one behind the other
  std::vector<double> parameters, totals;
  std::vector<std::int64_t> lengths, actions;
  std::vector<float> observations;
  for (const Lane& lane : lanes_) {
    parameters.insert(parameters.end(), lane.parameters.begin(), lane.parameters.end());
    observations.insert(observations.end(), lane.observations.begin(), lane.observations.end());
    actions.insert(actions.end(), lane.actions.begin(), lane.actions.end());
    lengths.push_back(static_cast<std::int64_t>(lane.actions.size()));
    totals.push_back(lane.total);
  }
  const auto lanes = static_cast<std::int64_t>(lanes_.size());
  put_numbers<double>(checkpoint, "agent/lanes/parameters", parameters,
                      Shape{lanes, static_cast<std::int64_t>(parameters.size()) / lanes});
  put_numbers<float>(checkpoint, "agent/lanes/observations", observations,
                     Shape{static_cast<std::int64_t>(actions.size()), row});
  put_numbers(checkpoint, "agent/lanes/actions", actions);
  put_numbers(checkpoint, "agent/lanes/lengths", lengths);
  put_numbers(checkpoint, "agent/lanes/returns", totals);
}

void Imitation::load(const Checkpoint& checkpoint) {
  // everything is read and checked before anything is changed, but for the network, which comes first
  const auto row = static_cast<std::int64_t>(observation_size_);
  auto good_actions = take_numbers<std::int64_t>(checkpoint, "agent/good/actions");
  const auto samples = static_cast<std::int64_t>(good_actions.size());
  auto good_observations = take_numbers<float>(checkpoint, "agent/good/observations", Shape{samples, row});
  const auto played = take_integer(checkpoint, "agent/played");
  const auto kept = take_integer(checkpoint, "agent/kept");
  const auto fitting = take_integer(checkpoint, "agent/fitting");
  const auto epoch = take_integer(checkpoint, "agent/epoch");
  const auto loss = take_real(checkpoint, "agent/loss");
  Generator generator = take_generator(checkpoint, "agent/generator");

  const auto count = static_cast<std::int64_t>(lanes_.size());
  const std::size_t parameter_count = lanes_[0].parameters.size();
  const auto parameters = take_numbers<double>(checkpoint, "agent/lanes/parameters",
                                               Shape{count, static_cast<std::int64_t>(parameter_count)});
  const auto lengths = take_numbers<std::int64_t>(checkpoint, "agent/lanes/lengths", Shape{count});
  const auto totals = take_numbers<double>(checkpoint, "agent/lanes/returns", Shape{count});
  const auto actions = take_numbers<std::int64_t>(checkpoint, "agent/lanes/actions");
  const auto observations = take_numbers<float>(checkpoint, "agent/lanes/observations",
                                                Shape{static_cast<std::int64_t>(actions.size()), row});
  std::vector<Lane> lanes(lanes_.size());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    if (lengths[i] < 0 || static_cast<std::size_t>(lengths[i]) > actions.size() - begin) {
      checkpoint.reader("agent/lanes").fail("the lengths of its episodes exceed their steps");
    }
    const std::size_t end = begin + static_cast<std::size_t>(lengths[i]);
    const auto part = [](const auto& all, std::size_t from, std::size_t to) {
      return std::vector(all.begin() + static_cast<std::ptrdiff_t>(from),
                         all.begin() + static_cast<std::ptrdiff_t>(to));
    };
    lanes[i] = {.parameters = part(parameters, i * parameter_count, (i + 1) * parameter_count),
                .observations = part(observations, begin * observation_size_, end * observation_size_),
                .actions = part(actions, begin, end),
                .total = totals[i]};
    begin = end;
  }
  const auto in_range = [&](std::int64_t action) { return action >= 0 && action < actions_; };
  if (!std::all_of(good_actions.begin(), good_actions.end(), in_range) ||
      !std::all_of(actions.begin(), actions.end(), in_range)) {
    checkpoint.reader("agent").fail("it holds actions that the environment does not have");
  }

  classifier_->load_network(checkpoint);
  classifier_->load_optimizer(checkpoint);
  generator_ = std::move(generator);
  good_observations_ = std::move(good_observations);
  good_actions_ = std::move(good_actions);
  lanes_ = std::move(lanes);
  samples_ = samples;
  played_ = played;
  kept_ = kept;
  fitting_ = fitting != 0;
  epoch_ = epoch;
  loss_ = loss;
}

}  // namespace ludus::agents
