# cmake -DPRESETS=folder -DOUTPUT=file.cpp -P EmbedPresets.cmake: the texts of all presets as one source file.
cmake_minimum_required(VERSION 3.25)
file(GLOB_RECURSE files RELATIVE ${PRESETS} ${PRESETS}/*.toml)
list(SORT files)
set(rows "")
foreach(file IN LISTS files)
  file(READ ${PRESETS}/${file} text)
  string(APPEND rows "    {\"${file}\", R\"preset(${text})preset\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made from agents/presets/ by cmake/EmbedPresets.cmake.
#include \"agents/runner/preset_texts.h\"

namespace ludus::agents {

std::span<const PresetText> preset_texts() {
  static constexpr PresetText kTexts[] = {
${rows}  };
  return kTexts;
}

}  // namespace ludus::agents
")
