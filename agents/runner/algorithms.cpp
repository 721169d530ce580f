#include "agents/runner/algorithms.h"

#include <algorithm>

#include "agents/deep/dqn.h"
#include "agents/deep/imitation.h"
#include "agents/rules/rules.h"
#include "agents/search/hill_climbing.h"
#include "agents/search/random_search.h"
#include "agents/tabular/q_learning.h"
#include "base/text.h"

namespace ludus::agents {

const std::vector<Algorithm>& algorithms() {
  static const std::vector<Algorithm> all{
      algorithm_of<Dqn>("dqn", "Deep Q-learning with replay memory and target network (Mnih et al. 2015)", 50000),
      algorithm_of<HillClimbing>("hill_climbing",
                                 "Noise around the best linear policy so far, wider or narrower with success", 200000),
      algorithm_of<Imitation>("imitation", "A classifier of the actions of the best of many random episodes", 100000),
      algorithm_of<QLearning>("q_learning", "A table of action values over discretised observations (Watkins 1989)",
                              200000),
      algorithm_of<RandomAgent>("random", "Random actions, which learn nothing: what chance earns", 20000),
      algorithm_of<RandomSearch>("random_search", "The best of many random linear policies", 200000),
  };
  return all;
}

const Algorithm& find_algorithm(std::string_view name) {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms()) {
    if (algorithm.name == name) return algorithm;
    names.push_back(algorithm.name);
  }
  throw UnknownAlgorithm("there is no algorithm \"" + std::string(name) + "\"." + did_you_mean(name, names) +
                         " There are: " + joined(names) + ".");
}

}  // namespace ludus::agents
