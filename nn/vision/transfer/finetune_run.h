/// @file
/// A fine-tuning as a run folder: a network with published weights learns the classes of a folder of images. This
/// header does not include torch.
///
///   config.toml        settings                      model.safetensors   bundle with labels
///   features.npz       nn/vision/transfer/features.h manifest.json       preprocessing and labels
///   head/progress.csv  of the head on the features   report.json, report.txt, mistakes.png
///   fine_tuning/       progress.csv, checkpoints/ of the layers that are trained with the head
///
/// Phase 1: the features of all images are computed once, and a linear head is trained on them, after layer
/// normalisation. Phase 2: the head and the
/// last layers are trained together at a small learning rate on augmented images; batch normalisation of a frozen layer
/// stays as it is. Each phase ends with its weights of the lowest loss of the validation, and the run with the phase of
/// the higher accuracy, so that fine-tuning is never worse than the head by these images.
#pragma once

#include <filesystem>
#include <string>

#include "base/value.h"
#include "nn/training/fit_run.h"
#include "nn/vision/transfer/finetune_config.h"
#include "nn/vision/transfer/finetune_report.h"

namespace ludus::vision {

struct FinetuneResult {
  std::filesystem::path folder;
  FinetuneConfig config;
  Value report;      ///< of report.json; null for an interrupted run
  std::string text;  ///< of report.txt
  runs::StopReason end;
};

/// Runs both phases. Throws RunFolderError if the folder already holds a run or cannot be written; InvalidArgument and
/// FileError for settings, a network, weights or images that do not fit, one class only among them; WorkError if the
/// training diverges; Interrupted while features are computed.
FinetuneResult run_finetune(const FinetuneConfig& config, const nn::FitRunOptions& options);

/// Continues a run that was interrupted or killed: with the next part of the features, or from the newest checkpoint of
/// phase 2. The result is that of a run without interruption. Throws RunFolderError or CorruptCheckpoint, and as above.
FinetuneResult resume_finetune(const nn::FitRunOptions& options);

}  // namespace ludus::vision
