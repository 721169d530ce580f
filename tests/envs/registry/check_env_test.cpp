#include "envs/registry/check_env.h"

#include <gtest/gtest.h>

#include <set>

#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

// A walk on a line that starts near 0 and ends at 5 on either side, pushed by the wind. It satisfies the contract, or
// violates it as `fault` selects.
class Walk : public Env {
 public:
  explicit Walk(std::string fault = "") : fault_(std::move(fault)) {
    if (is("infinite bounds")) low_ = -std::numeric_limits<double>::infinity();
    if (is("flat bounds")) low_ = high_ = 0;
    make_spaces();
    if (is("has a time limit that is not kept")) set_spec({.id = "check/Unlimited-v0", .max_episode_steps = 3});
  }

  Space& observation_space() override {
    if (is("makes its spaces again")) make_spaces();
    return *observation_space_;
  }
  Space& action_space() override { return *action_space_; }

  Reset reset(std::optional<std::uint64_t> seed, const Dict& options) override {
    for (const auto& [key, value] : options) {
      if (!is("ignores options")) throw InvalidArgument("there is no option \"" + key + "\"");
    }
    if (is("wants an option") && options.empty()) throw InvalidArgument("give the option \"start\"");
    if (is("throws at the tenth reset") && ++resets_ == 10) throw std::logic_error("enough");
    if (is("ignores seeds")) seed.reset();
    if (is("always has one seed") && !seed) seed = 3;
    if (is("draws from the system") && !seed) generator_.emplace(entropy_seed());
    if (is("begins with a fixed generator") && !generator_) generator_.emplace(7);
    if (seed) generator_.emplace(*seed);
    if (is("shares a generator")) {
      static Generator shared(0);
      if (seed) shared = Generator(*seed);
      place_ = shared.uniform(-1, 1);
    } else {
      place_ = generator().uniform(-1, 1);
    }
    if (!is("keeps its clock at reset")) steps_ = 0;
    ended_ = false;
    if (is("begins outside")) place_ = 1000;
    Reset result;
    observe(result.observation);
    return result;
  }

  void step_into(const Value& action, Step& out) override {
    if (is("needs a reset and does not ask") && !generator_) throw std::bad_optional_access();
    if (is("throws beyond the end") && ended_) throw std::logic_error("over");
    if (is("moves before it looks")) place_ += 0.125;
    if (!is("takes anything") && !action_space_->contains(action)) {
      if (is("refuses in other words")) throw InvalidArgument("no");
      throw InvalidAction(action.describe() + " is no action");
    }
    const double wind =
        is("forgets its wind in the state") ? extra_.uniform(-0.5, 0.5) : generator().uniform(-0.5, 0.5);
    place_ += (action.is_int() && action.as_int() == 1 ? 1 : -1) + wind;
    ++steps_;
    if (is("keeps its clock at reset") && steps_ % 7 == 0) place_ += 0.25;

    observe(out.observation);
    const double before = is("adds to the reward that is there") ? out.reward : 0;
    out.reward = is("earns no number") && steps_ == 3 ? std::nan("") : before + place_;
    ended_ = std::abs(place_) > 5;
    out.terminated = ended_;
    if (!is("leaves a flag")) out.truncated = is("truncates at once");
    if (!is("leaves an info")) out.info.clear();
    if (is("changes an info's form")) out.info["wind"] = steps_ % 2 == 0 ? Value(1) : Value(Array(DType::kInt64, {2}));
  }

  Scene render() const override {
    if (is("has no image")) return Env::render();
    if (!generator_) throw ResetNeeded("reset first");
    Scene scene;
    if (is("draws an empty image")) scene.width = 0;
    if (is("draws without end")) scene.high.x = std::numeric_limits<double>::infinity();
    const double x = is("draws what is no number") ? std::nan("") : place_;
    scene.items.push_back(Circle{{x, 0}, 1, {}});
    if (is("draws grey images")) scene.items.push_back(Image{{0, 0}, {1, 1}, Array(DType::kUInt8, {4, 4})});
    if (is("draws lots when it draws")) generator_->random();
    return scene;
  }
  double frames_per_second() const override { return is("stands still") ? 0 : 30; }

  Value get_state() const override {
    if (is("cannot be saved")) return Env::get_state();
    Dict state{{"place", place_}, {"steps", steps_}, {"ended", ended_}};
    if (!is("forgets its generator")) state["generator"] = generator_ ? generator_to_value(*generator_) : Value();
    return state;
  }
  void set_state(const Value& state) override {
    if (is("takes any state") && !state.is_dict()) return;
    place_ = state.as_dict().at("place").as_double();
    steps_ = state.as_dict().at("steps").as_int();
    ended_ = state.as_dict().at("ended").as_bool();
    if (const Value* saved = state.as_dict().find("generator"); saved && !saved->is_null()) {
      generator_ = generator_from_value(*saved);
    }
  }
  EnvPtr clone() const override {
    if (is("cannot be copied")) return Env::clone();
    auto copy = std::make_unique<Walk>(fault_);
    if (is("copies half")) return copy;
    copy->generator_ = generator_;
    copy->extra_ = extra_;
    copy->place_ = place_, copy->steps_ = steps_, copy->ended_ = ended_;
    if (is("copies share a space")) copy->action_space_ = action_space_;
    if (is("copies have another spec")) copy->set_spec({.id = "check/Copy-v0"});
    return copy;
  }
  Generator& generator() override {
    if (!generator_) generator_.emplace(entropy_seed());
    return *generator_;
  }

 private:
  // A space that does not contain its samples.
  class Picky final : public Discrete {
   public:
    Picky() : Discrete(2) {}
    SpacePtr clone() const override { return std::make_unique<Picky>(*this); }
    bool contains(const Value& value) const override { return Discrete::contains(value) && value.as_int() == 0; }
  };

  bool is(const char* fault) const { return fault_ == fault; }

  void make_spaces() {
    observation_space_ = std::make_unique<Box>(low_, high_, Shape{1});
    if (is("offers what it does not contain")) {
      action_space_ = std::make_shared<Picky>();
    } else if (is("acts from 3 to 7")) {
      action_space_ = std::make_shared<Box>(3.0, 7.0, Shape{1});
    } else {
      action_space_ = std::make_shared<Discrete>(2);
    }
    if (is("shows odd images")) {
      observation_space_ = std::make_unique<Box>(0.0, 100.0, Shape{2, 2, 3}, DType::kUInt8);
    }
  }

  void observe(Value& out) const {
    if (is("shows odd images")) {
      out = Array(DType::kUInt8, Shape{2, 2, 3});
      return;
    }
    double seen = is("flat bounds") ? 0 : place_;
    if (is("sees no number") && steps_ == 3) seen = std::nan("");
    if (is("leaves its space") && steps_ == 3) seen = 1000;
    if (is("observes doubles")) {
      out = Array::of({seen});
    } else {
      out = Array::of({static_cast<float>(seen)});
    }
  }

  std::string fault_;
  double low_ = -20, high_ = 20;
  std::unique_ptr<Box> observation_space_;
  std::shared_ptr<Space> action_space_;
  mutable std::optional<Generator> generator_;  // mutable for the fault of sampling in render()
  Generator extra_{0};
  double place_ = 0;
  std::int64_t steps_ = 0;
  std::int64_t resets_ = 0;
  bool ended_ = false;
};

CheckReport check_walk(const std::string& fault) {
  return check_env([fault]() -> EnvPtr {
    if (fault == "is none") return nullptr;
    if (fault == "cannot be made") throw InvalidArgument("out of order");
    return std::make_unique<Walk>(fault);
  });
}

std::set<std::string> names(const CheckReport& report, std::string_view outcome) {
  std::set<std::string> found;
  for (const Check& check : report.checks) {
    if (check.outcome() == outcome) found.insert(check.name);
  }
  return found;
}

TEST(CheckEnv, FindsNothingInAnEnvironmentThatKeepsTheContract) {
  const CheckReport report = check_walk("");
  EXPECT_TRUE(report.passed()) << report.to_text();
  EXPECT_EQ(names(report, "warned"), std::set<std::string>{}) << report.to_text();
  EXPECT_EQ(names(report, "skipped"), std::set<std::string>{"spec"});  // the environment was not made by id
  EXPECT_EQ(report.checks.size(), 18u);
}

struct Case {
  const char* fault;
  const char* check;    // the check that must detect it
  const char* outcome;  // "failed" or "warned"
};

void PrintTo(const Case& tried, std::ostream* out) {
  *out << tried.fault;
}

class EveryFault : public ::testing::TestWithParam<Case> {};

TEST_P(EveryFault, IsFound) {
  const CheckReport report = check_walk(GetParam().fault);
  EXPECT_EQ(report.passed(), std::string_view(GetParam().outcome) != "failed") << report.to_text();
  const Check& check = report.at(GetParam().check);
  EXPECT_EQ(check.outcome(), std::string_view(GetParam().outcome)) << report.to_text();
  for (const Finding& finding : check.findings) {
    EXPECT_NE(finding.what, "");
    EXPECT_NE(finding.remedy, "");
  }
}

INSTANTIATE_TEST_SUITE_P(
    CheckEnv, EveryFault,
    ::testing::Values(
        Case{"is none", "making", "failed"}, Case{"cannot be made", "making", "failed"},
        Case{"makes its spaces again", "spaces", "failed"}, Case{"offers what it does not contain", "spaces", "failed"},
        Case{"infinite bounds", "spaces", "warned"}, Case{"flat bounds", "spaces", "warned"},
        Case{"acts from 3 to 7", "spaces", "warned"}, Case{"shows odd images", "spaces", "warned"},
        Case{"begins outside", "reset", "failed"}, Case{"throws at the tenth reset", "reset", "failed"},
        Case{"ignores seeds", "seed", "failed"}, Case{"always has one seed", "seed", "failed"},
        Case{"draws from the system", "seed", "failed"}, Case{"begins with a fixed generator", "seed", "failed"},
        Case{"ignores options", "options", "warned"}, Case{"wants an option", "options", "failed"},
        Case{"needs a reset and does not ask", "order", "failed"}, Case{"leaves its space", "steps", "failed"},
        Case{"observes doubles", "steps", "failed"}, Case{"sees no number", "steps", "failed"},
        Case{"earns no number", "steps", "failed"}, Case{"changes an info's form", "steps", "failed"},
        Case{"keeps its clock at reset", "determinism", "failed"}, Case{"leaves a flag", "memory", "failed"},
        Case{"leaves an info", "memory", "failed"}, Case{"truncates at once", "time limit", "failed"},
        Case{"has a time limit that is not kept", "time limit", "failed"},
        Case{"throws beyond the end", "after the end", "failed"}, Case{"takes anything", "actions", "failed"},
        Case{"moves before it looks", "actions", "failed"}, Case{"refuses in other words", "actions", "warned"},
        Case{"draws an empty image", "render", "failed"}, Case{"draws without end", "render", "failed"},
        Case{"draws what is no number", "render", "failed"}, Case{"draws grey images", "render", "failed"},
        Case{"draws lots when it draws", "render", "failed"}, Case{"stands still", "render", "failed"},
        Case{"forgets its generator", "snapshot", "failed"},
        Case{"forgets its wind in the state", "snapshot", "failed"}, Case{"takes any state", "snapshot", "failed"},
        Case{"cannot be saved", "snapshot", "warned"}, Case{"copies half", "clone", "failed"},
        Case{"copies share a space", "clone", "failed"}, Case{"copies have another spec", "clone", "failed"},
        Case{"cannot be copied", "clone", "warned"}, Case{"shares a generator", "independence", "failed"},
        Case{"adds to the reward that is there", "vector", "failed"}));

// A simulator with dynamics that depend on an argument missing from its spec.
struct Told {
  using Scalar = float;
  struct Config {
    double push = 1;

    template <class Self, class Visit>
    static void fields(Self& self, Visit&& visit) {
      visit("push", self.push, "length of a step");
    }
  };
  struct State {
    double place;
  };
  Config config;
  SpacePtr observation_space() const { return std::make_unique<Box>(-1e6, 1e6, Shape{1}); }
  SpacePtr action_space() const { return std::make_unique<Discrete>(2); }
  State reset(Generator& generator, const Dict&) const { return {generator.random()}; }
  Transition step(State& state, std::int64_t, Generator&) const {
    state.place += config.push;
    return {.reward = 0, .terminated = state.place > 50};
  }
  void observe(const State& state, std::span<float> out) const { out[0] = static_cast<float>(state.place); }
};

TEST(CheckEnv, FindsASpecThatDoesNotTellAll) {
  register_env<Told>({.id = "check/Told-v0", .max_episode_steps = 80});
  const CheckReport good = check_env([] { return make("check/Told-v0", {{"push", 2.0}}); });
  EXPECT_EQ(good.at("spec").outcome(), "passed") << good.to_text();
  EXPECT_EQ(good.at("vector").outcome(), "passed") << good.to_text();
  EXPECT_EQ(good.at("render").outcome(), "skipped");

  const CheckReport bad = check_env([] {
    EnvPtr env = make("check/Told-v0", {{"push", 2.0}});
    EnvSpec spec = env->spec();
    spec.kwargs.clear();
    env->set_spec(spec);
    return env;
  });
  EXPECT_EQ(bad.at("spec").outcome(), "failed") << bad.to_text();
  EXPECT_EQ(bad.at("vector").outcome(), "failed") << bad.to_text();
}

TEST(CheckEnv, TellsItsFindingsAsTextAndAsADictionary) {
  const CheckReport report = check_walk("earns no number");
  const std::string text = report.to_text();
  EXPECT_NE(text.find("failed   steps           Observations lie in the space"), std::string::npos) << text;
  EXPECT_NE(text.find("\n         error: the reward of result 3 is \"nan\". Give finite rewards"), std::string::npos)
      << text;
  EXPECT_NE(text.find("skipped  spec            not checked: it has no spec"), std::string::npos) << text;
  const Dict dict = report.to_dict();
  EXPECT_FALSE(dict.at("passed").as_bool());
  const Dict& steps = dict.at("checks").as_list().at(6).as_dict();
  EXPECT_EQ(steps.at("name").as_string(), "steps");
  EXPECT_EQ(steps.at("outcome").as_string(), "failed");
  EXPECT_EQ(steps.at("findings").as_list().at(0).as_dict().at("severity").as_string(), "error");
  EXPECT_THROW(report.at("colour"), InvalidArgument);
}

}  // namespace
}  // namespace ludus::envs
