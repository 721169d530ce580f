// What check_env() compares and tries: runs of environments, and values that are no actions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "envs/core/env.h"

namespace ludus::envs {

// A run: the results of resets (with reward 0) and steps, one after another.
using Run = std::vector<Step>;

// The result of a reset as one of a run.
Step result_of(Reset reset);

// Takes the seconds out of what RecordEpisodeStatistics tells: no two runs share them.
void strip_timings(Dict& info);

// What differs between two results, or two runs, in words; empty if nothing does. A NaN equals a NaN.
std::string difference(const Step& a, const Step& b);
std::string difference(const Run& a, const Run& b);
bool same_number(double a, double b);

// A value in few words, for messages.
std::string shown(const Value& value);

// Calls visit(space) for the space and every one inside it.
void for_each_space(const Space& space, const std::function<void(const Space&)>& visit);

bool has_only_finite_numbers(const Value& value);

// What an entry of info is: its kind, and for an array its type and shape.
std::string form_of(const Value& value);

// What is no action of the space: wrong kinds, wrong shapes, just beyond the bounds.
std::vector<Value> invalid_actions(const Space& space);

}  // namespace ludus::envs
