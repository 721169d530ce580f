#include "base/checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>

#include "base/file.h"

namespace ludus {
namespace {

class Checkpoints : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "ludus-checkpoint-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ / "last.safetensors";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_, path_;
};

TEST_F(Checkpoints, EverythingComesBack) {
  const Array weights = Array::of<float>({1.0f, -0.0f, std::numeric_limits<float>::denorm_min()});
  const Value configuration =
      Dict{{"learning_rate", 1e-3}, {"layers", List{64, 64}}, {"name", "dqn"}, {"none", Value()}};
  Checkpoint checkpoint;
  checkpoint.metadata()["env"] = "CartPole-v1";
  checkpoint.put("policy/weights", weights);
  checkpoint.put("steps", Array::scalar<std::int64_t>(12345678901));
  checkpoint.put_value("configuration", configuration);
  checkpoint.save(path_);

  const Checkpoint loaded = Checkpoint::load(path_);
  EXPECT_EQ(loaded.metadata(), checkpoint.metadata());
  EXPECT_EQ(loaded.array("policy/weights"), weights);
  EXPECT_EQ(loaded.array("steps"), Array::scalar<std::int64_t>(12345678901));
  EXPECT_EQ(loaded.value("configuration"), configuration);
  EXPECT_EQ(loaded.names(), (std::vector<std::string>{"policy/weights", "steps"}));
  EXPECT_EQ(loaded.value_names(), (std::vector<std::string>{"configuration"}));
  EXPECT_TRUE(loaded.contains("steps"));
  EXPECT_FALSE(loaded.contains("configuration"));
  EXPECT_TRUE(loaded.contains_value("configuration"));
  EXPECT_FALSE(loaded.contains_value("steps"));

  // saving the loaded checkpoint writes an identical file
  loaded.save(folder_ / "again.safetensors");
  EXPECT_EQ(read_bytes(folder_ / "again.safetensors"), read_bytes(path_));
}

TEST_F(Checkpoints, PartsWriteAndReadUnderTheirPrefix) {
  Checkpoint checkpoint;
  const CheckpointWriter agent = checkpoint.writer("agent");
  agent.put("steps", Array::scalar<std::int64_t>(3));
  agent.within("q").put_all({{"layers.0.weight", Array::of<float>({1, 2})}, {"layers.0.bias", Array::of<float>({3})}});
  agent.put_value("generator", Value(List{1, 2}));
  checkpoint.writer().put("steps", Array::scalar<std::int64_t>(4));
  EXPECT_TRUE(checkpoint.contains("agent/q/layers.0.weight"));

  checkpoint.save(path_);
  const Checkpoint loaded = Checkpoint::load(path_);
  const CheckpointReader reader = loaded.reader("agent");
  EXPECT_EQ(reader.array("steps").get(0), 3.0);
  EXPECT_EQ(loaded.reader().array("steps").get(0), 4.0);
  EXPECT_EQ(reader.value("generator"), Value(List{1, 2}));
  EXPECT_TRUE(reader.contains_value("generator"));
  const NamedArrays q = reader.within("q").all();
  ASSERT_EQ(q.size(), 2u);
  EXPECT_EQ(q[0].first, "layers.0.bias");
  EXPECT_EQ(q[1].second, Array::of<float>({1, 2}));
  EXPECT_THROW(reader.within("policy").array("steps"), CorruptCheckpoint);
}

TEST_F(Checkpoints, WhatIsMissingIsNamedWithItsFile) {
  Checkpoint().save(path_);
  const Checkpoint loaded = Checkpoint::load(path_);
  const auto complains = [&](const auto& read, const std::string& about) {
    try {
      read();
      ADD_FAILURE() << "found " << about;
    } catch (const CorruptCheckpoint& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find(about), std::string::npos) << message;
      EXPECT_NE(message.find("last.safetensors"), std::string::npos) << message;
    }
  };
  complains([&] { loaded.array("weights"); }, "array \"weights\"");
  complains([&] { loaded.value("configuration"); }, "value \"configuration\"");
  complains([&] { loaded.reader("agent").array("steps"); }, "agent/steps");
  complains([&] { loaded.reader("agent").fail("it is empty"); }, "it is empty");
}

TEST_F(Checkpoints, BorrowedNumbersAreReadWhenSaving) {
  std::vector<float> replay{1, 2, 3, 4, 5, 6};
  Checkpoint checkpoint;
  checkpoint.put_borrowed("replay", DType::kFloat32, Shape{2, 3}, std::as_bytes(std::span(replay)));
  replay[0] = 9;
  EXPECT_THROW(checkpoint.array("replay"), InvalidArgument);
  checkpoint.save(path_);
  const Array loaded = Checkpoint::load(path_).array("replay");
  EXPECT_EQ(loaded.shape(), (Shape{2, 3}));
  EXPECT_EQ(loaded.get(0), 9.0);
  EXPECT_THROW(checkpoint.put_borrowed("more", DType::kFloat32, Shape{7}, std::as_bytes(std::span(replay))),
               InvalidArgument);
}

TEST_F(Checkpoints, ArraysAreMovedInNotCopied) {
  Array large(DType::kFloat32, Shape{1000});
  const std::byte* memory = large.bytes().data();
  Checkpoint checkpoint;
  checkpoint.writer("a").put("large", std::move(large));
  EXPECT_EQ(checkpoint.array("a/large").bytes().data(), memory);
}

TEST_F(Checkpoints, NamesAreTakenOnce) {
  Checkpoint checkpoint;
  checkpoint.put("a", Array::scalar(1.0));
  EXPECT_THROW(checkpoint.put("a", Array::scalar(2.0)), InvalidArgument);
  checkpoint.put_value("a", 1);  // a value may have the name of an array
  EXPECT_THROW(checkpoint.put_value("a", 2), InvalidArgument);
  EXPECT_THROW(checkpoint.put("", Array::scalar(1.0)), InvalidArgument);
  EXPECT_THROW(checkpoint.put("value/a", Array::scalar(1.0)), InvalidArgument);
  EXPECT_THROW(checkpoint.put_value("", 1), InvalidArgument);
  EXPECT_EQ(checkpoint.array("a").get(0), 1.0);
  EXPECT_EQ(checkpoint.value("a"), Value(1));
}

TEST_F(Checkpoints, ADamagedFileIsRefusedAndADamagedValueToo) {
  Checkpoint checkpoint;
  checkpoint.put_value("configuration", Dict{{"a", 1}});
  checkpoint.save(path_);
  std::vector<std::byte> bytes = read_bytes(path_);
  const std::vector<std::byte> whole = bytes;
  bytes.pop_back();
  write_atomically(path_, bytes);
  EXPECT_THROW(Checkpoint::load(path_), CorruptCheckpoint);

  bytes = whole;
  bytes[bytes.size() - 4] = std::byte{0xff};  // inside the value's bytes
  write_atomically(path_, bytes);
  const Checkpoint loaded = Checkpoint::load(path_);
  EXPECT_THROW(loaded.value("configuration"), CorruptCheckpoint);
  EXPECT_THROW(Checkpoint::load(folder_ / "none.safetensors"), FileError);
}

// Half-precision tensors from other programs are loaded as float32.
TEST_F(Checkpoints, HalvesOfOthersAreWidened) {
  const std::vector<std::uint16_t> halves{0x3c00, 0xc000};
  const std::vector<TensorView> views{{"w", TensorType::kFloat16, Shape{2}, std::as_bytes(std::span(halves))}};
  write_safetensors(path_, views);
  EXPECT_EQ(Checkpoint::load(path_).array("w"), Array::of<float>({1.0f, -2.0f}));
}

}  // namespace
}  // namespace ludus
