// What the tests of this room share: a folder of their own, another PATH for a while, a small cart and pole.
#pragma once

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "envs/core/scene.h"

namespace ludus::render {

// An empty folder that is gone at the end of the test.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ludus_render_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

  // A program of that name: a script for the shell.
  void add_program(const std::string& name, const std::string& script) const {
    const std::filesystem::path file = path_ / name;
    std::ofstream(file) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  }

 private:
  std::filesystem::path path_;
};

// An environment variable with another value, or none, until the end of the test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    const char* old = std::getenv(name);
    had_ = old != nullptr;
    if (had_) old_ = old;
    set(value);
  }
  ~Variable() { set(had_ ? old_.c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) {
    if (value != nullptr) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }
  const char* name_;
  bool had_;
  std::string old_;
};

// A cart of 50 x 30 at y = 100 with a pole of 100 on an axle, on a track, in 600 x 400.
inline envs::Scene cart_pole(double x, double angle) {
  envs::Scene scene;
  scene.items.push_back(envs::Polyline{{{0, 100}, {600, 100}}, {0, 0, 0, 255}, 0});
  const envs::Paint black{.fill = {0, 0, 0, 255}}, tan{.fill = {202, 152, 101, 255}},
      blue{.fill = {129, 132, 203, 255}};
  scene.items.push_back(envs::Polygon{{{x - 25, 85}, {x - 25, 115}, {x + 25, 115}, {x + 25, 85}}, black});
  const envs::Point axle{x, 107.5};
  envs::Polygon pole{{}, tan};
  for (const auto& [across, along] : {std::pair{-5.0, -5.0}, {-5.0, 95.0}, {5.0, 95.0}, {5.0, -5.0}}) {
    pole.points.push_back({axle.x + across * std::cos(angle) + along * std::sin(angle),
                           axle.y - across * std::sin(angle) + along * std::cos(angle)});
  }
  scene.items.push_back(pole);
  scene.items.push_back(envs::Circle{axle, 5, blue});
  return scene;
}

}  // namespace ludus::render
