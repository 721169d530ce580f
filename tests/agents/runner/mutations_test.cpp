// tests/mutations.toml matches the sources: every algorithm has mutations of its updates, and every string to replace
// occurs. scripts/mutations.py, which builds each mutation, shows that the tests detect them.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "agents/algorithms.h"
#include "base/file.h"
#include "runs/toml_values.h"

namespace ludus::agents {
namespace {

const std::filesystem::path kRoot = LUDUS_SOURCE_DIR;

Dict listed(const std::string& kind) {
  return runs::parse_toml(read_text(kRoot / "tests/mutations.toml"), "tests/mutations.toml").at(kind).as_dict();
}

TEST(Mutations, EveryAlgorithmHasMutationsAndTrainings) {
  std::set<std::string> mutated;
  for (const auto& [name, mutation] : listed("mutation")) {
    for (const Value& algorithm : mutation.as_dict().at("algorithms").as_list()) mutated.insert(algorithm.as_string());
  }
  const Dict tests = listed("algorithm");
  for (const Algorithm& algorithm : algorithms()) {
    if (algorithm.name == "random") continue;  // learns nothing
    EXPECT_TRUE(mutated.erase(algorithm.name)) << algorithm.name << " has no mutation";
    ASSERT_TRUE(tests.contains(algorithm.name)) << algorithm.name;
    EXPECT_FALSE(tests.at(algorithm.name).as_dict().at("learning").as_list().empty()) << algorithm.name;
  }
  // the rest is of other trainings
  for (const std::string& name : mutated) EXPECT_TRUE(tests.contains(name)) << name << " has no tests";
}

TEST(Mutations, ReplacedTextOccursOnce) {
  for (const auto& [name, mutation] : listed("mutation")) {
    const Dict& entry = mutation.as_dict();
    const std::string& file = entry.at("file").as_string();
    const std::string& old_text = entry.at("old").as_string();
    const std::string text = read_text(kRoot / file);
    const std::size_t position = text.find(old_text);
    EXPECT_NE(position, std::string::npos) << name << ": " << file << " has no " << old_text;
    if (position == std::string::npos) continue;
    EXPECT_EQ(text.find(old_text, position + 1), std::string::npos)
        << name << ": " << file << " has more than one " << old_text;
    EXPECT_NE(old_text, entry.at("new").as_string()) << name;
  }
}

}  // namespace
}  // namespace ludus::agents
