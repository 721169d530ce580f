// A model as one file that other programs can run without the code that built it: description, weights, preprocessing,
// meaning of the outputs, and signatures. This header does not include torch.
//
// The file is safetensors: weights under their names, "dense_1.weight", so that any reader of the format finds them;
// description and interface as JSON in the metadata. A whole model (save_model() in nn/model/restore.h) is the same
// file with the state of its training beside them; a bundle is frozen: it has none.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_arrays.h"
#include "nn/model/description.h"

namespace ludus::nn {

/// The entries of the metadata, and the format of files with a model. A reader ignores entries that it does not know.
inline constexpr std::string_view kModelFormat = "ludus model 1";
inline constexpr const char* kInterfaceEntry = "interface";

/// Names of the arrays of an optimiser's state in a whole model begin with this.
inline constexpr std::string_view kOptimizerPrefix = "optimizer/";

/// How stored numbers become the input of a network: (x - shift) · scale, element by element, as the input's type and
/// in its shape.
struct InputInterface {
  std::vector<double> shift = {};         ///< empty: 0; one number for all elements, each channel, or each element
  std::vector<double> scale = {};         ///< empty: 1; likewise
  std::vector<std::string> columns = {};  ///< names of the columns, arrays or features of the data; empty: not recorded

  friend bool operator==(const InputInterface&, const InputInterface&) = default;
};

/// What the numbers of an output mean.
enum class OutputKind : std::uint8_t {
  kNumbers,  ///< numbers: as they are
  kClasses,  ///< classes: logits of one class of several; softmax makes them probabilities
  kLabels,   ///< labels: logits of independent labels; the sigmoid makes them probabilities
};

struct OutputInterface {
  OutputKind kind = OutputKind::kNumbers;
  std::vector<std::string> labels = {};  ///< names of the classes or labels; empty: their numbers

  friend bool operator==(const OutputInterface&, const OutputInterface&) = default;
};

/// A function of the model under a name, as in a SavedModel of TensorFlow.
struct Signature {
  enum class Method : std::uint8_t {
    kPredict,   ///< predict: any inputs and outputs
    kClassify,  ///< classify: one output with classes
    kRegress,   ///< regress: one output with numbers
  };

  std::string name = "serving_default";
  Method method = Method::kPredict;
  std::vector<std::string> inputs = {};   ///< names of all inputs of the network
  std::vector<std::string> outputs = {};  ///< names of some of its outputs

  friend bool operator==(const Signature&, const Signature&) = default;
};

std::string_view name_of(OutputKind kind);
std::string_view name_of(Signature::Method method);

/// What a file says of a model beside the network itself.
struct ModelInterface {
  std::vector<InputInterface> inputs = {};    ///< one for each input of the network; empty: no preprocessing
  std::vector<OutputInterface> outputs = {};  ///< one for each output; empty: numbers
  std::vector<Signature> signatures = {};     ///< empty: default_signature()

  friend bool operator==(const ModelInterface&, const ModelInterface&) = default;
};

/// Returns the interface with an element for each input and output, and a signature. Throws InvalidArgument naming the
/// input, output or signature that does not fit the network.
ModelInterface completed(ModelInterface interface, const Description& description);

/// Returns the signature of all inputs and outputs: classify or regress for one output, otherwise predict.
Signature default_signature(const Description& description, const ModelInterface& interface);

/// Convert an interface to JSON and back: {"version": 1, "inputs": {name: {"shift", "scale", "columns"}}, "outputs":
/// {name: {"kind", "labels"}}, "signatures": [{"name", "method", "inputs", "outputs"}]}. Reading throws
/// InvalidArgument, UnknownField or TypeMismatch, FileError for text that is not JSON, and as completed() does.
std::string to_json(const ModelInterface& interface, const Description& description);
ModelInterface interface_from_json(std::string_view text, const Description& description);

/// A model as data.
struct Bundle {
  Description description;
  NamedArrays weights = {};  // every parameter and buffer of the description, in its order
  ModelInterface interface = {};
};

/// Reads a bundle, or the model of a whole-model file. Nothing of the file is trusted: sizes follow from its length,
/// and every array from the description. Throws FileError if it cannot be read, CorruptCheckpoint for a file that is
/// damaged or holds something else, and the exceptions of description_from_json() and interface_from_json(), naming the
/// file.
Bundle read_bundle(const std::filesystem::path& path);
Bundle parse_bundle(std::span<const std::byte> file, const std::string& name);

/// Returns whether the file is a bundle or a whole model, by its header alone; false for what cannot be read.
bool holds_model(const std::filesystem::path& path);

/// Writes a bundle. Throws InvalidArgument for an interface or weights that do not fit the description; FileError and
/// WriteFailed as write_atomically() does.
void write_bundle(const std::filesystem::path& path, const Bundle& bundle);

/// Throws InvalidArgument unless `weights` are exactly the parameters and buffers of the description.
void check_weights(const Description& description, const NamedArrays& weights);

/// Returns the numbers of one example as the input of a network: (x - shift) · scale in the type and shape of the
/// input. Any shape of as many numbers is taken, (28, 28) for (784,). Throws ShapeMismatch for another number of them,
/// and InvalidArgument for one that is not finite or, in an integer input, not whole.
Array preprocess(const Array& numbers, const InputSpec& input, const InputInterface& interface);

/// Returns softmax (classes) or the sigmoid (labels) of a batch of logits, shape (N, C, …); numbers stay as they are.
Array probabilities(const Array& logits, OutputKind kind);

/// Returns the bundle with these outputs only, and of its layers and weights those that they need; inputs stay.
/// Signatures that would lose an output are left out. Throws InvalidArgument, with a suggestion, for a name that is
/// neither an output nor a layer, and for none.
Bundle keep_outputs(const Bundle& bundle, const std::vector<std::string>& outputs);

}  // namespace ludus::nn
