// Every algorithm that the program knows has a page in docs/algorithms, with the table of its settings, and a row in
// its index, and no page is left over.
//
// The tables are generated: LUDUS_WRITE_PAGES=1 build/release/bin/agents_runner_tests --gtest_filter='AlgorithmPages.*'
// writes them, and without it the test compares.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "agents/algorithms.h"
#include "agents/runner/run_config.h"
#include "base/file.h"
#include "base/format.h"
#include "base/value_io.h"

namespace ludus::agents {
namespace {

namespace fs = std::filesystem;

const fs::path kPages = fs::path(LUDUS_SOURCE_DIR) / "docs/algorithms";

TEST(AlgorithmPages, EveryAlgorithmHasAPageWithTitleAndStatus) {
  for (const Algorithm& algorithm : algorithms()) {
    const fs::path page = kPages / (algorithm.name + ".md");
    if (!fs::exists(page)) {
      ADD_FAILURE() << "there is no page docs/algorithms/" << algorithm.name << ".md";
      continue;
    }
    const std::string text = read_text(page);
    EXPECT_TRUE(text.starts_with("# ")) << page;
    EXPECT_NE(text.find("\nStatus: "), std::string::npos) << page;
  }
}

constexpr std::string_view kBegin = "<!-- generated from the list of fields -->\n",
                           kEnd = "<!-- end of the table -->\n";

// The part of a page between the marks.
std::string table_in(const std::string& text) {
  const std::size_t begin = text.find(kBegin), end = text.find(kEnd);
  if (begin == std::string::npos || end == std::string::npos) return "no table";
  return text.substr(begin + kBegin.size(), end - begin - kBegin.size());
}

void expect_table(const fs::path& page, const std::string& table) {
  std::string text = read_text(page);
  if (table_in(text) == table) return;
  if (!std::getenv("LUDUS_WRITE_PAGES")) {
    ADD_FAILURE() << page << " has another table than the program:\n" << table_in(text) << "\ninstead of\n" << table;
    return;
  }
  const std::size_t begin = text.find(kBegin) + kBegin.size();
  text.replace(begin, text.find(kEnd) - begin, table);
  write_atomically(page, text);
}

std::string row(const std::string& name, const FieldInfo& field) {
  return formatted("| `{}` | {} | {} | {} |\n", name, to_json(field.default_value), field.range_text, field.help);
}

TEST(AlgorithmPages, HaveTheTableOfSettingsThatTheProgramShows) {
  for (const Algorithm& algorithm : algorithms()) {
    if (algorithm.settings.empty()) continue;
    std::string table = "| setting | default | range | meaning |\n| --- | --- | --- | --- |\n";
    for (const FieldInfo& field : algorithm.settings) table += row(field.name, field);
    expect_table(kPages / (algorithm.name + ".md"), table);
  }
}

TEST(AlgorithmPages, TheIndexHasTheTableOfRunOptions) {
  std::string table = "| key in `[run]` | default | range | meaning |\n| --- | --- | --- | --- |\n";
  for (const FieldInfo& field : describe_fields<RunSettings>()) table += row(field.name, field);
  expect_table(kPages / "README.md", table);
}

TEST(AlgorithmPages, TheIndexNamesEveryAlgorithmOnce) {
  const std::string index = read_text(kPages / "README.md");
  for (const Algorithm& algorithm : algorithms()) {
    const std::string row = "\n| [" + algorithm.name + "](" + algorithm.name + ".md) |";
    const std::size_t position = index.find(row);
    EXPECT_NE(position, std::string::npos) << "docs/algorithms/README.md has no row for " << algorithm.name;
    EXPECT_EQ(index.find(row, position + 1), std::string::npos) << algorithm.name << " has two rows";
  }
}

TEST(AlgorithmPages, NoPageIsLeftOver) {
  std::set<std::string> known{"README.md"};
  for (const Algorithm& algorithm : algorithms()) known.insert(algorithm.name + ".md");
  for (const auto& entry : fs::directory_iterator(kPages)) {
    EXPECT_TRUE(known.contains(entry.path().filename())) << entry.path() << " is about no algorithm that there is";
  }
}

}  // namespace
}  // namespace ludus::agents
