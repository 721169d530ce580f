#include <dlfcn.h>

#include <algorithm>

#include "base/format.h"
#include "envs/registry/plugin_library.h"
#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

std::string last_error() {
  const char* text = ::dlerror();
  return text ? text : "unknown error";
}

}  // namespace

PluginLibrary::PluginLibrary(std::filesystem::path path) : path_(std::move(path)) {
  if (!std::filesystem::exists(path_)) {
    throw PluginError(
        formatted("the plug-in {} does not exist; give the path of a shared library (.so)", path_.string()));
  }
  // an absolute path prevents dlopen from searching the system's library folders
  handle_ = ::dlopen(std::filesystem::absolute(path_).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle_) throw PluginError(formatted("the plug-in {} cannot be loaded: {}", path_.string(), last_error()));
}

void* PluginLibrary::find(const char* version_function, int version, const char* enter) const {
  const auto built_version = reinterpret_cast<int (*)()>(::dlsym(handle_, version_function));
  void* function = ::dlsym(handle_, enter);
  if (!built_version || !function) return nullptr;
  if (const int built_for = built_version(); built_for != version) {
    throw PluginError(formatted("the plug-in {} must be built for plug-in version {}, got version {}; rebuild it",
                                path_.string(), version, built_for));
  }
  return function;
}

std::optional<std::vector<std::string>> PluginLibrary::register_environments() const {
  std::vector<std::string> before;
  for (const EnvSpec& spec : registry().specs()) before.push_back(spec.id);
  if (!enter("ludus_plugin_version", kPluginVersion, "ludus_register_environments", registry())) return {};
  std::vector<std::string> added;
  for (const EnvSpec& spec : registry().specs()) {
    if (std::find(before.begin(), before.end(), spec.id) == before.end()) added.push_back(spec.id);
  }
  return added;
}

std::vector<std::string> load_plugin(const std::filesystem::path& library) {
  if (auto added = PluginLibrary(library).register_environments()) return *std::move(added);
  throw PluginError(formatted(
      "the plug-in {} must use LUDUS_PLUGIN(registry) {{ … }} once; it is another shared library", library.string()));
}

}  // namespace ludus::envs
