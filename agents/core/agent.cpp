#include "agents/core/agent.h"

#include "base/state_fields.h"

namespace ludus::agents {

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
