// The commands and options of a ludus built without windows and images (LUDUS_WITH_RENDER=OFF).
#include <CLI/CLI.hpp>

#include "apps/contact_sheet.h"
#include "apps/options.h"
#include "apps/play_command.h"
#include "apps/plots.h"
#include "apps/watch.h"
#include "base/format.h"

namespace ludus::apps {
namespace {

[[noreturn]] void refuse(std::string_view name) {
  throw UsageError(formatted(
      "{}: not available, because this ludus was built without rendering; build it with -DLUDUS_WITH_RENDER=ON", name));
}

}  // namespace

Command add_play_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("play", "not available: built without rendering");
  command->allow_extras();
  return {command, []() -> int { refuse("`ludus play`"); }};
}

void check_plot_path(const std::filesystem::path&) {
  refuse("--plot");
}

void plot_scores(const std::filesystem::path&, const std::vector<Score>&, const std::string&) {
  refuse("--plot");
}

void write_contact_sheet(const std::filesystem::path&) {
  refuse("--contact-sheet");
}

// A run is complete without its curve.
bool draw_curve(const std::filesystem::path&, const std::vector<std::filesystem::path>&, const std::string&) {
  return true;
}

std::shared_ptr<runs::Callback> make_watch(const agents::RunConfig&) {
  refuse("--watch");
}

}  // namespace ludus::apps
