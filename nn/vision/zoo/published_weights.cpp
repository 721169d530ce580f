#include "nn/vision/zoo/published_weights.h"

#include "base/format.h"
#include "base/safetensors.h"
#include "base/text.h"
#include "nn/model/restore.h"

namespace ludus::vision::zoo {

std::vector<std::string> load_published_weights(nn::Model& model, const std::filesystem::path& file,
                                                const std::string& network) {
  nn::RestoreReport report = nn::restore(model, file);
  // counts the batches of training; files of inference may leave it out
  std::erase_if(report.missing, [](const std::string& name) { return name.ends_with(".num_batches_tracked"); });
  if (!report.complete()) {
    std::vector<std::string> faults;
    if (!report.missing.empty()) {
      faults.push_back(
          formatted("{} arrays are missing, the first is \"{}\"", report.missing.size(), report.missing[0]));
    }
    if (!report.wrong_shape.empty()) {
      faults.push_back(
          formatted("{} have another shape, the first is {}", report.wrong_shape.size(), report.wrong_shape[0]));
    }
    throw CorruptCheckpoint(formatted("{}: these are not weights of network \"{}\": {}; give the file of this network",
                                      file.string(), network, joined(faults, ", ")));
  }
  return std::move(report.unexpected);
}

}  // namespace ludus::vision::zoo
