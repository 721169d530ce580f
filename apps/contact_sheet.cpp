#include "apps/contact_sheet.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "apps/options.h"
#include "base/format.h"
#include "envs/registry/registry.h"
#include "render/png.h"
#include "render/raster.h"

namespace ludus::apps {
namespace {

constexpr int kColumns = 4;
constexpr int kWidth = 300, kHeight = 200, kLabel = 26, kGap = 10;  // pixels
constexpr int kSteps = 60;                                          // random steps before the image
constexpr envs::Color kPaper{255, 255, 255, 255}, kInk{40, 40, 40, 255};

// Returns a scene of the environment in motion; nothing if it cannot be drawn.
std::optional<envs::Scene> scene_of(const std::string& id) {
  const envs::EnvPtr env = envs::make(id, {}, {.warn = [](const std::string&) {}});
  env->reset(0);
  env->action_space().seed(0);
  try {
    envs::Scene scene = env->render();
    for (int i = 0; i < kSteps; ++i) {
      const envs::Step step = env->step(env->action_space().sample());
      if (step.terminated || step.truncated) break;
      scene = env->render();
    }
    return scene;
  } catch (const envs::NotSupported&) {
    return {};
  }
}

// Draws the id.
render::Image label_of(const std::string& id) {
  envs::Scene scene;
  scene.high = {kWidth, kLabel};
  scene.width = kWidth;
  scene.height = kLabel;
  scene.background = kPaper;
  scene.items.emplace_back(envs::Text{{kWidth / 2.0, kLabel / 2.0}, id, 11, kInk, envs::Align::kCenter});
  return render::rasterise(scene);
}

void paste(const render::Image& from, render::Image& onto, int left, int top) {
  for (int y = 0; y < from.height; ++y) {
    const auto row = from.rgb.begin() + std::ptrdiff_t{3} * y * from.width;
    std::copy(row, row + std::ptrdiff_t{3} * from.width,
              onto.rgb.begin() + std::ptrdiff_t{3} * (std::ptrdiff_t{top + y} * onto.width + left));
  }
}

}  // namespace

void write_contact_sheet(const std::filesystem::path& path) {
  if (path.extension() != ".png") {
    throw UsageError(formatted("--contact-sheet: takes a file that ends in .png, got `{}`", path.string()));
  }
  std::vector<std::pair<std::string, envs::Scene>> scenes;
  for (const envs::EnvSpec& spec : envs::registry().specs()) {
    if (auto scene = scene_of(spec.id)) scenes.emplace_back(spec.id, std::move(*scene));
  }

  const int rows = (static_cast<int>(scenes.size()) + kColumns - 1) / kColumns;
  render::Image sheet{
      .width = kColumns * (kWidth + kGap) + kGap, .height = rows * (kHeight + kLabel + kGap) + kGap, .rgb = {}};
  sheet.rgb.assign(std::size_t{3} * static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height),
                   255);
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const int left = kGap + static_cast<int>(i) % kColumns * (kWidth + kGap);
    const int top = kGap + static_cast<int>(i) / kColumns * (kHeight + kLabel + kGap);
    paste(render::rasterise(scenes[i].second, kWidth, kHeight), sheet, left, top);
    paste(label_of(scenes[i].first), sheet, left, top + kHeight);
  }
  render::write_png(path, sheet);
}

}  // namespace ludus::apps
