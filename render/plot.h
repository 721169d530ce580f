/// @file
/// Plots of learning curves and comparisons, by the program gnuplot.
///
/// The file's extension chooses the format: .png, .svg or .pdf. Labels are shown verbatim (control characters as
/// spaces, very long ones shortened in the middle) and never interpreted as commands. Every function throws
/// InvalidArgument for another extension or data that cannot be drawn, ProgramMissing without gnuplot, WorkError with
/// gnuplot's last line of output if it fails, and the errors of write_atomically.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ludus::render {

/// A line with a band. `x` and `y` have equal length; `low` and `high` too, or are empty for no band. A non-finite
/// point leaves a gap.
struct Curve {
  std::string label;  ///< empty: not in the legend
  std::vector<double> x, y;
  std::vector<double> low = {}, high = {};  ///< bounds of the band
};

/// Plots lines over a common x axis, in order, with the legend below.
void plot_curves(const std::filesystem::path& path, std::span<const Curve> curves, const std::string& title,
                 const std::string& x_label, const std::string& y_label);

/// A policy in a comparison.
struct Interval {
  std::string label;
  double middle = 0;         ///< e.g. the interquartile mean; finite
  double low = 0, high = 0;  ///< bounds of the confidence interval; finite, low <= high
};

/// Plots one row per policy, from top to bottom: a bar over the interval, a marker at its middle and the number.
void plot_comparison(const std::filesystem::path& path, std::span<const Interval> policies, const std::string& title,
                     const std::string& x_label);

}  // namespace ludus::render
