// Policies written as ONNX: from the observation to the action, with normalisation, conversion of the observation and
// action scaling inside. This header does not include torch.
//
//   save_onnx("cartpole.onnx", agent.export_policy());
#pragma once

#include <filesystem>

#include "nn/io/onnx.h"
#include "nn/model/exported_policy.h"

namespace ludus::nn {

/// Returns a model of opset 13 with the input "observation", float32 (batch, row size), rows of the environment's space
/// (envs::Space::to_row), and the output "action": int64 (batch, k) for k choices, float32 (batch, k) for k numbers.
/// Observations are normalised in double, as predict() does. Throws InvalidArgument as add_network() does, and if the
/// parts of the policy do not fit each other.
io::OnnxModel export_onnx(const ExportedPolicy& policy);

/// Writes the file of export_onnx() atomically. Throws as it does, FileError and WriteFailed.
void save_onnx(const std::filesystem::path& path, const ExportedPolicy& policy);

}  // namespace ludus::nn
