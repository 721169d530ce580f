#include "agents/runner/checkpoint_dict.h"

#include "nn/io/checkpoint.h"

namespace ludus::agents {

void put_dict(nn::Checkpoint& checkpoint, const std::string& prefix, const Dict& dict) {
  Dict rest;
  for (const auto& [name, value] : dict) {
    if (value.is_array()) {
      checkpoint.put(prefix + "/" + name, value.as_array());
    } else {
      rest[name] = value;
    }
  }
  checkpoint.put_value(prefix, rest);
}

Dict take_dict(const nn::Checkpoint& checkpoint, const std::string& prefix) {
  const Value rest = checkpoint.value(prefix);
  Dict dict = rest.as_dict();
  for (const auto& [name, array] : checkpoint.reader(prefix).all()) dict[name] = array;
  return dict;
}

}  // namespace ludus::agents
