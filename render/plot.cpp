#include "render/plot.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "render/label.h"
#include "render/program.h"

namespace ludus::render {
namespace {

// Colours that the colour-blind can tell apart (Okabe and Ito 2008), darkest contrast first, the yellow left out.
constexpr std::array<std::string_view, 7> kPalette = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                      "#E69F00", "#56B4E9", "#4D4D4D"};

std::string_view color_of(std::size_t i) {
  return kPalette[i % kPalette.size()];
}

std::string number(double value) {
  if (!std::isfinite(value)) return "NaN";
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.12g", value);
  return text.data();
}

// A gnuplot string in single quotes, in which nothing is special but the quote itself, written twice.
std::string single_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += c;
  }
  return result + "'";
}

// The characters (not bytes) of a label, at most kMost of them with the middle left out.
std::string shortened(const std::string& label) {
  constexpr std::size_t kMost = 60;
  const std::string text = printable(label);
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u) starts.push_back(i);
  }
  if (starts.size() <= kMost) return text;
  return text.substr(0, starts[kMost / 2]) + "…" + text.substr(starts[starts.size() - kMost / 2 + 1]);
}

std::string label(const std::string& text) {
  return single_quoted(shortened(text));
}

// The `set terminal` line for the file's format, for a picture of these many points (72 an inch).
std::string terminal(const std::filesystem::path& path, double width, double height) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto size = [&](double factor, const char* unit) {
    return " size " + number(width * factor) + unit + "," + number(height * factor) + unit + " ";
  };
  const std::string font = "font 'DejaVu Sans,11'";
  if (extension == ".png")
    return "set terminal pngcairo noenhanced" + size(2, "") + "fontscale 2 linewidth 2 pointscale 2 " + font;
  if (extension == ".svg") return "set terminal svg noenhanced" + size(1, "") + "background '#ffffff' " + font;
  if (extension == ".pdf") return "set terminal pdfcairo noenhanced" + size(1 / 72.0, "in") + font;
  throw InvalidArgument("cannot plot to " + path.string() + ": the name of a plot ends in .png, .svg or .pdf");
}

// What all plots have in common: quiet axes and a light grid, so that the data is what one sees.
std::string look(const std::string& title) {
  return "set encoding utf8\n"
         "set border 3 linewidth 1 linecolor rgb '#8a8a8a'\n"
         "set tics nomirror out scale 0.4 textcolor rgb '#333333'\n"
         "set style line 100 linetype 1 linecolor rgb '#e4e4e4' linewidth 0.8\n"
         "set xlabel textcolor rgb '#333333'\n"
         "set ylabel textcolor rgb '#333333'\n"
         "set rmargin 3\n"
         "set title " +
         label(title) + " font ',13' textcolor rgb '#111111'\n";
}

// gnuplot writes to its standard output, so no file name ever reaches it.
void run_gnuplot(const std::filesystem::path& path, const std::string& script) {
  require_program("gnuplot", "to draw a plot");
  Program gnuplot({"gnuplot", "--default-settings"});
  gnuplot.write(script);
  const Program::Result result = gnuplot.finish();
  if (result.status != 0 || result.output.empty()) {
    throw WorkError("cannot plot " + path.string() + ": gnuplot stopped with \"" + last_line(result.errors) + "\"");
  }
  write_atomically(path, result.output);
}

// Axis values in thousands or millions, so that a million steps need no seven digits.
struct Unit {
  double divisor;
  std::string format;  // of a tick, as printf has it
};

Unit unit_of(std::span<const Curve> curves) {
  double largest = 0;
  for (const Curve& curve : curves) {
    for (const double x : curve.x) {
      if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
    }
  }
  if (largest >= 1e9) return {1, "%.3g"};
  if (largest >= 2e6) return {1e6, "%gM"};
  if (largest >= 2e4) return {1e3, "%gk"};
  return {1, "%g"};
}

void check(const std::filesystem::path& path, std::span<const Curve> curves) {
  std::size_t drawable = 0;
  for (const Curve& curve : curves) {
    const bool banded = !curve.low.empty() || !curve.high.empty();
    if (curve.x.size() != curve.y.size() ||
        (banded && (curve.low.size() != curve.x.size() || curve.high.size() != curve.x.size()))) {
      throw InvalidArgument("cannot plot " + path.string() + ": the curve \"" + printable(curve.label) + "\" has " +
                            std::to_string(curve.x.size()) + " x, " + std::to_string(curve.y.size()) + " y, " +
                            std::to_string(curve.low.size()) + " low and " + std::to_string(curve.high.size()) +
                            " high values; give as many of each");
    }
    for (std::size_t i = 0; i < curve.x.size(); ++i) drawable += std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]);
  }
  if (drawable == 0) {
    throw InvalidArgument("cannot plot " + path.string() + ": there is no finite point to draw; give at least one");
  }
}

}  // namespace

void plot_curves(const std::filesystem::path& path, std::span<const Curve> curves, const std::string& title,
                 const std::string& x_label, const std::string& y_label) {
  check(path, curves);
  const Unit unit = unit_of(curves);
  std::string script = terminal(path, 720, 450) + "\n" + look(title);
  script += "set grid xtics ytics linestyle 100\n";
  script += "set key below center horizontal samplen 1.8 spacing 1.3 textcolor rgb '#333333'\n";
  script += "set format x " + single_quoted(unit.format) + "\nset xlabel " + label(x_label) + "\nset ylabel " +
            label(y_label) + "\n";

  // data first: x y low high
  bool legend = false;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const Curve& curve = curves[i];
    legend = legend || !curve.label.empty();
    script += "$curve" + std::to_string(i) + " << END\n";
    for (std::size_t j = 0; j < curve.x.size(); ++j) {
      script += number(curve.x[j] / unit.divisor) + " " + number(curve.y[j]);
      if (!curve.low.empty()) script += " " + number(curve.low[j]) + " " + number(curve.high[j]);
      script += "\n";
    }
    script += "END\n";
  }
  if (!legend) script += "unset key\n";

  // all bands below all lines
  std::string layers;
  const auto add = [&](const std::string& layer) { layers += (layers.empty() ? "plot " : ", \\\n  ") + layer; };
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].low.empty()) continue;
    add("$curve" + std::to_string(i) +
        " using 1:3:4 with filledcurves fillstyle transparent solid 0.18 noborder fillcolor rgb '" +
        std::string(color_of(i)) + "' notitle");
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].x.empty()) continue;
    const std::size_t dash = 1 + i / kPalette.size() % 4;  // gnuplot has four good patterns
    const std::string style = curves[i].x.size() == 1 ? "with points pointtype 7 pointsize 0.9"
                                                      : "with lines linewidth 2 dashtype " + std::to_string(dash);
    const std::string name = curves[i].label.empty() ? "notitle" : "title " + label(curves[i].label);
    add("$curve" + std::to_string(i) + " using 1:2 " + style + " linecolor rgb '" + std::string(color_of(i)) + "' " +
        name);
  }
  run_gnuplot(path, script + layers + "\n");
}

void plot_comparison(const std::filesystem::path& path, std::span<const Interval> policies, const std::string& title,
                     const std::string& x_label) {
  if (policies.empty()) {
    throw InvalidArgument("cannot plot " + path.string() + ": there is no policy to compare; give at least one");
  }
  for (const Interval& policy : policies) {
    if (!(std::isfinite(policy.middle) && std::isfinite(policy.low) && std::isfinite(policy.high) &&
          policy.low <= policy.high)) {
      throw InvalidArgument("cannot plot " + path.string() + ": the interval of \"" + printable(policy.label) +
                            "\" is " + number(policy.middle) + " [" + number(policy.low) + ", " + number(policy.high) +
                            "]; give finite values with low <= high");
    }
  }

  const std::size_t count = policies.size();
  std::string script = terminal(path, 720, 110 + 38 * static_cast<double>(count)) + "\n" + look(title);
  script += "set grid xtics linestyle 100\nset border 1\nunset key\n";
  script += "set xlabel " + label(x_label) + "\n";
  script += "set offsets graph 0.02, graph 0.08, 0, 0\n";
  script += "set yrange [" + number(static_cast<double>(count) - 0.4) + ":-0.6]\nset ytics scale 0 (";
  for (std::size_t i = 0; i < count; ++i) {
    script += (i > 0 ? ", " : "") + label(policies[i].label) + " " + std::to_string(i);
  }
  script += ")\n$policies << END\n";
  for (std::size_t i = 0; i < count; ++i) {
    std::array<char, 32> value;
    std::snprintf(value.data(), value.size(), "%.4g", policies[i].middle);
    // row, middle, low, high, colour, written middle
    script += std::to_string(i) + " " + number(policies[i].middle) + " " + number(policies[i].low) + " " +
              number(policies[i].high) + " 0x" + std::string(color_of(i).substr(1)) + " " + value.data() + "\n";
  }
  script +=
      "END\n"
      "plot $policies using 2:1:3:4:($1-0.26):($1+0.26):5 with boxxyerror fillstyle transparent solid 0.35 noborder "
      "linecolor rgb variable, \\\n"
      "  $policies using 2:($1-0.26):(0):(0.52):5 with vectors nohead linewidth 2.5 linecolor rgb variable, \\\n"
      "  $policies using 4:1:6 with labels left offset char 0.8,0 textcolor rgb '#333333'\n";
  run_gnuplot(path, script);
}

}  // namespace ludus::render
