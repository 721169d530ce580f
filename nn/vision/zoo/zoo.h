/// @file
/// Published networks by name: description, manifest of the preprocessing, published accuracy, licence of the weights.
///
///   const zoo::Entry& entry = zoo::zoo_entry("squeezenet1_1_caffe");
///   nn::Model model(entry.describe(), random);
///   nn::restore(model, "squeezenet1_1.safetensors");
///   const Array input = vision::preprocess(io::read_image("cat.jpg"), entry.manifest());
///
/// To add one: its file in nn/vision/zoo/, its row in zoo.cpp, its counts in tests/nn/vision/zoo_test.cpp.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/model/description.h"
#include "nn/vision/transforms.h"

namespace ludus::vision::zoo {

/// A network of the zoo. Accuracies are those of the publisher for one centre crop, in percent of the ImageNet
/// validation set.
struct Entry {
  std::string name;
  std::function<nn::Description()> describe;
  std::function<Manifest()> manifest;
  std::optional<double> top1 = {};
  std::optional<double> top5 = {};
  std::string weights = {};  // whose names and preprocessing these are; empty: no weights are published
  std::string licence = {};  // of these weights
};

/// Returns all networks, from small to large in each family.
const std::vector<Entry>& zoo_entries();

/// Returns the network of this name. Throws InvalidArgument with a suggestion and the list of all names.
const Entry& zoo_entry(std::string_view name);

/// A row of the table of the zoo: the counts are computed from the description.
struct Row {
  std::string name;
  ludus::Shape input;              // of one image: (channels, height, width)
  std::int64_t parameters = 0;     // running statistics not counted
  std::int64_t multiply_adds = 0;  // of one image, see multiply_adds()
  std::optional<double> top1, top5;
  std::string weights, licence;
};

/// Returns the table of all networks.
std::vector<Row> zoo_table();

/// Returns the table as text, one line a network.
std::string to_text(const std::vector<Row>& rows);
/// Returns the table for JSON: a list of objects with the members of Row.
Value to_value(const std::vector<Row>& rows);

/// Returns the number of multiplications and additions, counted as one, of convolutions and dense layers for one
/// example; biases, normalisation, activations and pools are not counted, as in published tables. Throws as
/// nn::network_shapes().
std::int64_t multiply_adds(const nn::Description& description);

}  // namespace ludus::vision::zoo
