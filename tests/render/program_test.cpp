#include "render/program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>
#include <string>

#include "tests/render/scratch.h"

namespace ludus::render {
namespace {

TEST(Program, TakesInputAndReturnsOutput) {
  Program cat({"cat"});
  EXPECT_TRUE(cat.write("one "));
  EXPECT_TRUE(cat.write("two"));
  const Program::Result result = cat.finish();
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, "one two");
  EXPECT_EQ(result.errors, "");
}

// More in both directions than any pipe holds: neither side may wait for the other.
TEST(Program, MuchInputAndMuchOutputDoNotBlockEachOther) {
  const std::string much(8 << 20, 'x');
  Program cat({"cat"});
  EXPECT_TRUE(cat.write(much));
  EXPECT_EQ(cat.finish().output.size(), much.size());
}

TEST(Program, ReportsStatusErrorsAndSignals) {
  Program failing({"sh", "-c", "echo first >&2; echo last >&2; exit 3"});
  const Program::Result result = failing.finish();
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(last_line(result.errors), "last");
  EXPECT_EQ(Program({"sh", "-c", "kill -9 $$"}).finish().status, 128 + 9);
}

TEST(Program, ClosedInputRaisesNoSignal) {
  Program deaf({"sh", "-c", "exec <&-; echo enough >&2; exit 1"});
  const std::string much(1 << 20, 'x');
  bool taken = true;
  for (int i = 0; i < 100 && taken; ++i) taken = deaf.write(much);
  EXPECT_FALSE(taken);
  EXPECT_EQ(deaf.finish().status, 1);
}

TEST(Program, ArgumentsAreNotInterpreted) {
  const std::string odd = "$(date) `id` ; 'a' \"b\" *\n\\";
  EXPECT_EQ(Program({"printf", "%s", odd}).finish().output, odd);
}

// Ctrl-C goes to the terminal's process group.
TEST(Program, RunsInASeparateProcessGroup) {
  const std::string groups =
      Program({"sh", "-c", "ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat"}).finish().output;
  EXPECT_NE(std::stol(groups), static_cast<long>(::getpgrp()));
}

TEST(Program, IsKilledByTheDestructor) {
  pid_t id = 0;
  {
    const Folder folder;
    Program sleeper({"sh", "-c", "echo $$ > " + (folder / "id").string() + "; exec sleep 1000"});
    while (id == 0) std::ifstream(folder / "id") >> id;
  }
  EXPECT_EQ(::kill(id, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(Program, MissingProgramSuggestsThePackage) {
  EXPECT_THROW(Program({"no-such-program-here"}), ProgramMissing);
  EXPECT_TRUE(program_exists("sh"));
  const Folder empty;
  const Variable path("PATH", empty.path().c_str());
  EXPECT_FALSE(program_exists("sh"));
  try {
    require_program("gnuplot", "to draw a plot");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(
        error.what(),
        "the program gnuplot is needed to draw a plot and is not installed; install it (on Debian: sudo apt-get "
        "install gnuplot-nox)");
  }
}

TEST(Program, OnlyExecutableFilesCount) {
  const Folder folder;
  std::ofstream(folder / "plain") << "x";
  std::filesystem::create_directory(folder / "inner");
  folder.add_program("script", "true");
  const Variable path("PATH", folder.path().c_str());
  EXPECT_FALSE(program_exists("plain"));
  EXPECT_FALSE(program_exists("inner"));
  EXPECT_TRUE(program_exists("script"));
}

TEST(LastLine, SkipsBlankEnds) {
  EXPECT_EQ(last_line("a\n b \r\n\n "), "b");
  EXPECT_EQ(last_line("only"), "only");
  EXPECT_EQ(last_line("No space left\n    Last message repeated 3 times\n"), "No space left");
  EXPECT_EQ(last_line("Last message repeated 3 times"), "Last message repeated 3 times");
  EXPECT_EQ(last_line(" \n"), "it gave no reason");
}

}  // namespace
}  // namespace ludus::render
