// Q-learning in a custom environment: a registered environment can be trained on like any other.
//
//   train_corridor [FOLDER]      the run's folder, by default runs/corridor
#include <ludus/agents.h>
#include <ludus/envs.h>

#include <cstdio>

#include "corridor.h"

namespace agents = ludus::agents;

int main(int count, char** arguments) try {
  ludus::envs::register_env<corridor::Corridor>({
      .id = "examples/Corridor-v0",
      .summary = "Find the exit of a slippery corridor.",
      .max_episode_steps = 100,
  });

  // one bin for each of the ten cells; every other setting keeps its default
  agents::RunConfig config =
      agents::resolve_config("q_learning", "examples/Corridor-v0", {}, {{"bins", ludus::List{10}}});
  config.seed = 1;
  config.total_steps = 5000;
  config.eval_episodes = 100;
  const agents::RunResult result = agents::train_run(config, {.folder = count > 1 ? arguments[1] : "runs/corridor"});

  // from nine cells with equal chance, five steps on average if none slipped; a tenth of them do, and each costs two
  std::printf("%lld steps of training; mean return of 100 episodes: %.2f\n", static_cast<long long>(result.steps),
              result.final_mean);
  return 0;
} catch (const ludus::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
