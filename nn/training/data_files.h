// Files of examples for the inputs and targets of a model, as `ludus fit` and `ludus predict` read them. This header
// does not include torch.
//
//   images.gz labels.gz       arrays of IDX (plain or gzip) or NPY, one file for each input, then for each target
//   image=a.npy label=b.npy   the same in any order, by the names of inputs and outputs
//   data.npz, data.npz:x,y    arrays of an archive, those named, in the same order
//   rows.csv more.csv         columns: by default the last ones are the targets, all others the features
//   part-1.tfrecord …         features of tf.Examples; byte strings are uint8 numbers
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/data/dataset.h"
#include "nn/model/bundle.h"
#include "nn/model/loss_options.h"

namespace ludus::nn {

/// The fields of a dataset with the numbers of an input and of a target.
std::string input_field(std::string_view input);
std::string target_field(std::string_view output);

struct DataColumns {
  std::vector<std::string> features = {};  ///< columns, arrays or features of the inputs; empty: see above
  std::vector<std::string> targets = {};   ///< likewise of the targets
};

/// A network and what its data mean.
struct DataTask {
  Description description;
  ModelInterface interface = {};      ///< complete, see completed()
  std::vector<LossKind> losses = {};  ///< of every output: what its targets are; empty: there are no targets
};

/// Opens files as a dataset of unscaled examples with a field for each input and, if the task has losses, each target.
/// Throws InvalidArgument for files that do not fit the model, FileError for those that cannot be read.
data::Dataset open_data(const std::vector<std::string>& files, const DataColumns& columns, const DataTask& task);

/// Returns the names of the columns, arrays or features of the inputs in these files; empty for files without names.
std::vector<std::string> feature_names(const std::vector<std::string>& files, const DataColumns& columns,
                                       const DataTask& task);

/// Applies preprocess() to the inputs, and checks and converts the targets: a class is an int64 in [0, classes), or one
/// of the labels as a text; other targets are float32 numbers of the shape of the output. `workers`: threads.
data::Dataset prepared(const data::Dataset& examples, const DataTask& task, std::size_t workers = 0);

/// Returns shift and scale of an input for `scale`: a number, a fraction "1/255", "mean-std" (to mean 0 and standard
/// deviation 1) or "min-max" (to 0 … 1), of which the last two read the examples: each element of an input of rank 1
/// by itself, all elements of other inputs together. Throws InvalidArgument for another text.
InputInterface scaling_of(const data::Dataset& examples, const InputSpec& input, std::string_view scale, double shift);

/// Counts the examples of a dataset by reading all of them, so that an error in the last one is found now. Throws
/// Interrupted (base/interruption.h) once `interrupted` returns true.
std::int64_t count_examples(const data::Dataset& examples, const std::function<bool()>& interrupted = {});

}  // namespace ludus::nn
