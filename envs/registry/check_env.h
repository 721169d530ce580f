// Tests any environment against the contract of envs/core/env.h: Gymnasium's check_env, and what goes beyond it.
//
//   const CheckReport report = check_env([] { return std::make_unique<MyEnv>(); });
//   if (!report.passed()) std::cerr << report.to_text();
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "envs/core/env.h"

namespace ludus::envs {

enum class Severity : std::uint8_t {
  kWarning,  // allowed, and seldom what one wants
  kError,    // against the contract
};

struct Finding {
  Severity severity = Severity::kError;
  std::string what;    // what was seen, one sentence
  std::string remedy;  // how to fix it, one sentence
};

struct Check {
  std::string name;               // "seed"
  std::string asks;               // what the contract wants, one sentence
  std::vector<Finding> findings;  // none: as it should be
  std::string skipped;            // why it could not be made; empty if it was

  std::string_view outcome() const;  // "passed", "warned", "failed", "skipped"
};

struct CheckReport {
  std::vector<Check> checks;

  bool passed() const;  // no error; warnings are allowed
  // The first check of that name; throws InvalidArgument if there is none.
  const Check& at(std::string_view name) const;
  std::string to_text() const;  // a line for every check, its findings below it
  // {"passed", "checks": [{"name", "asks", "outcome", "skipped", "findings": [{"severity", "what", "remedy"}]}]}
  Dict to_dict() const;
};

struct CheckOptions {
  std::int64_t steps = 300;             // random steps of one run, fewer where observations are large
  std::int64_t longest_episode = 5000;  // steps to wait for the end of an episode, likewise
  std::uint64_t seed = 123;
};

// Makes environments by `make`, which must give a new one each time, and runs every check on them. Throws nothing,
// whatever the environment does: an exception is a finding. A seed need not repeat an environment whose spec says
// nondeterministic; the checks that compare two runs are then skipped.
CheckReport check_env(const std::function<EnvPtr()>& make, const CheckOptions& options = {});

}  // namespace ludus::envs
