// The files that tests/data/vision/make_files.py made with PIL and NumPy.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "nn/io/npy.h"

namespace ludus::test_support {

inline const std::filesystem::path kVisionFiles = LUDUS_TEST_DATA "/vision";

// An array of expected.npz.
inline Array expected(const std::string& name) {
  static const NamedArrays arrays = io::read_npz(kVisionFiles / "expected.npz");
  for (const auto& [key, array] : arrays) {
    if (key == name) return array;
  }
  ADD_FAILURE() << "expected.npz has no " << name;
  return {};
}

// The largest difference of two images of the same shape; 1e9 for another.
inline double difference(const Array& a, const Array& b) {
  if (!(a.shape() == b.shape())) {
    ADD_FAILURE() << "shapes " << a.shape().to_string() << " and " << b.shape().to_string();
    return 1e9;
  }
  double worst = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a.get(i) - b.get(i)));
  return worst;
}

// The folder of real data, LUDUS_DATA_DIR; a test without it is skipped with "skipped: no data".
inline std::optional<std::filesystem::path> data_folder() {
  const char* data = std::getenv("LUDUS_DATA_DIR");
  const std::filesystem::path folder = data ? std::filesystem::path(data) : LUDUS_SOURCE_DIR "/../shared/data";
  return std::filesystem::exists(folder) ? std::optional(folder) : std::nullopt;
}

}  // namespace ludus::test_support
