// The embedding layer of a description. This header does not include torch.
#pragma once

#include <optional>

#include "nn/layers/layer_parts.h"

namespace ludus::nn::layers {

/// Replaces every index in [0, vocabulary) by a row of a learned table: (…) of int64 to (…, features). Parameter:
/// "weight" (vocabulary x features), as in torch.nn.Embedding.
struct Embedding {
  static constexpr std::string_view kKind = "embedding";

  std::int64_t vocabulary = 0;
  std::int64_t features = 0;
  std::optional<std::int64_t> padding_index = {};  // its row gets no gradient
  Initializer weight_init = Initializer::normal(1.0);

  template <class Self, class Visit>
  static void fields(Self& self, Visit&& visit) {
    visit("vocabulary", self.vocabulary, "number of indices");
    visit("features", self.features, "number of features of an index");
    visit("padding_index", self.padding_index, "index whose row gets no gradient; null: none");
    visit("weight_init", self.weight_init, "initialiser of the table");
  }

  void check() const;
  Shape output_shape(Shapes inputs) const;
  std::vector<ParameterSpec> parameters(Shapes inputs) const;

  friend bool operator==(const Embedding&, const Embedding&) = default;
};

/// Throws ShapeMismatch unless the input is of an integer type with every index in [0, vocabulary).
at::Tensor forward(const Embedding& layer, const ForwardArguments& arguments);

}  // namespace ludus::nn::layers
