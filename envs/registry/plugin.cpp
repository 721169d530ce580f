#include <dlfcn.h>

#include "base/format.h"
#include "envs/registry/registry.h"

namespace ludus::envs {
namespace {

std::string last_error() {
  const char* text = ::dlerror();
  return text ? text : "unknown error";
}

}  // namespace

std::vector<std::string> load_plugin(const std::filesystem::path& library) {
  if (!std::filesystem::exists(library)) {
    throw PluginError(
        formatted("the plug-in {} does not exist; give the path of a shared library (.so)", library.string()));
  }

  // an absolute path prevents dlopen from searching the system's library folders
  void* handle = ::dlopen(std::filesystem::absolute(library).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw PluginError(formatted("the plug-in {} cannot be loaded: {}", library.string(), last_error()));

  const auto version = reinterpret_cast<int (*)()>(::dlsym(handle, "ludus_plugin_version"));
  const auto enter = reinterpret_cast<void (*)(Registry&)>(::dlsym(handle, "ludus_register_environments"));
  if (!version || !enter) {
    ::dlclose(handle);
    throw PluginError(formatted(
        "the plug-in {} must use LUDUS_PLUGIN(registry) {{ … }} once; it is another shared library", library.string()));
  }
  if (const int built_for = version(); built_for != kPluginVersion) {
    ::dlclose(handle);
    throw PluginError(formatted("the plug-in {} must be built for plug-in version {}, got version {}; rebuild it",
                                library.string(), kPluginVersion, built_for));
  }

  std::vector<std::string> before;
  for (const EnvSpec& spec : registry().specs()) before.push_back(spec.id);
  enter(registry());
  std::vector<std::string> added;
  for (const EnvSpec& spec : registry().specs()) {
    if (std::find(before.begin(), before.end(), spec.id) == before.end()) added.push_back(spec.id);
  }
  return added;
}

}  // namespace ludus::envs
