#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "nn/data/array_source.h"
#include "nn/data/csv_source.h"
#include "nn/data/file_source.h"
#include "nn/data/tfrecord_source.h"
#include "nn/io/idx.h"
#include "nn/io/tfrecord.h"
#include "tests/nn/data/datasets.h"
#include "tests/support/scratch.h"

namespace ludus::data {
namespace {

using test_support::Scratch;

const std::filesystem::path kFiles = LUDUS_TEST_DATA "/io";

std::vector<Example> examples_of(const Dataset& dataset) {
  std::vector<Example> all;
  for (const Example& example : dataset.epoch(0)) all.push_back(example);
  return all;
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ArraySource, GivesRowsOfArraysAndFiles) {
  const Array x = Array::of<float>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).reshaped(Shape{4, 3});
  const Array y = Array::of<std::int64_t>({0, 1, 0, 1});
  const std::vector<Example> rows = examples_of(from_arrays({{"x", x}, {"y", y}}));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[2].array("x"), Array::of<float>({6, 7, 8}));
  EXPECT_EQ(rows[3].array("y"), Array::scalar<std::int64_t>(1));
  for (const char* file : {"stored.npz", "deflated.npz"}) {
    EXPECT_EQ(examples_of(from_npz(kFiles / file, {"x", "y"})), rows) << file;
    EXPECT_EQ(examples_of(from_npz(kFiles / file))[1].array("column"), Array::of<double>({2, 3}));
  }
  const std::vector<Example> images = examples_of(from_idx(kFiles / "images.idx.gz", kFiles / "labels.idx"));
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[2].array("image").shape(), (Shape{4, 5}));
  EXPECT_EQ(images[2].array("image").get(0), 40);
  EXPECT_EQ(images[2].array("label").get(0), 9);
  EXPECT_EQ(images[2].origin.text(), (kFiles / "images.idx.gz").string() + ", row 2");
  EXPECT_EQ(examples_of(from_npy({{"a", kFiles / "int8.npy"}}))[1].array("a"), Array::of<std::int8_t>({9, 12, 15}));
}

TEST(ArraySource, UnequalArraysThrow) {
  const Array four(DType::kFloat32, Shape{4});
  const Array five(DType::kFloat32, Shape{5});
  EXPECT_EQ(message_of([&] {
              from_arrays({{"x", four}, {"y", five}});
            }),
            "from_arrays: the arrays must have equally many rows, and \"x\" has 4 and \"y\" 5");
  EXPECT_THROW(from_arrays({}), InvalidArgument);
  EXPECT_THROW(from_arrays({{"x", four}, {"x", four}}), InvalidArgument);
  EXPECT_THROW(from_arrays({{"x", Array::scalar(1.0)}}), InvalidArgument);
  EXPECT_THROW(from_idx("/nowhere/images", "/nowhere/labels"), FileError);
}

TEST(ArraySource, MnistTrainingSetIsRead) {
  const char* data = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path folder =
      (data ? std::filesystem::path(data) : LUDUS_SOURCE_DIR "/../shared/data") / "mnist";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  const Dataset mnist = from_idx(matching_files((folder / "t10k-images*").string())[0],
                                 matching_files((folder / "t10k-labels*").string())[0]);
  EXPECT_EQ(mnist.size(), 10000u);
  std::array<int, 10> counts{};
  std::uint64_t batches = 0;
  for (const Batch& batch : mnist.shuffle(10000, 1).batch(128).prefetch(2).epoch(0)) {
    ++batches;
    for (const std::uint8_t label : batch.array("label").data<std::uint8_t>()) ++counts[label];
  }
  EXPECT_EQ(batches, 79u);
  EXPECT_EQ(counts,
            (std::array<int, 10>{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}));  // known of the test set
}

class CsvSource : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) {
    write_atomically(folder_ / "table.csv", text);
    return folder_ / "table.csv";
  }
  Scratch folder_;
};

TEST_F(CsvSource, FieldsAreConverted) {
  const CsvOptions options{.fields = {{.name = "size", .columns = {"width", "height"}},
                                      {.name = "label", .dtype = DType::kInt64},
                                      {.name = "tags", .kind = CsvField::Kind::kList, .dtype = DType::kUInt8},
                                      {.name = "title", .kind = CsvField::Kind::kText, .columns = {"name"}}}};
  const std::vector<Example> rows = examples_of(from_csv(file("name,width,height,label,tags\r\n"
                                                              "\"a, b\",1.5,2e1,3,\"[1, 0, 1]\"\r\n"
                                                              "NA,+4,-0,7.0,2 5\r\n"
                                                              "c,, nan ,-1,\r\n"),
                                                         options));
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].array("size"), Array::of<float>({1.5, 20}));
  EXPECT_EQ(rows[0].array("label"), Array::scalar<std::int64_t>(3));
  EXPECT_EQ(rows[0].array("tags"), Array::of<std::uint8_t>({1, 0, 1}));
  EXPECT_EQ(rows[0].text("title"), "a, b");
  EXPECT_EQ(rows[1].array("size"), Array::of<float>({4, -0.0f}));
  EXPECT_EQ(rows[1].array("label"), Array::scalar<std::int64_t>(7));
  EXPECT_EQ(rows[1].array("tags"), Array::of<std::uint8_t>({2, 5}));
  EXPECT_EQ(rows[1].text("title"), "NA");  // a text is what it is
  EXPECT_TRUE(std::isnan(rows[2].array("size").get(0)));
  EXPECT_TRUE(std::isnan(rows[2].array("size").get(1)));
  EXPECT_EQ(rows[2].array("tags").size(), 0u);
  EXPECT_EQ(rows[2].origin.text(), (folder_ / "table.csv").string() + ":4");
}

TEST_F(CsvSource, MissingNumbersTakeTheGivenValue) {
  CsvOptions options{.fields = {{.name = "n", .dtype = DType::kInt32, .missing = -1}}};
  const std::vector<Example> rows = examples_of(from_csv(file("n\n3\nNA\n"), options));
  EXPECT_EQ(rows[1].array("n"), Array::scalar<std::int32_t>(-1));
  options.fields[0].missing.reset();
  EXPECT_NE(message_of([&] { examples_of(from_csv(file("n\n3\nNA\n"), options)); }).find("the number is missing"),
            std::string::npos);
}

TEST_F(CsvSource, WithoutFieldsColumnsAreTexts) {
  const std::vector<Example> rows = examples_of(from_csv(file("a;b\n1;x\n"), {.delimiter = ';'}));
  EXPECT_EQ(rows[0].text("a"), "1");
  EXPECT_EQ(rows[0].text("b"), "x");
  EXPECT_EQ(examples_of(from_csv(file("1,2\n"), {.header = false}))[0].text("1"), "2");
}

TEST_F(CsvSource, NumbersThatDoNotFitAreBroken) {
  const auto read = [&](DType dtype, const std::string& cell) {
    return message_of(
        [&] { examples_of(from_csv(file("n\n" + cell + "\n"), {.fields = {{.name = "n", .dtype = dtype}}})); });
  };
  for (const char* cell : {"256", "-1", "1.5", "1e3", "x", "1x", "\"\"", "--1", "0x10"}) {
    EXPECT_NE(read(DType::kUInt8, cell).find("is not a number of the dtype uint8"), std::string::npos) << cell;
  }
  for (const char* cell : {"255", "0", "1e2", "7.0", " 8 "}) EXPECT_EQ(read(DType::kUInt8, cell), "") << cell;
  EXPECT_EQ(read(DType::kInt64, "-9223372036854775808"), "");
  EXPECT_NE(read(DType::kInt64, "9223372036854775808"), "");
  EXPECT_NE(read(DType::kFloat32, "1e99"), "");
  EXPECT_EQ(read(DType::kBool, "True"), "");
  EXPECT_NE(read(DType::kBool, "2"), "");
}

// Broken records: one line each with file and position, skipped or fatal by choice.
TEST_F(CsvSource, BrokenRowsAreSkippedOrFatal) {
  const std::string text = "a,b\n1,2\n3\nx,4\n\"5\"y,6\n7,8\n";
  std::vector<std::string> lines;
  CsvOptions options{.fields = {{.name = "a"}, {.name = "b"}},
                     .broken = BrokenRecords::skip([&](const std::string& line) { lines.push_back(line); })};
  const std::vector<Example> rows = examples_of(from_csv(file(text), options));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[1].array("a").get(0), 7);
  const std::string path = (folder_ / "table.csv").string();
  EXPECT_EQ(lines, (std::vector<std::string>{path + ":3: 1 cells in a row of 2 columns",
                                             path + ":4: column \"a\": \"x\" is not a number of the dtype float32",
                                             path + ":5: text follows the closing quote of cell 1"}));
  options.broken = BrokenRecords::fail();
  EXPECT_EQ(message_of([&] { examples_of(from_csv(file(text), options)); }), lines[0]);
}

TEST_F(CsvSource, UnknownColumnsThrowAtOnce) {
  EXPECT_NE(
      message_of([&] { from_csv(file("width\n1\n"), {.fields = {{.name = "widht"}}}); }).find("Did you mean `width`?"),
      std::string::npos);
  EXPECT_THROW(
      from_csv(file("a,b\n"), {.fields = {{.name = "t", .kind = CsvField::Kind::kText, .columns = {"a", "b"}}}}),
      InvalidArgument);
  EXPECT_THROW(from_csv("/nowhere.csv"), FileError);
}

TEST(TfRecordSource, ExamplesAreConverted) {
  const std::vector<Example> examples = examples_of(from_tf_example(kFiles / "examples.tfrecord"));
  ASSERT_EQ(examples.size(), 4u);
  EXPECT_EQ(decode_raw(examples[2].text("image"), DType::kFloat32, Shape{2, 2}),
            Array::of<float>({2, 2, 2, 2}).reshaped(Shape{2, 2}));
  EXPECT_EQ(examples[2].array("label"), Array::of<std::int64_t>({1}));
  EXPECT_EQ(examples[2].array("weights"), Array::of<float>({1, -1}));
  EXPECT_EQ(examples[2].at("names"), Value(List{"a", "bb"}));
  EXPECT_EQ(examples[2].origin.text(), (kFiles / "examples.tfrecord").string() + ", record 2");
  EXPECT_THROW(decode_raw("12345", DType::kFloat32, Shape{1}), InvalidArgument);
  EXPECT_EQ(examples_of(from_tf_example(kFiles / "examples.tfrecord.zlib", {.compression = io::Compression::kZlib})),
            examples);
  EXPECT_EQ(examples_of(from_tfrecord(kFiles / "examples.tfrecord")).size(), 4u);
}

TEST(TfRecordSource, ExamplesAreWrittenAndReadBack) {
  const Scratch folder;
  const Example example{{"image", std::string("\xff\xd8\0", 3)},
                        {"x", Array::of<double>({0.5, 1})},
                        {"n", 7},
                        {"flag", true},
                        {"names", List{"a", "b"}},
                        {"none", Value()}};
  {
    io::TfRecordWriter writer(folder / "file");
    writer.write(io::to_tf_example(to_features(example)));
  }
  const std::vector<Example> read = examples_of(from_tf_example(folder / "file"));
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0], (Example{{"image", std::string("\xff\xd8\0", 3)},
                              {"x", Array::of<float>({0.5, 1})},
                              {"n", Array::of<std::int64_t>({7})},
                              {"flag", Array::of<std::int64_t>({1})},
                              {"names", List{"a", "b"}},
                              {"none", Value()}}));
  EXPECT_THROW(to_features({{"d", Dict{}}}), TypeMismatch);
  EXPECT_THROW(to_features({{"l", List{1, 2}}}), TypeMismatch);
  EXPECT_THROW(to_features({{"u", Array::of<std::uint64_t>({std::uint64_t{1} << 63})}}), TypeMismatch);
}

TEST(TfRecordSource, BrokenRecordsAreSkippedOrFatal) {
  const Scratch folder;
  const std::string damaged = (kFiles / "damaged.tfrecord").string();
  std::vector<std::string> lines;
  const BrokenRecords skip = BrokenRecords::skip([&](const std::string& line) { lines.push_back(line); });
  EXPECT_EQ(examples_of(from_tf_example(damaged, {.broken = skip})).size(), 3u);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with(damaged + ": record 1 at byte ")) << lines[0];
  EXPECT_TRUE(message_of([&] { examples_of(from_tf_example(damaged)); }).starts_with(damaged + ": record 1 at byte "));

  // content that is no tf.Example
  lines.clear();
  {
    io::TfRecordWriter writer(folder / "file");
    writer.write("\x0a\x05");
    writer.write("");
  }
  EXPECT_EQ(examples_of(from_tf_example(folder / "file", {.broken = skip})).size(), 1u);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_TRUE(lines[0].starts_with((folder / "file").string() + ", record 0: not a tf.Example")) << lines[0];

  // a truncated file ends there, and the next file is read
  lines.clear();
  const std::string whole = read_text(kFiles / "examples.tfrecord");
  write_atomically(folder / "cut", whole.substr(0, whole.size() - 5));
  EXPECT_EQ(
      examples_of(from_tf_example(std::vector{folder / "cut", kFiles / "examples.tfrecord"}, {.broken = skip})).size(),
      7u);
  EXPECT_EQ(lines.size(), 1u);
}

TEST(FileSource, PatternsMatchSortedFiles) {
  const Scratch folder;
  for (const char* name : {"b-2.txt", "b-10.txt", "a-1.txt", "c.csv"}) write_atomically(folder / name, name);
  std::filesystem::create_directory(folder / "b-folder.txt");
  const auto files = matching_files((folder / "[ab]-*.txt").string());
  EXPECT_EQ(files, (std::vector<std::filesystem::path>{folder / "a-1.txt", folder / "b-10.txt", folder / "b-2.txt"}));
  EXPECT_THROW(matching_files((folder / "*.png").string()), FileError);
  const std::vector<Example> examples =
      examples_of(from_paths(files).map([](Example e) { return load_bytes(std::move(e)); }));
  EXPECT_EQ(examples[1].text("bytes"), "b-10.txt");
  EXPECT_THROW(load_bytes({{"path", (folder / "none").string()}}), FileError);
}

TEST(FileSource, ImageFoldersAreListedClassByClass) {
  const Scratch folder;
  for (const char* path :
       {"dog/2.jpg", "dog/1.PNG", "cat/deep/x.jpeg", "cat/a.jpg", "cat/readme.txt", ".hidden/1.jpg", "dog/.1.jpg"}) {
    std::filesystem::create_directories((folder / path).parent_path());
    write_atomically(folder / path, path);
  }
  write_atomically(folder / "0.jpg", "beside the classes");
  const ImageFolder listing = list_image_folder(folder.path());
  EXPECT_EQ(listing.classes, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(listing.files, (std::vector<std::filesystem::path>{folder / "cat/a.jpg", folder / "cat/deep/x.jpeg",
                                                               folder / "dog/1.PNG", folder / "dog/2.jpg"}));
  EXPECT_EQ(listing.labels, (std::vector<std::int64_t>{0, 0, 1, 1}));
  const std::vector<Example> examples = examples_of(from_image_folder(listing));
  EXPECT_EQ(examples[3], (Example{{"path", (folder / "dog/2.jpg").string()}, {"label", 1}}));

  std::filesystem::create_directory(folder / "empty");
  EXPECT_NE(message_of([&] { list_image_folder(folder.path()); }).find("must hold an image"), std::string::npos);
  EXPECT_THROW(list_image_folder(folder / "dog"), FileError);
  EXPECT_THROW(list_image_folder(folder / "none"), FileError);
}

TEST(FileSource, Animals8IsListed) {
  const char* data = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path folder =
      (data ? std::filesystem::path(data) : LUDUS_SOURCE_DIR "/../shared/data") / "animals8/train";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "skipped: no data";
  const ImageFolder listing = list_image_folder(folder);
  EXPECT_EQ(listing.classes, (std::vector<std::string>{"dalmatian", "elephant", "flamingo", "hedgehog", "ibis",
                                                       "kangaroo", "llama", "rhino"}));
  EXPECT_EQ(listing.files.size(), 240u);
}

}  // namespace
}  // namespace ludus::data
