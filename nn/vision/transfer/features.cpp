#include "nn/vision/transfer/features.h"

#include <algorithm>
#include <cstring>

#include "base/crc32c.h"
#include "base/format.h"
#include "base/interruption.h"
#include "nn/core/device.h"
#include "nn/data/dataset.h"
#include "nn/io/image_file.h"
#include "nn/io/npy.h"
#include "nn/model/fold_batch_norm.h"
#include "nn/model/predictor.h"

namespace ludus::vision {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 16;  // the features do not depend on it, beyond rounding

// Names as bytes, a line each.
Array as_lines(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (name.find('\n') != std::string::npos) {
      throw InvalidArgument(
          formatted("`{}`: the name of an image or a class must not hold a line end; rename it", name));
    }
    text += name + "\n";
  }
  Array bytes(DType::kUInt8, Shape{static_cast<std::int64_t>(text.size())});
  std::memcpy(bytes.bytes().data(), text.data(), text.size());
  return bytes;
}

std::vector<std::string> from_lines(const Array& bytes) {
  std::vector<std::string> names(1);
  for (const std::uint8_t byte : bytes.data<std::uint8_t>()) {
    if (byte == '\n') {
      names.emplace_back();
    } else {
      names.back() += static_cast<char>(byte);
    }
  }
  names.pop_back();
  return names;
}

void append(NamedArrays& arrays, const std::string& prefix, const Features& features) {
  arrays.emplace_back(prefix + "features", features.values);
  arrays.emplace_back(prefix + "labels", Array::of(std::span<const std::int64_t>(features.images.labels)));
  arrays.emplace_back(prefix + "files", as_lines(features.images.files));
}

Features read_from(const io::NpzReader& reader, const std::string& prefix) {
  Features features;
  features.values = reader.read(prefix + "features");
  const Array labels = reader.read(prefix + "labels");
  const auto numbers = labels.data<std::int64_t>();
  features.images.labels.assign(numbers.begin(), numbers.end());
  features.images.files = from_lines(reader.read(prefix + "files"));
  const auto count = static_cast<std::int64_t>(features.size());
  if (features.values.dtype() != DType::kFloat32 || features.values.shape().rank() != 2 ||
      features.values.shape()[0] != count || static_cast<std::int64_t>(features.images.files.size()) != count) {
    throw FileError("features, labels and files must have one row for each image");
  }
  return features;
}

std::string key_of(const io::NpzReader& reader) {
  const std::vector<std::string> lines = from_lines(reader.read("key"));
  return lines.empty() ? "" : lines[0];
}

// What the features depend on beside the images.
std::string network_key(const nn::Bundle& backbone, const Manifest& manifest) {
  std::uint32_t weights = 0;
  for (const auto& [name, array] : backbone.weights) weights = crc32c(array.bytes(), crc32c(name, weights));
  Manifest preprocessing = manifest;
  preprocessing.labels.clear();
  return formatted("{:08x}{:08x}", weights, crc32c(nn::to_json(backbone.description) + to_json(preprocessing)));
}

// Names, labels, sizes and times of images.
std::string images_key(const fs::path& folder, const LabeledImages& images, std::size_t begin, std::size_t end) {
  std::uint32_t key = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const fs::path file = folder / images.files[i];
    std::error_code error;
    const auto size = fs::file_size(file, error);
    const auto time = error ? fs::file_time_type() : fs::last_write_time(file, error);
    if (error) throw FileError(formatted("cannot read {}: {}", file.string(), error.message()));
    key = crc32c(formatted("{} {} {} {}\n", images.files[i], images.labels[i], size, time.time_since_epoch().count()),
                 key);
  }
  return formatted("{:08x}", key);
}

std::string key_of_sets(const std::string& network, const ImageSets& images) {
  std::string key = network + images_key(images.folder, images.train, 0, images.train.files.size());
  if (images.validation) key += images_key(images.folder, *images.validation, 0, images.validation->files.size());
  return key;
}

// The content of a file if it is there and has this key; a damaged one is computed again.
template <class Read>
auto if_current(const fs::path& file, const std::string& key, Read read)
    -> std::optional<decltype(read(std::declval<io::NpzReader&>()))> {
  if (!fs::exists(file)) return {};
  try {
    io::NpzReader reader(file);
    if (!reader.contains("key") || key_of(reader) != key) return {};
    return read(reader);
  } catch (const InputError&) {
    return {};
  }
}

FeatureSets read_sets(const io::NpzReader& reader) {
  FeatureSets sets{.classes = from_lines(reader.read("classes")), .train = read_from(reader, "")};
  if (reader.contains("val_features")) sets.validation = read_from(reader, "val_");
  return sets;
}

// Computes parts, or reads those that are there.
class Parts {
 public:
  Parts(const nn::Bundle& backbone, const Manifest& manifest, const ImageSets& images, fs::path folder,
        const FeatureOptions& options)
      : manifest_(manifest),
        images_(images),
        folder_(std::move(folder)),
        options_(options),
        network_key_(network_key(backbone, manifest)),
        width_(nn::output_shapes(backbone.description).front()[0]),
        total_(images.train.files.size() + (images.validation ? images.validation->files.size() : 0)) {
    nn::FoldedNetwork folded = nn::fold_batch_norm(backbone.description, backbone.weights);
    folded_ = {.description = std::move(folded.description), .weights = std::move(folded.parameters)};
  }

  Features features_of(const LabeledImages& images, const std::string& set) {
    Features all{.values = Array(DType::kFloat32, Shape{0, width_}), .images = {}};
    std::vector<Features> parts;
    for (std::size_t begin = 0; begin < images.files.size(); begin += kFeaturePart) {
      const std::size_t end = std::min(begin + kFeaturePart, images.files.size());
      const fs::path file = folder_ / formatted("{}_{:06}.npz", set, begin);
      const std::string key = network_key_ + images_key(images_.folder, images, begin, end);
      std::optional<Features> part =
          if_current(file, key, [](const io::NpzReader& reader) { return read_from(reader, ""); });
      if (part && !options_.skip_broken && part->size() < end - begin) part.reset();  // to name the broken image
      if (part) {
        cached += static_cast<std::int64_t>(part->size());
        done_ += end - begin;
      } else {
        if (options_.interrupted && options_.interrupted()) {
          throw Interrupted(
              formatted("interrupted after the features of {} of {} images; the same command continues with the next",
                        done_, total_));
        }
        part = compute(images, begin, end);
        NamedArrays arrays;
        append(arrays, "", *part);
        arrays.emplace_back("key", as_lines({key}));
        io::write_npz(file, arrays);
        done_ += end - begin;
        if (options_.on_part) options_.on_part(done_, total_);
      }
      broken += static_cast<std::int64_t>(end - begin - part->size());
      parts.push_back(std::move(*part));
    }
    std::size_t count = 0;
    for (const Features& part : parts) count += part.size();
    all.values = Array(DType::kFloat32, Shape{static_cast<std::int64_t>(count), width_});
    auto place = all.values.bytes().begin();
    for (const Features& part : parts) {
      place = std::copy(part.values.bytes().begin(), part.values.bytes().end(), place);
      all.images.files.insert(all.images.files.end(), part.images.files.begin(), part.images.files.end());
      all.images.labels.insert(all.images.labels.end(), part.images.labels.begin(), part.images.labels.end());
    }
    return all;
  }

  std::int64_t broken = 0, cached = 0;

 private:
  Features compute(const LabeledImages& images, std::size_t begin, std::size_t end) {
    if (!predictor_) predictor_.emplace(folded_, nn::parse_device(options_.device));
    data::BrokenRecords on_broken = data::BrokenRecords::fail();
    if (options_.skip_broken) on_broken = data::BrokenRecords::skip(options_.report_broken);
    const auto load = [this, &images, begin](std::uint64_t i) {
      const std::size_t at = begin + static_cast<std::size_t>(i);
      data::Example example;
      example["path"] = (images_.folder / images.files[at]).string();
      example["file"] = images.files[at];
      example["label"] = images.labels[at];
      return example;
    };
    const auto batches = data::from_index(end - begin, load)
                             .map(
                                 [this](data::Example example) {
                                   example["image"] = preprocess(io::read_image(example.text("path")), manifest_);
                                   return example;
                                 },
                                 {.workers = options_.workers, .broken = on_broken})
                             .batch(kBatch)
                             .prefetch(1);
    Features part{.values = {}, .images = {}};
    std::vector<float> values;
    for (const data::Batch& batch : batches.epoch(0)) {
      const Array outputs = predictor_->run({batch.array("image")}).front();
      values.insert(values.end(), outputs.data<float>().begin(), outputs.data<float>().end());
      const Array& labels = batch.array("label");
      const auto numbers = labels.data<std::int64_t>();
      part.images.labels.insert(part.images.labels.end(), numbers.begin(), numbers.end());
      for (const Value& file : batch.at("file").as_list()) part.images.files.push_back(file.as_string());
    }
    part.values =
        Array::of(std::span<const float>(values), Shape{static_cast<std::int64_t>(part.images.labels.size()), width_});
    return part;
  }

  const Manifest& manifest_;
  const ImageSets& images_;
  fs::path folder_;
  const FeatureOptions& options_;
  std::string network_key_;
  std::int64_t width_;
  std::size_t total_, done_ = 0;
  nn::Bundle folded_;
  std::optional<nn::Predictor> predictor_;  // made for the first part that is not cached
};

void require_every_class(const Features& features, const std::vector<std::string>& classes) {
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto& labels = features.images.labels;
    if (std::find(labels.begin(), labels.end(), static_cast<std::int64_t>(c)) != labels.end()) continue;
    throw FileError(formatted("class \"{}\" must have an image that can be read, got none", classes[c]));
  }
}

}  // namespace

FeatureSets compute_features(const nn::Bundle& backbone, const Manifest& manifest, const ImageSets& images,
                             const fs::path& file, const FeatureOptions& options) {
  const std::string key = key_of_sets(network_key(backbone, manifest), images);
  if (std::optional<FeatureSets> sets = if_current(file, key, read_sets)) {
    sets->cached = static_cast<std::int64_t>(sets->train.size() + (sets->validation ? sets->validation->size() : 0));
    sets->broken = static_cast<std::int64_t>(images.train.files.size() +
                                             (images.validation ? images.validation->files.size() : 0)) -
                   sets->cached;
    // without skip_broken they are computed again, which names the broken image
    if (options.skip_broken || sets->broken == 0) return std::move(*sets);
  }
  const fs::path parts_folder = file.string() + ".parts";
  std::error_code error;
  fs::create_directories(parts_folder, error);
  if (error) throw FileError(formatted("the folder {} cannot be created: {}", parts_folder.string(), error.message()));

  Parts parts(backbone, manifest, images, parts_folder, options);
  FeatureSets sets{.classes = images.classes, .train = parts.features_of(images.train, "train")};
  if (images.validation) sets.validation = parts.features_of(*images.validation, "val");
  sets.broken = parts.broken;
  sets.cached = parts.cached;
  require_every_class(sets.train, sets.classes);
  if (sets.validation) require_every_class(*sets.validation, sets.classes);

  NamedArrays arrays;
  append(arrays, "", sets.train);
  if (sets.validation) append(arrays, "val_", *sets.validation);
  arrays.emplace_back("classes", as_lines(sets.classes));
  arrays.emplace_back("key", as_lines({key}));
  io::write_npz(file, arrays);
  fs::remove_all(parts_folder, error);
  return sets;
}

FeatureSets read_features(const fs::path& file) {
  try {
    return read_sets(io::NpzReader(file));
  } catch (InputError& error) {
    if (std::string_view(error.what()).find(file.string()) == std::string_view::npos) error.prepend(file.string());
    throw;
  }
}

}  // namespace ludus::vision
