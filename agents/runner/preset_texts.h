// The texts of the presets, embedded in the program.
#pragma once

#include <span>
#include <string_view>

namespace ludus::agents {

struct PresetText {
  std::string_view path;  // below agents/presets/: "dqn/CartPole-v1.toml"
  std::string_view text;
};

/// Generated from agents/presets/ by cmake/EmbedPresets.cmake.
std::span<const PresetText> preset_texts();

}  // namespace ludus::agents
