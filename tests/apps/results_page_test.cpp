#include "apps/results_page.h"

#include <gtest/gtest.h>

namespace ludus::apps {
namespace {

TEST(ResultsPage, StartsWithItsTitle) {
  EXPECT_EQ(with_section("", "dqn", "CartPole-v1", "500"), "# dqn\n\n## CartPole-v1\n\n500\n");
}

TEST(ResultsPage, SortsSectionsByHeading) {
  std::string page = with_section("", "dqn", "CartPole-v1", "500");
  page = with_section(page, "dqn", "MountainCar-v0", "-100");
  page = with_section(page, "dqn", "Acrobot-v1", "-70");
  page = with_section(page, "dqn", "LunarLander-v3", "200");
  EXPECT_EQ(page,
            "# dqn\n\n## Acrobot-v1\n\n-70\n\n## CartPole-v1\n\n500\n\n## LunarLander-v3\n\n200\n\n## "
            "MountainCar-v0\n\n-100\n");
}

TEST(ResultsPage, ReplacesOneSection) {
  const std::string page = "# dqn\n\nwords of mine\n\n## A-v0\n\nold\n\n### with parts\n\n## B-v0\n\nb\n";
  EXPECT_EQ(with_section(page, "dqn", "A-v0", "new"), "# dqn\n\nwords of mine\n\n## A-v0\n\nnew\n\n## B-v0\n\nb\n");
  EXPECT_EQ(with_section(page, "dqn", "B-v0", "new"),
            "# dqn\n\nwords of mine\n\n## A-v0\n\nold\n\n### with parts\n\n## B-v0\n\nnew\n");
}

}  // namespace
}  // namespace ludus::apps
