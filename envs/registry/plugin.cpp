#include <dlfcn.h>

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
    throw PluginError("the plug-in " + library.string() + " does not exist; give the path of a shared library (.so)");
  }

  // an absolute path prevents dlopen from searching the system's library folders
  void* handle = ::dlopen(std::filesystem::absolute(library).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) throw PluginError("the plug-in " + library.string() + " cannot be loaded: " + last_error());

  const auto version = reinterpret_cast<int (*)()>(::dlsym(handle, "ludus_plugin_version"));
  const auto enter = reinterpret_cast<void (*)(Registry&)>(::dlsym(handle, "ludus_register_environments"));
  if (!version || !enter) {
    ::dlclose(handle);
    throw PluginError(library.string() +
                      " is a shared library but no plug-in: it must use LUDUS_PLUGIN(registry) { … } once");
  }
  if (const int built_for = version(); built_for != kPluginVersion) {
    ::dlclose(handle);
    throw PluginError("the plug-in " + library.string() + " was built for plug-in version " +
                      std::to_string(built_for) + ", and this program has version " + std::to_string(kPluginVersion) +
                      "; rebuild it");
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
