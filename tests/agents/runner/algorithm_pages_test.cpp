// Every algorithm that the program knows has a page in docs/algorithms and a row in its index, and no page is left
// over.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "agents/algorithms.h"
#include "base/file.h"

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
