// A custom environment: registered once, it is made like any other.
#include <ludus/envs.h>

#include <cstdio>

#include "corridor.h"

int main() {
  ludus::envs::register_env<corridor::Corridor>({
      .id = "examples/Corridor-v0",
      .summary = "Find the exit of a slippery corridor.",
      .max_episode_steps = 100,
  });

  // always walking right is the best one can do
  const auto env = ludus::envs::make("examples/Corridor-v0", {{"slip", 0.2}});
  env->reset(4);
  std::printf("%s\n", env->render().text.c_str());
  double episode_return = 0;
  while (true) {
    const auto [observation, reward, terminated, truncated, info] = env->step(1);
    std::printf("%s\n", env->render().text.c_str());
    episode_return += reward;
    if (terminated || truncated) break;
  }
  std::printf("return %.0f\n", episode_return);
}
