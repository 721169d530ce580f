#include "agents/plugin.h"

#include <algorithm>
#include <iterator>

#include "agents/algorithms.h"
#include "base/format.h"
#include "envs/registry/plugin_library.h"

namespace ludus::agents {
namespace {

std::vector<std::string> algorithm_names() {
  std::vector<std::string> names;
  for (const Algorithm& algorithm : algorithms()) names.push_back(algorithm.name);
  return names;
}

}  // namespace

PluginContents load_plugin(const std::filesystem::path& library) {
  static std::vector<std::filesystem::path> loaded;
  std::error_code error;
  const std::filesystem::path real_path = std::filesystem::canonical(library, error);
  if (!error && std::find(loaded.begin(), loaded.end(), real_path) != loaded.end()) return {};

  const envs::PluginLibrary plugin(library);
  bool has_environments = false;
  PluginContents contents{.environments = plugin.register_environments(has_environments), .algorithms = {}};
  const std::vector<std::string> before = algorithm_names();
  const bool has_algorithms = plugin.enter("ludus_algorithm_plugin_version", kAlgorithmPluginVersion,
                                           "ludus_register_algorithms", algorithm_registry());
  if (!has_environments && !has_algorithms) {
    throw envs::PluginError(formatted(
        "the plug-in {} must use LUDUS_PLUGIN(registry) {{ … }} or LUDUS_PLUGIN_ALGORITHMS(algorithms) {{ … }} "
        "once; it is another shared library",
        library.string()));
  }
  std::ranges::set_difference(algorithm_names(), before, std::back_inserter(contents.algorithms));
  loaded.push_back(real_path);
  return contents;
}

}  // namespace ludus::agents
