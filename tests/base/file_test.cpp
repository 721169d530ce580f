#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

namespace ludus {
namespace {

namespace fs = std::filesystem;

// A separate folder for each test, removed afterwards.
class File : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / ("ludus_file_" + std::string(test->name()) + std::to_string(::getpid()));
    fs::create_directory(folder_);
  }
  void TearDown() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }
  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  fs::path folder_;
};

TEST_F(File, PiecesAreWrittenOneAfterAnother) {
  const std::string first = "one", last = "two";
  const std::vector<std::span<const std::byte>> pieces{
      std::as_bytes(std::span(first)), {}, std::as_bytes(std::span(last))};
  write_atomically(folder_ / "pieces", pieces);
  EXPECT_EQ(read_text(folder_ / "pieces"), "onetwo");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, ReadsWhatItWrote) {
  const fs::path path = folder_ / "a file.bin";
  std::vector<std::byte> bytes(100000);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7);
  write_atomically(path, bytes);
  EXPECT_EQ(read_bytes(path), bytes);

  // overwrite with a shorter file; no temporary file remains
  write_atomically(path, std::string_view("new\0text", 8));
  EXPECT_EQ(read_text(path), std::string("new\0text", 8));
  write_atomically(path, std::string_view());
  EXPECT_TRUE(read_bytes(path).empty());
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, WritesIntoTheCurrentFolder) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  write_atomically("plain", std::string_view("x"));
  fs::current_path(before);
  EXPECT_EQ(read_text(folder_ / "plain"), "x");
}

// A soft limit on the file size makes the write fail halfway, as a full disk does.
TEST_F(File, KeepsTheOldFileWhenTheDiskIsFull) {
  const fs::path path = folder_ / "checkpoint";
  write_atomically(path, std::string_view("old"));

  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit limit = old_limit;
  limit.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  std::string message;
  try {
    write_atomically(path, std::string(5000, 'n'));
  } catch (const WriteFailed& error) {
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);

  EXPECT_NE(message.find(path.string()), std::string::npos) << message;
  EXPECT_NE(message.find("space"), std::string::npos) << message;
  EXPECT_EQ(read_text(path), "old");
  EXPECT_EQ(entries(), 1u);  // the partial file is removed
}

TEST_F(File, RefusesPlacesThatCannotBeWritten) {
  EXPECT_THROW(write_atomically(folder_ / "missing" / "file", std::string_view("x")), FileError);
  // a folder cannot be replaced by a file
  fs::create_directory(folder_ / "sub");
  EXPECT_THROW(write_atomically(folder_ / "sub", std::string_view("x")), FileError);
  EXPECT_TRUE(fs::is_directory(folder_ / "sub"));
  // a file cannot contain files
  write_atomically(folder_ / "file", std::string_view("x"));
  EXPECT_THROW(write_atomically(folder_ / "file" / "inner", std::string_view("x")), FileError);
  EXPECT_EQ(entries(), 2u);
}

// root can write everywhere, so a test run by root drops its privileges for this call
TEST_F(File, RefusesAReadOnlyFolder) {
  const fs::path path = folder_ / "file";
  write_atomically(path, std::string_view("old"));
  fs::permissions(folder_,
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  constexpr uid_t kNobody = 65534;
  const bool root = ::geteuid() == 0;
  ASSERT_EQ(::seteuid(root ? kNobody : ::geteuid()), 0);
  EXPECT_THROW(write_atomically(path, std::string_view("new")), FileError);
  ASSERT_EQ(::seteuid(root ? 0 : ::geteuid()), 0);
  EXPECT_EQ(read_text(path), "old");
  EXPECT_EQ(entries(), 1u);
}

TEST_F(File, SaysWhatCannotBeRead) {
  try {
    read_text(folder_ / "nothing");
    FAIL() << "a missing file was read";
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find("nothing"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos) << error.what();
  }
  EXPECT_THROW(read_bytes(folder_), FileError);
}

// System files such as those of /proc report no size.
TEST_F(File, ReadsFilesWithoutASize) {
  EXPECT_FALSE(read_text("/proc/self/status").empty());
}

TEST_F(File, APipeIsRefusedAtOnce) {
  const fs::path pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THROW(read_text(pipe), FileError);  // no writer ever comes
}

TEST_F(File, KnowsItsTemporaryFiles) {
  EXPECT_EQ(target_of_temporary("best.safetensors.tmp123"), "best.safetensors");
  EXPECT_EQ(target_of_temporary("a.tmp1.tmp2"), "a.tmp1");
  for (const char* name : {"a", "a.tmp", "a.tmp12x", ".tmp12", "a.tmpl"})
    EXPECT_EQ(target_of_temporary(name), "") << name;

  for (const char* name : {"a.tmp1", "b.tmp2", "a"}) write_atomically(folder_ / name, "text");
  remove_left_temporaries(folder_, [](std::string_view file) { return file == "a"; });
  EXPECT_FALSE(fs::exists(folder_ / "a.tmp1"));
  EXPECT_TRUE(fs::exists(folder_ / "b.tmp2"));
  EXPECT_TRUE(fs::exists(folder_ / "a"));
  EXPECT_NO_THROW(sync_file(folder_ / "a"));
  EXPECT_THROW(sync_file(folder_ / "none"), FileError);
}

}  // namespace
}  // namespace ludus
