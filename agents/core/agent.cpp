#include "agents/core/agent.h"

#include "base/format.h"
#include "base/state_fields.h"
#include "runs/schedule.h"

namespace ludus::agents {

void Agent::set_schedule_start(std::int64_t start, double remaining) {
  if (start < 0 || !(remaining >= 0 && remaining <= 1)) {
    throw InvalidArgument(
        formatted("schedules: must start at 0 steps or later, with a fraction between 0 and 1 left, got {} and {}",
                  start, remaining));
  }
  schedule_start_ = start;
  schedule_remaining_ = remaining;
}

double Agent::progress_remaining(std::int64_t steps) const {
  if (schedule_start_ == 0) return runs::progress_remaining(steps, total_steps_);
  return schedule_remaining_ * runs::progress_remaining(steps - schedule_start_, total_steps_ - schedule_start_);
}

void Agent::save(Checkpoint& checkpoint) const {
  StateWriter writer(checkpoint.writer("agent"));
  write_state(writer);
}

void Agent::load(const Checkpoint& checkpoint) {
  StateReader reader(checkpoint.reader("agent"));
  read_state(reader);
  reader.commit();
}

void Agent::save_policy(Checkpoint& checkpoint) const {
  StateWriter writer(checkpoint.writer("agent"));
  write_policy(writer);
}

void Agent::load_policy(const Checkpoint& checkpoint) {
  StateReader reader(checkpoint.reader("agent"));
  read_policy(reader);
  reader.commit();
}

}  // namespace ludus::agents
