// TOML texts as Values. Only the source file includes the TOML library.
#pragma once

#include <string>
#include <string_view>

#include "base/value.h"

namespace ludus::runs {

// The tables of a TOML text as a Dict, keys in the order of the alphabet; throws InputError naming `name`, the line and
// what is wrong.
Dict parse_toml(std::string_view text, const std::string& name);

// TOML of a Dict: first the plain entries, then a table for each inner Dict and an array of tables for each list of
// them. Integers, doubles, strings, booleans and lists come back exactly; entries that are null are left out (TOML has
// no null).
std::string to_toml(const Dict& dict);

// The entries of `dict` in the order in which they come back from TOML: what is written from them is the same before
// and after a resumption.
Dict sorted_by_key(const Dict& dict);

}  // namespace ludus::runs
