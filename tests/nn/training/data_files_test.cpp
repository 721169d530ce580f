#include "nn/training/data_files.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "base/file.h"
#include "base/interruption.h"
#include "nn/data/array_source.h"
#include "nn/io/npy.h"
#include "tests/support/scratch.h"

namespace ludus::nn {
namespace {

using layers::Dense;
using test_support::Scratch;

DataTask task_of(Description description, std::vector<LossKind> losses, std::vector<std::string> labels = {}) {
  DataTask task{.description = std::move(description), .losses = std::move(losses)};
  if (!labels.empty()) task.interface.outputs = {{.kind = OutputKind::kClasses, .labels = std::move(labels)}};
  task.interface = completed(std::move(task.interface), task.description);
  return task;
}

// Two numbers to two classes.
DataTask points(std::vector<std::string> labels = {}) {
  return task_of(sequential(Shape{2}, {Dense{.units = 2}}), {LossKind::kCrossEntropy}, std::move(labels));
}

std::vector<data::Example> examples_of(const data::Dataset& dataset) {
  std::vector<data::Example> all;
  for (const data::Example& example : dataset.epoch(0)) all.push_back(example);
  return all;
}

class DataFiles : public ::testing::Test {
 protected:
  std::string file(const std::string& name) const { return (scratch_ / name).string(); }
  std::string text(const std::string& name, std::string_view content) const {
    write_atomically(file(name), content);
    return file(name);
  }
  // Reads everything, and returns the message of the error.
  static std::string message_of(const std::vector<std::string>& files, const DataTask& task,
                                const DataColumns& columns = {}) {
    try {
      examples_of(prepared(open_data(files, columns, task), task));
    } catch (const InputError& error) {
      return error.what();
    }
    return "no error";
  }
  static void expect_message(const std::vector<std::string>& files, const DataTask& task, const std::string& part,
                             const DataColumns& columns = {}) {
    const std::string message = message_of(files, task, columns);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }

  Scratch scratch_;
};

TEST_F(DataFiles, TheLastColumnIsTheTarget) {
  const std::string csv = text("data.csv", "a,b,side\n1,2,0\n3,4,1\n");
  const std::vector<data::Example> examples = examples_of(prepared(open_data({csv, csv}, {}, points()), points()));
  ASSERT_EQ(examples.size(), 4u);  // the files one after the other
  EXPECT_EQ(examples[1].array(input_field("input")), Array::of<float>({3, 4}));
  EXPECT_EQ(examples[3].array(target_field("dense")), Array::scalar<std::int64_t>(1));
  EXPECT_EQ(feature_names({csv}, {}, points()), (std::vector<std::string>{"a", "b"}));
}

TEST_F(DataFiles, TextsAreClassesByTheirLabels) {
  const std::string csv = text("data.csv", "a,b,side\n1,2,right\n3,4,left\n5,6,1\n");
  const DataTask task = points({"left", "right"});
  const std::vector<data::Example> examples = examples_of(prepared(open_data({csv}, {}, task), task));
  EXPECT_EQ(examples[0].array(target_field("dense")).get(0), 1);
  EXPECT_EQ(examples[1].array(target_field("dense")).get(0), 0);
  EXPECT_EQ(examples[2].array(target_field("dense")).get(0), 1);
  expect_message({csv}, points({"lft", "right"}), "must be one of lft, right, got \"left\".");
}

// A head of four classes and one of three independent labels, as a list in a cell.
TEST_F(DataFiles, SeveralTargetsAndLists) {
  Description d;
  d.add_input("x", Shape{1});
  d.outputs = {d.add(Dense{.units = 4}, {"x"}, "weather"), d.add(Dense{.units = 3}, {"x"}, "ground")};
  const DataTask task = task_of(d, {LossKind::kCrossEntropy, LossKind::kBinaryCrossEntropy});
  const std::string lists = text("lists.csv", "x,weather,ground\n0.5,3,\"[1, 0, 1]\"\n");
  const std::string columns = text("columns.csv", "x,weather,g0,g1,g2\n0.5,3,1,0,1\n");
  const std::vector<data::Example> expected =
      examples_of(prepared(open_data({lists}, {.targets = {"weather", "ground"}}, task), task));
  EXPECT_EQ(expected[0].array(target_field("ground")), Array::of<float>({1, 0, 1}));
  EXPECT_EQ(examples_of(prepared(open_data({columns}, {}, task), task)), expected);
  expect_message({lists}, task, "ground", {.targets = {"weather"}});
  expect_message({text("two.csv", "x,w,g0,g1,g2\n0.5,3,1,0,2\n")}, task,
                 "must be in [0, 1] for binary_cross_entropy, got 2");
}

TEST_F(DataFiles, FilesThatDoNotFitAreNamed) {
  io::write_npy(file("x.npy"), Array(DType::kFloat32, Shape{6, 2}));
  io::write_npy(file("y.npy"), Array(DType::kInt64, Shape{6}));
  io::write_npy(file("short.npy"), Array(DType::kInt64, Shape{5}));
  io::write_npy(file("wide.npy"), Array(DType::kFloat32, Shape{6, 3}));
  io::write_npz(file("z.npz"), {{"a", Array(DType::kFloat32, Shape{6, 2})}});
  EXPECT_EQ(message_of({file("x.npy"), file("y.npy")}, points()), "no error");
  expect_message({}, points(), "must name at least one file");
  expect_message({file("absent.npy"), file("y.npy")}, points(), "absent.npy: the file does not exist");
  expect_message({scratch_.path().string()}, points(), "is a folder");
  expect_message({file("x.npy")}, points(), "must be 2 files of arrays, one for each of input, dense, got 1");
  expect_message({file("x.npy"), file("short.npy")}, points(), "5");
  expect_message({file("wide.npy"), file("y.npy")}, points(), "must have shape (2,)");
  expect_message({"input=" + file("x.npy"), file("y.npy")}, points(), "name all of them");
  expect_message({file("z.npz"), file("y.npy")}, points(), "must be of one format");
  expect_message({file("z.npz")}, points(), "must hold arrays named input, dense, got a");
  expect_message({file("z.npz") + ":a"}, points(), "must name 2 arrays");
  expect_message({text("broken.csv", "x,y,side\n1,2,0\n3,four,1\n")}, points(), "broken.csv:3");
  expect_message({file("broken.csv")}, points(), "\"z\"", {.features = {"x", "z"}});
  text("file.idx", "no array");
  expect_message({file("file.idx"), file("file.idx")}, points(), "not an IDX file");
}

TEST_F(DataFiles, NumbersOutOfRangeAreNamed) {
  const auto check = [&](const std::string& rows, const std::string& part) {
    expect_message({text("data.csv", "x,y,side\n" + rows)}, points(), part);
  };
  check("1,2,2\n", "a class must be an integer of 0 to 1, got 2");
  check("1,2,-1\n", "got -1");
  check("1,2,0.5\n", "got 0.5");
  check("1,2,\n", "a class must be an integer");
  check("1,,1\n", "must be finite, got nan");
  check("1,1e300,1\n", "must be finite");
}

// 0, 1, …, 9 has mean 4.5 and variance 8.25; a constant becomes 0.
TEST_F(DataFiles, ScalesFollowFromTheExamples) {
  Array x(DType::kFloat32, Shape{10, 2});
  for (std::size_t i = 0; i < 10; ++i) {
    x.set(2 * i, static_cast<double>(i));
    x.set(2 * i + 1, 7);
  }
  const data::Dataset examples = data::from_arrays({{input_field("x"), x}});
  const InputSpec input{.name = "x", .shape = Shape{2}};
  const InputInterface standardised = scaling_of(examples, input, "mean-std", 0);
  EXPECT_EQ(standardised.shift, (std::vector<double>{4.5, 7}));
  EXPECT_NEAR(standardised.scale[0], 1 / std::sqrt(8.25), 1e-15);
  EXPECT_EQ(standardised.scale[1], 1);
  const InputInterface ranged = scaling_of(examples, input, "min-max", 0);
  EXPECT_EQ(ranged.shift, (std::vector<double>{0, 7}));
  EXPECT_EQ(ranged.scale, (std::vector<double>{1.0 / 9, 1}));
  EXPECT_EQ(scaling_of(examples, input, "1/4", 2), (InputInterface{.shift = {2}, .scale = {0.25}}));
  EXPECT_EQ(scaling_of(examples, input, "1", 0), InputInterface());
  for (const char* scale : {"1/0", "0", "fast", "", "nan"}) {
    EXPECT_THROW(scaling_of(examples, input, scale, 0), InvalidArgument) << scale;
  }
  EXPECT_THROW(scaling_of(examples, input, "min-max", 1), InvalidArgument);

  // of an image all elements together: 0 … 9 and ten sevens
  const InputSpec image{.name = "x", .shape = Shape{1, 2}};
  EXPECT_EQ(scaling_of(examples, image, "mean-std", 0).shift, (std::vector<double>{5.75}));
}

TEST_F(DataFiles, CountingCanBeInterrupted) {
  const data::Dataset examples = data::from_arrays({{"x", Array(DType::kFloat32, Shape{10})}});
  EXPECT_EQ(count_examples(examples), 10);
  EXPECT_THROW(count_examples(examples, [] { return true; }), Interrupted);
}

}  // namespace
}  // namespace ludus::nn
