#include "agents/plugin.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

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
  static std::map<std::filesystem::path, PluginContents> loaded;
  std::error_code ignored;  // PluginLibrary reports a missing file
  const std::filesystem::path real_path = std::filesystem::canonical(library, ignored);
  if (const auto earlier = loaded.find(real_path); earlier != loaded.end()) return earlier->second;

  const envs::PluginLibrary plugin(library);
  const std::optional<std::vector<std::string>> environments = plugin.register_environments();
  PluginContents contents{.environments = environments.value_or(std::vector<std::string>()), .algorithms = {}};
  const std::vector<std::string> before = algorithm_names();
  const bool has_algorithms = plugin.enter("ludus_algorithm_plugin_version", kAlgorithmPluginVersion,
                                           "ludus_register_algorithms", algorithm_registry());
  if (!environments && !has_algorithms) {
    throw envs::PluginError(formatted(
        "the plug-in {} must use LUDUS_PLUGIN(registry) {{ … }} or LUDUS_PLUGIN_ALGORITHMS(algorithms) {{ … }} "
        "once; it is another shared library",
        library.string()));
  }
  std::ranges::set_difference(algorithm_names(), before, std::back_inserter(contents.algorithms));
  loaded.emplace(real_path, contents);
  return contents;
}

}  // namespace ludus::agents
