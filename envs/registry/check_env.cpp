#include "envs/registry/check_env.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/format.h"
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
  run("making", "The factory returns a new environment at every call, with spaces that can be sampled.",
      &Checker::check_making);
  if (!made_) return std::move(report_);
  run("spaces",
      "Samples lie in their space; a space survives a round trip through JSON; bounds are suitable for learning.",
      &Checker::check_spaces);
  run("reset", "reset() returns an observation of the space.", &Checker::check_reset);
  run("seed", "A seed restarts the generator of the environment, and reset() without a seed continues with it.",
      &Checker::check_seed);
  run("options", "reset() accepts empty options and rejects unknown ones.", &Checker::check_options);
  run("order", "step() and render() before the first reset() throw or work.", &Checker::check_order);
  run("steps", "Observations lie in the space, numbers are finite, entries of info have a constant type and shape.",
      &Checker::check_steps);
  run("determinism", "The same seed and the same actions give the same run.", &Checker::check_determinism);
  run("memory", "step_into() overwrites all of the result passed in.", &Checker::check_memory);
  run("time limit", "The first step does not truncate, and the spec's max_episode_steps does.",
      &Checker::check_time_limit);
  run("after the end", "A step after the end of an episode throws or works.", &Checker::check_after_the_end);
  run("actions", "Invalid actions throw InvalidAction and change nothing.", &Checker::check_actions);
  run("render", "The image is finite, and render() changes nothing.", &Checker::check_render);
  run("snapshot", "A restored state continues identically.", &Checker::check_snapshot);
  run("clone", "A copy continues identically and independently.", &Checker::check_clone);
  run("independence", "Environments share no state.", &Checker::check_independence);
  run("spec", "The environment's spec makes the same environment again.", &Checker::check_spec);
  run("vector",
      "Vector environments return the results of single ones, in every autoreset mode, on any number of threads.",
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
    error(formatted("it threw: {}", thrown.what()), "Find the cause: no exception is allowed here.");
  } catch (...) {
    error("it threw an object that is not an exception", "Throw only exceptions, of the family ludus::Error.");
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
  if (!env) throw WorkError("the factory returned no environment");
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
  if (!differs.empty()) error(formatted("{}: {}", of, differs), remedy);
}

void Checker::check_making() {
  const EnvPtr env = make_();
  if (!env) {
    error("the factory returned no environment", "Return a new environment at every call.");
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
    error("a space is a different object at every call", "Store the spaces in the environment and return references.");
    return;
  }
  for (Space* space : {observations, actions}) {
    const std::string which = space == actions ? "action" : "observation";
    const SpacePtr copy = space->clone();
    copy->seed(options_.seed);
    for (int i = 0; i < 20; ++i) {
      const Value sample = copy->sample();
      if (!space->contains(sample)) {
        error(formatted("the sample {} does not lie in the {} space {}", shown(sample), which, space->to_string()),
              "Make sample() and contains() of the space agree.");
      }
    }
    if (!space_from_spec(space->to_spec())->equals(*space)) {
      error(formatted("the {} space {} changes in a round trip through JSON", which, space->to_string()),
            "Let to_spec() describe the space completely.");
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
    warning(formatted("a Box of the {} space has infinite bounds", which),
            "Set finite bounds if there are any: methods that divide the space into cells need them.");
  }
  if (flat) {
    warning(formatted("a Box of the {} space has an element with equal lower and upper bounds", which),
            "Leave out an element that is constant.");
  }
  if (which == "action" && lopsided && is_floating(box.dtype())) {
    warning("the Box of actions is neither symmetric within [-1, 1] nor within [0, 1]",
            "Scale the actions to [-1, 1] (RescaleAction does so): most methods start with actions of that magnitude.");
  }
  const bool is_image = box.dtype() == DType::kUInt8 && box.shape().rank() == 3;
  if (is_image && (low.get(0) != 0 || high.get(0) != 255)) {
    warning("a Box with the type and shape of images must have the bounds 0 and 255",
            "Set the bounds of pixels to 0 and 255.");
  }
}

void Checker::check_observation(const Value& observation, Env& env, const std::string& where) {
  if (!has_only_finite_numbers(observation)) {
    error(formatted("the observation {} of {} has a number that is infinite or NaN", shown(observation), where),
          "Keep the state finite, or terminate the episode before it diverges.");
  }
  if (!env.observation_space().contains(observation)) {
    error(formatted("the observation {} of {} must be an element of {}, and is {}", shown(observation), where,
                    env.observation_space().to_string(), observation.describe()),
          "Widen the space, or fix the observation; type and shape must be the space's.");
  }
}

void Checker::check_reset() {
  const EnvPtr env = fresh();
  check_observation(env->reset().observation, *env, "reset()");
  for (std::uint64_t seed = options_.seed; seed < options_.seed + 10; ++seed) {
    check_observation(env->reset(seed).observation, *env, formatted("reset({})", seed));
  }
}

void Checker::check_seed() {
  const EnvPtr env = fresh(), other = fresh();
  const std::uint64_t seed = options_.seed, another = options_.seed + 333;
  const auto generator = [](Env& of) { return of.generator().state(); };

  const Step first = result_of(env->reset(seed));
  const auto after_first = generator(*env);
  const Step again = result_of(env->reset(seed));
  const std::string twice = formatted("two reset({})", seed);
  if (generator(*env) != after_first) {
    error(formatted("{} leave the generator in different states", twice),
          "Let reset(seed) make a new generator: Generator(seed).");
  }
  const std::string differs = difference(first, again);
  if (!nondeterministic_ && !differs.empty()) {
    error(formatted("{} returned {}", twice, differs),
          "Draw all random numbers from the environment's generator, after it is seeded.");
  }
  env->reset(another);
  if (generator(*env) == after_first) {
    error(formatted("reset({}) and reset({}) leave the generator in the same state", seed, another),
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
      error(formatted("reset() without a seed, after reset({}), is not repeatable{}", seed,
                      strays.empty() ? "" : ": it returned " + strays),
            "Continue with the generator that the seed initialised; use the system's entropy only if there was never a "
            "seed.");
    }
  }
  if (continued(*env, another).second == after_next) {
    error("reset() without a seed restarts the generator, independently of the seed before",
          "Leave the generator unchanged without a seed.");
  }

  // reset without any seed
  const EnvPtr left = fresh(), right = fresh();
  left->reset(), right->reset();
  if (generator(*left) == generator(*right)) {
    error("two environments without a seed have the same generator",
          "Seed from the system's entropy (entropy_seed()) if there was never a seed.");
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
          "Throw InvalidArgument with the known options: a misspelt option must not be ignored.");
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
    const std::string where = formatted("result {}", t);
    check_observation(run[t].observation, *env, where);
    if (!std::isfinite(run[t].reward)) {
      error(formatted("the reward of {} is {}", where, shown(run[t].reward)),
            "Give finite rewards: a single other one corrupts the learned values.");
    }
    for (const auto& [key, value] : run[t].info) {
      const std::string form = form_of(value);
      const auto [known, is_new] = forms.emplace(key, form);
      if (!is_new && known->second != form) {
        error(formatted("the info \"{}\" is {} in {} and was {} before", key, form, where, known->second),
              "Keep type and shape of an entry of info constant: vector environments stack it into one array.");
      }
    }
  }
}

void Checker::check_determinism() {
  needs_determinism();
  const EnvPtr env = fresh(), other = fresh();
  const Run run = play_from(*env, options_.seed);
  const std::string remedy =
      "Let reset() initialise the complete state, and draw all random numbers from the environment's generator.";
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
      error(formatted("a step into a used result differs from one into a new result: {}", differs),
            "Let step_into() write or clear the observation, the reward, both flags and the info in every step.");
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
    if (t > longest_episode_) throw Skip{formatted("an episode of {} steps takes too long to simulate", *limit)};
    const Step step = env->step(actions->sample());
    if (t == 1 && limit != 1 && step.truncated) {
      error("the first step of an episode is truncated",
            "truncated means that a time limit ended the episode: count steps from reset().");
    }
    if (t == limit && !step.truncated) {
      error(formatted("the spec limits an episode to {} steps, and step {} is not truncated", *limit, t),
            "Make the environment by make(), which adds the time limit, or wrap it in TimeLimit.");
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
  throw Skip{formatted("random actions have ended no episode within {} steps", longest_episode_)};
}

void Checker::check_actions() {
  const EnvPtr env = fresh();
  env->reset(options_.seed);
  bool refuses_all = true;
  for (const Value& value : invalid_actions(env->action_space())) {
    const std::string what = formatted("{}, which is {} and not an element of {}", shown(value), value.describe(),
                                       env->action_space().to_string());
    try {
      static_cast<void>(env->step(value));
      refuses_all = false;
      error(formatted("the environment accepts {}", what),
            "Throw InvalidAction unless action_space() contains the action (of a Box, finite numbers may be clipped).");
    } catch (const InvalidAction&) {
    } catch (const Error& thrown) {
      warning(formatted("the environment rejects {}, but not with InvalidAction: {}", what, thrown.what()),
              "Throw InvalidAction, so that a program can distinguish an invalid action from other errors.");
    }
  }
  if (nondeterministic_ || !refuses_all) return;
  const EnvPtr untouched = fresh();
  untouched->reset(options_.seed);
  bool ended = false, also_ended = false;
  check_same(play(*env, actions_, ended), play(*untouched, actions_, also_ended), "rejected actions change the run",
             "Check the action before changing any state.");
}

void Checker::check_render() {
  const EnvPtr env = fresh();
  env->reset(options_.seed);
  const auto check_scene = [&](const Scene& scene) {
    const bool sane = std::isfinite(scene.low.x) && std::isfinite(scene.low.y) && std::isfinite(scene.high.x) &&
                      std::isfinite(scene.high.y) && scene.low.x < scene.high.x && scene.low.y < scene.high.y &&
                      scene.width > 0 && scene.height > 0;
    if (!sane) {
      error("the corners or the size of the image are not a rectangle",
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
          error(formatted("a bitmap of the image is {}", Value(image->pixels).describe()),
                "Pass pixels as uint8 of shape (height, width, 3).");
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
    error(formatted("it shows {} frames per second", shown(env->frames_per_second())),
          "Let frames_per_second() be positive: the speed at which it is displayed.");
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
  check_same(seen, play(*unseen, actions, also_ended), "render() changes the run",
             "Let render() change no state and draw no random numbers.");
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
            "Define get_state() and set_state(): without them an interrupted training does not resume exactly.");
    return;
  }

  const std::span<const Value> rest = std::span(actions_).subspan(middle);
  bool restored_ended = ended, back_ended = ended;
  const Run run = play(*env, rest, ended);
  const std::string remedy = "Let get_state() return the complete state, the generator included.";
  check_same(run, play(*restored, rest, restored_ended), "another environment with the saved state", remedy);
  env->set_state(saved);
  check_same(run, play(*env, rest, back_ended), "the same environment, restored to the saved state", remedy);
  try {
    restored->set_state("no state of any environment");
    error("set_state() accepts an invalid state",
          "Throw TypeMismatch or InvalidArgument for values that get_state() cannot return.");
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
    warning("it cannot be copied", "Define clone(): planning by search needs copies.");
    return;
  }
  if (&copy->action_space() == &env->action_space() || &copy->observation_space() == &env->observation_space()) {
    error("the copy shares a space, and its generator, with the original", "Copy the spaces too, by Space::clone().");
  }
  if (!(copy->spec() == env->spec())) error("the copy has a different spec", "Copy the spec too, by set_spec().");

  // step the copy first: if this changed the original, the original's run would differ
  const std::span<const Value> rest = std::span(actions_).subspan(middle);
  bool copy_ended = ended;
  const Run of_copy = play(*copy, rest, copy_ended);
  check_same(of_copy, play(*env, rest, ended), "the copy, and then the original",
             "Copy the complete state, and let the copy share nothing with the original.");
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
             "Store the state in the object: no global or static variables, no shared generator.");
}

void Checker::check_spec() {
  if (spec_.id.empty()) throw Skip{"it has no spec: it was not made by make()"};
  if (!is_registered()) throw Skip{formatted("no environment is registered as {}", spec_.id)};
  if (!(EnvSpec::from_dict(spec_.to_dict()) == spec_)) {
    error("the spec changes in a round trip through JSON", "Let its arguments be plain values.");
  }
  EnvPtr again;
  try {
    again = envs::make(spec_);
  } catch (const InputError& thrown) {
    warning(formatted("its spec cannot construct it: {}", thrown.what()),
            "Use registered wrappers, or construct the stack in the program.");
    return;
  }
  if (!(again->spec() == spec_)) {
    error(formatted("the environment made from its spec has the spec {}", shown(again->spec().to_dict())),
          "Let every wrapper record its name and arguments.");
  }
  needs_determinism();
  const EnvPtr env = fresh();
  check_same(play_from(*env, options_.seed), play_from(*again, options_.seed), "the environment made from its spec",
             "Let the spec's arguments determine the environment completely.");
}

void Checker::check_vector() {
  needs_determinism();
  const EnvPtr like = fresh();
  try {
    static_cast<void>(like->observation_space().row_size());
  } catch (const Error&) {
    throw Skip{"its observations have no fixed size"};
  }
  if (!acts_by_rows(like->action_space())) throw Skip{"its actions are not rows of numbers"};

  const auto compare = [this](VectorEnv& envs, const std::string& which) {
    const std::string differs = difference_from_singles(
        envs, [this] { return fresh(); }, actions_, options_.seed);
    if (differs.empty()) return;
    error(formatted("in a vector environment ({}, {}) {}", which, name_of(envs.autoreset_mode()), differs),
          "Let step() depend only on the state, the action and the environment's generator.");
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
  throw InvalidArgument(formatted("check report: no check is named \"{}\"", name));
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
