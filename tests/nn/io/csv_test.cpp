#include "nn/io/csv.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/support/scratch.h"

namespace ludus::io {
namespace {

using Table = std::vector<std::vector<std::string>>;

// All rows, the header included; errors as rows of one cell.
Table read_table(std::string_view text, CsvReader::Options options = {}) {
  CsvReader reader(open_memory(text, "file.csv"), options);
  Table table{reader.columns()};
  CsvRow row;
  while (true) {
    try {
      if (!reader.next(row)) return table;
      std::vector<std::string>& cells = table.emplace_back();
      for (const CsvCell& cell : row.cells) cells.push_back(cell.text);
    } catch (const CsvError& error) {
      table.push_back({error.what()});
    }
  }
}

// RFC 4180, section 2: rules 1 to 7, each with its examples.
TEST(Csv, ReadsTheExamplesOfTheStandard) {
  const Table expected{{"a", "b", "c"}, {"zzz", "yyy", "xxx"}};
  EXPECT_EQ(read_table("a,b,c\r\nzzz,yyy,xxx\r\n"), expected);
  EXPECT_EQ(read_table("a,b,c\r\nzzz,yyy,xxx"), expected);
  EXPECT_EQ(read_table("\"a\",\"b\",\"c\"\r\nzzz,yyy,xxx"), expected);
  EXPECT_EQ(read_table("a,b,c\r\n\"aaa\",\"b\r\nbb\",\"ccc\"\r\nzzz,yyy,xxx"),
            (Table{{"a", "b", "c"}, {"aaa", "b\r\nbb", "ccc"}, {"zzz", "yyy", "xxx"}}));
  EXPECT_EQ(read_table("a,b,c\r\n\"aaa\",\"b\"\"bb\",\"ccc\""), (Table{{"a", "b", "c"}, {"aaa", "b\"bb", "ccc"}}));
  EXPECT_EQ(read_table("a,b\n x , y \n"), (Table{{"a", "b"}, {" x ", " y "}}));  // spaces are part of a cell
}

TEST(Csv, ReadsOtherLineEndsMarksAndDelimiters) {
  EXPECT_EQ(read_table("\xEF\xBB\xBF"
                       "a,b\n1,2\n"),
            (Table{{"a", "b"}, {"1", "2"}}));
  EXPECT_EQ(read_table("a,b\r1,2\r\r3,4"), (Table{{"a", "b"}, {"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(read_table("a;b\n1,5;2\n", {.delimiter = ';'}), (Table{{"a", "b"}, {"1,5", "2"}}));
  EXPECT_EQ(read_table("1,2\n3,4\n", {.header = false}), (Table{{"0", "1"}, {"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(read_table("a,b\n,\n\"\",\n\n1,2\n"), (Table{{"a", "b"}, {"", ""}, {"", ""}, {"1", "2"}}));
  EXPECT_EQ(read_table("a\n\n1\n"), (Table{{"a"}, {""}, {"1"}}));  // with one column an empty line is a cell
  EXPECT_EQ(read_table("\"a\nb\",c\n"), (Table{{"a\nb", "c"}}));
}

TEST(Csv, CompressedFilesAreRead) {
  const std::string packed = compressed("a,b\n1,2\n", Compression::kGzip);
  EXPECT_EQ(read_table(packed), (Table{{"a", "b"}, {"1", "2"}}));
}

// A malformed row is one error with its line, and the rows behind it are read.
TEST(Csv, MalformedRowsNameFileAndLine) {
  EXPECT_EQ(read_table("a,b\n\"x\ny\",2\n3\n4,5\n"),
            (Table{{"a", "b"}, {"x\ny", "2"}, {"file.csv:4: 1 cells in a row of 2 columns"}, {"4", "5"}}));
  EXPECT_EQ(read_table("a,b\n1,2,3\n4,5\n"),
            (Table{{"a", "b"}, {"file.csv:2: 3 cells in a row of 2 columns"}, {"4", "5"}}));
  EXPECT_EQ(read_table("a,b\n1,\"2\"x\n4,5\n"),
            (Table{{"a", "b"}, {"file.csv:2: text follows the closing quote of cell 2"}, {"4", "5"}}));
  EXPECT_EQ(read_table("a,b\n1,2\"\n4,5\n")[1][0],
            "file.csv:2: cell 2 holds a quote but does not begin with one; write \"…\"\"…\"");
  EXPECT_EQ(read_table("a,b\n1,2\n3,\"4\n5,6\n"),
            (Table{{"a", "b"}, {"1", "2"}, {"file.csv:3: the quote opened in line 3 is not closed"}}));
}

TEST(Csv, InvalidFilesThrow) {
  EXPECT_THROW(read_table(""), FileError);
  EXPECT_THROW(read_table("a,a\n"), CsvError);
  EXPECT_THROW(read_table("a,\"b\n"), CsvError);
  EXPECT_THROW(read_table("a\n", {.delimiter = '"'}), InvalidArgument);
  CsvReader reader(open_memory("width,height\n", "file.csv"));
  EXPECT_EQ(reader.column("height"), 1u);
  try {
    reader.column("hight");
    FAIL();
  } catch (const InvalidArgument& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean `height`?"), std::string::npos) << error.what();
  }
}

TEST(Csv, LongRowsAreMalformed) {
  const std::string text = "a,b\n\"" + std::string(1000, 'x') + "\n";
  EXPECT_NE(read_table(text, {.max_row_bytes = 100})[1][0].find("longer than 100 bytes"), std::string::npos);
}

TEST(Csv, LinesAreCountedAcrossBlocks) {
  std::string text = "a,b\r\n";
  for (int i = 0; i < 20000; ++i) text += "\"x\r\ny\",z\r\n";  // blocks end between CR and LF too
  text += "1\r\n";
  const Table table = read_table(text);
  EXPECT_EQ(table.size(), 20002u);
  EXPECT_EQ(table.back()[0], "file.csv:40002: 1 cells in a row of 2 columns");
}

TEST(Csv, WrittenTablesAreReadBack) {
  const test_support::Scratch folder;
  const Table table{{"plain", "with,comma", "with \"quotes\""}, {"", "two\nlines", "two\r\nlines"}, {" ", "'", ""}};
  write_csv(folder / "table.csv", table);
  EXPECT_EQ(read_table(read_text(folder / "table.csv")), table);
  EXPECT_EQ(csv_row({"a", "b,c", "d\"e"}), "a,\"b,c\",\"d\"\"e\"\r\n");
  EXPECT_EQ(csv_row({""}), "\"\"\r\n");
}

}  // namespace
}  // namespace ludus::io
