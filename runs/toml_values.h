/// @file
/// TOML texts as Values. Only the source file includes the TOML library.
#pragma once

#include <string>
#include <string_view>

#include "base/value.h"

namespace ludus::runs {

/// Returns the tables of a TOML text, keys in alphabetical order. Throws InputError with `name`, the line and the
/// cause.
Dict parse_toml(std::string_view text, const std::string& name);

/// Returns the TOML of a Dict: first the plain entries, then a table for each inner Dict and an array of tables for
/// each list of Dicts. Integers, doubles, strings, booleans and lists read back exactly; null entries are omitted (TOML
/// has no null).
std::string to_toml(const Dict& dict);

/// Returns the entries of `dict` in the order in which TOML returns them, so that files written from them are the same
/// before and after a resumption.
Dict sorted_by_key(const Dict& dict);

}  // namespace ludus::runs
