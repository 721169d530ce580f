#include "nn/model/formats.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/format.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "nn/io/npy.h"
#include "nn/model/onnx_export.h"
#include "nn/model/onnx_import.h"
#include "runs/checkpoints.h"

namespace ludus::nn {
namespace {

namespace fs = std::filesystem;

// The weights of a file: all arrays but the values of a checkpoint and the state of an optimiser.
NamedArrays read_weights(const fs::path& path) {
  if (path.extension() == ".npz") return io::read_npz(path);
  NamedArrays weights;
  for (const NamedTensor& tensor : read_safetensors(path).tensors) {
    if (!tensor.name.starts_with(kOptimizerPrefix) && !tensor.name.starts_with("value/")) {
      weights.emplace_back(tensor.name, to_array(tensor));
    }
  }
  return weights;
}

Bundle read_whole(const fs::path& path, const fs::path& weights) {
  if (!weights.empty()) {
    throw InvalidArgument(formatted("{}: holds weights already; omit {}", path.string(), weights.string()));
  }
  return read_bundle(path);
}

Bundle read_described(const fs::path& path, const fs::path& weights) {
  Bundle bundle{.description = load_description(path)};
  if (weights.empty()) {
    throw InvalidArgument(
        formatted("{}: holds a description without weights; name a file with them by --weights, or "
                  "train the network with `ludus fit`",
                  path.string()));
  }
  bundle.weights = read_weights(weights);
  try {
    check_weights(bundle.description, bundle.weights);
  } catch (Error& error) {
    error.prepend(weights.string());
    throw;
  }
  bundle.interface = completed({}, bundle.description);
  return bundle;
}

void write_described(const fs::path& path, const Bundle& bundle) {
  save_description(path, bundle.description);
}

void write_safetensors_weights(const fs::path& path, const Bundle& bundle) {
  std::vector<TensorView> tensors;
  for (const auto& [name, array] : bundle.weights) tensors.push_back(view_of(name, array));
  write_safetensors(path, tensors);
}

void write_npz_weights(const fs::path& path, const Bundle& bundle) {
  io::write_npz(path, bundle.weights);
}

Bundle read_onnx_network(const fs::path& path, const fs::path& weights) {
  if (!weights.empty()) {
    throw InvalidArgument(formatted("{}: holds weights already; omit {}", path.string(), weights.string()));
  }
  ImportedNetwork network = load_onnx(path);
  Bundle bundle{.description = std::move(network.description), .weights = std::move(network.parameters)};
  bundle.interface = completed({}, bundle.description);
  return bundle;
}

void write_onnx_network(const fs::path& path, const Bundle& bundle) {
  save_onnx(path, bundle.description, bundle.weights);
}

constexpr std::array kFormats{
    ModelFormat{.extension = ".safetensors",
                .summary = "a bundle: description, weights, preprocessing, labels, signatures",
                .read = read_whole,
                .write = write_bundle,
                .complete = true},
    ModelFormat{.extension = ".onnx",
                .summary = "ONNX: the network alone, without preprocessing and labels",
                .read = read_onnx_network,
                .write = write_onnx_network,
                .complete = true},
    ModelFormat{.extension = ".json",
                .summary = "the description alone; read with --weights",
                .read = read_described,
                .write = write_described},
    ModelFormat{
        .extension = ".weights.safetensors", .summary = "the weights alone", .write = write_safetensors_weights},
    ModelFormat{.extension = ".npz", .summary = "the weights alone, for NumPy", .write = write_npz_weights},
};

}  // namespace

std::span<const ModelFormat> model_formats() {
  return kFormats;
}

const ModelFormat& model_format(const fs::path& path) {
  const std::string name = path.filename().string();
  const ModelFormat* best = nullptr;
  std::vector<std::string> extensions;
  for (const ModelFormat& format : kFormats) {
    extensions.emplace_back(format.extension);
    const bool fits = name.size() > format.extension.size() && name.ends_with(format.extension);
    if (fits && (!best || format.extension.size() > best->extension.size())) best = &format;
  }
  if (best) return *best;
  throw InvalidArgument(
      formatted("{}: the name of a model file must end in one of {}", path.string(), joined(extensions)));
}

fs::path model_path(const fs::path& path) {
  if (!fs::is_directory(path)) return path;
  const fs::path best = runs::best_model_path(path), last = path / "model.safetensors";
  if (fs::exists(best)) return best;
  if (fs::exists(last)) return last;
  throw FileError(formatted("{}: the folder holds no model (best.safetensors or model.safetensors)", path.string()));
}

Bundle read_model_file(const fs::path& path, const fs::path& weights) {
  const fs::path file = model_path(path);
  const ModelFormat& format = model_format(file);
  if (!format.read) {
    throw InvalidArgument(
        formatted("{}: holds {}, which is not a model; name a description and pass this file by "
                  "--weights",
                  file.string(), format.summary));
  }
  return format.read(file, weights);
}

Description read_description(const fs::path& path) {
  const fs::path file = model_path(path);
  return file.extension() == ".json" ? load_description(file) : read_model_file(file).description;
}

void write_model_file(const fs::path& path, const Bundle& bundle) {
  const ModelFormat& format = model_format(path);
  if (!format.write) throw InvalidArgument(formatted("{}: files of this format are only read", path.string()));
  format.write(path, bundle);
}

}  // namespace ludus::nn
