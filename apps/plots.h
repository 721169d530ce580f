/// @file
/// Plots of scores and learning curves.
#pragma once

#include <filesystem>
#include <vector>

#include "apps/comparison.h"

namespace ludus::apps {

/// Throws UsageError unless a plot can be written to that path; call it before hours of work for that plot.
void check_plot_path(const std::filesystem::path& path);

/// Plots the interquartile means of a comparison with their intervals. Throws as render::plot_comparison.
void plot_scores(const std::filesystem::path& path, const std::vector<Score>& scores, const std::string& env_id);

/// Draws curve.png into the folder of a run, or of several runs of different seeds: mean returns of the periodic
/// evaluations over the steps of training; of several runs the interquartile mean with its 95 % interval as a band.
/// Without gnuplot it warns on stderr: the run is complete without the curve. Returns false, and says why, if the curve
/// could not be drawn for another reason.
bool draw_curve(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& runs,
                const std::string& title);

}  // namespace ludus::apps
