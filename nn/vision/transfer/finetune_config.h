/// @file
/// The complete configuration of a fine-tuning, sufficient to repeat it. Saved as config.toml in the run folder.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fields.h"
#include "nn/vision/augment.h"

namespace ludus::vision {

/// The options of a fine-tuning. A line in `fields` is an option of `ludus finetune` (--fine-tune-layers), and the key
/// in [finetune] of config.toml and of --set (fine_tune_layers).
struct FinetuneSettings {
  std::string data = "";
  std::string model = "";
  std::string weights = "";
  std::string manifest = "";
  std::string layer = "";
  double validation = 0.2;
  std::int64_t head_epochs = 100;
  double head_learning_rate = 3e-3;
  double head_weight_decay = 3e-3;
  std::int64_t fine_tune_layers = 12;
  std::int64_t epochs_fine = 12;
  std::optional<double> fine_learning_rate = {};
  double dropout = 0.2;
  std::int64_t batch_size = 32;
  std::int64_t early_stopping = 20;
  bool from_scratch = false;
  bool skip_broken = false;
  std::int64_t workers = 0;
  std::int64_t threads = 1;
  std::string device = "auto";

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("data", self.data, "folder of images, with a sub-folder for each class");
    visit("model", self.model, "network of the zoo, description file (.json), or run of `ludus finetune`");
    visit("weights", self.weights, "its weights, a safetensors file");
    visit("manifest", self.manifest, "its preprocessing as JSON (default: the network's in the zoo)");
    visit("layer", self.layer, "layer whose output are the features (default: before the last with parameters)");
    visit("validation", self.validation, above(0).below(1),
          "share of every class for the validation, without folders train and val (default: 0.2)");
    visit("head_epochs", self.head_epochs, between(1, 1'000'000),
          "epochs of the new head on the features (default: 100)");
    visit("head_learning_rate", self.head_learning_rate, above(0).at_most(10),
          "its learning rate at the start, falling to 0 along a cosine (default: 0.003)");
    visit("head_weight_decay", self.head_weight_decay, between(0, 10), "L2 penalty of the head (default: 0.003)");
    visit("fine_tune_layers", self.fine_tune_layers, between(0, 1'000'000),
          "last convolutions and dense layers that are trained with the head after it (default: 12)");
    visit("epochs_fine", self.epochs_fine, between(0, 1'000'000), "epochs of these layers (default: 12; 0: none)");
    visit("fine_learning_rate", self.fine_learning_rate, above(0).at_most(10),
          "their learning rate at the start, falling to 0 along a cosine (default: 0.0001, from scratch 0.001)");
    visit("dropout", self.dropout, at_least(0).below(1),
          "rate of the dropout before the head while layers are trained (default: 0.2)");
    visit("batch_size", self.batch_size, between(1, 1 << 16), "images of a batch (default: 32)");
    visit("early_stopping", self.early_stopping, at_least(1),
          "stop after so many epochs in which the loss of the validation does not fall (default: 20)");
    visit("from_scratch", self.from_scratch, "train all layers from random weights, for comparison");
    visit("skip_broken", self.skip_broken, "leave out images that cannot be read, with a line for each");
    visit("workers", self.workers, between(0, 1024), "threads that prepare the images; does not change the results");
    visit("threads", self.threads, between(1, 1024), "threads of an operation (default: 1)");
    visit("device", self.device, "auto, cpu or cuda");
  }
};

struct FinetuneConfig {
  std::uint64_t seed = 0;
  FinetuneSettings finetune;
  Augmentation augmentation = {.min_area = 0.5, .horizontal_flip = 0.5, .brightness = 0.2, .contrast = 0.2};

  template <class Self, class Visit>
  static void tables(Self& self, Visit&& visit) {
    visit("finetune", self.finetune);
    visit("augmentation", self.augmentation);
  }

  /// Sets one setting: "batch_size" of [finetune], "augmentation.min_area". Throws UnknownField with a suggestion,
  /// InvalidArgument or TypeMismatch.
  void set(std::string_view key, const Value& value);
  /// Sets everything that a TOML text names, as in config.toml. `name` is used in messages.
  void set_from_toml(std::string_view text, const std::string& name);

  /// Checks all ranges. Throws InvalidArgument; also for weights of a network that is trained from scratch.
  void check() const;

  double fine_learning_rate() const;

  std::string to_toml() const;
  static FinetuneConfig from_toml(std::string_view text, const std::string& name);
};

}  // namespace ludus::vision
