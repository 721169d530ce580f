#include "agents/algorithms.h"

#include <algorithm>

#include "agents/deep/a2c.h"
#include "agents/deep/ddpg.h"
#include "agents/deep/dqn.h"
#include "agents/deep/imitation.h"
#include "agents/deep/ppo.h"
#include "agents/deep/reinforce.h"
#include "agents/deep/sac.h"
#include "agents/deep/td3.h"
#include "agents/planning/policy_iteration.h"
#include "agents/planning/value_iteration.h"
#include "agents/rules/rules.h"
#include "agents/search/ars.h"
#include "agents/search/cem.h"
#include "agents/search/hill_climbing.h"
#include "agents/search/random_search.h"
#include "agents/tabular/double_q_learning.h"
#include "agents/tabular/expected_sarsa.h"
#include "agents/tabular/monte_carlo.h"
#include "agents/tabular/n_step_sarsa.h"
#include "agents/tabular/q_lambda.h"
#include "agents/tabular/q_learning.h"
#include "agents/tabular/sarsa.h"
#include "agents/tabular/sarsa_lambda.h"
#include "agents/tabular/tree_backup.h"

namespace ludus::agents {

namespace {

std::vector<Algorithm> library_algorithms() {
  return {
      algorithm_of<A2c>("a2c", "Synchronous advantage actor-critic (Mnih et al. 2016)", 500000),
      algorithm_of<Ars>("ars", "Augmented random search over policy parameters (Mania et al. 2018)", 200000),
      algorithm_of<Dqn>("c51", "Deep Q-learning of categorical return distributions (Bellemare et al. 2017)", 100000,
                        c51_config()),
      algorithm_of<Cem>("cem", "Cross-entropy method over policy parameters (Szita & Lőrincz 2006)", 200000),
      algorithm_of<Ddpg>("ddpg", "Deep deterministic policy gradient (Lillicrap et al. 2016)", 100000),
      algorithm_of<DoubleQLearning>("double_q_learning",
                                    "Q-learning with two tables: one selects, the other evaluates (van Hasselt 2010)",
                                    200000),
      algorithm_of<Dqn>("dqn", "Deep Q-learning with a replay buffer and a target network (Mnih et al. 2015)", 50000),
      algorithm_of<ExpectedSarsa>("expected_sarsa",
                                  "SARSA with the expected value of the next action (van Seijen et al. 2009)", 200000),
      algorithm_of<HillClimbing>("hill_climbing", "Hill climbing on a linear policy, with adaptive noise", 200000),
      algorithm_of<Imitation>("imitation", "Behavioural cloning of the best of many random episodes", 100000),
      algorithm_of<MonteCarlo>("monte_carlo", "Monte Carlo control from whole episodes (Sutton & Barto, section 5.4)",
                               200000),
      algorithm_of<NStepSarsa>("n_step_sarsa", "SARSA with n-step returns (Sutton & Barto, section 7.2)", 200000),
      algorithm_of<PolicyIteration>("policy_iteration", "Policy iteration on a known transition model (Howard 1960)",
                                    1),
      algorithm_of<Ppo>("ppo", "Proximal policy optimisation (Schulman et al. 2017)", 100000),
      algorithm_of<QLambda>("q_lambda", "Q(λ): Q-learning with eligibility traces (Watkins 1989)", 200000),
      algorithm_of<QLearning>("q_learning", "Tabular Q-learning over discretised observations (Watkins 1989)", 200000),
      algorithm_of<Dqn>("qr_dqn", "Deep Q-learning of return quantiles (Dabney et al. 2018)", 100000, qr_dqn_config()),
      algorithm_of<Dqn>("rainbow", "Deep Q-learning with all six of its extensions (Hessel et al. 2018)", 100000,
                        rainbow_config()),
      algorithm_of<RandomAgent>("random", "Random actions, the baseline that learns nothing", 20000),
      algorithm_of<RandomSearch>("random_search", "The best of many random linear policies", 200000),
      algorithm_of<Reinforce>("reinforce", "Policy gradient from whole episodes, with a baseline (Williams 1992)",
                              200000),
      algorithm_of<Sac>(
          "sac", "Soft actor-critic: maximum entropy, with automatic entropy tuning (Haarnoja et al. 2018)", 100000),
      algorithm_of<Sarsa>("sarsa", "Tabular on-policy temporal-difference control (Rummery & Niranjan 1994)", 200000),
      algorithm_of<SarsaLambda>("sarsa_lambda", "SARSA with eligibility traces (Rummery & Niranjan 1994)", 200000),
      algorithm_of<Td3>("td3", "DDPG with twin critics, a delayed policy and smoothed targets (Fujimoto et al. 2018)",
                        100000),
      algorithm_of<TreeBackup>("tree_backup", "Tabular control by n-step tree backups (Precup et al. 2000)", 200000),
      algorithm_of<ValueIteration>("value_iteration", "Value iteration on a known transition model (Bellman 1957)", 1),
  };
}

}  // namespace

AlgorithmRegistry& algorithm_registry() {
  static AlgorithmRegistry registry = [] {
    AlgorithmRegistry made;
    for (Algorithm& algorithm : library_algorithms()) made.add(std::move(algorithm));
    return made;
  }();
  return registry;
}

const std::list<Algorithm>& algorithms() {
  return algorithm_registry().all();
}

const Algorithm& find_algorithm(std::string_view name) {
  return algorithm_registry().find(name);
}

}  // namespace ludus::agents
