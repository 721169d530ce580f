// A table of a network's layers and parameters. This header does not include torch.
#pragma once

#include <functional>

#include "nn/model/description.h"

namespace ludus::nn {

struct Summary {
  struct Row {
    std::string name;
    std::string kind;  // "input" for inputs
    std::vector<std::string> inputs;
    Shape output;  // of one example, without the batch
    std::int64_t parameters = 0;
    std::int64_t frozen = 0;  // of the parameters
  };

  std::string network;
  std::vector<Row> rows = {};
  std::int64_t total = 0;  // parameters; running statistics are not counted
  std::int64_t trainable = 0;
  std::int64_t frozen = 0;

  /// Returns the table, one line a layer, and the totals.
  std::string to_string() const;
};

/// Returns the summary of a description. `trainable` says of a parameter's full name whether it is trained; by default
/// all are.
Summary summarize(const Description& description, const std::function<bool(std::string_view)>& trainable = {});

}  // namespace ludus::nn
