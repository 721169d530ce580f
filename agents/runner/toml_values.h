// TOML texts as Values. Only the source file includes the TOML library.
#pragma once

#include <string>
#include <string_view>

#include "base/value.h"

namespace ludus::agents {

// The tables of a TOML text as a Dict; throws InputError naming `name`, the line and what is wrong.
Dict parse_toml(std::string_view text, const std::string& name);

// TOML of a Dict: first the plain entries, then a table for each inner Dict. Integers, doubles, strings, booleans and
// lists come back exactly; entries that are null are left out (TOML has no null).
std::string to_toml(const Dict& dict);

}  // namespace ludus::agents
