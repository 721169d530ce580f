// Helpers of check_env(): runs of environments, and invalid actions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "envs/core/env.h"

namespace ludus::envs {

/// The results of consecutive resets (with reward 0) and steps.
using Run = std::vector<Step>;

/// Converts the result of a reset to an entry of a run.
Step result_of(Reset reset);

/// Removes the elapsed time from the info of RecordEpisodeStatistics, because it differs between runs.
void strip_timings(Dict& info);

/// Describe the difference between two results or runs; empty if they are equal. A NaN equals a NaN.
std::string difference(const Step& a, const Step& b);
std::string difference(const Run& a, const Run& b);
bool same_number(double a, double b);

/// Returns a short text of a value, for messages.
std::string shown(const Value& value);

/// Calls visit(space) for the space and all nested spaces.
void for_each_space(const Space& space, const std::function<void(const Space&)>& visit);

bool has_only_finite_numbers(const Value& value);

/// Describes an entry of info by its type and, for an array, dtype and shape.
std::string form_of(const Value& value);

/// Returns values outside the action space: wrong types, wrong shapes, numbers just beyond the bounds.
std::vector<Value> invalid_actions(const Space& space);

}  // namespace ludus::envs
