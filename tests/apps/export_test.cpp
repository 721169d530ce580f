// Trained policies written as C, and compiled.
#include <gtest/gtest.h>

#include "tests/apps/program.h"
#include "tests/support/c_library.h"

namespace ludus::apps {
namespace {

using test_support::run_command;

std::string self_test(const Folder& folder, const std::string& file, const std::string& macro) {
  return run_command(std::string("gcc ") + test_support::kCFlags + " -D" + macro + "_SELF_TEST_MAIN -x c " + file +
                         " -lm -o self_test && ./self_test",
                     folder.path());
}

TEST(Export, ARunBecomesAHeaderThatPassesItsSelfTest) {
  const Folder folder;
  const std::string run = train_small(folder), header = folder / "cart-pole.h";
  const Outcome outcome = ludus({"export", run, "--c", header});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "wrote " + header + ": the policy as a C99 header, with 32 recorded examples\n");
  const std::string text = contents(header);
  for (const char* line :
       {" * cart_pole: a policy as one C99 header, written by ludus.\n", "   environment  CartPole-v1\n",
        "   algorithm    dqn\n", "seed 1\n", "   action       Discrete(2)\n", "#include \"cart-pole.h\"\n",
        "void cart_pole_act(const float *observation, cart_pole_action *action);\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_EQ(self_test(folder, "cart-pole.h", "CART_POLE"), "0 of 32 recorded examples differ\n");

  const std::string second = folder / "second.h";
  EXPECT_EQ(ludus({"export", run, "--c", second, "--name", "pole", "--examples", "5", "--final"}).code, 0);
  EXPECT_EQ(self_test(folder, "second.h", "POLE"), "0 of 5 recorded examples differ\n");
  // the same policy gives the same file
  const std::string third = folder / "third.h";
  EXPECT_EQ(ludus({"export", run, "--c", third, "--name", "cart_pole"}).code, 0);
  EXPECT_EQ(contents(third).substr(contents(third).find("#ifndef")), text.substr(text.find("#ifndef")));
}

}  // namespace
}  // namespace ludus::apps
