// C source compiled by the machine's compilers with every warning as an error, and called.
#pragma once

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/file.h"

namespace ludus::test_support {

inline constexpr const char* kCFlags = "-std=c99 -pedantic -Wall -Wextra -Werror -Wconversion -Wshadow";

// gcc, and clang where there is one.
inline std::vector<std::string> c_compilers() {
  std::vector<std::string> compilers;
  for (const char* compiler : {"gcc", "clang"}) {
    if (std::system((std::string("command -v ") + compiler + " > /dev/null 2>&1").c_str()) == 0) {
      compilers.emplace_back(compiler);
    }
  }
  return compilers;
}

// Runs a command of the shell. Throws with what it printed if it fails.
inline std::string run_command(const std::string& command, const std::filesystem::path& folder) {
  const auto log = folder / "log.txt";
  const int status = std::system(("cd '" + folder.string() + "' && (" + command + ") > log.txt 2>&1").c_str());
  const std::string printed = read_text(log);
  if (status != 0) throw std::runtime_error(command + "\n" + printed);
  return printed;
}

// A header with the implementation of its functions, as a shared library.
class CLibrary {
 public:
  CLibrary(const std::filesystem::path& header, const std::string& compiler, const std::string& flags) {
    const std::string library = header.stem().string() + "_" + compiler + flags.substr(0, 3) + ".so";
    std::string capitals = header.stem().string();
    for (char& c : capitals) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    run_command(compiler + " " + kCFlags + " " + flags + " -shared -fPIC -D" + capitals + "_SELF_TEST -x c " +
                    header.filename().string() + " -lm -o " + library,
                header.parent_path());
    handle_ = dlopen((header.parent_path() / library).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!handle_) throw std::runtime_error(dlerror());
  }
  ~CLibrary() {
    if (handle_) dlclose(handle_);
  }
  CLibrary(const CLibrary&) = delete;
  CLibrary& operator=(const CLibrary&) = delete;

  template <class Function>
  Function* get(const std::string& name) const {
    void* const address = dlsym(handle_, name.c_str());
    if (!address) throw std::runtime_error(dlerror());
    return reinterpret_cast<Function*>(address);
  }

 private:
  void* handle_ = nullptr;
};

}  // namespace ludus::test_support
