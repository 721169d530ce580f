// Checks any environment against the contract of envs/core/env.h: Gymnasium's check_env with additional checks.
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
  kWarning,  // allowed, but rarely intended
  kError,    // violates the contract
};

struct Finding {
  Severity severity = Severity::kError;
  std::string what;    // the observed fault, one sentence
  std::string remedy;  // how to fix it, one sentence
};

struct Check {
  std::string name;               // "seed"
  std::string asks;               // the requirement, one sentence
  std::vector<Finding> findings;  // empty if the check passed
  std::string skipped;            // the reason for skipping; empty if the check was run

  std::string_view outcome() const;  // "passed", "warned", "failed", "skipped"
};

struct CheckReport {
  std::vector<Check> checks;

  bool passed() const;  // no errors; warnings are allowed
  /// Returns the first check of this name. Throws InvalidArgument if there is none.
  const Check& at(std::string_view name) const;
  std::string to_text() const;  // one line per check, followed by its findings
  /// Returns {"passed", "checks": [{"name", "asks", "outcome", "skipped", "findings": [{"severity", "what",
  /// "remedy"}]}]}.
  Dict to_dict() const;
};

struct CheckOptions {
  std::int64_t steps = 300;             // random steps per run; fewer for large observations
  std::int64_t longest_episode = 5000;  // steps to wait for the end of an episode; fewer for large observations
  std::uint64_t seed = 123;
};

/// Runs every check on environments from `make`, which must return a new one at every call. Does not throw, because
/// exceptions of the environment are findings. For an environment with a nondeterministic spec, checks that compare two
/// runs are skipped.
CheckReport check_env(const std::function<EnvPtr()>& make, const CheckOptions& options = {});

}  // namespace ludus::envs
