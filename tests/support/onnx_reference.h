// ONNX models with recorded inputs and outputs, for the reader in Python (onnx_reference.py).
#pragma once

#include <cstdlib>
#include <span>
#include <string>
#include <vector>

#include "base/array.h"
#include "base/file.h"
#include "nn/io/npy.h"
#include "nn/io/onnx.h"
#include "tests/support/scratch.h"

namespace ludus::test_support {

class OnnxReference {
 public:
  /// Whether Python has what the reader needs.
  static bool is_available() { return std::system("/usr/bin/python3 -c 'import numpy, onnx' >/dev/null 2>&1") == 0; }

  /// Adds a model, and what it must compute.
  void add(const io::OnnxModel& model, std::span<const Array> inputs, std::span<const Array> outputs) {
    const std::string name = std::to_string(count_++);
    io::write_onnx(folder_ / (name + ".onnx"), model);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      io::write_npy(folder_ / (name + ".input_" + std::to_string(i) + ".npy"), inputs[i]);
    }
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      io::write_npy(folder_ / (name + ".output_" + std::to_string(i) + ".npy"), outputs[i]);
    }
  }

  struct Result {
    bool equal;          // all models, within the tolerance
    std::string report;  // "12 files, largest difference 1e-06", after a line for every model that differs
  };
  Result compare(const std::string& tolerance = "1e-5") const {
    const std::string command = "/usr/bin/python3 '" LUDUS_SOURCE_DIR "/tests/support/onnx_reference.py' '" +
                                folder_.path().string() + "' " + tolerance + " > '" + (folder_ / "report").string() +
                                "' 2>&1";
    const bool equal = std::system(command.c_str()) == 0;
    return {equal, read_text(folder_ / "report")};
  }

  int count() const { return count_; }

 private:
  Scratch folder_;
  int count_ = 0;
};

}  // namespace ludus::test_support
