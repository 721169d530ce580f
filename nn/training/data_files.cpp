#include "nn/training/data_files.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <limits>

#include "base/format.h"
#include "base/interruption.h"
#include "base/text.h"
#include "nn/data/array_source.h"
#include "nn/data/csv_source.h"
#include "nn/data/tfrecord_source.h"
#include "nn/io/csv.h"
#include "nn/io/npy.h"

namespace ludus::nn {
namespace {

namespace fs = std::filesystem;

enum class FileKind : std::uint8_t { kIdx, kNpy, kNpz, kCsv, kTfRecord };

FileKind kind_of_file(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (name.ends_with(".npy")) return FileKind::kNpy;
  if (name.ends_with(".npz")) return FileKind::kNpz;
  if (name.ends_with(".csv")) return FileKind::kCsv;
  if (name.ends_with(".tfrecord") || name.ends_with(".tfrecords")) return FileKind::kTfRecord;
  return FileKind::kIdx;
}

// What one word of the command line names.
struct DataFile {
  std::string field = {};  // "image" of image=FILE
  fs::path path;
  std::vector<std::string> arrays = {};  // of FILE.npz:a,b
  FileKind kind = FileKind::kIdx;
};

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    parts.emplace_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return parts;
}

// The names of the fields in their order: inputs, then targets.
std::vector<std::string> names_of(const DataTask& task) {
  std::vector<std::string> names;
  for (const InputSpec& input : task.description.inputs) names.push_back(input.name);
  if (!task.losses.empty()) names.insert(names.end(), task.description.outputs.begin(), task.description.outputs.end());
  return names;
}

std::vector<std::string> fields_of(const DataTask& task) {
  std::vector<std::string> fields;
  for (const InputSpec& input : task.description.inputs) fields.push_back(input_field(input.name));
  if (!task.losses.empty()) {
    for (const std::string& output : task.description.outputs) fields.push_back(target_field(output));
  }
  return fields;
}

DataFile parse_file(const std::string& word, const DataTask& task) {
  DataFile file{.path = word};
  const std::vector<std::string> names = names_of(task);
  if (const std::size_t equals = word.find('=');
      equals != std::string::npos && std::find(names.begin(), names.end(), word.substr(0, equals)) != names.end()) {
    file.field = word.substr(0, equals);
    file.path = word.substr(equals + 1);
  }
  const std::string path = file.path.string();
  if (const std::size_t colon = path.find(".npz:"); colon != std::string::npos) {
    file.path = path.substr(0, colon + 4);
    file.arrays = split(path.substr(colon + 5));
  }
  file.kind = kind_of_file(file.path.string());
  return file;
}

std::vector<DataFile> parse_files(const std::vector<std::string>& words, const DataTask& task) {
  if (words.empty()) throw InvalidArgument("data: must name at least one file, got none");
  std::vector<DataFile> files;
  for (const std::string& word : words) {
    files.push_back(parse_file(word, task));
    if (fs::is_directory(files.back().path)) {
      throw FileError(formatted("{}: is a folder; name files of data", files.back().path.string()));
    }
    if (!fs::exists(files.back().path)) {
      throw FileError(formatted("{}: the file does not exist", files.back().path.string()));
    }
    if (files.back().kind != files.front().kind) {
      throw InvalidArgument(formatted("data: all files must be of one format, got {} and {}",
                                      files.front().path.string(), files.back().path.string()));
    }
  }
  return files;
}

// Whether the targets of an output are classes, a single integer each.
bool may_be_classes(LossKind kind) {
  return kind == LossKind::kCrossEntropy || kind == LossKind::kHinge;
}

Shape output_shape_of(const DataTask& task, std::size_t k) {
  return output_shapes(task.description)[k];
}

std::int64_t elements_or_one(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= std::max<std::int64_t>(extent, 1);
  return count;
}

// ---- arrays

data::Dataset open_arrays(const std::vector<DataFile>& files, const DataTask& task) {
  const std::vector<std::string> names = names_of(task), fields = fields_of(task);
  if (files.size() != names.size()) {
    throw InvalidArgument(formatted("data: must be {} files of arrays, one for each of {}, got {}", names.size(),
                                    joined(names), files.size()));
  }
  std::vector<data::NamedFile> named(fields.size());
  std::size_t next = 0;  // the field of a file without a name
  for (const DataFile& file : files) {
    const auto place = file.field.empty() ? names.begin() + static_cast<std::ptrdiff_t>(next++)
                                          : std::find(names.begin(), names.end(), file.field);
    data::NamedFile& entry = named[static_cast<std::size_t>(place - names.begin())];
    if (!entry.second.empty()) {
      throw InvalidArgument(formatted("data: \"{}\" must be one file, got {} and {}; name all of them, as in {}=FILE",
                                      *place, entry.second.string(), file.path.string(), *place));
    }
    entry = {fields[static_cast<std::size_t>(place - names.begin())], file.path};
  }
  return files.front().kind == FileKind::kNpy ? data::from_npy(named) : data::from_idx(named);
}

// The columns of the options, or the names of inputs and outputs.
std::vector<std::string> named_columns(const DataColumns& columns, const DataTask& task) {
  const std::size_t inputs = task.description.inputs.size();
  std::vector<std::string> names = names_of(task);
  const std::vector<std::string> targets(names.begin() + static_cast<std::ptrdiff_t>(inputs), names.end());
  names.resize(inputs);
  const auto replace = [](std::vector<std::string>& list, const std::vector<std::string>& by, const char* option) {
    if (by.empty()) return;
    if (by.size() != list.size()) {
      throw InvalidArgument(
          formatted("data: {} must name {}, one for each of {}, got {}", option, list.size(), joined(list), by.size()));
    }
    list = by;
  };
  replace(names, columns.features, "features");
  std::vector<std::string> target_names = targets;
  if (!targets.empty()) replace(target_names, columns.targets, "targets");
  names.insert(names.end(), target_names.begin(), target_names.end());
  return names;
}

// Renames the fields of an example, and drops the others.
data::Dataset renamed(const data::Dataset& dataset, const std::vector<std::string>& from,
                      const std::vector<std::string>& to) {
  return dataset.map(
      [from, to](data::Example example) {
        data::Example result;
        result.origin = example.origin;
        for (std::size_t i = 0; i < from.size(); ++i) result[to[i]] = example.at(from[i]);
        return result;
      },
      {.key = formatted("{} as {}", joined(from), joined(to))});
}

std::vector<std::string> npz_arrays(const DataFile& file, const DataColumns& columns, const DataTask& task) {
  const std::size_t count = names_of(task).size();
  if (!file.arrays.empty()) {
    if (file.arrays.size() == count) return file.arrays;
    throw InvalidArgument(formatted("{}: must name {} arrays, one for each of {}, got {}", file.path.string(), count,
                                    joined(names_of(task)), joined(file.arrays)));
  }
  const std::vector<std::string> names = named_columns(columns, task);
  const std::vector<std::string> present = io::NpzReader(file.path).names();
  const bool all = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return std::find(present.begin(), present.end(), name) != present.end();
  });
  if (all) return names;
  if (present.size() == count && columns.features.empty() && columns.targets.empty()) return present;
  throw InvalidArgument(formatted("{}: must hold arrays named {}, got {}; name them, as in {}:x_train,y_train",
                                  file.path.string(), joined(names), joined(present), file.path.filename().string()));
}

data::Dataset open_npz(const std::vector<DataFile>& files, const DataColumns& columns, const DataTask& task) {
  if (files.size() > 1) {
    throw InvalidArgument(formatted("data: must be one archive, got {} files", files.size()));
  }
  const std::vector<std::string> arrays = npz_arrays(files.front(), columns, task);
  return renamed(data::from_npz(files.front().path, arrays), arrays, fields_of(task));
}

// ---- columns

// The columns of a CSV file: of each input, and of each target.
struct CsvColumns {
  std::vector<std::vector<std::string>> inputs, targets;
};

CsvColumns csv_columns(const std::vector<DataFile>& files, const DataColumns& columns, const DataTask& task) {
  const std::vector<std::string> present = io::CsvReader(files.front().path).columns();
  CsvColumns result;

  // targets: a class or a list is one column, k numbers are k columns
  std::vector<std::string> targets = columns.targets;
  const std::size_t outputs = task.losses.size();
  if (outputs > 0) {
    std::vector<std::size_t> widths(outputs, 1);
    std::size_t sum = 0;
    for (std::size_t k = 0; k < outputs; ++k) {
      if (!may_be_classes(task.losses[k])) {
        widths[k] = static_cast<std::size_t>(elements_or_one(output_shape_of(task, k)));
      }
      sum += widths[k];
    }
    if (targets.empty()) {
      const std::size_t last = std::min(sum, present.size());
      targets.assign(present.end() - static_cast<std::ptrdiff_t>(last), present.end());
    }
    if (targets.size() == outputs) {
      widths.assign(outputs, 1);
    } else if (targets.size() != sum) {
      throw InvalidArgument(formatted("{}: targets must name {} columns, or one with a list for each of {}, got {}",
                                      files.front().path.string(), sum, joined(task.description.outputs),
                                      joined(targets)));
    }
    auto next = targets.begin();
    for (const std::size_t width : widths) {
      result.targets.emplace_back(next, next + static_cast<std::ptrdiff_t>(width));
      next += static_cast<std::ptrdiff_t>(width);
    }
  }

  std::vector<std::string> features = columns.features;
  if (features.empty()) {
    for (const std::string& name : present) {
      if (std::find(targets.begin(), targets.end(), name) == targets.end()) features.push_back(name);
    }
  }
  const std::vector<InputSpec>& inputs = task.description.inputs;
  if (inputs.size() == 1) {
    result.inputs = {features};
    return result;
  }
  auto next = features.begin();
  for (const InputSpec& input : inputs) {
    const auto width = static_cast<std::ptrdiff_t>(elements_or_one(input.shape));
    if (features.end() - next < width) {
      throw InvalidArgument(formatted("{}: input \"{}\" must have {} columns, and of {} only {} are left",
                                      files.front().path.string(), input.name, width, joined(features),
                                      features.end() - next));
    }
    result.inputs.emplace_back(next, next + width);
    next += width;
  }
  return result;
}

data::Dataset open_csv(const std::vector<DataFile>& files, const DataColumns& columns, const DataTask& task) {
  using Kind = data::CsvField::Kind;
  const CsvColumns chosen = csv_columns(files, columns, task);
  data::CsvOptions options;
  for (std::size_t i = 0; i < chosen.inputs.size(); ++i) {
    const InputSpec& input = task.description.inputs[i];
    const std::vector<std::string>& names = chosen.inputs[i];
    const bool is_list = names.size() == 1 && elements_or_one(input.shape) > 1;
    options.fields.push_back({.name = input_field(input.name),
                              .kind = is_list ? Kind::kList : Kind::kNumber,
                              .dtype = DType::kFloat64,
                              .columns = names});
  }
  for (std::size_t k = 0; k < chosen.targets.size(); ++k) {
    const std::vector<std::string>& names = chosen.targets[k];
    const bool is_class = may_be_classes(task.losses[k]);
    const bool is_list = !is_class && names.size() == 1 && elements_or_one(output_shape_of(task, k)) > 1;
    const bool is_text = is_class && !task.interface.outputs[k].labels.empty();
    options.fields.push_back({.name = target_field(task.description.outputs[k]),
                              .kind = is_text   ? Kind::kText
                                      : is_list ? Kind::kList
                                                : Kind::kNumber,
                              .dtype = DType::kFloat64,
                              .columns = names});
  }
  std::vector<fs::path> paths;
  for (const DataFile& file : files) paths.push_back(file.path);
  return data::from_csv(paths, std::move(options));
}

data::Dataset open_tfrecord(const std::vector<DataFile>& files, const DataColumns& columns, const DataTask& task) {
  std::vector<fs::path> paths;
  for (const DataFile& file : files) paths.push_back(file.path);
  const data::Dataset examples = renamed(data::from_tf_example(paths), named_columns(columns, task), fields_of(task));
  // the bytes of a feature are uint8 numbers, but for the name of a class
  std::vector<std::string> texts;
  for (std::size_t k = 0; k < task.losses.size(); ++k) {
    if (may_be_classes(task.losses[k])) texts.push_back(target_field(task.description.outputs[k]));
  }
  return examples.map(
      [texts](data::Example example) {
        for (auto& [name, value] : example) {
          if (!value.is_string() || std::find(texts.begin(), texts.end(), name) != texts.end()) continue;
          const std::string& bytes = value.as_string();
          value = data::decode_raw(bytes, DType::kUInt8, Shape{static_cast<std::int64_t>(bytes.size())});
        }
        return example;
      },
      {.key = "bytes as uint8"});
}

// ---- preparation

std::int64_t checked_class(double number, std::int64_t classes, const std::string& output) {
  if (std::floor(number) == number && number >= 0 && number < static_cast<double>(classes)) {
    return static_cast<std::int64_t>(number);
  }
  throw InvalidArgument(
      formatted("target \"{}\": a class must be an integer of 0 to {}, got {}", output, classes - 1, number));
}

std::int64_t class_of_text(const std::string& text, const OutputInterface& interface, std::int64_t classes,
                           const std::string& output) {
  const auto place = std::find(interface.labels.begin(), interface.labels.end(), text);
  if (place != interface.labels.end()) return place - interface.labels.begin();
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return checked_class(number, classes, output);
  throw InvalidArgument(formatted("target \"{}\": a class must be one of {}, got \"{}\".{}", output,
                                  interface.labels.empty() ? "the labels, which are not set" : joined(interface.labels),
                                  text, did_you_mean(text, interface.labels)));
}

Value prepared_target(const Value& value, const DataTask& task, std::size_t k, const Shape& shape) {
  const std::string& output = task.description.outputs[k];
  const std::int64_t classes = shape.rank() == 0 ? 1 : shape[0];
  if (value.is_string()) {
    return Array::scalar<std::int64_t>(class_of_text(value.as_string(), task.interface.outputs[k], classes, output));
  }
  if (!value.is_array()) {
    throw InvalidArgument(formatted("target \"{}\" must be numbers, got {}", output, value.describe()));
  }
  const Array& numbers = value.as_array();
  if (may_be_classes(task.losses[k]) && numbers.size() == 1 && classes > 1) {
    return Array::scalar<std::int64_t>(checked_class(numbers.get(0), classes, output));
  }
  const auto expected = static_cast<std::size_t>(elements_or_one(shape));
  // classes of every position, (height, width) for an output (classes, height, width)
  if (may_be_classes(task.losses[k]) && shape.rank() > 1 &&
      numbers.size() * static_cast<std::size_t>(classes) == expected) {
    Array result(DType::kInt64, Shape(std::span(shape.begin() + 1, shape.end())));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      result.data<std::int64_t>()[i] = checked_class(numbers.get(i), classes, output);
    }
    return result;
  }
  if (numbers.size() != expected) {
    throw ShapeMismatch(formatted("target \"{}\" must have shape {}{}, got {}", output, to_text(shape),
                                  may_be_classes(task.losses[k]) ? ", or be a class" : "",
                                  numbers.shape().to_string()));
  }
  const bool is_share = task.losses[k] == LossKind::kBinaryCrossEntropy || task.losses[k] == LossKind::kCrossEntropy ||
                        task.losses[k] == LossKind::kKlDivergence;
  Array result(DType::kFloat32, shape);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers.get(i);
    if (!std::isfinite(number)) {
      throw InvalidArgument(
          formatted("target \"{}\": each number must be finite, got {} as number {}", output, number, i));
    }
    if (is_share && !(number >= 0 && number <= 1)) {
      throw InvalidArgument(formatted("target \"{}\": each number must be in [0, 1] for {}, got {} as number {}",
                                      output, name_of(task.losses[k]), number, i));
    }
    result.data<float>()[i] = static_cast<float>(number);
  }
  return result;
}

double parse_factor(std::string_view text) {
  const auto number = [&](std::string_view part) {
    double value = std::numeric_limits<double>::quiet_NaN();
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
    return error == std::errc{} && end == part.data() + part.size() ? value : std::numeric_limits<double>::quiet_NaN();
  };
  const std::size_t slash = text.find('/');
  const double factor =
      slash == std::string_view::npos ? number(text) : number(text.substr(0, slash)) / number(text.substr(slash + 1));
  if (std::isfinite(factor) && factor != 0) return factor;
  throw InvalidArgument(
      formatted("data: scale must be a number, a fraction such as 1/255, mean-std or min-max, got "
                "\"{}\"",
                text));
}

// Of one element, or of all elements of an input.
struct Statistics {
  double count = 0, mean = 0, squares = 0;  // Σ (x - mean)², by Welford 1962
  double min = std::numeric_limits<double>::infinity(), max = -std::numeric_limits<double>::infinity();

  void add(double number) {
    ++count;
    const double delta = number - mean;
    mean += delta / count;
    squares += delta * (number - mean);
    min = std::min(min, number);
    max = std::max(max, number);
  }
};

}  // namespace

std::string input_field(std::string_view input) {
  return formatted("inputs.{}", input);
}

std::string target_field(std::string_view output) {
  return formatted("targets.{}", output);
}

data::Dataset open_data(const std::vector<std::string>& words, const DataColumns& columns, const DataTask& task) {
  const std::vector<DataFile> files = parse_files(words, task);
  switch (files.front().kind) {
    case FileKind::kNpz: return open_npz(files, columns, task);
    case FileKind::kCsv: return open_csv(files, columns, task);
    case FileKind::kTfRecord: return open_tfrecord(files, columns, task);
    case FileKind::kIdx:
    case FileKind::kNpy: break;
  }
  return open_arrays(files, task);
}

std::vector<std::string> feature_names(const std::vector<std::string>& words, const DataColumns& columns,
                                       const DataTask& task) {
  const std::vector<DataFile> files = parse_files(words, task);
  std::vector<std::string> names;
  if (files.front().kind == FileKind::kCsv) {
    for (const std::vector<std::string>& input : csv_columns(files, columns, task).inputs) {
      names.insert(names.end(), input.begin(), input.end());
    }
  } else if (files.front().kind == FileKind::kTfRecord) {
    names = named_columns(columns, task);
    names.resize(task.description.inputs.size());
  }
  return names;
}

data::Dataset prepared(const data::Dataset& examples, const DataTask& task, std::size_t workers) {
  const std::vector<Shape> shapes = output_shapes(task.description);
  return examples.map(
      [task, shapes](data::Example example) {
        data::Example result;
        result.origin = example.origin;
        for (std::size_t i = 0; i < task.description.inputs.size(); ++i) {
          const InputSpec& input = task.description.inputs[i];
          const Value& value = example.at(input_field(input.name));
          if (!value.is_array()) {
            throw InvalidArgument(formatted("input \"{}\" must be numbers, got {}", input.name, value.describe()));
          }
          result[input_field(input.name)] = preprocess(value.as_array(), input, task.interface.inputs[i]);
        }
        for (std::size_t k = 0; k < task.losses.size(); ++k) {
          const std::string field = target_field(task.description.outputs[k]);
          result[field] = prepared_target(example.at(field), task, k, shapes[k]);
        }
        return result;
      },
      {.workers = workers, .key = "prepared"});
}

InputInterface scaling_of(const data::Dataset& examples, const InputSpec& input, std::string_view scale, double shift) {
  InputInterface interface;
  const bool standardised = scale == "mean-std", min_max = scale == "min-max";
  if (!standardised && !min_max) {
    const double factor = parse_factor(scale);
    if (shift != 0) interface.shift = {shift};
    if (factor != 1) interface.scale = {factor};
    return interface;
  }
  if (shift != 0) throw InvalidArgument(formatted("data: shift must be left out with scale {}, got {}", scale, shift));

  std::vector<Statistics> statistics(
      input.shape.rank() == 1 && input.shape[0] != kFree ? static_cast<std::size_t>(input.shape[0]) : 1);
  for (const data::Example& example : examples.epoch(0)) {
    // checks the number of elements, and that they are finite
    const Array numbers = preprocess(example.array(input_field(input.name)), input, {});
    for (std::size_t i = 0; i < numbers.size(); ++i) statistics[i % statistics.size()].add(numbers.get(i));
  }
  for (const Statistics& of : statistics) {
    const double spread = standardised ? std::sqrt(of.squares / of.count) : of.max - of.min;
    interface.shift.push_back(standardised ? of.mean : of.min);
    interface.scale.push_back(spread > 0 ? 1 / spread : 1);  // a constant becomes 0
  }
  return interface;
}

std::int64_t count_examples(const data::Dataset& examples, const std::function<bool()>& interrupted) {
  std::int64_t count = 0;
  data::Epoch pass = examples.epoch(0);
  for (data::Example example; pass.next(example);) {
    ++count;
    if (interrupted && interrupted()) throw Interrupted("interrupted while the data were read");
  }
  return count;
}

}  // namespace ludus::nn
