#include "apps/features_command.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>

#include "apps/console.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/format.h"
#include "nn/core/threads.h"
#include "nn/vision/transfer/backbone.h"
#include "nn/vision/transfer/features.h"

namespace ludus::apps {
namespace {

struct FeaturesOptions {
  std::string folder, model, weights, output;
  std::string manifest, layer, device = "auto";
  std::optional<std::int64_t> workers, threads;
  bool skip_broken = false, json = false;
};

int compute(const FeaturesOptions& options) {
  if (options.folder.empty()) {
    throw UsageError(
        "the folder of images is missing, as in `ludus features animals --model mobilenet_v2_folded --weights "
        "mobilenet_v2.safetensors --output animals.npz`");
  }
  if (options.model.empty()) throw UsageError("--model is missing: name a network of `ludus model zoo`, or a file");
  if (!options.output.ends_with(".npz")) {
    throw UsageError(formatted("--output: must name a file that ends in .npz, got `{}`", options.output));
  }
  nn::set_threads(static_cast<int>(options.threads.value_or(1)));
  const vision::ImageNetwork network = vision::read_image_network(options.model, options.weights, options.manifest);
  const vision::FeatureNetwork features = vision::feature_network(network.description, options.layer);
  const vision::ImageSets images = vision::list_image_sets(options.folder);
  const nn::Bundle backbone = vision::load_backbone(network, features);

  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  vision::FeatureOptions feature_options{.skip_broken = options.skip_broken,
                                         .workers = static_cast<std::size_t>(options.workers.value_or(0)),
                                         .device = options.device,
                                         .interrupted = interrupted};
  feature_options.report_broken = [](const std::string& line) { print_status(line); };
  feature_options.on_part = [&](std::size_t done, std::size_t of) {
    print_status(formatted("{} of {} images, {:.1f} s", done, of, seconds()));
  };
  const vision::FeatureSets sets =
      vision::compute_features(backbone, network.manifest, images, options.output, feature_options);

  const std::size_t validation = sets.validation ? sets.validation->size() : 0;
  if (options.json) {
    print_json(Dict{{"output", options.output},
                    {"model", options.model},
                    {"layer", features.layer},
                    {"features", features.width},
                    {"classes", List(sets.classes.begin(), sets.classes.end())},
                    {"images", static_cast<std::int64_t>(sets.train.size())},
                    {"validation_images", static_cast<std::int64_t>(validation)},
                    {"broken", sets.broken},
                    {"cached", sets.cached},
                    {"seconds", seconds()}});
    return kDone;
  }
  print(formatted("{}: {} features of layer {} of {} images{} of {} classes, in {} s{}{}\n", options.output,
                  features.width, features.layer, sets.train.size(),
                  validation > 0 ? formatted(" and {} of validation", validation) : std::string(), sets.classes.size(),
                  fixed(seconds(), 1), sets.cached > 0 ? formatted("; {} were there already", sets.cached) : "",
                  sets.broken > 0 ? formatted("; {} images left out", sets.broken) : ""));
  return kDone;
}

}  // namespace

Command add_features_command(CLI::App& program) {
  const auto options = std::make_shared<FeaturesOptions>();
  CLI::App* command =
      program.add_subcommand("features", "compute features of a folder of images by a network with its weights");
  add_text(*command, "folder", "DIR", options->folder,
           "folder with a sub-folder of images for each class, or with folders train and val of these");
  add_text(*command, "--model", "M", options->model,
           "network of the zoo, description file (.json), or run of `ludus finetune`");
  add_text(*command, "--weights", "FILE", options->weights, "its weights, a safetensors file");
  add_text(*command, "--output", "FILE", options->output, "the NPZ file to write");
  add_text(*command, "--manifest", "FILE", options->manifest,
           "preprocessing as JSON (default: the network's in the zoo)");
  add_text(*command, "--layer", "NAME", options->layer,
           "layer whose output is averaged over space (default: the one before the last with parameters)");
  add_flag(*command, "--skip-broken", options->skip_broken,
           "leave out images that cannot be read, with a line for each");
  add_integer(*command, "--workers", options->workers, 0, 1024, "threads that decode and resize (default: 0)");
  add_integer(*command, "--threads", options->threads, 1, 1024, "threads of an operation (default: 1)");
  add_text(*command, "--device", "D", options->device, "auto, cpu or cuda");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer(
      "Arrays of the file: features (N x width), labels (N), files and classes (names as bytes, a line each); with "
      "folders train and val also val_features, val_labels and val_files.\n"
      "A command that was interrupted continues where it was; one whose file is there already computes nothing.\n\n"
      "Examples:\n  ludus features animals --model mobilenet_v2_folded --weights mobilenet_v2.safetensors --output "
      "animals.npz\n  ludus fit head.json --data animals.npz:features,labels --validation "
      "animals.npz:val_features,val_labels --scale mean-std --metrics accuracy");
  return {command, [options] { return compute(*options); }};
}

}  // namespace ludus::apps
