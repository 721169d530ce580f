#include "apps/contact_sheet.h"

#include <gtest/gtest.h>

#include <set>

#include "apps/options.h"
#include "envs/registry/registry.h"
#include "render/png.h"
#include "tests/support/scratch.h"

namespace ludus::apps {
namespace {

using test_support::Scratch;

// Cells of 300 x 200 with a label of 26 and gaps of 10 pixels, four in a row: each shows more than one colour.
TEST(ContactSheet, ShowsEveryEnvironment) {
  const Scratch folder;
  write_contact_sheet(folder / "sheet.png");
  const render::Image sheet = render::read_png(folder / "sheet.png");
  const int n = static_cast<int>(envs::registry().specs().size());
  EXPECT_EQ(sheet.width, 4 * 310 + 10);
  EXPECT_EQ(sheet.height, (n + 3) / 4 * 236 + 10);
  for (int i = 0; i < n; ++i) {
    std::set<std::array<int, 3>> colours;
    for (int y = 0; y < 200; ++y) {
      for (int x = 0; x < 300; ++x) {
        const envs::Color color = sheet.at(10 + i % 4 * 310 + x, 10 + i / 4 * 236 + y);
        colours.insert({color.red, color.green, color.blue});
      }
    }
    EXPECT_GT(colours.size(), 2u) << envs::registry().specs()[static_cast<std::size_t>(i)].id;
  }
}

TEST(ContactSheet, IsAPng) {
  EXPECT_THROW(write_contact_sheet("sheet.jpg"), UsageError);
}

}  // namespace
}  // namespace ludus::apps
