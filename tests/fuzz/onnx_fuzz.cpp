// ONNX: what can be read is written and read again; the network of a graph that has one is exported and imported again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "nn/model/onnx_export.h"
#include "nn/model/onnx_import.h"

using namespace ludus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  io::OnnxModel model;
  try {
    model = io::parse_onnx({reinterpret_cast<const char*>(data), size});
  } catch (const InputError&) {
    return 0;
  }
  const std::string written = io::to_onnx(model);
  if (io::to_onnx(io::parse_onnx(written)) != written) std::abort();
  nn::ImportedNetwork network;
  try {
    network = nn::import_onnx(model);
  } catch (const InputError&) {
    return 0;
  }
  // whatever was imported is a valid network, with all of its parameters
  const io::OnnxModel exported = nn::export_onnx(network.description, network.parameters);
  const nn::ImportedNetwork again = nn::import_onnx(io::parse_onnx(io::to_onnx(exported)));
  if (again.description.inputs != network.description.inputs) std::abort();
  return 0;
}
