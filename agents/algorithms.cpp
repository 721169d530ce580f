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
#include "base/format.h"
#include "base/text.h"

namespace ludus::agents {

const std::vector<Algorithm>& algorithms() {
  static const std::vector<Algorithm> all{
      algorithm_of<A2c>("a2c", "Advantage actor-critic over several environments in step (Mnih et al. 2016)", 500000),
      algorithm_of<Ars>("ars", "Steps along random directions, weighted by what they earn (Mania et al. 2018)", 200000),
      algorithm_of<Dqn>("c51", "Deep Q-learning of distributions over 51 values (Bellemare et al. 2017)", 100000,
                        c51_config()),
      algorithm_of<Cem>("cem", "A distribution of policies, fitted to the best again and again (Szita & Lőrincz 2006)",
                        200000),
      algorithm_of<Ddpg>("ddpg", "A policy that climbs the slope of a critic (Lillicrap et al. 2016)", 100000),
      algorithm_of<DoubleQLearning>("double_q_learning",
                                    "Two tables: one selects, the other evaluates (van Hasselt 2010)", 200000),
      algorithm_of<Dqn>("dqn", "Deep Q-learning with replay memory and target network (Mnih et al. 2015)", 50000),
      algorithm_of<ExpectedSarsa>("expected_sarsa", "SARSA with the mean over the next action (van Seijen et al. 2009)",
                                  200000),
      algorithm_of<HillClimbing>("hill_climbing",
                                 "Noise around the best linear policy so far, wider or narrower with success", 200000),
      algorithm_of<Imitation>("imitation", "A classifier of the actions of the best of many random episodes", 100000),
      algorithm_of<MonteCarlo>("monte_carlo", "Averages of the returns of whole episodes (Sutton & Barto, section 5.4)",
                               200000),
      algorithm_of<NStepSarsa>("n_step_sarsa", "SARSA that looks n steps ahead (Sutton & Barto, section 7.2)", 200000),
      algorithm_of<PolicyIteration>("policy_iteration", "The optimal policy of a known table (Howard 1960)", 1),
      algorithm_of<Ppo>("ppo", "Proximal policy optimisation (Schulman et al. 2017)", 100000),
      algorithm_of<QLambda>("q_lambda", "Q-learning with traces, cut at exploring actions (Watkins 1989)", 200000),
      algorithm_of<QLearning>("q_learning", "A table of action values over discretised observations (Watkins 1989)",
                              200000),
      algorithm_of<Dqn>("qr_dqn", "Deep Q-learning of the quantiles of returns (Dabney et al. 2018)", 100000,
                        qr_dqn_config()),
      algorithm_of<Dqn>("rainbow", "Deep Q-learning with all six of its extensions (Hessel et al. 2018)", 100000,
                        rainbow_config()),
      algorithm_of<RandomAgent>("random", "Random actions, which learn nothing: what chance earns", 20000),
      algorithm_of<RandomSearch>("random_search", "The best of many random linear policies", 200000),
      algorithm_of<Reinforce>("reinforce", "The policy gradient from whole episodes, with a baseline (Williams 1992)",
                              200000),
      algorithm_of<Sac>(
          "sac", "Soft actor-critic: maximum entropy, with automatic entropy tuning (Haarnoja et al. 2018)", 100000),
      algorithm_of<Sarsa>("sarsa", "The values of the policy that is followed (Rummery & Niranjan 1994)", 200000),
      algorithm_of<SarsaLambda>("sarsa_lambda", "SARSA with eligibility traces (Rummery & Niranjan 1994)", 200000),
      algorithm_of<Td3>("td3", "DDPG with twin critics, a delayed policy and smoothed targets (Fujimoto et al. 2018)",
                        100000),
      algorithm_of<TreeBackup>("tree_backup", "Q-learning that looks n steps ahead (Precup et al. 2000)", 200000),
      algorithm_of<ValueIteration>("value_iteration", "The optimal policy of a known table (Bellman 1957)", 1),
  };
  return all;
}

const Algorithm& find_algorithm(std::string_view name) {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms()) {
    if (algorithm.name == name) return algorithm;
    names.push_back(algorithm.name);
  }
  throw UnknownAlgorithm(
      formatted("there is no algorithm \"{}\".{} There are: {}.", name, did_you_mean(name, names), joined(names)));
}

}  // namespace ludus::agents
