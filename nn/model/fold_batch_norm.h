// Folds batch normalisation into the layers before it, for inference. This header does not include torch.
#pragma once

#include <string>
#include <vector>

#include "base/named_arrays.h"
#include "nn/model/description.h"

namespace ludus::nn {

struct FoldedNetwork {
  Description description;
  NamedArrays parameters = {};           // of this description, in its order
  std::vector<std::string> folded = {};  // names of the nodes that are gone
};

/// Returns a network that computes in inference what `description` does with `parameters` (Model::state(), or the
/// arrays of a file), with fewer layers. Batch normalisation in inference is an affine function of each channel,
///
///   y = γ (x - μ) / √(σ² + ε) + β,
///
/// so a convolution or dense layer x = w · u + b before it computes y itself, with
///
///   w' = γ / √(σ² + ε) w        b' = γ / √(σ² + ε) (b - μ) + β.
///
/// Folded are the normalisations of a layer of this kind without activation that nothing else reads; what read the
/// normalisation reads that layer. A normalisation that is an output of the network stays, so that outputs have the
/// same names. Throws as network_shapes(), and InvalidArgument naming the array if one is missing or has another shape.
FoldedNetwork fold_batch_norm(const Description& description, const NamedArrays& parameters);

}  // namespace ludus::nn
