// An algorithm as a plug-in: a shared library that the ludus program loads.
//
//   ludus train evolution --plugin ./libevolution.so --env CartPole-v1
#include <ludus/agents.h>
#include <ludus/base.h>
#include <ludus/envs.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace {

namespace agents = ludus::agents;
namespace envs = ludus::envs;

// A (1+1) evolution strategy on a linear policy: a mutant takes the parent's place if its mean return is no worse, and
// the width of the mutations follows the share of successes (I. Rechenberg, "Evolutionsstrategie", 1973: one in five).
class Evolution final : public agents::Agent {
 public:
  struct Config {
    std::int64_t episodes = 4;
    double sigma = 0.5;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("episodes", self.episodes, ludus::at_least(1), "episodes averaged for the score of a mutant");
      visit("sigma", self.sigma, ludus::above(0), "standard deviation of the first mutations");
    }
  };

  Evolution(const Config& config, const agents::EnvSignature& signature, std::uint64_t seed, const std::string&)
      : config_(ludus::checked(config, "evolution")),
        inputs_(signature.observation_size),
        first_action_(signature.discrete_actions("evolution").start()),
        actions_(static_cast<std::size_t>(signature.discrete_actions("evolution").n())),
        sigma_(config.sigma),
        generator_(seed),
        parent_((inputs_ + 1) * actions_, 0.0),
        mutant_(parent_),
        returns_(signature.num_envs, 0.0) {}

  std::string_view algorithm() const override { return "evolution"; }
  ludus::Dict config() const override { return ludus::fields_as_dict(config_); }

  void act(const envs::ObservationBatch& batch, envs::ActionBatch& actions) override {
    choose(mutant_, batch, actions);
  }
  void predict(const envs::ObservationBatch& batch, bool, envs::ActionBatch& actions) override {
    choose(parent_, batch, actions);
  }

  void observe(const agents::Experience& experience) override {
    for (std::size_t i = 0; i < returns_.size(); ++i) {
      returns_[i] += experience.rewards[i];
      if (!experience.terminated[i] && !experience.truncated[i]) continue;
      total_ += returns_[i];
      returns_[i] = 0;
      ++finished_;
    }
  }

  void update() override {
    if (finished_ < config_.episodes) return;
    const double mean = total_ / static_cast<double>(finished_);
    const bool success = mean >= best_;
    if (success) {
      best_ = mean;
      parent_ = mutant_;
    }
    sigma_ *= success ? 1.5 : 0.9;  // 1.5 · 0.9⁴ ≈ 1: stable at one success in five
    for (std::size_t k = 0; k < mutant_.size(); ++k) mutant_[k] = parent_[k] + sigma_ * generator_.standard_normal();
    total_ = 0;
    finished_ = 0;
  }

  ludus::runs::Metrics metrics() override { return {{"train/best_return", best_}, {"train/sigma", sigma_}}; }
  std::vector<std::string> metric_names() const override { return {"train/best_return", "train/sigma"}; }

  void write_state(ludus::StateWriter& visit) const override { state(*this, visit); }
  void read_state(ludus::StateReader& visit) override { state(*this, visit); }

 private:
  template <class Self, class Visit>
  static void state(Self& self, Visit&& visit) {
    visit("parent", self.parent_);
    visit("mutant", self.mutant_);
    visit("returns", self.returns_);
    visit("best", self.best_);
    visit("sigma", self.sigma_);
    visit("total", self.total_);
    visit("finished", self.finished_);
    visit("generator", self.generator_);
  }

  // The action with the greatest of the linear outputs w · observation + b.
  void choose(const std::vector<double>& weights, const envs::ObservationBatch& batch,
              envs::ActionBatch& actions) const {
    actions.continuous.clear();
    actions.discrete.resize(batch.size);
    std::vector<double> outputs(actions_);
    for (std::size_t i = 0; i < batch.size; ++i) {
      for (std::size_t a = 0; a < actions_; ++a) {
        const double* row = weights.data() + a * (inputs_ + 1);
        outputs[a] = row[inputs_];
        for (std::size_t k = 0; k < inputs_; ++k)
          outputs[a] += row[k] * static_cast<double>(batch.rows[i * inputs_ + k]);
      }
      actions.discrete[i] = first_action_ + (std::max_element(outputs.begin(), outputs.end()) - outputs.begin());
    }
  }

  Config config_;
  std::size_t inputs_;
  std::int64_t first_action_;
  std::size_t actions_;
  double sigma_;
  ludus::Generator generator_;
  std::vector<double> parent_, mutant_;  // (actions x (inputs + 1)): weights and bias of each action
  std::vector<double> returns_;          // (N) of the current episodes
  double best_ = -std::numeric_limits<double>::infinity();
  double total_ = 0;           // returns of the mutant's finished episodes
  std::int64_t finished_ = 0;  // their number
};

}  // namespace

LUDUS_PLUGIN_ALGORITHMS(algorithms) {
  algorithms.add<Evolution>("evolution", "A (1+1) evolution strategy on a linear policy", 50000);
}
