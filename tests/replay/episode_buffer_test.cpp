#include "replay/episode_buffer.h"

#include <gtest/gtest.h>

#include <array>

#include "base/error.h"
#include "tests/base/support/states.h"

namespace ludus::replay {
namespace {

constexpr StepSizes kOne{.observation = 1, .action = 1, .mask = 0};

// Two environments with step counts as observations; the flags say which of them is terminated (1) or truncated (2)
// now.
class Two {
 public:
  explicit Two(EpisodeBuffer& episodes) : episodes_(episodes) {}
  Two(const Two& other, EpisodeBuffer& episodes) : episodes_(episodes), at_(other.at_) {}  // where the other one is
  void step(int first, int second) {
    const std::array<int, 2> flags{first, second};
    std::array<float, 2> observations{}, next{}, actions{}, rewards{1, 1};
    std::array<std::uint8_t, 2> terminated{}, truncated{};
    for (std::size_t i = 0; i < 2; ++i) {
      observations[i] = at_[i];
      next[i] = at_[i] + 1;
      at_[i] += 1;
      terminated[i] = flags[i] == 1;
      truncated[i] = flags[i] == 2;
    }
    episodes_.add({observations, actions, {}, rewards, next, terminated, truncated});
  }

 private:
  EpisodeBuffer& episodes_;
  std::array<float, 2> at_{0, 100};
};

std::vector<float> gathered(const EpisodeBuffer& episodes) {
  const auto observations = episodes.steps().observations();
  return {observations.begin(), observations.end()};
}

// Environment 0 finishes episodes quickly, environment 1 slowly: each contributes one episode, otherwise short ones
// would be over-counted.
TEST(EpisodeBuffer, EveryEnvironmentGivesItsShare) {
  EpisodeBuffer episodes(2, 2, kOne);
  Two two(episodes);
  two.step(1, 0);
  two.step(1, 0);
  EXPECT_FALSE(episodes.full());
  two.step(0, 2);
  EXPECT_TRUE(episodes.full());
  EXPECT_EQ(gathered(episodes), (std::vector<float>{0, 100, 101, 102}));
  const auto bootstraps = episodes.steps().bootstrap_observations();
  EXPECT_EQ(std::vector<float>(bootstraps.begin(), bootstraps.end()), (std::vector<float>{103}));

  // environment 0 is in an episode that began under the old policy: collection resumes with the next one
  episodes.clear();
  two.step(0, 1);
  two.step(1, 0);
  two.step(1, 0);
  EXPECT_TRUE(episodes.full());
  EXPECT_EQ(gathered(episodes), (std::vector<float>{103, 5}));
}

TEST(EpisodeBuffer, FewerThanEnvironmentsComeFromSomeAlone) {
  EpisodeBuffer episodes(1, 2, kOne);
  Two two(episodes);
  two.step(1, 0);
  EXPECT_FALSE(episodes.full());
  two.step(0, 1);
  EXPECT_TRUE(episodes.full());
  EXPECT_EQ(gathered(episodes), (std::vector<float>{100, 101}));
}

TEST(EpisodeBuffer, RestoredGoesOnIdentically) {
  EpisodeBuffer episodes(3, 2, kOne), restored(3, 2, kOne);
  Two two(episodes);
  two.step(1, 0);
  two.step(0, 1);
  test::restore(restored, state_as_dict(episodes));
  EXPECT_EQ(state_as_dict(restored), state_as_dict(episodes));
  Two from_here(two, restored);
  two.step(1, 1);
  from_here.step(1, 1);
  EXPECT_TRUE(restored.full());
  EXPECT_EQ(state_as_dict(restored), state_as_dict(episodes));
  EXPECT_THROW(test::restore(EpisodeBuffer(3, 1, kOne), state_as_dict(episodes)), TypeMismatch);
  EXPECT_THROW(EpisodeBuffer(0, 1, kOne), InvalidArgument);
  EXPECT_THROW(EpisodeBuffer(1, 0, kOne), InvalidArgument);
}

}  // namespace
}  // namespace ludus::replay
