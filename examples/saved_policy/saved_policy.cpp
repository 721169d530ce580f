// Trains an agent in code, saves its policy in one line, and plays an episode with what was loaded. Loading needs no
// environment: the file says what observations and actions are.
//
//   saved_policy [FILE]
#include <ludus/agents.h>
#include <ludus/envs.h>

#include <cstdio>

using namespace ludus;

int main(int argc, char** argv) {
  const char* file = argc > 1 ? argv[1] : "cart_pole.safetensors";

  // the settings of the preset for this environment, on eight copies of it
  const agents::Preset preset = agents::find_preset("ppo", "CartPole-v1");
  const agents::Algorithm& ppo = agents::find_algorithm("ppo");
  Dict settings = ppo.defaults;
  for (const auto& [name, value] : preset.agent) settings[name] = value;
  const auto envs = envs::make_vec("CartPole-v1", 8, {.autoreset = envs::AutoresetMode::kSameStep});
  const auto agent = ppo.make(settings, agents::EnvSignature::of(*envs), /*seed=*/1, "cpu");
  agents::Trainer trainer(*agent, *envs);
  trainer.learn(/*total_steps=*/30'000, /*seed=*/1);
  agents::save_policy(file, *agent, *envs);

  const agents::SavedPolicy policy = agents::load_policy(file);
  const auto env = envs::make("CartPole-v1");
  Value observation = env->reset(7).observation;
  double episode_return = 0;
  while (true) {
    const auto step = env->step(policy.predict(observation));
    episode_return += step.reward;
    observation = step.observation;
    if (step.terminated || step.truncated) break;
  }
  std::printf("%lld steps of training; an episode of the loaded policy: return %.0f\n",
              static_cast<long long>(trainer.steps()), episode_return);
}
