/// @file
/// Includes the headers of ludus::nn that do not include torch: devices, threads, options of networks, descriptions of
/// networks and metrics.
///
/// Networks, optimisers and tensors are included one by one (<ludus/nn/networks/q_network.h>) by programs that link
/// ludus::nn_torch, which brings torch's headers.
#pragma once

#include "nn/core/device.h"
#include "nn/core/threads.h"
#include "nn/layers/mlp_options.h"
#include "nn/model/description.h"
#include "nn/model/loss_options.h"
#include "nn/model/metrics.h"
#include "nn/model/summary.h"
#include "nn/networks/action_options.h"
#include "nn/networks/feature_options.h"
#include "nn/training/fit_options.h"
#include "nn/training/learning_rate.h"
#include "nn/training/optimizer_options.h"
