#include "apps/table.h"

#include <gtest/gtest.h>

#include <limits>

namespace ludus::apps {
namespace {

const Table kTable{.header = {"name", "sd"}, .rows = {{"a,\"b\"", "1.5"}, {"θ|x", "–"}}, .right = {false, true}};

TEST(Table, AlignsColumnsByCharacters) {
  EXPECT_EQ(to_text(kTable),
            "name    sd\n"
            "----------\n"
            "a,\"b\"  1.5\n"
            "θ|x      –\n");
}

TEST(Table, MarkdownEscapesBars) {
  EXPECT_EQ(to_markdown(kTable),
            "| name  |  sd |\n"
            "| ----- | --: |\n"
            "| a,\"b\" | 1.5 |\n"
            "| θ\\|x   |   – |\n");
}

TEST(Table, CsvQuotesSpecialCharacters) {
  EXPECT_EQ(to_csv(kTable), "name,sd\n\"a,\"\"b\"\"\",1.5\nθ|x,–\n");
}

TEST(Table, FixedNumbers) {
  EXPECT_EQ(fixed(42.123, 1), "42.1");
  EXPECT_EQ(fixed(-0.5, 2), "-0.50");
  EXPECT_EQ(fixed(1e308, 0).size(), 309u);
  EXPECT_EQ(fixed(std::numeric_limits<double>::quiet_NaN(), 2), "–");
}

TEST(SettingRow, LongRangesFollowTheMeaning) {
  FieldInfo field{.name = "rate", .default_value = 0.1, .range = {}, .range_text = "above 0", .help = "step size"};
  EXPECT_EQ(setting_row(field, 0.5), (std::vector<std::string>{"rate", "0.5", "above 0", "step size"}));
  field.range_text = std::string(61, 'x');
  EXPECT_EQ(setting_row(field, 0.5), (std::vector<std::string>{"rate", "0.5", "", "step size: " + field.range_text}));
}

}  // namespace
}  // namespace ludus::apps
