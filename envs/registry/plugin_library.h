// A plug-in: a shared library that registers environments (envs/registry/registry.h) or algorithms (agents/plugin.h).
#pragma once

#include <filesystem>
#include <string>

#include "envs/registry/registry.h"

namespace ludus::envs {

/// Loads the library on construction; it stays loaded until the program ends.
class PluginLibrary {
 public:
  /// Throws PluginError if the file does not exist or is not a shared library.
  explicit PluginLibrary(std::filesystem::path path);

  /// Calls the plug-in's function `enter` with `registry`. Returns false if the library has no such function. Throws
  /// PluginError if `version_function` returns another number than `version`, the plug-in version of this program.
  template <class R>
  bool enter(const char* version_function, int version, const char* enter, R& registry) const {
    void* function = find(version_function, version, enter);
    if (function) reinterpret_cast<void (*)(R&)>(function)(registry);
    return function != nullptr;
  }

  /// Registers the plug-in's environments and returns the new ids. `is_plugin` is set to whether it uses LUDUS_PLUGIN.
  std::vector<std::string> register_environments(bool& is_plugin) const;

  const std::filesystem::path& path() const { return path_; }

 private:
  void* find(const char* version_function, int version, const char* enter) const;

  std::filesystem::path path_;
  void* handle_;
};

}  // namespace ludus::envs
