// The graph of a network for TensorBoard. Does not include torch.
#pragma once

#include <vector>

#include "nn/model/description.h"
#include "runs/tensorboard_summaries.h"

namespace ludus::nn {

/// Returns the nodes of a network, its inputs as placeholders: dots in names become slashes, which make scopes; shapes
/// begin with the batch, −1.
std::vector<runs::GraphNode> graph_nodes(const Description& description);

}  // namespace ludus::nn
