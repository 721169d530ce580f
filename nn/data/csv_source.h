/// @file
/// Datasets of CSV files.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/dataset.h"

namespace ludus::data {

/// A field of the examples and the columns that it is read from.
struct CsvField {
  enum class Kind : std::uint8_t {
    kNumber,  ///< a number: an array of shape (), or (columns) if `columns` names several
    kList,    ///< a list of numbers in one cell, "[1, 0, 1]" or "1 0 1": an array of shape (n)
    kText,    ///< the cell as it is: a string
  };

  std::string name;
  Kind kind = Kind::kNumber;
  /// Of numbers and lists. Numbers that the dtype cannot hold make a record broken: 1.5 or 300 in a uint8.
  DType dtype = DType::kFloat32;
  /// By default the column of the name of the field.
  std::vector<std::string> columns = {};
  /// Takes the place of missing numbers. Without it, they are NaN in floating-point fields and make a record broken in
  /// others.
  std::optional<double> missing = {};
};

struct CsvOptions {
  /// By default every column as kText, under its name.
  std::vector<CsvField> fields = {};
  char delimiter = ',';
  bool header = true;  ///< without one, the columns are named "0", "1", …
  /// Cells without quotes that mean "missing", besides the empty one.
  std::vector<std::string> missing_values = {"NA", "N/A", "NaN", "nan", "null", "NULL", "None"};
  BrokenRecords broken = {};
};

/// The rows of the files one after the other. Throws InvalidArgument if a field names a column that a file does not
/// have, or a field of kind kList or kText names several; FileError if a file cannot be read.
Dataset from_csv(const std::filesystem::path& path, CsvOptions options = {});
Dataset from_csv(const std::vector<std::filesystem::path>& paths, CsvOptions options = {});

}  // namespace ludus::data
