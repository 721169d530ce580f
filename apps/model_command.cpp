#include "apps/model_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "apps/console.h"
#include "apps/options.h"
#include "base/format.h"
#include "base/rng.h"
#include "base/value_io.h"
#include "nn/core/device.h"
#include "nn/io/npy.h"
#include "nn/model/fold_batch_norm.h"
#include "nn/model/formats.h"
#include "nn/model/predictor.h"
#include "nn/model/summary.h"
#include "nn/vision/zoo/zoo.h"

namespace ludus::apps {
namespace {

namespace fs = std::filesystem;

struct ModelOptions {
  std::string model, target;
  std::optional<std::string> weights, signature, output;
  std::vector<std::string> inputs, outputs;
  std::optional<std::int64_t> seed;
  std::string device = "auto";
  bool json = false;
  bool keep_batch_norm = false;
};

void require_model(const ModelOptions& options, const char* example) {
  if (options.model.empty()) throw UsageError(formatted("the model is missing, as in `{}`", example));
}

void require_target(const ModelOptions& options, const char* example) {
  require_model(options, example);
  if (options.target.empty()) throw UsageError(formatted("the file to write is missing, as in `{}`", example));
}

int summary(const ModelOptions& options) {
  require_model(options, "ludus model summary model.json");
  const nn::Summary summary = nn::summarize(nn::read_description(options.model));
  if (!options.json) {
    print(summary.to_string());
    return kDone;
  }
  List rows;
  for (const nn::Summary::Row& row : summary.rows) {
    rows.push_back(Dict{{"name", row.name},
                        {"kind", row.kind},
                        {"inputs", show_field(row.inputs)},
                        {"output", nn::to_text(row.output)},
                        {"parameters", row.parameters}});
  }
  print_json(Dict{{"network", summary.network}, {"layers", std::move(rows)}, {"parameters", summary.total}});
  return kDone;
}

// ---- show

// The description with what a bundle says of it; a description alone has the default signature.
nn::Bundle read_interface(const fs::path& path) {
  const fs::path file = nn::model_path(path);
  if (file.extension() != ".json") return nn::read_model_file(file);
  nn::Bundle bundle{.description = nn::load_description(file)};
  bundle.interface = nn::completed({}, bundle.description);
  return bundle;
}

// -1, 28, 28: the shape with the batch first; -1 is free.
std::vector<std::int64_t> batch_shape(const Shape& shape) {
  std::vector<std::int64_t> extents{-1};
  for (const std::int64_t extent : shape) extents.push_back(extent == nn::kFree ? -1 : extent);
  return extents;
}

std::string shape_text(const std::vector<std::int64_t>& extents) {
  std::string text;
  for (const std::int64_t extent : extents) text += formatted("{}{}", text.empty() ? "(" : ", ", extent);
  return text + ")";
}

Shape output_shape(const nn::Description& description, const std::string& output) {
  const auto place = std::find(description.outputs.begin(), description.outputs.end(), output);
  return nn::output_shapes(description)[static_cast<std::size_t>(place - description.outputs.begin())];
}

const nn::InputSpec& input_of(const nn::Description& description, const std::string& name) {
  return *std::find_if(description.inputs.begin(), description.inputs.end(),
                       [&](const nn::InputSpec& input) { return input.name == name; });
}

int show(const ModelOptions& options) {
  require_model(options, "ludus model show runs/digits");
  const nn::Bundle bundle = read_interface(options.model);
  const nn::Description& description = bundle.description;
  List signatures;
  std::string text = formatted("network \"{}\"\n", description.name);
  for (const nn::Signature& signature : bundle.interface.signatures) {
    List inputs, outputs;
    text += formatted("\nsignature \"{}\", method {}\n  inputs:\n", signature.name, nn::name_of(signature.method));
    for (const std::string& name : signature.inputs) {
      const nn::InputSpec& input = input_of(description, name);
      const std::vector<std::int64_t> shape = batch_shape(input.shape);
      text += formatted("    {}: dtype {}, shape {}\n", name, name_of(input.dtype), shape_text(shape));
      inputs.push_back(Dict{{"name", name}, {"dtype", name_of(input.dtype)}, {"shape", show_field(shape)}});
    }
    text += "  outputs:\n";
    for (const std::string& name : signature.outputs) {
      const auto place = std::find(description.outputs.begin(), description.outputs.end(), name);
      const auto& output = bundle.interface.outputs[static_cast<std::size_t>(place - description.outputs.begin())];
      const std::vector<std::int64_t> shape = batch_shape(output_shape(description, name));
      text += formatted("    {}: dtype float32, shape {}, {}{}\n", name, shape_text(shape), nn::name_of(output.kind),
                        output.labels.empty() ? "" : formatted(" ({})", joined(output.labels)));
      outputs.push_back(Dict{{"name", name},
                             {"dtype", "float32"},
                             {"shape", show_field(shape)},
                             {"kind", nn::name_of(output.kind)},
                             {"labels", show_field(output.labels)}});
    }
    signatures.push_back(Dict{{"name", signature.name},
                              {"method", nn::name_of(signature.method)},
                              {"inputs", std::move(inputs)},
                              {"outputs", std::move(outputs)}});
  }
  if (options.json) {
    print_json(Dict{{"network", description.name}, {"signatures", std::move(signatures)}});
  } else {
    print(text);
  }
  return kDone;
}

// ---- run

// A batch of `input`: a single example gets the dimension of the batch.
Array as_batch(const Array& array, const nn::InputSpec& input) {
  if (array.shape().rank() != input.shape.rank()) return array;
  return array.reshaped(array.shape().prepended(1));
}

// The extents of "(2, 28, 28)"; without them those of one example.
Shape extents_of(std::string_view text, const std::string& expression, const nn::InputSpec& input) {
  constexpr std::int64_t kMostElements = std::int64_t{1} << 28;
  std::vector<std::int64_t> extents;
  if (text.empty()) {
    for (const std::int64_t extent : input.shape) {
      if (extent == nn::kFree) {
        throw UsageError(formatted("--input: {} must state a shape, because that of the input is {}, as in {}(1, 28)",
                                   expression, nn::to_text(input.shape), expression));
      }
      extents.push_back(extent);
    }
  } else if (text.front() == '(' && text.back() == ')') {
    text = text.substr(1, text.size() - 2);
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t comma = std::min(text.find(',', begin), text.size());
      std::string_view part = text.substr(begin, comma - begin);
      while (part.starts_with(' ')) part.remove_prefix(1);
      while (part.ends_with(' ')) part.remove_suffix(1);
      extents.push_back(parse_integer("--input", part, 1, kMostElements));
      begin = comma + 1;
    }
  } else {
    throw UsageError(
        formatted("--input: a shape must be in parentheses, as in random(1, 28, 28), got `{}`", expression));
  }
  std::int64_t count = 1;
  for (const std::int64_t extent : extents) {
    if (count > kMostElements / extent) {
      throw UsageError(
          formatted("--input: a shape must have at most {} elements, got `{}`", kMostElements, expression));
    }
    count *= extent;
  }
  if (extents.size() > Shape::kMaxRank) {
    throw UsageError(formatted("--input: a shape must have at most {} extents, got `{}`", Shape::kMaxRank, expression));
  }
  return Shape(std::span<const std::int64_t>(extents));
}

// The array of an expression: random(…), zeros(…), ones(…), a JSON list, or a file of NPY.
Array evaluate(const std::string& expression, const nn::InputSpec& input, Generator& random) {
  for (const std::string_view function : {"random", "zeros", "ones"}) {
    if (!expression.starts_with(function)) continue;
    const std::string_view shape = std::string_view(expression).substr(function.size());
    if (!shape.empty() && shape.front() != '(') continue;  // the name of a file
    Array array(input.dtype, extents_of(shape, expression, input));
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (function == "ones") array.set(i, 1);
      if (function == "random") {
        array.set(i, is_floating(input.dtype) ? random.random() : static_cast<double>(random.integers(2)));
      }
    }
    return array;
  }
  if (expression.starts_with('[')) return to_array(from_json(expression), input.dtype);
  const Array array = io::read_npy(expression);
  return array.dtype() == input.dtype ? array : array.cast(input.dtype);
}

int run(const ModelOptions& options) {
  require_model(options, "ludus model run runs/digits --input image=random(1,784)");
  nn::Predictor predictor(nn::read_model_file(options.model, options.weights.value_or("")),
                          nn::parse_device(options.device));
  const nn::Description& description = predictor.description();
  std::vector<std::string> names;
  for (const nn::Signature& each : predictor.interface().signatures) names.push_back(each.name);
  const std::string name = options.signature.value_or(names.front());
  const auto place = std::find(names.begin(), names.end(), name);
  if (place == names.end()) {
    throw UsageError(
        formatted("--signature: must be one of {}, got `{}`.{}", joined(names), name, did_you_mean(name, names)));
  }
  const nn::Signature& signature = predictor.interface().signatures[static_cast<std::size_t>(place - names.begin())];

  Generator random(static_cast<std::uint64_t>(options.seed.value_or(0)));
  std::vector<std::optional<Array>> arrays(description.inputs.size());
  std::vector<std::string> inputs;
  for (const nn::InputSpec& input : description.inputs) inputs.push_back(input.name);
  for (const std::string& word : options.inputs) {
    const std::size_t equals = word.find('=');
    const std::string input = equals == std::string::npos ? "" : word.substr(0, equals);
    const auto index = std::find(inputs.begin(), inputs.end(), input);
    if (index == inputs.end()) {
      throw UsageError(formatted("--input: takes NAME=EXPRESSION with the name of an input, one of {}, got `{}`.{}",
                                 joined(inputs), word, did_you_mean(input, inputs)));
    }
    const auto i = static_cast<std::size_t>(index - inputs.begin());
    try {
      arrays[i] = as_batch(evaluate(word.substr(equals + 1), description.inputs[i], random), description.inputs[i]);
    } catch (Error& error) {
      if (!std::string_view(error.what()).starts_with("--input")) error.prepend(formatted("--input {}", word));
      throw;
    }
  }
  std::vector<Array> batch;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (!arrays[i]) {
      throw UsageError(formatted("--input: \"{}\" is missing, as in --input {}=random", inputs[i], inputs[i]));
    }
    batch.push_back(std::move(*arrays[i]));
  }

  const std::vector<Array> results = predictor.run(batch);
  NamedArrays outputs;
  for (const std::string& output : signature.outputs) {
    const auto index = std::find(description.outputs.begin(), description.outputs.end(), output);
    outputs.emplace_back(output, results[static_cast<std::size_t>(index - description.outputs.begin())]);
  }
  if (options.output) io::write_npz(*options.output, outputs);
  if (options.json) {
    Dict values;
    for (const auto& [output, array] : outputs) values[output] = array;
    print_json(Dict{{"signature", signature.name}, {"outputs", std::move(values)}});
  } else {
    for (const auto& [output, array] : outputs) {
      print(formatted("{}: {} {}\n{}\n", output, name_of(array.dtype()), array.shape().to_string(), to_json(array)));
    }
  }
  return kDone;
}

// ---- files

int freeze(const ModelOptions& options) {
  require_target(options, "ludus model freeze runs/digits digits.safetensors");
  if (!options.target.ends_with(".safetensors") || options.target.ends_with(".weights.safetensors")) {
    throw UsageError(formatted("the bundle must be a file .safetensors, got `{}`", options.target));
  }
  nn::Bundle bundle = nn::read_model_file(options.model, options.weights.value_or(""));
  if (!options.outputs.empty()) bundle = nn::keep_outputs(bundle, options.outputs);
  if (!options.keep_batch_norm) {
    nn::FoldedNetwork folded = nn::fold_batch_norm(bundle.description, bundle.weights);
    bundle.description = std::move(folded.description);
    bundle.weights = std::move(folded.parameters);
  }
  nn::write_bundle(options.target, bundle);
  print(formatted("{}: network \"{}\", {} layers, {} parameters\n", options.target, bundle.description.name,
                  bundle.description.nodes.size(), nn::parameter_count(bundle.description)));
  return kDone;
}

int write(const ModelOptions& options, bool complete, const char* example) {
  require_target(options, example);
  const nn::ModelFormat& format = nn::model_format(options.target);
  if (complete && !format.complete) {
    throw UsageError(formatted("{}: the format holds {}, not a whole model; use `ludus model export` to write it",
                               options.target, format.summary));
  }
  nn::write_model_file(options.target, nn::read_model_file(options.model, options.weights.value_or("")));
  print(formatted("{}: {}\n", options.target, format.summary));
  return kDone;
}

int zoo(const ModelOptions& options) {
  const std::vector<vision::zoo::Row> rows = vision::zoo::zoo_table();
  if (options.json) {
    print_json(vision::zoo::to_value(rows));
  } else {
    print(vision::zoo::to_text(rows));
  }
  return kDone;
}

std::string formats_text(bool complete_only) {
  std::string text = "Formats, by the extension of the file:\n";
  for (const nn::ModelFormat& format : nn::model_formats()) {
    if (!format.write && !format.read) continue;
    if (complete_only && !format.complete && !format.read) continue;
    std::string name = formatted("  {}", format.extension);
    name.resize(std::max<std::size_t>(name.size() + 2, 26), ' ');
    text += name + std::string(format.summary) + (format.write ? "" : " (read only)") + "\n";
  }
  return text;
}

}  // namespace

Command add_model_command(CLI::App& program) {
  const auto options = std::make_shared<ModelOptions>();
  CLI::App* command = program.add_subcommand("model", "show, run, freeze and convert models");
  command->require_subcommand(0, 1);  // after an action its name may be that of a file, as in `ludus model show run`
  const auto add = [&](const char* name, const char* help) {
    CLI::App* action = command->add_subcommand(name, help);
    add_text(*action, "model", "MODEL", options->model, "run folder of `ludus fit` (its best model), or model file");
    return action;
  };
  const auto add_weights = [&](CLI::App* action) {
    add_text(*action, "--weights", "FILE", options->weights, "weights of a MODEL that is a description alone");
  };
  std::vector<std::pair<CLI::App*, std::function<int()>>> actions;

  CLI::App* of_summary = add("summary", "print the layers, their shapes and parameters");
  add_flag(*of_summary, "--json", options->json, "print one JSON object");
  actions.emplace_back(of_summary, [options] { return summary(*options); });

  CLI::App* of_show = add("show", "print the signatures: names, types and shapes of inputs and outputs");
  add_flag(*of_show, "--json", options->json, "print one JSON object");
  actions.emplace_back(of_show, [options] { return show(*options); });

  CLI::App* of_run = add("run", "run a signature on arrays, without preprocessing");
  add_words(*of_run, "--input", "NAME=X", options->inputs,
            "random, zeros or ones, with a shape as in random(1,28,28); a list as in [[1,2]]; or a file .npy");
  add_text(*of_run, "--signature", "NAME", options->signature, "signature (default: the first)");
  add_integer(*of_run, "--seed", options->seed, 0, kMaxInteger, "seed of random inputs (default: 0)");
  add_text(*of_run, "--output", "FILE", options->output, "write the outputs to a file .npz");
  add_weights(of_run);
  add_text(*of_run, "--device", "D", options->device, "auto, cpu or cuda");
  add_flag(*of_run, "--json", options->json, "print one JSON object");
  actions.emplace_back(of_run, [options] { return run(*options); });

  CLI::App* of_freeze = add("freeze", "write a bundle: the network alone, without the state of a training");
  add_text(*of_freeze, "target", "FILE", options->target, "bundle to write, .safetensors");
  add_words(*of_freeze, "--outputs", "NAME", options->outputs,
            "outputs or layers to keep, and only what they need (default: all outputs)");
  add_weights(of_freeze);
  add_flag(
      *of_freeze, "--keep-batch-norm", options->keep_batch_norm,
      "keep batch normalisation as layers, for further training; otherwise it is folded into the layers before it");
  actions.emplace_back(of_freeze, [options] { return freeze(*options); });

  CLI::App* of_convert = add("convert", "write a whole model in another format");
  add_text(*of_convert, "target", "FILE", options->target, "file to write");
  add_weights(of_convert);
  of_convert->footer([] { return formats_text(/*complete_only=*/true); });
  actions.emplace_back(of_convert, [options] {
    return write(*options, /*complete=*/true, "ludus model convert digits.json digits.safetensors --weights w.npz");
  });

  CLI::App* of_export = add("export", "write a model, or parts of it, for other programs");
  add_text(*of_export, "target", "FILE", options->target, "file to write");
  add_weights(of_export);
  of_export->footer([] { return formats_text(/*complete_only=*/false); });
  actions.emplace_back(of_export, [options] {
    return write(*options, /*complete=*/false, "ludus model export runs/digits weights.npz");
  });

  CLI::App* of_zoo = command->add_subcommand("zoo", "print the published networks: parameters, operations, accuracy");
  add_flag(*of_zoo, "--json", options->json, "print a JSON list");
  actions.emplace_back(of_zoo, [options] { return zoo(*options); });

  command->footer(
      "Examples:\n  ludus model summary model.json\n  ludus model run runs/digits --input input=random(2,784)\n"
      "  ludus model freeze runs/digits digits.safetensors\n  ludus model export runs/digits weights.npz");
  return {command, [actions]() -> int {
            std::vector<std::string> names;
            for (const auto& [action, work] : actions) {
              if (action->parsed()) return work();
              names.push_back(action->get_name());
            }
            throw UsageError(formatted("the action is missing: {}; see `ludus model --help`", joined(names)));
          }};
}

}  // namespace ludus::apps
