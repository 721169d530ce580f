// Models in files: whole, weights alone, chosen weights under other names, and restoring what fits of another file.
//
// A file is a safetensors checkpoint. Weights are arrays under their names, "dense_1.weight", so that any reader of the
// format finds them; a whole model is a bundle (nn/model/bundle.h) with the state of its training.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/checkpoint.h"
#include "nn/model/build.h"
#include "nn/model/bundle.h"
#include "nn/model/name_pattern.h"

namespace ludus::nn {

/// What a file of a whole model holds beside description, weights, frozen names and the generator.
struct SavedTraining {
  std::optional<NamedArrays> optimizer = {};  // Optimizer::state()
  Value configuration = {};                   // of the training; null: none
};

struct LoadedModel {
  std::unique_ptr<Model> model;
  SavedTraining training;
  ModelInterface interface;
};

/// Writes a whole model. Throws InvalidArgument for an interface that does not fit it, FileError or WriteFailed.
void save_model(const std::filesystem::path& path, const Model& model, const SavedTraining& training = {},
                const ModelInterface& interface = {});

/// Returns the model as data, for write_bundle() and nn/model/formats.h.
Bundle to_bundle(const Model& model, const ModelInterface& interface = {});
/// Builds the model of a bundle. Throws as Model and as check_weights() do.
std::unique_ptr<Model> build_model(const Bundle& bundle, const ModelOptions& options = {});

/// Builds the model that save_model() or write_bundle() wrote; a bundle has no training. Throws FileError,
/// CorruptCheckpoint for a file that holds something else, and the exceptions of description_from_json(), naming the
/// file. The sizes of the weights are checked against the file before anything is allocated.
LoadedModel load_model(const std::filesystem::path& path, const ModelOptions& options = {});

/// Writes the weights alone: every parameter and buffer, or those that a rule of `names` renames, under their new
/// names: {{"dense.weight", "weights"}} saves one, {{"*", "vgg.*"}} all with a prefix. Throws InvalidArgument for a
/// rule that fits no parameter or two that give one name.
void save_weights(const std::filesystem::path& path, const Model& model, const std::vector<Rename>& names = {});

/// Loads what save_weights() or save_model() wrote: exactly the parameters and buffers of this model. Throws
/// InvalidArgument naming the file and missing and unknown arrays, and TypeMismatch for another shape.
void load_weights(const std::filesystem::path& path, Model& model);

struct RestoreOptions {
  std::vector<Rename> names = {};            // applied to the names of the source; the first that fits counts
  std::vector<std::string> include = {"*"};  // patterns of names in the model
  std::vector<std::string> exclude = {};     // patterns of names in the model that are left alone
};

struct RestoreReport {
  std::vector<std::string> restored;     // names in the model
  std::vector<std::string> missing;      // in the model and selected, not in the source
  std::vector<std::string> unexpected;   // in the source (under its own name), not in the model or not selected
  std::vector<std::string> wrong_shape;  // "dense.weight: (2, 3) in the source, (2, 4) in the model"; types likewise

  bool complete() const { return missing.empty() && wrong_shape.empty(); }
  /// Returns one line for each list that is not empty.
  std::string to_string() const;
};

/// Copies the arrays that fit into the model; the others stay as they are. Throws InvalidArgument for invalid rules or
/// two arrays that get one name; the model is then unchanged.
RestoreReport restore(Model& model, const NamedArrays& source, const RestoreOptions& options = {});
/// The same from a file of save_weights() or save_model(), or any safetensors file.
RestoreReport restore(Model& model, const std::filesystem::path& path, const RestoreOptions& options = {});

}  // namespace ludus::nn
