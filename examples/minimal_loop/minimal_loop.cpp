// The loop on which everything else is built: make, reset, step.
#include <ludus/envs.h>

#include <cstdio>

int main() {
  const auto env = ludus::envs::make("CartPole-v1");

  // a seeded environment and a seeded action space play the same episodes each time
  env->action_space().seed(42);
  auto [observation, info] = env->reset(42);

  for (int episode = 1; episode <= 3; ++episode) {
    double episode_return = 0;
    int steps = 0;
    while (true) {
      const auto [next, reward, terminated, truncated, more] = env->step(env->action_space().sample());
      episode_return += reward;
      ++steps;
      // terminated: the pole fell; truncated: the time was up. Either way a new episode begins with reset().
      if (terminated || truncated) break;
    }
    std::printf("episode %d: return %.0f in %d steps\n", episode, episode_return, steps);
    env->reset();
  }
}
