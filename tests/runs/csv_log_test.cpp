#include "runs/csv_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::runs {
namespace {

using test_support::Scratch;

TEST(PythonNumber, EqualsPythonsRepr) {
  EXPECT_EQ(python_number(20), "20.0");
  EXPECT_EQ(python_number(0.123456), "0.123456");
  EXPECT_EQ(python_number(-1.5), "-1.5");
  EXPECT_EQ(python_number(1e-5), "1e-05");
  EXPECT_EQ(python_number(1e16), "1e+16");
  EXPECT_EQ(python_number(123456789.0), "123456789.0");
  EXPECT_EQ(python_number(0.0), "0.0");
  EXPECT_EQ(python_number(std::numeric_limits<double>::quiet_NaN()), "nan");
  EXPECT_EQ(python_number(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(CsvLog, ReopensTruncatesAndRepairs) {
  const Scratch folder;
  const auto path = folder / "rows.csv";
  {
    CsvLog file(path, "a,b\n");
    for (const char* row : {"1,2", "3,4", "5,6"}) file.append(row);
    file.flush();
  }
  std::ofstream(path, std::ios::app) << "7,";  // what a kill may leave
  CsvLog file(path, "a,b\n");
  EXPECT_EQ(file.rows(), 3);
  EXPECT_EQ(read_text(path), "a,b\n1,2\n3,4\n5,6\n");
  file.truncate_to(1);
  file.append("8,9");
  EXPECT_EQ(file.last_row(), "8,9");
  file.flush();
  EXPECT_EQ(read_text(path), "a,b\n1,2\n8,9\n");
  EXPECT_THROW(file.truncate_to(5), FileError);
  EXPECT_THROW(CsvLog(path, "x,y\n"), FileError);
  EXPECT_THROW(CsvLog(folder / "no/such/rows.csv", "a\n"), FileError);
}

TEST(CsvLog, AcceptsMissingRowsOnRequest) {
  const Scratch folder;
  CsvLog file(folder / "rows.csv", "a\n");
  for (const char* row : {"1", "2"}) file.append(row);
  file.sync();
  EXPECT_EQ(read_text(folder / "rows.csv"), "a\n1\n2\n");
  EXPECT_NO_THROW(file.require_rows(2));
  EXPECT_THROW(file.require_rows(3), FileError);
  file.accept_missing_rows();
  EXPECT_NO_THROW(file.require_rows(3));
  file.truncate_to(3);
  EXPECT_EQ(file.rows(), 2);
  file.truncate_to(1);
  EXPECT_EQ(read_text(folder / "rows.csv"), "a\n1\n");
}

}  // namespace
}  // namespace ludus::runs
