#include "nn/vision/transfer/features.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/interruption.h"
#include "nn/io/image_file.h"
#include "nn/io/npy.h"
#include "tests/support/scratch.h"

namespace ludus::vision {
namespace {

namespace fs = std::filesystem;
using test_support::Scratch;

// 70 images of two classes, so of two parts, and a network whose features are the means of red, green and blue.
class FeaturesOfColors : public ::testing::Test {
 protected:
  FeaturesOfColors() {
    for (int i = 0; i < 70; ++i) add(i < 40 ? "a" : "b", i);
    images_ = list_image_sets(folder_ / "images");
    const nn::Description description = nn::sequential(Shape{3, 2, 2}, {nn::layers::GlobalAveragePool{}}, "means");
    backbone_ = {.description = description};
  }

  void add(const std::string& label, int i) {
    fs::create_directories(folder_ / "images" / label);
    Array image(DType::kUInt8, Shape{2, 2, 3});
    for (std::size_t k = 0; k < 12; ++k)
      image.data<std::uint8_t>()[k] = static_cast<std::uint8_t>(k % 3 == 0 ? i : 255);
    io::write_image(folder_ / "images" / label / (std::to_string(100 + i) + ".png"), image);
  }

  FeatureSets compute(const FeatureOptions& options = {}) {
    return compute_features(backbone_, {.size = {2, 2}, .scale = scale_, .resize = "exact"}, images_, file_, options);
  }

  Scratch folder_;
  fs::path file_ = folder_ / "features.npz";
  ImageSets images_;
  nn::Bundle backbone_;
  double scale_ = 255;
};

TEST_F(FeaturesOfColors, AreThoseOfTheNetworkInTheOrderOfTheFiles) {
  const FeatureSets sets = compute();
  ASSERT_EQ(sets.train.values.shape(), (Shape{70, 3}));
  for (std::size_t i = 0; i < 70; ++i) {
    EXPECT_NEAR(sets.train.values.get(3 * i), static_cast<double>(i), 1e-4);
    EXPECT_NEAR(sets.train.values.get(3 * i + 2), 255, 1e-4);
    EXPECT_EQ(sets.train.images.labels[i], i < 40 ? 0 : 1);
  }
  EXPECT_EQ(sets.train.images.files, images_.train.files);
  EXPECT_EQ(sets.cached, 0);
  // with several workers the same, and the file holds them
  file_ = folder_ / "again.npz";
  EXPECT_EQ(compute({.workers = 2}).train.values, sets.train.values);
  const FeatureSets read = read_features(file_);
  EXPECT_EQ(read.train.values, sets.train.values);
  EXPECT_EQ(read.train.images.files, sets.train.images.files);
  EXPECT_EQ(read.classes, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(io::read_npz(file_)[1].second.dtype(), DType::kInt64);
}

TEST_F(FeaturesOfColors, ContinueAfterAnInterruption) {
  const FeatureSets whole = compute();
  file_ = folder_ / "interrupted.npz";
  int parts = 0;
  const FeatureOptions options{.interrupted = [&] { return parts == 1; },
                               .on_part = [&](std::size_t, std::size_t) { ++parts; }};
  EXPECT_THROW(compute(options), Interrupted);
  EXPECT_FALSE(fs::exists(file_));
  const FeatureSets resumed = compute({.on_part = [&](std::size_t, std::size_t) { ++parts; }});
  EXPECT_EQ(parts, 2);
  EXPECT_EQ(resumed.cached, 64);
  EXPECT_EQ(resumed.train.values, whole.train.values);
  EXPECT_FALSE(fs::exists(file_.string() + ".parts"));
  // a complete file is read as it is
  EXPECT_EQ(compute().cached, 70);
}

TEST_F(FeaturesOfColors, ADamagedPartIsComputedAgain) {
  const FeatureSets whole = compute();
  file_ = folder_ / "damaged.npz";
  int parts = 0;
  EXPECT_THROW(
      compute({.interrupted = [&] { return parts == 1; }, .on_part = [&](std::size_t, std::size_t) { ++parts; }}),
      Interrupted);
  const fs::path part = fs::path(file_.string() + ".parts") / "train_000000.npz";
  write_atomically(part, read_text(part).substr(0, 200));
  const FeatureSets resumed = compute();
  EXPECT_EQ(resumed.cached, 0);
  EXPECT_EQ(resumed.train.values, whole.train.values);
}

TEST_F(FeaturesOfColors, AreComputedAgainForOtherImagesOrPreprocessing) {
  compute();
  scale_ = 1;
  const FeatureSets scaled = compute();
  EXPECT_EQ(scaled.cached, 0);
  EXPECT_NEAR(scaled.train.values.get(2), 1, 1e-6);
  fs::last_write_time(folder_ / "images" / images_.train.files[0],
                      fs::last_write_time(folder_ / "images" / images_.train.files[0]) + std::chrono::seconds(2));
  EXPECT_EQ(compute().cached, 0);
  EXPECT_EQ(compute().cached, 70);
}

TEST_F(FeaturesOfColors, BrokenImagesAreFatalOrLeftOut) {
  const std::string broken = images_.train.files[3];
  write_atomically(folder_ / "images" / broken, "no image");
  try {
    compute();
    FAIL() << "no exception";
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find(broken), std::string::npos) << error.what();
  }
  std::vector<std::string> lines;
  const FeatureOptions skip{.skip_broken = true,
                            .report_broken = [&](const std::string& line) { lines.push_back(line); }};
  const FeatureSets sets = compute(skip);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find(broken), std::string::npos) << lines[0];
  EXPECT_EQ(sets.broken, 1);
  EXPECT_EQ(sets.train.size(), 69u);
  EXPECT_EQ(std::count(sets.train.images.files.begin(), sets.train.images.files.end(), broken), 0);
  EXPECT_EQ(compute(skip).broken, 1);  // from the file
  EXPECT_THROW(compute(), FileError);  // not silently from the file
}

TEST_F(FeaturesOfColors, EveryClassNeedsAnImageThatCanBeRead) {
  for (std::size_t i = 40; i < 70; ++i) write_atomically(folder_ / "images" / images_.train.files[i], "no image");
  EXPECT_THROW(compute({.skip_broken = true, .report_broken = [](const std::string&) {}}), FileError);
}

TEST_F(FeaturesOfColors, OtherFilesAreRefused) {
  write_atomically(file_, "no archive");
  EXPECT_THROW(read_features(file_), FileError);
  io::write_npz(file_, {{"features", Array::of<float>({1, 2})}});
  EXPECT_THROW(read_features(file_), InputError);
}

}  // namespace
}  // namespace ludus::vision
