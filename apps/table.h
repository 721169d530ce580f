/// @file
/// Tables for terminals, web pages and spreadsheets.
#pragma once

#include <string>
#include <vector>

#include "base/fields.h"

namespace ludus::apps {

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as long as the header
  std::vector<bool> right;                     ///< which columns are aligned right: those of numbers
};

/// Pads columns with spaces and rules the header off; a character beyond ASCII counts as one column.
std::string to_text(const Table& table);
std::string to_markdown(const Table& table);
std::string to_csv(const Table& table);  ///< RFC 4180, but with plain line ends

/// Returns "42.1" with that many digits behind the point; "–" for a number that is not finite.
std::string fixed(double value, int digits);

/// Returns a row of name, default, range and meaning. A range that is too long for a column, such as the names of all
/// activations, is appended to the meaning.
std::vector<std::string> setting_row(const FieldInfo& field, const Value& default_value);

}  // namespace ludus::apps
