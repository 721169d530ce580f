#include "apps/play_command.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "agents/runner/evaluation.h"
#include "apps/comparison.h"
#include "apps/console.h"
#include "apps/keyboard.h"
#include "apps/options.h"
#include "apps/play_window.h"
#include "apps/player.h"
#include "base/format.h"
#include "render/display.h"
#include "render/raster.h"
#include "render/video_writer.h"
#include "runs/training.h"

namespace ludus::apps {
namespace {

constexpr const char* kHuman = "human";  // the policy of a person at the keyboard

struct PlayOptions {
  std::string policy;
  EvaluationOptions evaluation;
  std::optional<std::string> record;
  std::optional<double> fps;
};

// Loads the policy; of several runs the first.
std::unique_ptr<agents::Policy> policy_of(const Comparison& comparison) {
  agents::PolicySource source = comparison.policies[0];
  if (source.files.size() > 1) {
    print_status(formatted("{} holds {} runs; showing the first", source.name, source.files.size()));
    source.files.resize(1);
  }
  return std::move(agents::load_policies(source, signature_for(comparison, source), comparison.device)[0]);
}

// Runs the episodes as fast as they can be drawn.
void record_video(Player& player, agents::Policy& policy, render::VideoWriter& video, const std::string& path,
                  std::int64_t episodes) {
  const envs::Scene first = player.scene();
  for (std::int64_t episode = 1; episode <= episodes; ++episode) {
    player.begin(episode);
    video.add(render::rasterise(player.scene(), first.width, first.height));
    while (!player.over()) {
      player.step(policy);
      if (!player.over()) agents::check_episode_length(player.env().spec(), player.facts().step);
      video.add(render::rasterise(player.scene(), first.width, first.height));
      if (interrupted()) throw runs::Interrupted(formatted("interrupted; {} was not written", path));
    }
  }
}

int play(const PlayOptions& options) {
  if (options.policy.empty()) throw UsageError("the policy is missing, as in `ludus play balance --env CartPole-v1`");
  if (options.fps && (*options.fps <= 0 || *options.fps > 1000)) {
    throw UsageError(formatted("--fps: takes frames a second, above 0 and up to 1000, got {}", fixed(*options.fps, 2)));
  }
  const bool human = options.policy == kHuman;
  const bool in_window = human || !options.record;
  const render::DisplayHold display = in_window ? render::hold_display() : nullptr;

  const Comparison comparison =
      prepare_comparison(options.evaluation, human ? std::vector<std::string>{} : std::vector{options.policy});
  const auto seed = static_cast<std::uint64_t>(options.evaluation.seed.value_or(kEvaluationSeed));
  const std::unique_ptr<agents::Policy> policy = human ? nullptr : policy_of(comparison);
  if (policy) policy->seed(seed);
  // a human plays in the environment without wrappers, as built-in policies do
  Player player(envs::make(env_for(comparison, human ? agents::PolicySource{} : comparison.policies[0])), seed);
  std::optional<KeyMap> keys;
  if (human) keys = keys_for(player.env());
  const double fps = options.fps ? *options.fps : keys && keys->fps ? *keys->fps : player.env().frames_per_second();

  std::optional<render::VideoWriter> video;
  if (options.record) video.emplace(*options.record, fps);
  if (in_window) {
    play_in_window(
        player,
        {.fps = fps,
         .episodes = options.evaluation.episodes,
         .policy = policy.get(),
         .keys = keys,
         .video = video ? &*video : nullptr,
         .clock =
             [] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); },
         .rest = [](double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); },
         .stopped = interrupted});
  } else {
    record_video(player, *policy, *video, *options.record, options.evaluation.episodes.value_or(1));
  }
  if (video) {
    video->finish();
    print_status(formatted("{}: {} frames, {} a second", *options.record, video->frames(), fixed(fps, 0)));
  }
  print(results_text(player.results()));
  return interrupted() ? kInterrupted : kDone;
}

}  // namespace

Command add_play_command(CLI::App& program) {
  const auto options = std::make_shared<PlayOptions>();
  CLI::App* command = program.add_subcommand("play", "show a policy in a window, record a video, or play yourself");
  add_text(*command, "policy", "POLICY", options->policy, "policy to play; `human` is you, by keyboard");
  add_evaluation_options(*command, options->evaluation,
                         "episodes (default: 1 in a video; in a window until it is closed)");
  add_text(*command, "--record", "FILE", options->record, "record a video (.mp4, .gif) or its last frame (.png)");
  add_number(*command, "--fps", options->fps, "steps and frames a second (default: the environment's)");
  command->footer([] {
    return policies_help() +
           "  human       you, by keyboard\n\nIn the window: Space pauses, Right makes a single step, + and - change "
           "the "
           "speed, R restarts,\nN goes to the next seed, O hides the overlay, H shows help, Q closes.\n\n"
           "Example: ludus play runs/dqn/CartPole-v1_1 --record pole.mp4";
  });
  return {command, [options] { return play(*options); }};
}

}  // namespace ludus::apps
