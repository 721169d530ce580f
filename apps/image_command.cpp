#include "apps/image_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <functional>
#include <memory>

#include "apps/console.h"
#include "apps/options.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/text.h"
#include "nn/io/image_file.h"
#include "nn/vision/augment.h"
#include "nn/vision/caption.h"
#include "nn/vision/image_ops.h"

namespace ludus::apps {
namespace {

constexpr std::int64_t kMaxExtent = 65500;  // pixels: what a JPEG file may have

struct ImageOptions {
  std::string operation, input, output;
  std::optional<std::int64_t> height, width, side, turns, quality, seed;
  std::optional<double> factor, shift;
  std::optional<std::string> filter, sampling;
  std::vector<std::string> text;
  Dict set;
};

// An operation with the options that it takes and needs.
struct ImageOperation {
  std::string name, help;
  std::vector<std::string> takes;
  std::vector<std::string> needs;
  std::function<Array(const Array&, const ImageOptions&)> apply;
};

vision::ImageSize output_size(const ImageOptions& options) {
  return {.height = *options.height, .width = *options.width};
}

Array resized_image(const Array& image, const ImageOptions& options) {
  if (options.side ? options.height || options.width : !options.height || !options.width) {
    throw UsageError("resize: takes either --side, or --height and --width");
  }
  const vision::ImageSize size =
      options.side ? vision::with_shorter_side(vision::size_of(image), *options.side) : output_size(options);
  const vision::Filter filter = vision::filter_of(options.filter.value_or("bilinear"));
  if (!options.sampling || *options.sampling == "antialiased") return vision::resize(image, size, filter);
  const auto grid = std::find(vision::kTfGridNames.begin(), vision::kTfGridNames.end(), *options.sampling);
  if (grid == vision::kTfGridNames.end()) {
    throw UsageError(formatted(
        "--sampling: must be antialiased, {}, got `{}`",
        joined(std::vector<std::string>(vision::kTfGridNames.begin(), vision::kTfGridNames.end())), *options.sampling));
  }
  return vision::resize_tf1(image, size, filter, static_cast<vision::TfGrid>(grid - vision::kTfGridNames.begin()));
}

Array augmented_image(const Array& image, const ImageOptions& options) {
  vision::Augmentation augmentation{.padding = 4,
                                    .min_area = 0.5,
                                    .horizontal_flip = 0.5,
                                    .brightness = 0.4,
                                    .contrast = 0.4,
                                    .saturation = 0.4,
                                    .hue = 0.1};
  assign_fields(augmentation, options.set, "augment");
  Generator random(static_cast<std::uint64_t>(options.seed.value_or(0)));
  return vision::augment(image, augmentation, random);
}

std::vector<ImageOperation> make_operations() {
  using namespace vision;
  std::vector<ImageOperation> operations{
      {"convert",
       "nothing but the kind of file",
       {},
       {},
       [](const Array& image, const ImageOptions&) { return image; }},
      {"resize",
       "to a size, or to a shorter side",
       {"--height", "--width", "--side", "--filter", "--sampling"},
       {},
       resized_image},
      {"crop",
       "to the centre; a smaller image is padded with black",
       {},
       {"--height", "--width"},
       [](const Array& image, const ImageOptions& o) { return center_crop_or_pad(image, output_size(o)); }},
      {"random_crop",
       "to a random part",
       {"--seed"},
       {"--height", "--width"},
       [](const Array& image, const ImageOptions& o) {
         Generator random(static_cast<std::uint64_t>(o.seed.value_or(0)));
         return random_crop(image, output_size(o), random);
       }},
      {"flip_horizontal",
       "exchanges left and right",
       {},
       {},
       [](const Array& image, const ImageOptions&) { return flip_horizontal(image); }},
      {"flip_vertical",
       "exchanges top and bottom",
       {},
       {},
       [](const Array& image, const ImageOptions&) { return flip_vertical(image); }},
      {"transpose",
       "exchanges rows and columns",
       {},
       {},
       [](const Array& image, const ImageOptions&) { return transpose(image); }},
      {"rotate",
       "by 90 degrees counter-clockwise, --turns times",
       {"--turns"},
       {},
       [](const Array& image, const ImageOptions& o) {
         return rotate90(image, static_cast<int>(o.turns.value_or(1)));
       }},
      {"brightness",
       "times --factor",
       {},
       {"--factor"},
       [](const Array& image, const ImageOptions& o) { return adjust_brightness(image, *o.factor); }},
      {"contrast",
       "distance from the mean grey, times --factor",
       {},
       {"--factor"},
       [](const Array& image, const ImageOptions& o) { return adjust_contrast(image, *o.factor); }},
      {"saturation",
       "distance from the grey image, times --factor",
       {},
       {"--factor"},
       [](const Array& image, const ImageOptions& o) { return adjust_saturation(image, *o.factor); }},
      {"hue",
       "shifted by --shift of the colour circle, -0.5 to 0.5",
       {},
       {"--shift"},
       [](const Array& image, const ImageOptions& o) { return adjust_hue(image, *o.shift); }},
      {"grey", "the luma", {}, {}, [](const Array& image, const ImageOptions&) { return to_grey(image); }},
      {"augment", "random changes, as for training", {"--seed", "--set"}, {}, augmented_image},
      {"caption",
       "lines of text at the lower edge",
       {},
       {"--text"},
       [](const Array& image, const ImageOptions& o) { return with_caption(image, o.text); }},
  };
  for (const Kernel& kernel : kKernels) {
    operations.push_back({std::string(kernel.name),
                          "filters with a 3 x 3 kernel",
                          {},
                          {},
                          [&kernel](const Array& image, const ImageOptions&) { return convolve(image, kernel); }});
  }
  return operations;
}

const std::vector<ImageOperation>& image_operations() {
  static const std::vector<ImageOperation> operations = make_operations();
  return operations;
}

const ImageOperation& operation_of(const std::string& name) {
  std::vector<std::string> names;
  for (const ImageOperation& operation : image_operations()) {
    if (operation.name == name) return operation;
    names.push_back(operation.name);
  }
  throw UsageError(
      formatted("there is no operation `{}`.{} The operations are {}", name, did_you_mean(name, names), joined(names)));
}

// Throws UsageError for an option that the operation does not take, or that it lacks.
void check_options(const ImageOperation& operation, const ImageOptions& options) {
  const std::vector<std::pair<std::string, bool>> present{
      {"--height", options.height.has_value()}, {"--width", options.width.has_value()},
      {"--side", options.side.has_value()},     {"--turns", options.turns.has_value()},
      {"--seed", options.seed.has_value()},     {"--factor", options.factor.has_value()},
      {"--shift", options.shift.has_value()},   {"--filter", options.filter.has_value()},
      {"--text", !options.text.empty()},        {"--sampling", options.sampling.has_value()},
      {"--set", !options.set.empty()}};
  for (const auto& [option, is_present] : present) {
    const bool needed = std::count(operation.needs.begin(), operation.needs.end(), option) > 0;
    const bool taken = std::count(operation.takes.begin(), operation.takes.end(), option) > 0;
    if (is_present && !needed && !taken) {
      throw UsageError(
          formatted("{}: the operation `{}` does not take it; see `ludus image --help`", option, operation.name));
    }
    if (!is_present && needed) {
      throw UsageError(formatted("{} is missing: the operation `{}` needs it", option, operation.name));
    }
  }
}

// The image as a file of this name can hold it.
Array encodable(const Array& image, const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (extension == ".png") return image.dtype() == DType::kUInt16 ? image : vision::to_uint8(image);
  return vision::with_channels(vision::to_uint8(image), vision::channels_of(image) >= 3 ? 3 : 1);
}

int change_image(const ImageOptions& options) {
  if (options.operation.empty() || options.input.empty() || options.output.empty()) {
    throw UsageError("operation, input and output are needed, as in `ludus image resize cat.jpg small.png --side 256`");
  }
  const ImageOperation& operation = operation_of(options.operation);
  check_options(operation, options);
  io::check_image_path(options.output);
  const Array image = io::read_image(options.input);
  const Array result = operation.apply(image, options);
  io::write_image(options.output, encodable(result, options.output), static_cast<int>(options.quality.value_or(90)));
  print(formatted("{}: {} x {} pixels\n", options.output, result.shape()[1], result.shape()[0]));
  return kDone;
}

std::string operations_help() {
  std::string text = "Operations:\n";
  for (const ImageOperation& operation : image_operations()) {
    std::vector<std::string> options = operation.needs;
    for (const std::string& option : operation.takes) options.push_back(formatted("[{}]", option));
    const std::string list = options.empty() ? "" : formatted(" ({})", joined(options));
    text += formatted("  {:<16} {}{}\n", operation.name, operation.help, list);
  }
  return text;
}

}  // namespace

Command add_image_command(CLI::App& program) {
  const auto options = std::make_shared<ImageOptions>();
  CLI::App* command = program.add_subcommand("image", "change an image file: size, colour, kernels, kind of file");
  add_text(*command, "operation", "OP", options->operation, "what is done, see below");
  add_text(*command, "input", "IN", options->input, "JPEG or PNG file");
  add_text(*command, "output", "OUT", options->output, ".jpg, .jpeg or .png file to write");
  add_integer(*command, "--height", options->height, 1, kMaxExtent, "height of the result, in pixels");
  add_integer(*command, "--width", options->width, 1, kMaxExtent, "width of the result, in pixels");
  add_integer(*command, "--side", options->side, 1, kMaxExtent, "shorter side of the result, in pixels");
  add_text(*command, "--filter", "NAME", options->filter, "nearest, bilinear (default), bicubic or area");
  add_text(*command, "--sampling", "NAME", options->sampling,
           "antialiased (default), or a grid of TensorFlow 1: legacy, align_corners or half_pixel");
  add_integer(*command, "--turns", options->turns, -3, 3, "quarter turns counter-clockwise (default: 1)");
  add_number(*command, "--factor", options->factor, "1 leaves the image as it is");
  add_number(*command, "--shift", options->shift, "0 leaves the image as it is");
  add_texts(*command, "--text", "LINE", options->text, "line of a caption; repeatable");
  add_integer(*command, "--seed", options->seed, 0, kMaxInteger, "seed of random changes (default: 0)");
  add_settings(*command, "--set", options->set,
               "setting of augment: padding, min_area, horizontal_flip, vertical_flip, brightness, contrast, "
               "saturation or hue");
  add_integer(*command, "--quality", options->quality, 1, 100, "of a JPEG file (default: 90)");
  command->footer(
      [] { return operations_help() + "\nExample: ludus image resize cat.jpg small.png --side 256 --filter bicubic"; });
  return {command, [options] { return change_image(*options); }};
}

}  // namespace ludus::apps
