#include "apps/classify_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <set>

#include "apps/console.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/format.h"
#include "base/text.h"
#include "nn/core/device.h"
#include "nn/io/image_file.h"
#include "nn/model/description.h"
#include "nn/vision/caption.h"
#include "nn/vision/transfer/feature_network.h"
#include "nn/vision/zoo/classifier.h"
#include "nn/vision/zoo/zoo.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kShownClasses = 5;

struct ClassifyOptions {
  std::string model, weights;
  std::vector<std::string> images;
  std::optional<std::string> manifest, annotate;
  std::optional<std::int64_t> top;
  std::string device = "auto";
  bool json = false;
};

struct ClassifiedImage {
  std::string file;
  std::vector<vision::zoo::Prediction> top;
};

// A network of the zoo, a run or a model file with its manifest, or a description file with a manifest.
vision::zoo::Classifier open_classifier(const ClassifyOptions& options) {
  const nn::Device device = nn::parse_device(options.device);
  if (fs::path(options.model).extension() == ".json" && !options.manifest) {
    throw UsageError("--manifest is missing: a network in a file needs its preprocessing and labels");
  }
  vision::ImageNetwork network =
      vision::read_image_network(options.model, options.weights, options.manifest.value_or(""));
  if (network.weights.empty()) throw UsageError("--weights is missing: name the safetensors file of the network");
  return {std::move(network.description), std::move(network.manifest), network.weights, device};
}

// The file of each annotated image. Throws UsageError if two would be the same, or one would replace an input.
std::vector<fs::path> annotated_files(const fs::path& folder, const std::vector<std::string>& images) {
  std::vector<fs::path> files;
  std::set<fs::path> distinct;
  for (const std::string& image : images) {
    const fs::path file = folder / fs::path(image).filename().replace_extension(".png");
    if (!distinct.insert(file).second) {
      throw UsageError(formatted("--annotate: two of the images would be written to `{}`; classify them in two calls",
                                 file.string()));
    }
    std::error_code error;
    for (const std::string& input : images) {
      if (fs::equivalent(file, input, error)) {
        throw UsageError(
            formatted("--annotate: must be another folder than that of the images, got `{}`, where `{}` "
                      "would be replaced",
                      folder.string(), input));
      }
    }
    files.push_back(file);
  }
  return files;
}

void create_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder, error)) {
    throw FileError(formatted("--annotate: the folder `{}` cannot be created", folder.string()));
  }
}

std::string name_of_class(const vision::zoo::Prediction& prediction) {
  return prediction.label.empty() ? formatted("class {}", prediction.index) : prediction.label;
}

std::vector<std::string> caption_of(const std::vector<vision::zoo::Prediction>& top) {
  std::vector<std::string> lines;
  for (const vision::zoo::Prediction& prediction : top) {
    lines.push_back(formatted("{:3.0f} % {}", 100 * prediction.probability, name_of_class(prediction)));
  }
  return lines;
}

Value as_value(const std::string& model, const std::vector<ClassifiedImage>& images) {
  List list;
  for (const ClassifiedImage& image : images) {
    List top;
    for (const vision::zoo::Prediction& prediction : image.top) {
      top.emplace_back(
          Dict{{"class", prediction.index}, {"label", prediction.label}, {"probability", prediction.probability}});
    }
    list.emplace_back(Dict{{"file", image.file}, {"top", std::move(top)}});
  }
  return Dict{{"model", model}, {"images", std::move(list)}};
}

Table as_table(const std::vector<ClassifiedImage>& images) {
  Table table{.header = {"image", "probability", "class", "label"}, .rows = {}, .right = {false, true, true, false}};
  for (const ClassifiedImage& image : images) {
    for (const vision::zoo::Prediction& prediction : image.top) {
      table.rows.push_back({&prediction == &image.top.front() ? image.file : "", fixed(prediction.probability, 4),
                            std::to_string(prediction.index), prediction.label});
    }
  }
  return table;
}

int classify_images(const ClassifyOptions& options) {
  if (options.images.empty()) {
    throw UsageError(
        "the images are missing, as in `ludus classify --model mobilenet_v2 --weights mobilenet_v2.safetensors "
        "cat.jpg`");
  }
  if (options.model.empty()) {
    std::vector<std::string> names;
    for (const vision::zoo::Entry& entry : vision::zoo::zoo_entries()) names.push_back(entry.name);
    throw UsageError(formatted("--model is missing: name one of {}, or a description file", joined(names)));
  }
  std::vector<fs::path> annotated;
  if (options.annotate) annotated = annotated_files(*options.annotate, options.images);

  vision::zoo::Classifier classifier = open_classifier(options);
  if (const std::size_t unused = classifier.unused_weights().size(); unused > 0) {
    print_status(formatted("{}: {} arrays are not part of the network, the first is \"{}\"", options.weights, unused,
                           classifier.unused_weights().front()));
  }
  const std::int64_t top = options.top.value_or(std::min(kShownClasses, classifier.classes()));
  std::vector<ClassifiedImage> results;
  if (options.annotate) create_folder(*options.annotate);
  for (std::size_t i = 0; i < options.images.size(); ++i) {
    const Array image = io::read_image(options.images[i]);
    try {
      results.push_back({.file = options.images[i], .top = classifier.classify(image, top)});
    } catch (InputError& error) {
      error.prepend(options.images[i]);
      throw;
    }
    if (options.annotate) io::write_image(annotated[i], vision::with_caption(image, caption_of(results.back().top)));
  }
  if (options.json) {
    print_json(as_value(options.model, results));
  } else {
    print(to_text(as_table(results)));
  }
  return kDone;
}

}  // namespace

Command add_classify_command(CLI::App& program) {
  const auto options = std::make_shared<ClassifyOptions>();
  CLI::App* command = program.add_subcommand("classify", "name what images show, by a network with its weights");
  add_texts(*command, "images", "IMAGE...", options->images, "JPEG and PNG files");
  add_text(*command, "--model", "M", options->model,
           "network of the zoo, description file (.json), or run of `ludus finetune`");
  add_text(*command, "--weights", "FILE", options->weights,
           "its weights, a safetensors file (default: those of a run)");
  add_text(*command, "--manifest", "FILE", options->manifest,
           "preprocessing and labels, as JSON (default: that of the network in the zoo or of the run)");
  add_integer(*command, "--top", options->top, 1, kMaxInteger,
              formatted("most probable classes to show (default: {})", kShownClasses));
  add_text(*command, "--annotate", "DIR", options->annotate, "write each image with its classes into this folder");
  add_text(*command, "--device", "D", options->device, "auto, cpu or cuda");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer([] {
    return "The networks of the zoo:\n" + vision::zoo::to_text(vision::zoo::zoo_table()) +
           "\nExample: ludus classify --model mobilenet_v2_folded --weights mobilenet_v2.safetensors cat.jpg dog.jpg "
           "--top 3";
  });
  return {command, [options] { return classify_images(*options); }};
}

}  // namespace ludus::apps
