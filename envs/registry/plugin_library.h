// A plug-in: a shared library that registers environments (envs/registry/registry.h) or algorithms (agents/plugin.h).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

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

  /// Registers the plug-in's environments and returns the new ids; nullopt if it does not use LUDUS_PLUGIN.
  std::optional<std::vector<std::string>> register_environments() const;

  const std::filesystem::path& path() const { return path_; }

 private:
  void* find(const char* version_function, int version, const char* enter) const;

  std::filesystem::path path_;
  void* handle_;
};

}  // namespace ludus::envs
