// ludus classify and ludus image.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/safetensors.h"
#include "base/value_io.h"
#include "nn/io/image_file.h"
#include "nn/vision/image_ops.h"
#include "tests/apps/program.h"
#include "tests/nn/vision/vision_files.h"

namespace ludus::apps {
namespace {

using test_support::expected;
using test_support::kVisionFiles;
using Words = std::vector<std::string>;

const std::string kPhoto = (kVisionFiles / "color.jpg").string();

// Exit code 2, nothing on standard output, one sentence with these words.
void expect_refused(const Words& arguments, const Words& words) {
  std::string line = "ludus";
  for (const std::string& argument : arguments) line += " " + argument;
  SCOPED_TRACE(line);
  const Outcome outcome = ludus(arguments);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  EXPECT_TRUE(outcome.err.starts_with("ludus: ")) << outcome.err;
  for (const std::string& word : words) EXPECT_NE(outcome.err.find(word), std::string::npos) << outcome.err;
}

// A network of two classes, redder or bluer than the other, in a description file with manifest and weights.
class TwoColors : public ::testing::Test {
 protected:
  void SetUp() override {
    write(folder_ / "net.json", R"({"name": "two_colors", "inputs": [{"name": "image", "shape": [3, 4, 4]}], "layers":
      [{"kind": "global_average_pool"}, {"kind": "dense", "units": 2, "name": "head"}]})");
    write(folder_ / "manifest.json", R"({"size": [4, 4], "resize": "exact", "labels": ["red", "blue"]})");
    write_weights("weights.safetensors", 1.0f);
    write_image("red.png", {200, 0, 0});
    write_image("blue.jpg", {0, 0, 255});
  }

  // Logits are the means of red and of blue, times `scale`.
  void write_weights(const std::string& name, float scale) {
    const Array weight = Array::of<float>({scale, 0, 0, 0, 0, scale}).reshaped(Shape{2, 3});
    const Array bias = Array::of<float>({0, 0});
    write_safetensors(folder_ / name, std::vector{view_of("head.weight", weight), view_of("head.bias", bias)});
  }

  void write_image(const std::string& name, std::array<std::uint8_t, 3> color) {
    Array image(DType::kUInt8, Shape{60, 80, 3});
    for (std::size_t i = 0; i < image.size(); ++i) image.data<std::uint8_t>()[i] = color[i % 3];
    io::write_image(folder_ / name, image);
  }

  Words classify(const Words& more) const {
    return Words{"classify",
                 "--model",
                 folder_ / "net.json",
                 "--manifest",
                 folder_ / "manifest.json",
                 "--weights",
                 folder_ / "weights.safetensors"} +
           more;
  }

  Folder folder_;
};

TEST_F(TwoColors, PrintsOneJsonObject) {
  const Outcome outcome = ludus(classify({folder_ / "red.png", folder_ / "blue.jpg", "--json"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Dict result = from_json(outcome.out).as_dict();
  EXPECT_EQ(result.size(), 2u);
  EXPECT_EQ(result.at("model").as_string(), folder_ / "net.json");
  const List& images = result.at("images").as_list();
  ASSERT_EQ(images.size(), 2u);
  const Dict& first = images[0].as_dict();
  EXPECT_EQ(first.size(), 2u);
  EXPECT_EQ(first.at("file").as_string(), folder_ / "red.png");
  ASSERT_EQ(first.at("top").as_list().size(), 2u);  // all classes, for there are fewer than five
  const Dict& best = first.at("top").as_list()[0].as_dict();
  EXPECT_EQ(best.size(), 3u);
  EXPECT_EQ(best.at("class").as_int(), 0);
  EXPECT_EQ(best.at("label").as_string(), "red");
  EXPECT_NEAR(best.at("probability").as_double(), 1 / (1 + std::exp(-200 / 255.0)), 1e-6);
  EXPECT_EQ(images[1].as_dict().at("top").as_list()[0].as_dict().at("label").as_string(), "blue");
}

TEST_F(TwoColors, PrintsATableOfTheBestClasses) {
  const Outcome outcome = ludus(classify({folder_ / "red.png", "--top", "1"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("0.6866"), std::string::npos) << outcome.out;  // 1 / (1 + exp(-200 / 255))
  EXPECT_NE(outcome.out.find("red"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find("blue"), std::string::npos) << outcome.out;
}

TEST_F(TwoColors, WritesAnnotatedImages) {
  const Outcome outcome =
      ludus(classify({folder_ / "red.png", folder_ / "blue.jpg", "--annotate", folder_ / "new/annotated"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Array image = io::read_image(folder_ / "new/annotated/red.png");
  ASSERT_EQ(image.shape(), (Shape{60, 80, 3}));
  EXPECT_EQ(image.data<std::uint8_t>()[0], 200);    // above the caption, unchanged
  const std::size_t band = 3 * 80 * (60 - 22);      // two lines of 10 rows, a margin of 2
  EXPECT_EQ(image.data<std::uint8_t>()[band], 50);  // darkened
  const auto caption = image.data<std::uint8_t>().subspan(band);
  EXPECT_GT(std::count(caption.begin(), caption.end(), 255), 100);  // letters
  EXPECT_TRUE(std::filesystem::exists(folder_ / "new/annotated/blue.png"));
}

TEST_F(TwoColors, AnnotatedImagesReplaceNoInput) {
  const std::string before = contents(folder_ / "red.png");
  expect_refused(classify({folder_ / "red.png", "--annotate", folder_.path().string()}), {"--annotate", "red.png"});
  EXPECT_EQ(contents(folder_ / "red.png"), before);
  write_image("red.jpg", {9, 9, 9});
  expect_refused(classify({folder_ / "red.png", folder_ / "red.jpg", "--annotate", folder_ / "out"}),
                 {"two of the images"});
  write(folder_ / "file", "");
  expect_refused(classify({folder_ / "red.png", "--annotate", folder_ / "file"}), {"--annotate", "cannot be created"});
  expect_refused(classify({folder_ / "red.png", "--annotate", "/proc/none"}), {"--annotate", "cannot be created"});
}

TEST_F(TwoColors, BrokenImagesAreNamed) {
  expect_refused(classify({folder_ / "none.jpg"}), {"none.jpg"});
  write(folder_ / "text.jpg", "not an image");
  expect_refused(classify({folder_ / "red.png", folder_ / "text.jpg"}), {"text.jpg", "JPEG or PNG"});
  write(folder_ / "cut.jpg", contents(kPhoto).substr(0, 700));
  expect_refused(classify({folder_ / "cut.jpg"}), {"cut.jpg", "cannot be read"});
  expect_refused(classify({folder_.path().string()}), {folder_.path().string()});
}

// The header of a PNG file with any size and a right checksum, and nothing behind it.
std::string png_header(std::uint32_t width, std::uint32_t height) {
  std::string chunk = "IHDR";
  for (const std::uint32_t extent : {width, height}) {
    for (int shift = 24; shift >= 0; shift -= 8) chunk += static_cast<char>(extent >> shift);
  }
  chunk += std::string("\x08\x02\0\0\0", 5);
  std::uint32_t crc = 0xFFFFFFFF;
  for (const char byte : chunk) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0xEDB88320u : 0u);
  }
  std::string file = std::string("\x89PNG\r\n\x1a\n\0\0\0\x0D", 12) + chunk;
  for (int shift = 24; shift >= 0; shift -= 8) file += static_cast<char>(~crc >> shift);
  return file + std::string("\0\0\0\0IDAT", 8);
}

TEST_F(TwoColors, GiantImagesAreRefusedInBoundedMemory) {
  write(folder_ / "giant.png", png_header(100'000, 100'000));
  write(folder_ / "lying.png", png_header(11'000, 11'000));
  expect_refused(classify({folder_ / "giant.png"}), {"giant.png", "100000 x 100000"});
  expect_refused(classify({folder_ / "lying.png"}), {"lying.png", "damaged"});
  expect_refused({"image", "grey", folder_ / "giant.png", folder_ / "out.png"}, {"giant.png", "100000 x 100000"});
  // 256 x 15 million pixels after resizing: only the crop is computed
  Array line(DType::kUInt8, Shape{1, 60'000, 3});
  io::write_image(folder_ / "line.png", line);
  write(folder_ / "manifest.json", R"({"size": [4, 4], "labels": ["red", "blue"]})");
  EXPECT_EQ(ludus(classify({folder_ / "line.png"})).code, 0);
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  EXPECT_LT(usage.ru_maxrss, 600 * 1024) << "KiB";
}

TEST_F(TwoColors, WrongWeightsAndModelsAreNamed) {
  const Words image{folder_ / "red.png"};
  const auto with = [&](const std::string& model, const std::string& weights) {
    return Words{"classify", "--model", model, "--manifest", folder_ / "manifest.json", "--weights", weights} + image;
  };
  const std::string net = folder_ / "net.json", weights = folder_ / "weights.safetensors";
  expect_refused(with(net, folder_ / "none.safetensors"), {"none.safetensors"});
  write(folder_ / "cut.safetensors", contents(weights).substr(0, 60));
  expect_refused(with(net, folder_ / "cut.safetensors"), {"cut.safetensors"});
  expect_refused(with(net, kPhoto), {"color.jpg"});
  expect_refused({"classify", "--model", "squeezenet1_1", "--weights", weights, image[0]},
                 {"weights.safetensors", "squeezenet1_1", "arrays are missing", "\"features.0.weight\""});
  expect_refused({"classify", "--model", "squeezenet", "--weights", weights, image[0]},
                 {"`squeezenet`", "Did you mean", "mobilenet_v2"});
  expect_refused({"classify", "--model", net, "--weights", weights, image[0]}, {"--manifest is missing"});
  expect_refused({"classify", "--model", net, "--manifest", net, "--weights", weights, image[0]}, {"net.json"});
  write_weights("nan.safetensors", std::numeric_limits<float>::quiet_NaN());
  expect_refused(with(net, folder_ / "nan.safetensors"), {"red.png", "must be finite"});
  expect_refused(classify({image[0], "--top", "3"}), {"between 1 and 2", "got 3"});
  expect_refused({"classify"}, {"the images are missing"});
  expect_refused({"classify", image[0]}, {"--model is missing", "squeezenet1_1_caffe"});
  expect_refused({"classify", image[0], "--model", "lenet5"}, {"--weights is missing"});
}

TEST(ImageCommand, ResizesCropsAndConverts) {
  const Folder folder;
  const Array rgb = expected("rgb");
  io::write_image(folder / "in.png", rgb);
  const auto result = [&](const Words& words, const std::string& out = "out.png") {
    const Outcome outcome =
        ludus(Words{"image", words[0], folder / "in.png", folder / out} + Words(words.begin() + 1, words.end()));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return io::read_image(folder / out);
  };
  EXPECT_EQ(result({"convert"}), rgb);
  EXPECT_EQ(result({"convert", "--quality", "95"}, "out.jpg").shape(), rgb.shape());
  EXPECT_EQ(result({"resize", "--height", "11", "--width", "14", "--filter", "bicubic"}),
            expected("resize_bicubic_11x14"));
  EXPECT_EQ(result({"resize", "--side", "46"}).shape(), (Shape{46, 62, 3}));
  EXPECT_EQ(result({"resize", "--side", "46", "--sampling", "legacy"}),
            vision::to_uint8(vision::resize_tf1(rgb, {46, 62})));
  EXPECT_EQ(result({"crop", "--height", "8", "--width", "50"}), vision::center_crop_or_pad(rgb, {8, 50}));
  EXPECT_EQ(result({"flip_horizontal"}), expected("flip_horizontal"));
  EXPECT_EQ(result({"rotate", "--turns", "3"}), expected("rotate90_3"));
  EXPECT_EQ(result({"contrast", "--factor", "1.7"}), expected("contrast_1.7"));
  EXPECT_EQ(result({"hue", "--shift", "-0.3"}), expected("hue_-0.3"));
  EXPECT_EQ(result({"grey"}), expected("luma"));
  EXPECT_EQ(result({"emboss"}), vision::convolve(rgb, vision::kEmboss));
  EXPECT_EQ(result({"augment", "--seed", "4"}), result({"augment", "--seed", "4"}));
  EXPECT_NE(result({"augment", "--seed", "4"}), result({"augment", "--seed", "5"}));
  EXPECT_EQ(result({"augment", "--set", "min_area=1", "--set", "padding=0", "--set", "horizontal_flip=1", "--set",
                    "brightness=0", "--set", "contrast=0", "--set", "saturation=0", "--set", "hue=0"}),
            expected("flip_horizontal"));
  EXPECT_NE(result({"caption", "--text", "A"}), rgb);
}

TEST(ImageCommand, KeepsAlphaAnd16BitsWhereTheFileHoldsThem) {
  const Folder folder;
  const std::string deep = (kVisionFiles / "rgba16.png").string();
  ASSERT_EQ(ludus({"image", "flip_vertical", deep, folder / "out.png"}).code, 0);
  EXPECT_EQ(io::read_image(folder / "out.png"), vision::flip_vertical(expected("rgba16.png")));
  ASSERT_EQ(ludus({"image", "convert", deep, folder / "out.jpg"}).code, 0);
  EXPECT_EQ(io::read_image(folder / "out.jpg").shape(), (Shape{23, 31, 3}));
}

TEST(ImageCommand, MistakesAreOneSentence) {
  const Folder folder;
  const std::string out = folder / "out.png";
  expect_refused({"image"}, {"operation, input and output"});
  expect_refused({"image", "blurr", kPhoto, out}, {"`blurr`", "Did you mean `blur`?"});
  expect_refused({"image", "blur", folder / "none.png", out}, {"none.png"});
  expect_refused({"image", "blur", kPhoto, folder / "out.gif"}, {"out.gif", ".png"});
  expect_refused({"image", "blur", kPhoto, "/nowhere/out.png"}, {"/nowhere"});
  expect_refused({"image", "blur", kPhoto, out, "--factor", "2"}, {"--factor", "`blur` does not take it"});
  expect_refused({"image", "contrast", kPhoto, out}, {"--factor is missing"});
  expect_refused({"image", "contrast", kPhoto, out, "--factor", "-1"}, {"factor", "got -1"});
  expect_refused({"image", "resize", kPhoto, out}, {"either --side, or --height and --width"});
  expect_refused({"image", "resize", kPhoto, out, "--side", "5", "--width", "5"}, {"either --side"});
  expect_refused({"image", "resize", kPhoto, out, "--side", "5", "--filter", "cubic"}, {"\"cubic\"", "bicubic"});
  expect_refused({"image", "resize", kPhoto, out, "--side", "5", "--sampling", "tf"}, {"--sampling", "`tf`"});
  expect_refused({"image", "resize", kPhoto, out, "--height", "65000", "--width", "65000"}, {"2^31"});
  expect_refused({"image", "crop", kPhoto, out, "--height", "0", "--width", "5"}, {"--height"});
  expect_refused({"image", "augment", kPhoto, out, "--set", "hue=3"}, {"hue", "0.5"});
  expect_refused({"image", "augment", kPhoto, out, "--set", "huge=3"}, {"huge", "hue"});
  EXPECT_FALSE(std::filesystem::exists(out));
}

// The published weights on the photographs, through the program.
TEST(ClassifyCommand, NamesThePhotographsAsTheReferences) {
  const auto data = test_support::data_folder();
  if (!data) GTEST_SKIP() << "skipped: no data";
  const Dict references = from_json(read_text(*data / "photos_references.json")).as_dict().at("photos").as_dict();
  struct Network {
    const char *name, *weights, *reference;
  };
  for (const Network& network :
       {Network{"squeezenet1_1_caffe", "squeezenet1_1.fp16.safetensors", "squeezenet1_1"},
        Network{"mobilenet_v2_folded", "mobilenet_v2_1.0_224.fp16.safetensors", "mobilenet_v2"}}) {
    Words arguments{"classify",   "--json",    "--model",
                    network.name, "--weights", (*data / "weights" / network.weights).string()};
    std::vector<std::string> names;
    for (const auto& [name, reference] : references) {
      names.push_back(name);
      arguments.push_back((*data / "photos" / name).string());
    }
    const Outcome outcome = ludus(arguments);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const List images = from_json(outcome.out).as_dict().at("images").as_list();
    ASSERT_EQ(images.size(), 8u);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const List& best = references.at(names[i]).as_dict().at(network.reference).as_list();
      const List& top = images[i].as_dict().at("top").as_list();
      ASSERT_EQ(top.size(), 5u);
      EXPECT_EQ(top[0].as_dict().at("class").as_int(), best[0].as_dict().at("index").as_int()) << names[i];
      for (std::size_t k = 0; k < 5; ++k) {
        EXPECT_NEAR(top[k].as_dict().at("probability").as_double(), best[k].as_dict().at("prob").as_double(), 0.02);
      }
    }
  }
}

}  // namespace
}  // namespace ludus::apps
