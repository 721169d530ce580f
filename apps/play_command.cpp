#include "apps/play_command.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/keyboard.h"
#include "apps/options.h"
#include "apps/play_window.h"
#include "apps/player.h"
#include "render/display.h"
#include "render/raster.h"
#include "render/video_writer.h"
#include "runs/training.h"

namespace ludus::apps {
namespace {

constexpr const char* kHuman = "human";  // the policy that is a person at the keyboard

struct PlayOptions {
  std::string policy;
  ContestOptions contest;
  std::optional<std::string> record;
  std::optional<double> fps;
};

// The policy that plays: of several runs the first.
std::unique_ptr<agents::Policy> policy_of(const Comparison& contest) {
  agents::PolicySource source = contest.policies[0];
  if (source.files.size() > 1) {
    print_status("of the " + std::to_string(source.files.size()) + " runs in " + source.name + " the first one plays");
    source.files.resize(1);
  }
  return std::move(agents::load_policies(source, facts_for(contest, source), contest.device)[0]);
}

// Plays the episodes as fast as they can be drawn.
void record_film(Player& player, agents::Policy& policy, render::VideoWriter& film, const std::string& path,
                 std::int64_t episodes) {
  const envs::Scene first = player.scene();
  for (std::int64_t episode = 1; episode <= episodes; ++episode) {
    player.begin(episode);
    film.add(render::rasterise(player.scene(), first.width, first.height));
    while (!player.over()) {
      player.step(policy);
      film.add(render::rasterise(player.scene(), first.width, first.height));
      if (interrupted()) throw runs::Interrupted("interrupted; " + path + " was not written");
    }
  }
}

int play(const PlayOptions& options) {
  if (options.policy.empty()) throw UsageError("the policy is missing, as in `ludus play balance --env CartPole-v1`");
  if (options.fps && (*options.fps <= 0 || *options.fps > 1000)) {
    throw UsageError("--fps takes pictures a second, above 0 and up to 1000, and was given " + fixed(*options.fps, 2));
  }
  const bool human = options.policy == kHuman;
  const bool in_window = human || !options.record;
  const render::DisplayHold display = in_window ? render::hold_display() : nullptr;

  const Comparison contest =
      prepare_contest(options.contest, human ? std::vector<std::string>{} : std::vector{options.policy});
  const auto seed = static_cast<std::uint64_t>(options.contest.seed.value_or(kEvaluationSeed));
  const std::unique_ptr<agents::Policy> policy = human ? nullptr : policy_of(contest);
  if (policy) policy->seed(seed);
  // a person plays in the bare environment, as a built-in policy does
  Player player(envs::make(env_for(contest, human ? agents::PolicySource{} : contest.policies[0])), seed);
  std::optional<KeyMap> keys;
  if (human) keys = keys_for(player.env());
  const double fps = options.fps ? *options.fps : keys && keys->fps ? *keys->fps : player.env().frames_per_second();

  std::optional<render::VideoWriter> film;
  if (options.record) film.emplace(*options.record, fps);
  if (in_window) {
    play_in_window(
        player,
        {.fps = fps,
         .episodes = options.contest.episodes,
         .policy = policy.get(),
         .keys = keys,
         .film = film ? &*film : nullptr,
         .clock =
             [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); },
         .rest = [](double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); },
         .stopped = interrupted});
  } else {
    record_film(player, *policy, *film, *options.record, options.contest.episodes.value_or(1));
  }
  if (film) {
    film->finish();
    print_status(*options.record + ": " + std::to_string(film->frames()) + " pictures, " + fixed(fps, 0) +
                 " a second");
  }
  print(results_text(player.results()));
  return interrupted() ? kInterrupted : kDone;
}

}  // namespace

Command add_play_command(CLI::App& program) {
  const auto options = std::make_shared<PlayOptions>();
  CLI::App* command = program.add_subcommand("play", "watch a policy in a window or on film, or play yourself");
  add_text(*command, "policy", "POLICY", options->policy, "what plays; `human` is you, by keyboard");
  add_contest_options(*command, options->contest, "episodes to play (a film: 1, a window: until it is closed)");
  add_text(*command, "--record", "FILE", options->record, "make a film (.mp4, .gif) or its last picture (.png)");
  add_number(*command, "--fps", options->fps, "steps and pictures a second (the environment's own)");
  command->footer([] {
    return policies_help() +
           "  human       you, by keyboard\n\nIn the window: Space pauses, Right makes a single step, + and - change "
           "the "
           "speed, R restarts,\nN goes to the next seed, O hides the overlay, H helps, Q closes.\n\n"
           "Example: ludus play runs/dqn/CartPole-v1_1 --record pole.mp4";
  });
  return {command, [options] { return play(*options); }};
}

}  // namespace ludus::apps
