#include "agents/deep/imitation.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "nn/core/flat_parameters.h"
#include "nn/core/gradient_step.h"
#include "nn/core/init.h"
#include "nn/core/optimizer.h"
#include "nn/core/tensor_io.h"
#include "nn/layers/mlp.h"
#include "nn/model/exported_policy.h"

namespace ludus::agents {

// The network, its parameters as one vector, and Adam over it.
class Imitation::Classifier {
 public:
  Classifier(const nn::MlpOptions& options, double learning_rate, std::uint64_t seed, const nn::Device& device)
      : mlp_(make(options, seed)), parameters_(*mlp_), device_(device), learning_rate_(learning_rate) {
    parameters_.to(device);
    adam_ = std::make_unique<nn::Adam>(parameters_, nn::AdamOptions{.learning_rate = learning_rate});
  }

  // Returns the most probable class of each of n rows of (n x inputs).
  void classify(std::span<const float> rows, std::size_t n, std::span<std::int64_t> out) const {
    const auto classes = static_cast<std::size_t>(mlp_->options().outputs);
    thread_local std::vector<float> logits;  // reused between calls
    logits.resize(n * classes);
    mlp_->act(rows, n, logits);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = logits.begin() + static_cast<std::ptrdiff_t>(i * classes);
      out[i] = std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row;
    }
  }

  NamedArrays parameters() const { return parameters_.state(); }

  // One pass over the pairs in this `order`, one Adam step per batch. Returns the mean loss, in nats.
  double epoch(std::span<const float> observations, std::span<const std::int64_t> actions,
               std::span<const std::int64_t> order, std::int64_t batch_size) {
    const auto count = static_cast<std::int64_t>(actions.size());
    const at::Tensor inputs = nn::view_of(observations, {count, mlp_->options().inputs}, device_);
    const at::Tensor targets = nn::view_of(actions, {count}, device_);
    const at::Tensor indices = nn::view_of(order, {count}, device_);

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

  template <class Self, class Visit>
  static void policy_state(Self& self, Visit&& visit) {
    visit("network", self.parameters_);
  }
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    policy_state(self, visit);
    visit("optimizer", *self.adam_);
  }

 private:
  static std::shared_ptr<nn::Mlp> make(const nn::MlpOptions& options, std::uint64_t seed) {
    at::Generator generator = nn::make_generator(seed);
    return std::make_shared<nn::Mlp>(options, generator);
  }

  std::shared_ptr<nn::Mlp> mlp_;
  nn::FlatParameters parameters_;
  nn::Device device_;
  double learning_rate_;
  std::unique_ptr<nn::Adam> adam_;
};

Imitation::Imitation(const Config& config, const EnvSignature& facts, std::uint64_t seed, const std::string& device)
    : config_(checked(config, "imitation")),
      environment_(facts.spec.id),
      observation_size_(facts.observation_size),
      first_action_(facts.discrete_actions("imitation").start()),
      actions_(facts.discrete_actions("imitation").n()),
      behaviour_(facts, false, "imitation"),
      generator_(seed),
      envs_(facts.num_envs) {
  if (facts.observation_space->kind() != "Box") {
    throw NotApplicable("imitation needs Box observations, and those of " + facts.spec.id + " are " +
                        facts.observation_space->to_string());
  }
  nn::MlpOptions network = config_.network.mlp();
  network.inputs = static_cast<std::int64_t>(observation_size_);
  network.outputs = actions_;
  classifier_ = std::make_unique<Classifier>(network, config_.learning_rate, seed, nn::parse_device(device));
  for (EnvEpisode& slot : envs_) begin_episode(slot);
}

Imitation::~Imitation() = default;

void Imitation::predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) {
  actions.continuous.clear();
  actions.discrete.resize(batch.size);
  classifier_->classify(batch.rows, batch.size, actions.discrete);
  for (std::int64_t& action : actions.discrete) action += first_action_;
}

nn::ExportedPolicy Imitation::export_policy() const {
  const NamedArrays state = classifier_->parameters();
  nn::PolicyGraph graph(nn::FeatureOptions::numbers(static_cast<std::int64_t>(observation_size_)), state);
  return graph.finish(graph.add_mlp("", config_.network.activation, nn::Activation::kNone, graph.add_features("")),
                      {.kind = nn::ActionDecoder::Kind::kArgmax, .classes = {actions_}, .start = {first_action_}});
}

void Imitation::act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) {
  // after the collection, act() uses the classifier
  if (!collecting()) return predict(batch, true, actions);

  actions.continuous.clear();
  actions.discrete.resize(envs_.size());
  for (std::size_t i = 0; i < envs_.size(); ++i) {
    if (config_.behaviour == "random") {
      actions.discrete[i] = first_action_ + generator_.integers(actions_);
    } else {
      const auto observation = batch.rows.subspan(i * observation_size_, observation_size_);
      behaviour_.choose(envs_[i].parameters, observation, i, actions);
    }
  }
}

void Imitation::observe(const Experience& experience) {
  for (std::size_t i = 0; i < envs_.size() && collecting(); ++i) {
    // store the step
    EnvEpisode& slot = envs_[i];
    const auto observation = experience.observations.subspan(i * observation_size_, observation_size_);
    slot.observations.insert(slot.observations.end(), observation.begin(), observation.end());
    slot.actions.push_back(experience.actions->discrete[i] - first_action_);
    slot.total += experience.rewards[i];

    // truncated episodes count as well: the best episodes reach the time limit
    if (experience.terminated[i] || experience.truncated[i]) end_episode(slot);
  }
}

void Imitation::begin_episode(EnvEpisode& slot) {
  slot = {};
  if (config_.behaviour == "random") return;
  slot.parameters.resize(behaviour_.parameter_count());
  for (double& parameter : slot.parameters) parameter = generator_.uniform(-1, 1);
}

// Keeps an episode whose return is above the threshold, discards every other.
void Imitation::end_episode(EnvEpisode& slot) {
  ++played_;
  if (slot.total > config_.score_threshold) {
    ++kept_;
    samples_ += static_cast<std::int64_t>(slot.actions.size());
    good_observations_.insert(good_observations_.end(), slot.observations.begin(), slot.observations.end());
    good_actions_.insert(good_actions_.end(), slot.actions.begin(), slot.actions.end());
  }
  begin_episode(slot);
}

void Imitation::restart_episodes() {
  for (EnvEpisode& episode : envs_) {
    episode.observations.clear();
    episode.actions.clear();
    episode.total = 0;
  }
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

template <class Self, class Visit>
void Imitation::state(Self& self, Visit&& visit) {
  Classifier::state(*self.classifier_, visit);
  visit("generator", self.generator_);
  visit("samples/observations", self.good_observations_, AnyLength{self.observation_size_});
  visit("samples/actions", self.good_actions_, AnyLength{});
  visit("samples/count", self.samples_);
  visit("played", self.played_);
  visit("kept", self.kept_);
  visit("fitting", self.fitting_);
  visit("epoch", self.epoch_);
  visit("loss", self.loss_);
  visit("envs", self.envs_);
  visit.check([&self] { self.check_samples(); });
}

void Imitation::check_samples() const {
  const auto check = [&](std::span<const std::int64_t> actions, std::size_t observations) {
    if (observations != actions.size() * observation_size_) {
      throw TypeMismatch(
          formatted("{} actions must have an observation each, got {} numbers", actions.size(), observations));
    }
    for (const std::int64_t action : actions) {
      if (action >= 0 && action < actions_) continue;
      throw InvalidArgument(formatted("actions must be 0 to {}, got {}", actions_ - 1, action));
    }
  };
  check(good_actions_, good_observations_.size());
  if (samples_ != static_cast<std::int64_t>(good_actions_.size())) {
    throw InvalidArgument(formatted("samples/count must be {}, got {}", good_actions_.size(), samples_));
  }
  for (const EnvEpisode& episode : envs_) check(episode.actions, episode.observations.size());
}

void Imitation::write_state(StateWriter& visit) const {
  state(*this, visit);
}

void Imitation::read_state(StateReader& visit) {
  state(*this, visit);
}

void Imitation::write_policy(StateWriter& visit) const {
  Classifier::policy_state(*classifier_, visit);
}

void Imitation::read_policy(StateReader& visit) {
  Classifier::policy_state(*classifier_, visit);
}

}  // namespace ludus::agents
