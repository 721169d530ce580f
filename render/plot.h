// Learning curves and comparisons as pictures, by the program gnuplot.
//
// The extension of the file chooses the format: .png, .svg or .pdf. Labels are data: whatever they hold is shown
// as it is (control characters as spaces, very long ones shortened in the middle) and never read as a command.
// Every function here throws InvalidArgument for another extension or data that cannot be drawn, ProgramMissing
// (an InputError) without gnuplot, WorkError with gnuplot's last words if it fails, and as write_atomically does.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ludus::render {

// One line with a band around it. `x` and `y` are alike in length; `low` and `high` too, or both empty for no
// band. A point that is not finite leaves a gap.
struct Curve {
  std::string label;  // empty for none in the legend
  std::vector<double> x, y;
  std::vector<double> low = {}, high = {};  // ends of the interval around y
};

// Lines over a common x axis, drawn in the order given; the legend lies below them.
void plot_curves(const std::filesystem::path& path, std::span<const Curve> curves, const std::string& title,
                 const std::string& x_label, const std::string& y_label);

// One policy of a comparison.
struct Interval {
  std::string label;
  double middle = 0;         // the interquartile mean, say; finite
  double low = 0, high = 0;  // ends of its confidence interval; finite, low <= high
};

// One row for each policy, in the order given from above: a bar over the interval, a mark at its middle, which
// is written beside it.
void plot_comparison(const std::filesystem::path& path, std::span<const Interval> policies, const std::string& title,
                     const std::string& x_label);

}  // namespace ludus::render
