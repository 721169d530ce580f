#include "envs/registry/check_env.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/value_io.h"
#include "envs/registry/check_runs.h"
#include "envs/registry/check_vector.h"
#include "envs/registry/registry.h"
#include "envs/vector/sync_vector_env.h"

namespace ludus::envs {
namespace {

constexpr std::int64_t kNumbersOfARun = 1'000'000;  // limit on the observed numbers per run
constexpr std::int64_t kNumbersOfAnEpisode = 5'000'000;
constexpr std::int64_t kFewestSteps = 20;
constexpr std::size_t kVectorEnvs = 3;

// Thrown if a check cannot be run, with the reason.
struct Skip {
  std::string why;
};

class Checker {
 public:
  Checker(const std::function<EnvPtr()>& make, const CheckOptions& options) : make_(make), options_(options) {}

  CheckReport run();

 private:
  using Method = void (Checker::*)();
  void run(const char* name, const char* asks, Method method);
  void error(std::string what, std::string remedy) { add(Severity::kError, std::move(what), std::move(remedy)); }
  void warning(std::string what, std::string remedy) { add(Severity::kWarning, std::move(what), std::move(remedy)); }
  void add(Severity severity, std::string what, std::string remedy);

  void check_making();
  void check_spaces();
  void check_reset();
  void check_seed();
  void check_options();
  void check_order();
  void check_steps();
  void check_determinism();
  void check_memory();
  void check_time_limit();
  void check_after_the_end();
  void check_actions();
  void check_render();
  void check_snapshot();
  void check_clone();
  void check_independence();
  void check_spec();
  void check_vector();

  void check_box(const Box& box, const std::string& which);
  void check_observation(const Value& observation, Env& env, const std::string& where);
  void check_same(const Run& run, const Run& other, const std::string& of, const std::string& remedy);

  EnvPtr fresh() const;
  bool is_registered() const;
  void needs_determinism() const {
    if (nondeterministic_) throw Skip{"the spec says that a seed does not repeat this environment"};
  }

  // Steps with `actions` from the current state, and resets after the end of an episode. `ended` states whether the
  // episode has ended, on entry and on return.
  Run play(Env& env, std::span<const Value> actions, bool& ended) const;
  // Resets with the seed, then steps with all actions.
  Run play_from(Env& env, std::uint64_t seed) const;

  const std::function<EnvPtr()>& make_;
  CheckOptions options_;
  CheckReport report_;

  // results of the first check
  bool made_ = false;
  bool nondeterministic_ = false;
  EnvSpec spec_;
  std::vector<Value> actions_;
  std::int64_t longest_episode_ = 0;  // steps
};

CheckReport Checker::run() {
  run("making", "The factory gives a new environment each time, with spaces to sample from.", &Checker::check_making);
  if (!made_) return std::move(report_);
  run("spaces", "Samples lie in their space; a space goes to JSON and back; bounds are such as can be learned.",
      &Checker::check_spaces);
  run("reset", "reset() gives an observation of the space.", &Checker::check_reset);
  run("seed", "A seed restarts the environment's own generator, and reset() without one goes on with it.",
      &Checker::check_seed);
  run("options", "reset() takes empty options and refuses those it does not know.", &Checker::check_options);
  run("order", "step() and render() before the first reset() are refused, or work.", &Checker::check_order);
  run("steps", "Observations lie in the space, numbers are finite, entries of info keep their form.",
      &Checker::check_steps);
  run("determinism", "The same seed and the same actions give the same run.", &Checker::check_determinism);
  run("memory", "step_into() writes all of its result, whose memory is used again.", &Checker::check_memory);
  run("time limit", "The first step does not truncate, and the spec's max_episode_steps does.",
      &Checker::check_time_limit);
  run("after the end", "A step after the end of an episode is refused, or works.", &Checker::check_after_the_end);
  run("actions", "What is no action is refused with InvalidAction, and changes nothing.", &Checker::check_actions);
  run("render", "The image is finite, and taking it changes nothing.", &Checker::check_render);
  run("snapshot", "A state that is saved and restored goes on identically.", &Checker::check_snapshot);
  run("clone", "A copy goes on identically, and independently.", &Checker::check_clone);
  run("independence", "Environments side by side share nothing.", &Checker::check_independence);
  run("spec", "The environment's spec makes the same environment again.", &Checker::check_spec);
  run("vector", "Vector environments give what single ones give, in every autoreset mode, on any number of threads.",
      &Checker::check_vector);
  return std::move(report_);
}

void Checker::run(const char* name, const char* asks, Method method) {
  report_.checks.push_back({.name = name, .asks = asks, .findings = {}, .skipped = {}});
  try {
    (this->*method)();
  } catch (const Skip& skip) {
    report_.checks.back().skipped = skip.why;
  } catch (const std::exception& thrown) {
    error("it threw: " + std::string(thrown.what()), "Find out where; nothing may be thrown here.");
  } catch (...) {
    error("it threw something that is no exception", "Throw only exceptions, of the family ludus::Error.");
  }
}

void Checker::add(Severity severity, std::string what, std::string remedy) {
  std::vector<Finding>& findings = report_.checks.back().findings;
  // report a repeated fault only once
  for (const Finding& finding : findings) {
    if (finding.remedy == remedy && finding.severity == severity) return;
  }
  findings.push_back({severity, std::move(what), std::move(remedy)});
}

EnvPtr Checker::fresh() const {
  EnvPtr env = make_();
  if (!env) throw WorkError("the factory gave no environment");
  return env;
}

bool Checker::is_registered() const {
  const std::vector<EnvSpec> specs = registry().specs();
  return std::any_of(specs.begin(), specs.end(), [this](const EnvSpec& spec) { return spec.id == spec_.id; });
}

Run Checker::play(Env& env, std::span<const Value> actions, bool& ended) const {
  Run run;
  Step step;
  for (const Value& action : actions) {
    if (ended) {
      run.push_back(result_of(env.reset()));
      ended = false;
      continue;
    }
    env.step_into(action, step);
    run.push_back(step);
    strip_timings(run.back().info);
    ended = step.terminated || step.truncated;
  }
  return run;
}

Run Checker::play_from(Env& env, std::uint64_t seed) const {
  Run run{result_of(env.reset(seed))};
  bool ended = false;
  Run rest = play(env, actions_, ended);
  std::move(rest.begin(), rest.end(), std::back_inserter(run));
  return run;
}

void Checker::check_same(const Run& run, const Run& other, const std::string& of, const std::string& remedy) {
  const std::string differs = difference(run, other);
  if (!differs.empty()) error(of + ": " + differs, remedy);
}

void Checker::check_making() {
  const EnvPtr env = make_();
  if (!env) {
    error("the factory gave no environment", "Let it return a new environment at every call.");
    return;
  }
  spec_ = env->spec();
  nondeterministic_ = spec_.nondeterministic;

  // the number of steps depends on the size of an observation
  std::int64_t numbers = 1;
  try {
    numbers = std::max<std::int64_t>(1, static_cast<std::int64_t>(env->observation_space().row_size()));
  } catch (const Error&) {  // a space without fixed size has small elements
  }
  const auto within = [numbers](std::int64_t budget, std::int64_t most) {
    return std::max(std::min(most, budget / numbers), std::min(most, kFewestSteps));
  };
  longest_episode_ = within(kNumbersOfAnEpisode, options_.longest_episode);
  const SpacePtr actions = env->action_space().clone();
  actions->seed(options_.seed);
  for (std::int64_t t = within(kNumbersOfARun, options_.steps); t > 0; --t) actions_.push_back(actions->sample());
  made_ = true;
}

void Checker::check_spaces() {
  const EnvPtr env = fresh();
  Space *const observations = &env->observation_space(), *const actions = &env->action_space();
  if (observations != &env->observation_space() || actions != &env->action_space()) {
    error("a space is another object at every call", "Keep the spaces in the environment, and return them.");
    return;
  }
  for (Space* space : {observations, actions}) {
    const std::string which = space == actions ? "action" : "observation";
    const SpacePtr copy = space->clone();
    copy->seed(options_.seed);
    for (int i = 0; i < 20; ++i) {
      const Value sample = copy->sample();
      if (!space->contains(sample)) {
        error("the sample " + shown(sample) + " does not lie in the " + which + " space " + space->to_string(),
              "Make sample() and contains() of the space agree.");
      }
    }
    if (!space_from_spec(space->to_spec())->equals(*space)) {
      error("the " + which + " space " + space->to_string() + " is another once it has been to JSON and back",
            "Make to_spec() tell all that the space is.");
    }
    for_each_space(*space, [&](const Space& part) {
      if (const auto* box = dynamic_cast<const Box*>(&part)) check_box(*box, which);
    });
  }
}

void Checker::check_box(const Box& box, const std::string& which) {
  const Array &low = box.low(), &high = box.high();
  bool infinite = false, flat = false, lopsided = false;
  for (std::size_t i = 0; i < low.size(); ++i) {
    const double least = low.get(i), most = high.get(i);
    infinite = infinite || std::isinf(least) || std::isinf(most);
    flat = flat || least == most;
    lopsided = lopsided || (least != 0 && std::abs(least) != std::abs(most)) || least < -1 || most > 1;
  }
  if (infinite) {
    warning("a Box of the " + which + " space has infinite bounds",
            "Give finite bounds if there are any: methods that divide the space need them.");
  }
  if (flat) {
    warning("a Box of the " + which + " space has a number whose lower bound is its upper bound",
            "Leave out a number that cannot change.");
  }
  if (which == "action" && lopsided && is_floating(box.dtype())) {
    warning(
        "the Box of actions is neither symmetric within [-1, 1] nor within [0, 1]",
        "Scale the actions to [-1, 1] (RescaleAction does so): most methods begin with actions of about that size.");
  }
  const bool is_image = box.dtype() == DType::kUInt8 && box.shape().rank() == 3;
  if (is_image && (low.get(0) != 0 || high.get(0) != 255)) {
    warning("a Box that looks like images has other bounds than 0 and 255", "Give pixels the bounds 0 and 255.");
  }
}

void Checker::check_observation(const Value& observation, Env& env, const std::string& where) {
  if (!has_only_finite_numbers(observation)) {
    error("the observation " + shown(observation) + " of " + where + " has a number that is infinite or none",
          "Keep the state finite, or end the episode before it is not.");
  }
  if (!env.observation_space().contains(observation)) {
    error("the observation " + shown(observation) + " of " + where + " is " + observation.describe() +
              " that does not lie in the observation space " + env.observation_space().to_string(),
          "Widen the space, or fix the observation; type and shape must be the space's.");
  }
}

void Checker::check_reset() {
  const EnvPtr env = fresh();
  check_observation(env->reset().observation, *env, "reset()");
  for (std::uint64_t seed = options_.seed; seed < options_.seed + 10; ++seed) {
    check_observation(env->reset(seed).observation, *env, "reset(" + std::to_string(seed) + ")");
  }
}

void Checker::check_seed() {
  const EnvPtr env = fresh(), other = fresh();
  const std::uint64_t seed = options_.seed, another = options_.seed + 333;
  const auto generator = [](Env& of) { return of.generator().state(); };

  const Step first = result_of(env->reset(seed));
  const auto after_first = generator(*env);
  const Step again = result_of(env->reset(seed));
  const std::string twice = "two reset(" + std::to_string(seed) + ")";
  if (generator(*env) != after_first) {
    error(twice + " leave the generator in two states", "Let reset(seed) make a new generator: Generator(seed).");
  }
  const std::string differs = difference(first, again);
  if (!nondeterministic_ && !differs.empty()) {
    error(twice + " gave " + differs, "Draw everything from the environment's own generator, after it is seeded.");
  }
  env->reset(another);
  if (generator(*env) == after_first) {
    error("reset(" + std::to_string(seed) + ") and reset(" + std::to_string(another) +
              ") leave the generator in the same state",
          "Let reset(seed) make a new generator: Generator(seed).");
  }

  // reset without a seed after a reset with one
  const auto continued = [&](Env& of, std::uint64_t from) {
    of.reset(from);
    const Step next = result_of(of.reset());
    return std::pair(next, generator(of));
  };
  const auto [next, after_next] = continued(*env, seed);
  const auto [same, after_same] = continued(*other, seed);
  if (!nondeterministic_) {
    const std::string strays = difference(next, same);
    if (!strays.empty() || after_next != after_same) {
      error("reset() without a seed, after reset(" + std::to_string(seed) + "), is not repeatable" +
                (strays.empty() ? std::string() : ": it gave " + strays),
            "Go on with the generator that the seed began; take the system's entropy only if there was never a seed.");
    }
  }
  if (continued(*env, another).second == after_next) {
    error("reset() without a seed restarts the generator: it forgets which seed came before",
          "Leave the generator as it is if no seed is given.");
  }

  // reset without any seed
  const EnvPtr left = fresh(), right = fresh();
  left->reset(), right->reset();
  if (generator(*left) == generator(*right)) {
    error("two environments without a seed have the same generator",
          "Take a seed from the system's entropy (entropy_seed()) if none was ever given.");
  }
}

void Checker::check_options() {
  const EnvPtr env = fresh();
  check_observation(env->reset({}, {}).observation, *env, "reset() with empty options");
  try {
    env->reset({}, {{"no_such_option_of_any_environment", 1}});
  } catch (const InputError&) {
    return;
  }
  warning("reset() ignores an option that it does not know",
          "Throw InvalidArgument and name the options there are: a misspelt option should not do nothing.");
}

void Checker::check_order() {
  const EnvPtr env = fresh();
  try {
    Step step;
    env->step_into(actions_[0], step);
  } catch (const Error&) {
  }
  try {
    static_cast<void>(fresh()->render());
  } catch (const Error&) {
  }
  check_observation(env->reset(options_.seed).observation, *env, "reset() after a step too early");
}

void Checker::check_steps() {
  const EnvPtr env = fresh();
  std::map<std::string, std::string> forms;
  const Run run = play_from(*env, options_.seed);
  for (std::size_t t = 0; t < run.size(); ++t) {
    const std::string where = "result " + std::to_string(t);
    check_observation(run[t].observation, *env, where);
    if (!std::isfinite(run[t].reward)) {
      error("the reward of " + where + " is " + shown(run[t].reward),
            "Give finite rewards: one that is not spoils all that is learned.");
    }
    for (const auto& [key, value] : run[t].info) {
      const std::string form = form_of(value);
      const auto [known, is_new] = forms.emplace(key, form);
      if (!is_new && known->second != form) {
        error("the info \"" + key + "\" is " + form + " in " + where + " and was " + known->second,
              "Let an entry of info keep its type and shape: vector environments gather it into one array.");
      }
    }
  }
}

void Checker::check_determinism() {
  needs_determinism();
  const EnvPtr env = fresh(), other = fresh();
  const Run run = play_from(*env, options_.seed);
  const std::string remedy =
      "Let reset() make all of the state new, and draw everything from the environment's own generator.";
  check_same(run, play_from(*other, options_.seed), "two environments, one seed, the same actions", remedy);
  check_same(run, play_from(*env, options_.seed), "one environment, seeded again, the same actions", remedy);
}

void Checker::check_memory() {
  needs_determinism();
  const EnvPtr env = fresh(), other = fresh();
  env->reset(options_.seed), other->reset(options_.seed);
  for (const Value& action : actions_) {
    const Step clean = env->step(action);
    Step used{.observation = "left by another",
              .reward = -12345.5,
              .terminated = true,
              .truncated = true,
              .info = {{"left by another", 1}}};
    other->step_into(action, used);
    Step expected = clean;
    strip_timings(expected.info), strip_timings(used.info);
    const std::string differs = difference(expected, used);
    if (!differs.empty()) {
      error("a result whose memory held another one came out different: " + differs,
            "Let step_into() write the observation, the reward, both flags and the info every time, or clear them.");
      return;
    }
    if (clean.terminated || clean.truncated) env->reset(), other->reset();
  }
}

void Checker::check_time_limit() {
  const EnvPtr env = fresh();
  const auto limit = spec_.max_episode_steps;
  const SpacePtr actions = env->action_space().clone();
  actions->seed(options_.seed + 1);
  env->reset(options_.seed);
  for (std::int64_t t = 1; t <= limit.value_or(1); ++t) {
    if (t > longest_episode_) throw Skip{"an episode of " + std::to_string(*limit) + " steps takes too long to play"};
    const Step step = env->step(actions->sample());
    if (t == 1 && limit != 1 && step.truncated) {
      error("the first step of an episode is truncated",
            "truncated means that a time limit or the like cut the episode: begin to count at reset().");
    }
    if (t == limit && !step.truncated) {
      error("the spec limits an episode to " + std::to_string(*limit) + " steps, and step " + std::to_string(t) +
                " is not truncated",
            "Make the environment by make(), which adds the time limit, or put TimeLimit around it.");
    }
    if (step.terminated || step.truncated) return;
  }
}

void Checker::check_after_the_end() {
  const EnvPtr env = fresh();
  const SpacePtr actions = env->action_space().clone();
  actions->seed(options_.seed + 2);
  env->reset(options_.seed);
  for (std::int64_t t = 1; t <= longest_episode_; ++t) {
    const Step step = env->step(actions->sample());
    if (!step.terminated && !step.truncated) continue;
    for (int beyond = 0; beyond < 5; ++beyond) {
      try {
        static_cast<void>(env->step(actions->sample()));
      } catch (const Error&) {  // throwing is allowed
      }
    }
    check_observation(env->reset().observation, *env, "reset() after steps beyond the end");
    return;
  }
  throw Skip{"random actions have ended no episode within " + std::to_string(longest_episode_) + " steps"};
}

void Checker::check_actions() {
  const EnvPtr env = fresh();
  env->reset(options_.seed);
  bool refuses_all = true;
  for (const Value& value : invalid_actions(env->action_space())) {
    const std::string what =
        shown(value) + ", which is " + value.describe() + " and no element of " + env->action_space().to_string();
    try {
      static_cast<void>(env->step(value));
      refuses_all = false;
      error("the environment takes " + what,
            "Throw InvalidAction for what action_space() does not contain (of a Box, finite numbers may be clipped).");
    } catch (const InvalidAction&) {
    } catch (const Error& thrown) {
      warning("the environment refuses " + what + ", but not with InvalidAction: " + thrown.what(),
              "Throw InvalidAction, so that a program can tell a wrong action from other faults.");
    }
  }
  if (nondeterministic_ || !refuses_all) return;
  const EnvPtr untouched = fresh();
  untouched->reset(options_.seed);
  bool ended = false, also_ended = false;
  check_same(play(*env, actions_, ended), play(*untouched, actions_, also_ended),
             "after actions that it refused, the run is another", "Look at the action before anything is changed.");
}

void Checker::check_render() {
  const EnvPtr env = fresh();
  env->reset(options_.seed);
  const auto check_scene = [&](const Scene& scene) {
    const bool sane = std::isfinite(scene.low.x) && std::isfinite(scene.low.y) && std::isfinite(scene.high.x) &&
                      std::isfinite(scene.high.y) && scene.low.x < scene.high.x && scene.low.y < scene.high.y &&
                      scene.width > 0 && scene.height > 0;
    if (!sane) {
      error("the corners or the size of the image make no rectangle",
            "Let `low` lie below and left of `high`, and width and height be positive.");
    }
    for (const SceneItem& item : scene.items) {
      const auto finite = [](Point point) { return std::isfinite(point.x) && std::isfinite(point.y); };
      const bool is_finite = std::visit(
          [&](const auto& shape) {
            using Kind = std::decay_t<decltype(shape)>;
            if constexpr (requires { shape.points; }) {
              return std::all_of(shape.points.begin(), shape.points.end(), finite);
            } else if constexpr (std::is_same_v<Kind, Circle>) {
              return finite(shape.center) && std::isfinite(shape.radius);
            } else if constexpr (std::is_same_v<Kind, Text>) {
              return finite(shape.position) && std::isfinite(shape.height);
            } else {
              return finite(shape.low) && finite(shape.high);
            }
          },
          item);
      if (!is_finite) error("a shape of the image has a coordinate that is not finite", "Draw finite coordinates.");
      if (const auto* image = std::get_if<Image>(&item)) {
        const Shape& shape = image->pixels.shape();
        if (image->pixels.dtype() != DType::kUInt8 || shape.rank() != 3 || shape[2] != 3) {
          error("a bitmap of the image is " + Value(image->pixels).describe(),
                "Give pixels as uint8 of the shape (height, width, 3).");
        }
      }
    }
  };
  try {
    check_scene(env->render());
  } catch (const NotSupported&) {
    throw Skip{"it has no image"};
  }
  if (!(std::isfinite(env->frames_per_second()) && env->frames_per_second() > 0)) {
    error("it shows " + shown(env->frames_per_second()) + " frames per second",
          "Let frames_per_second() be positive: the speed at which a person should see it.");
  }

  constexpr std::size_t kPictures = 30;
  const std::span<const Value> actions = std::span(actions_).first(std::min(actions_.size(), kPictures));
  const EnvPtr unseen = fresh();
  unseen->reset(options_.seed);
  Run seen;
  bool ended = false, also_ended = false;
  for (const Value& action : actions) {
    Run one = play(*env, {&action, 1}, ended);
    seen.push_back(std::move(one[0]));
    check_scene(env->render());
  }
  if (nondeterministic_) return;
  check_same(seen, play(*unseen, actions, also_ended), "a run that is watched is another than one that is not",
             "Let render() change nothing, and draw from no generator.");
}

void Checker::check_snapshot() {
  needs_determinism();
  const EnvPtr env = fresh(), restored = fresh();
  env->reset(options_.seed);
  bool ended = false;
  const std::size_t middle = actions_.size() / 2;
  play(*env, std::span(actions_).first(middle), ended);
  Value saved;
  try {
    saved = env->get_state();
    restored->set_state(decode(encode(saved)));
  } catch (const NotSupported&) {
    warning("its state cannot be saved",
            "Define get_state() and set_state(): without them a training that is "
            "interrupted does not go on identically.");
    return;
  }

  const std::span<const Value> rest = std::span(actions_).subspan(middle);
  bool restored_ended = ended, back_ended = ended;
  const Run run = play(*env, rest, ended);
  const std::string remedy = "Put all that decides what follows into get_state(), the generator included.";
  check_same(run, play(*restored, rest, restored_ended), "another environment with the saved state", remedy);
  env->set_state(saved);
  check_same(run, play(*env, rest, back_ended), "the same environment, taken back to the saved state", remedy);
  try {
    restored->set_state("no state of any environment");
    error("set_state() takes what is no state",
          "Throw TypeMismatch or InvalidArgument for what get_state() cannot give.");
  } catch (const Error&) {
  }
}

void Checker::check_clone() {
  needs_determinism();
  const EnvPtr env = fresh();
  env->reset(options_.seed);
  bool ended = false;
  const std::size_t middle = actions_.size() / 2;
  play(*env, std::span(actions_).first(middle), ended);
  EnvPtr copy;
  try {
    copy = env->clone();
  } catch (const NotSupported&) {
    warning("it cannot be copied", "Define clone(): a search that looks ahead needs copies.");
    return;
  }
  if (&copy->action_space() == &env->action_space() || &copy->observation_space() == &env->observation_space()) {
    error("the copy shares a space, and its generator, with the original", "Copy the spaces too, by Space::clone().");
  }
  if (!(copy->spec() == env->spec())) error("the copy has another spec", "Copy the spec too, by set_spec().");

  // step the copy first: if this changed the original, the original's run would differ
  const std::span<const Value> rest = std::span(actions_).subspan(middle);
  bool copy_ended = ended;
  const Run of_copy = play(*copy, rest, copy_ended);
  check_same(of_copy, play(*env, rest, ended), "the copy, and then the original",
             "Copy all that decides what follows, and let the copy share nothing with the original.");
}

void Checker::check_independence() {
  needs_determinism();
  const EnvPtr alone = fresh();
  const Run run = play_from(*alone, options_.seed);

  const EnvPtr env = fresh(), neighbour = fresh();
  Run beside{result_of(env->reset(options_.seed))};
  neighbour->reset(options_.seed + 1);
  bool ended = false, neighbour_ended = false;
  for (std::size_t t = 0; t < actions_.size(); ++t) {
    play(*neighbour, {&actions_[actions_.size() - 1 - t], 1}, neighbour_ended);
    Run one = play(*env, {&actions_[t], 1}, ended);
    beside.push_back(std::move(one[0]));
  }
  check_same(run, beside, "an environment alone, and one with another beside it",
             "Keep the state in the object: no global and no static variable, no generator for all.");
}

void Checker::check_spec() {
  if (spec_.id.empty()) throw Skip{"it has no spec: it was not made by make()"};
  if (!is_registered()) throw Skip{"no environment is registered as " + spec_.id};
  if (!(EnvSpec::from_dict(spec_.to_dict()) == spec_)) {
    error("the spec is another once it has been to JSON and back", "Let its arguments be plain values.");
  }
  EnvPtr again;
  try {
    again = envs::make(spec_);
  } catch (const InputError& thrown) {
    warning("its spec cannot make it again: " + std::string(thrown.what()),
            "Wrap it by what can be told by name, or build the stack in the program.");
    return;
  }
  if (!(again->spec() == spec_)) {
    error("the environment made of its spec has the spec " + shown(again->spec().to_dict()),
          "Let every wrapper record its name and its arguments.");
  }
  needs_determinism();
  const EnvPtr env = fresh();
  check_same(play_from(*env, options_.seed), play_from(*again, options_.seed), "the environment made of its spec",
             "Let the spec's arguments tell all that distinguishes this environment.");
}

void Checker::check_vector() {
  needs_determinism();
  const EnvPtr like = fresh();
  try {
    static_cast<void>(like->observation_space().row_size());
  } catch (const Error&) {
    throw Skip{"its observations have no fixed size"};
  }
  if (!acts_by_rows(like->action_space())) throw Skip{"its actions are no rows of numbers"};

  const auto compare = [this](VectorEnv& envs, const std::string& which) {
    const std::string differs = difference_from_singles(
        envs, [this] { return fresh(); }, actions_, options_.seed);
    if (differs.empty()) return;
    error("in a vector environment (" + which + ", " + std::string(name_of(envs.autoreset_mode())) + ") " + differs,
          "Let step() depend on nothing but the state, the action and the environment's own generator.");
  };
  for (const auto mode : {AutoresetMode::kNextStep, AutoresetMode::kSameStep, AutoresetMode::kDisabled}) {
    std::vector<EnvPtr> envs;
    for (std::size_t i = 0; i < kVectorEnvs; ++i) envs.push_back(fresh());
    SyncVectorEnv sync(std::move(envs), mode);
    sync.set_threads(mode == AutoresetMode::kSameStep ? 2 : 1);
    compare(sync, "sync");

    // the simulator form, if registered; it does not support wrappers
    if (!is_registered() || !spec_.wrappers.empty()) continue;
    const VectorEnvPtr simulators = make_vec(
        spec_.id, kVectorEnvs,
        {.autoreset = mode, .max_episode_steps = spec_.max_episode_steps.value_or(-1), .warn = ignore_warnings},
        spec_.kwargs);
    simulators->set_threads(mode == AutoresetMode::kNextStep ? 3 : 1);
    compare(*simulators, "simulator");
  }
}

}  // namespace

std::string_view Check::outcome() const {
  if (std::any_of(findings.begin(), findings.end(),
                  [](const Finding& finding) { return finding.severity == Severity::kError; })) {
    return "failed";
  }
  if (!findings.empty()) return "warned";
  return skipped.empty() ? "passed" : "skipped";
}

bool CheckReport::passed() const {
  return std::none_of(checks.begin(), checks.end(), [](const Check& check) { return check.outcome() == "failed"; });
}

const Check& CheckReport::at(std::string_view name) const {
  for (const Check& check : checks) {
    if (check.name == name) return check;
  }
  throw InvalidArgument("there was no check \"" + std::string(name) + "\"");
}

std::string CheckReport::to_text() const {
  std::string text;
  for (const Check& check : checks) {
    std::string line(check.outcome());
    line.resize(9, ' ');
    line += check.name;
    line.resize(25, ' ');
    text += line + (check.skipped.empty() ? check.asks : "not checked: " + check.skipped) + "\n";
    for (const Finding& finding : check.findings) {
      text += std::string("         ") + (finding.severity == Severity::kError ? "error: " : "warning: ") +
              finding.what + ". " + finding.remedy + "\n";
    }
  }
  return text;
}

Dict CheckReport::to_dict() const {
  List all;
  for (const Check& check : checks) {
    List findings;
    for (const Finding& finding : check.findings) {
      findings.emplace_back(Dict{{"severity", finding.severity == Severity::kError ? "error" : "warning"},
                                 {"what", finding.what},
                                 {"remedy", finding.remedy}});
    }
    all.emplace_back(Dict{{"name", check.name},
                          {"asks", check.asks},
                          {"outcome", check.outcome()},
                          {"skipped", check.skipped.empty() ? Value() : Value(check.skipped)},
                          {"findings", std::move(findings)}});
  }
  return {{"passed", passed()}, {"checks", std::move(all)}};
}

CheckReport check_env(const std::function<EnvPtr()>& make, const CheckOptions& options) {
  return Checker(make, options).run();
}

}  // namespace ludus::envs
