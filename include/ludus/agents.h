/// @file
/// Includes the headers of ludus::agents that make, train, evaluate and save agents.
///
/// Algorithms are made by name (agents/algorithms.h); the header of one (agents/deep/dqn.h) is included where a program
/// needs the type itself.
#pragma once

#include "agents/algorithms.h"
#include "agents/core/agent.h"
#include "agents/core/policy.h"
#include "agents/plugin.h"
#include "agents/rules/rules.h"
#include "agents/runner/evaluation.h"
#include "agents/runner/evaluation_callback.h"
#include "agents/runner/policy_files.h"
#include "agents/runner/recorded_examples.h"
#include "agents/runner/run.h"
#include "agents/runner/run_config.h"
#include "agents/runner/saved_policy.h"
#include "agents/runner/trainer.h"
#include "agents/runner/trainer_callback.h"
