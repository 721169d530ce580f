#include "apps/predict_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <numeric>

#include "apps/console.h"
#include "apps/options.h"
#include "apps/table.h"
#include "base/format.h"
#include "nn/core/device.h"
#include "nn/io/csv.h"
#include "nn/io/npy.h"
#include "nn/model/formats.h"
#include "nn/model/predictor.h"
#include "nn/training/data_files.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 256;  // the predictions do not depend on it, beyond rounding

struct PredictOptions {
  std::string model;
  std::optional<std::string> output, weights;
  std::vector<std::string> input, features;
  std::optional<std::int64_t> top;
  std::string device = "auto";
  bool logits = false;
  bool json = false;
};

// The rows of several batches as one array.
Array joined_rows(const std::vector<Array>& parts) {
  std::int64_t rows = 0;
  for (const Array& part : parts) rows += part.shape()[0];
  const Shape& first = parts.front().shape();
  std::vector<std::int64_t> extents(first.begin(), first.end());
  extents[0] = rows;
  Array whole(parts.front().dtype(), Shape(std::span<const std::int64_t>(extents)));
  auto place = whole.bytes().begin();
  for (const Array& part : parts) place = std::copy(part.bytes().begin(), part.bytes().end(), place);
  return whole;
}

// The outputs of a model for the examples of the files, as probabilities unless logits are asked for.
std::vector<Array> predictions_of(nn::Predictor& predictor, const PredictOptions& options) {
  const nn::DataTask task{.description = predictor.description(), .interface = predictor.interface()};
  nn::DataColumns columns{.features = options.features};
  const bool has_columns = std::any_of(options.input.begin(), options.input.end(), [](const std::string& file) {
    return file.find(".csv") != std::string::npos || file.find(".tfrecord") != std::string::npos;
  });
  if (columns.features.empty() && has_columns) {
    for (const nn::InputInterface& input : task.interface.inputs) {
      columns.features.insert(columns.features.end(), input.columns.begin(), input.columns.end());
    }
  }
  const auto batches = nn::prepared(nn::open_data(options.input, columns, task), task).batch(kBatch);
  std::vector<std::vector<Array>> parts(task.description.outputs.size());
  for (const data::Batch& batch : batches.epoch(0)) {
    std::vector<Array> inputs;
    for (const nn::InputSpec& input : task.description.inputs) {
      inputs.push_back(batch.array(nn::input_field(input.name)));
    }
    std::vector<Array> outputs = predictor.run(inputs);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      parts[k].push_back(options.logits ? std::move(outputs[k])
                                        : nn::probabilities(outputs[k], task.interface.outputs[k].kind));
    }
  }
  std::vector<Array> predictions;
  for (const std::vector<Array>& of_output : parts) {
    if (of_output.empty()) throw InvalidArgument("--input: must hold at least one example, got none");
    predictions.push_back(joined_rows(of_output));
  }
  return predictions;
}

std::string label_of(const nn::OutputInterface& output, std::size_t c) {
  return c < output.labels.size() ? output.labels[c] : std::to_string(c);
}

// The numbers of one example.
std::vector<double> row_of(const Array& predictions, std::size_t n) {
  const std::size_t width = predictions.size() / static_cast<std::size_t>(predictions.shape()[0]);
  std::vector<double> row(width);
  for (std::size_t i = 0; i < width; ++i) row[i] = predictions.get(n * width + i);
  return row;
}

// The k classes with the largest numbers, the largest first; of equal ones the lower class.
std::vector<std::size_t> top_classes(const std::vector<double>& row, std::size_t k) {
  std::vector<std::size_t> order(row.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row[a] > row[b]; });
  order.resize(std::min(k, order.size()));
  return order;
}

// Whether an output is one class of several for an example, not of every pixel.
bool is_class(const Array& predictions, const nn::OutputInterface& output) {
  return output.kind == nn::OutputKind::kClasses && predictions.shape().rank() == 2;
}

// `number`: what the numbers of classes are called, "probability" or "logit".
Value prediction_as_value(const Array& predictions, const nn::OutputInterface& output, std::size_t n, std::size_t top,
                          const char* number) {
  const std::vector<double> row = row_of(predictions, n);
  if (!is_class(predictions, output)) return List(row.begin(), row.end());
  List classes;
  for (const std::size_t c : top_classes(row, top)) {
    classes.push_back(Dict{{"class", static_cast<std::int64_t>(c)}, {"label", label_of(output, c)}, {number, row[c]}});
  }
  return classes;
}

// `threshold`: of the numbers of labels that hold, 0.5 as probabilities.
std::string prediction_as_text(const Array& predictions, const nn::OutputInterface& output, std::size_t n,
                               std::size_t top, double threshold) {
  constexpr std::size_t kMostNumbers = 20;
  const std::vector<double> row = row_of(predictions, n);
  std::string text;
  const auto append = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (is_class(predictions, output)) {
    for (const std::size_t c : top_classes(row, top)) append(formatted("{} ({:.4f})", label_of(output, c), row[c]));
  } else if (output.kind == nn::OutputKind::kLabels && !output.labels.empty()) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (row[c] >= threshold) append(formatted("{} ({:.4f})", label_of(output, c), row[c]));
    }
    if (text.empty()) text = "none";
  } else {
    for (std::size_t i = 0; i < std::min(row.size(), kMostNumbers); ++i) append(formatted("{:.6g}", row[i]));
    if (row.size() > kMostNumbers) text += formatted(", … ({} numbers; see --output)", row.size());
  }
  return text;
}

void write_output(const fs::path& path, const nn::Description& description, const nn::ModelInterface& interface,
                  const std::vector<Array>& predictions) {
  const std::string extension = path.extension().string();
  if (extension == ".npz") {
    NamedArrays arrays;
    for (std::size_t k = 0; k < predictions.size(); ++k) arrays.emplace_back(description.outputs[k], predictions[k]);
    io::write_npz(path, arrays);
    return;
  }
  if (extension == ".npy") {
    if (predictions.size() > 1) {
      throw UsageError(formatted("--output: must be .npz or .csv for the {} outputs {}, got `{}`", predictions.size(),
                                 joined(description.outputs), path.string()));
    }
    io::write_npy(path, predictions[0]);
    return;
  }
  std::vector<std::vector<std::string>> rows{{"example"}};
  const auto examples = static_cast<std::size_t>(predictions[0].shape()[0]);
  for (std::size_t n = 0; n < examples; ++n) rows.push_back({std::to_string(n)});
  for (std::size_t k = 0; k < predictions.size(); ++k) {
    const nn::OutputInterface& output = interface.outputs[k];
    const std::string& name = description.outputs[k];
    if (is_class(predictions[k], output)) rows[0].push_back(formatted("{}.class", name));
    for (std::size_t i = 0; i < predictions[k].size() / examples; ++i) {
      rows[0].push_back(formatted("{}.{}", name, label_of(output, i)));
    }
    for (std::size_t n = 0; n < examples; ++n) {
      const std::vector<double> row = row_of(predictions[k], n);
      if (is_class(predictions[k], output)) rows[n + 1].push_back(label_of(output, top_classes(row, 1)[0]));
      for (const double number : row) rows[n + 1].push_back(formatted("{}", static_cast<float>(number)));
    }
  }
  io::write_csv(path, rows);
}

int predict(const PredictOptions& options) {
  if (options.model.empty()) {
    throw UsageError("the model is missing, as in `ludus predict runs/digits --input images.gz`");
  }
  if (options.input.empty()) throw UsageError("--input is missing: name the files of the inputs");
  if (options.output) {
    const std::string extension = fs::path(*options.output).extension().string();
    if (extension != ".npy" && extension != ".npz" && extension != ".csv") {
      throw UsageError(formatted("--output: must end in .npy, .npz or .csv, got `{}`", *options.output));
    }
  }
  nn::Predictor predictor(nn::read_model_file(options.model, options.weights.value_or("")),
                          nn::parse_device(options.device));
  const std::vector<Array> predictions = predictions_of(predictor, options);
  const nn::Description& description = predictor.description();
  const nn::ModelInterface& interface = predictor.interface();
  const auto examples = static_cast<std::size_t>(predictions[0].shape()[0]);
  if (options.output) write_output(*options.output, description, interface, predictions);

  const auto top = static_cast<std::size_t>(options.top.value_or(1));
  if (options.json) {
    Dict outputs;
    for (std::size_t k = 0; k < predictions.size(); ++k) {
      List rows;
      for (std::size_t n = 0; n < examples; ++n) {
        rows.push_back(prediction_as_value(predictions[k], interface.outputs[k], n, top,
                                           options.logits ? "logit" : "probability"));
      }
      outputs[description.outputs[k]] =
          Dict{{"kind", nn::name_of(interface.outputs[k].kind)}, {"predictions", std::move(rows)}};
    }
    print_json(Dict{
        {"model", options.model}, {"examples", static_cast<std::int64_t>(examples)}, {"outputs", std::move(outputs)}});
  } else if (options.output) {
    print(formatted("{}: predictions of {} examples\n", *options.output, examples));
  } else {
    Table table{.header = {"example"}, .rows = {}, .right = {true}};
    for (const std::string& output : description.outputs) {
      table.header.push_back(output);
      table.right.push_back(false);
    }
    for (std::size_t n = 0; n < examples; ++n) {
      std::vector<std::string> row{std::to_string(n)};
      for (std::size_t k = 0; k < predictions.size(); ++k) {
        row.push_back(prediction_as_text(predictions[k], interface.outputs[k], n, top, options.logits ? 0 : 0.5));
      }
      table.rows.push_back(std::move(row));
    }
    print(to_text(table));
  }
  return kDone;
}

}  // namespace

Command add_predict_command(CLI::App& program) {
  const auto options = std::make_shared<PredictOptions>();
  CLI::App* command = program.add_subcommand("predict", "compute the predictions of a model");
  add_text(*command, "model", "MODEL", options->model, "run folder of `ludus fit` (its best model), or model file");
  add_words(*command, "--input", "FILE", options->input, "files of the inputs: IDX, NPY, NPZ, CSV or TFRecord");
  add_words(*command, "--features", "NAME", options->features,
            "columns, arrays or features of the inputs (default: those of the training)");
  add_text(*command, "--weights", "FILE", options->weights, "weights of a MODEL that is a description alone");
  add_text(*command, "--output", "FILE", options->output, "write the predictions to a .npy, .npz or .csv file");
  add_integer(*command, "--top", options->top, 1, kMaxInteger, "number of most probable classes to show (default: 1)");
  add_flag(*command, "--logits", options->logits, "the numbers of the network, not probabilities");
  add_text(*command, "--device", "D", options->device, "auto, cpu or cuda");
  add_flag(*command, "--json", options->json, "print one JSON object");
  command->footer(
      "The inputs are scaled as those of the training were. Outputs of classes and labels are shown as probabilities.\n"
      "`ludus eval MODEL --data FILES` computes the metrics for inputs with targets.\n\n"
      "Examples:\n  ludus predict runs/digits --input images.gz --top 3\n"
      "  ludus predict runs/prices --input houses.csv --output prices.csv");
  return {command, [options] { return predict(*options); }};
}

}  // namespace ludus::apps
