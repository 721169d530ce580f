// What a ludus without windows, pictures and films answers (LUDUS_WITH_RENDER=OFF).
#include <CLI/CLI.hpp>

#include "apps/contact_sheet.h"
#include "apps/options.h"
#include "apps/pictures.h"
#include "apps/play_command.h"
#include "apps/watch.h"

namespace ludus::apps {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw UsageError(what +
                   " is not in this ludus, which was built without pictures; build it with -DLUDUS_WITH_RENDER=ON");
}

}  // namespace

Command add_play_command(CLI::App& program) {
  CLI::App* command = program.add_subcommand("play", "not in this ludus, which was built without pictures");
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

// A run is whole without its curve.
void draw_curve(const std::filesystem::path&, const std::vector<std::filesystem::path>&, const std::string&) {}

std::shared_ptr<runs::Callback> make_watch(const agents::RunConfig&) {
  refuse("--watch");
}

}  // namespace ludus::apps
