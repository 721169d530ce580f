#include "render/plot.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"
#include "render/label.h"
#include "render/program.h"
#include "render/raster.h"

namespace ludus::render {
namespace {

// Colours that the colour-blind can distinguish (Okabe and Ito 2008), darkest contrast first, the yellow left out.
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

// At most `most` characters (not bytes) of a label, the middle left out of longer ones.
std::string shortened(const std::string& label, std::size_t most) {
  const std::string text = printable(label);
  std::vector<std::size_t> starts;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0u) != 0x80u) starts.push_back(i);
  }
  if (starts.size() <= most) return text;
  return text.substr(0, starts[most / 2]) + "…" + text.substr(starts[starts.size() - most / 2 + 1]);
}

constexpr std::size_t kLongTitle = 80, kLongLabel = 48, kLongRow = 32;  // characters

std::string label(const std::string& text, std::size_t most = kLongLabel) {
  return single_quoted(shortened(text, most));
}

// The label of a tick, in which gnuplot would read a "%" as the format of a number.
std::string tick_label(const std::string& text, std::size_t most) {
  std::string doubled;
  for (const char c : shortened(text, most)) doubled += c == '%' ? std::string("%%") : std::string(1, c);
  return single_quoted(doubled);
}

// A plot is laid out in units of a pixel of its SVG; PNG has two pixels for each, PDF is as large in points.
constexpr double kWidth = 720, kLetters = 12;
constexpr double kCapital = 0.729 * kLetters;  // the height of DejaVu Sans's capital letters

// The `set terminal` line for the file's format. Terminals differ in the units of font size and line width; the factors
// compensate for this.
struct Terminal {
  std::string line;
  double title_size;
};

Terminal terminal(const std::filesystem::path& path, double height) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto with = [&](const std::string& name, double factor, const char* unit, double font,
                        const std::string& rest) {
    const std::string size = number(kWidth * factor) + unit + "," + number(height * factor) + unit;
    return Terminal{
        "set terminal " + name + " noenhanced size " + size + " font 'DejaVu Sans," + number(font) + "' " + rest + "\n",
        1.15 * font};
  };
  constexpr double kPoints = 0.75;  // of a pixel at 96 to the inch, as Pango has it
  if (extension == ".png") return with("pngcairo", 2, "", kLetters * kPoints, "fontscale 2 linewidth 2 pointscale 2");
  if (extension == ".svg") return with("svg", 1, "", kLetters, "background '#ffffff'");
  if (extension == ".pdf") return with("pdfcairo", 1 / 72.0, "in", kLetters * kPoints, "fontscale 1 linewidth 2");
  throw InvalidArgument(
      formatted("cannot plot to {}: the name of a plot must end in .png, .svg or .pdf", path.string()));
}

// The style of all plots: grey axes and a light grid, to emphasise the data.
std::string look(const std::string& title, double title_size) {
  return "set encoding utf8\n"
         "set border 3 linewidth 1 linecolor rgb '#8a8a8a'\n"
         "set tics nomirror out scale 0.4 textcolor rgb '#333333'\n"
         "set style line 100 linetype 1 linecolor rgb '#e4e4e4' linewidth 0.8\n"
         "set xlabel offset 0,0.3 textcolor rgb '#333333'\n"
         "set ylabel textcolor rgb '#333333'\n"
         "set autoscale noextend\n"
         "set title " +
         label(title, kLongTitle) + " font '," + number(title_size) + "' textcolor rgb '#111111'\n";
}

// Axis values in thousands or millions, so that a million steps need no seven digits.
struct Unit {
  double divisor;
  std::string suffix;
};

Unit unit_of(double largest) {
  if (largest >= 2e6 && largest < 1e9) return {1e6, "M"};
  if (largest >= 2e4 && largest < 1e9) return {1e3, "k"};
  return {1, ""};
}

// The range [low, high] of the x axis with some five ticks at multiples of 1, 2 or 5 times a power of ten: gnuplot
// itself places so many that their labels overlap.
std::string x_axis(double low, double high) {
  if (!(high > low)) {
    const double around = std::max(1.0, std::abs(low) * 0.1);
    low -= around;
    high += around;
  }
  const double rough = (high - low) / 5, power = std::pow(10, std::floor(std::log10(rough)));
  const double digit = rough / power;
  const double step = power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
  const Unit unit = unit_of(std::max(std::abs(low), std::abs(high)));
  std::string script = "set xrange [" + number(low) + ":" + number(high) + "]\nset xtics (";
  bool first = true;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    const double x = i * step + 0.0;  // no "-0"
    script += std::string(first ? "" : ", ") + "'" + number(x / unit.divisor) + (i == 0 ? "" : unit.suffix) + "' " +
              number(x);
    first = false;
  }
  return script + ")\n";
}

// gnuplot writes to its standard output, so no file name ever reaches it.
void run_gnuplot(const std::filesystem::path& path, const std::string& script) {
  require_program("gnuplot", "to draw a plot");
  Program gnuplot({"gnuplot", "--default-settings"});
  gnuplot.write(script);
  const Program::Result result = gnuplot.finish();
  if (result.status != 0 || result.output.empty()) {
    throw WorkError(formatted("cannot plot {}: gnuplot stopped with \"{}\"", path.string(), last_line(result.errors)));
  }
  write_atomically(path, result.output);
}

void check(const std::filesystem::path& path, std::span<const Curve> curves) {
  std::size_t drawable = 0;
  for (const Curve& curve : curves) {
    const bool banded = !curve.low.empty() || !curve.high.empty();
    if (curve.x.size() != curve.y.size() ||
        (banded && (curve.low.size() != curve.x.size() || curve.high.size() != curve.x.size()))) {
      throw InvalidArgument(formatted(
          "cannot plot {}: the curve \"{}\" has {} x, {} y, {} low and {} high values; give as many of each",
          path.string(), printable(curve.label), curve.x.size(), curve.y.size(), curve.low.size(), curve.high.size()));
    }
    for (std::size_t i = 0; i < curve.x.size(); ++i) drawable += std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]);
  }
  if (drawable == 0) {
    throw InvalidArgument(formatted("cannot plot {}: no finite point to draw; pass at least one", path.string()));
  }
}

}  // namespace

void plot_curves(const std::filesystem::path& path, std::span<const Curve> curves, const std::string& title,
                 const std::string& x_label, const std::string& y_label) {
  check(path, curves);
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Curve& curve : curves) {
    for (const double x : curve.x) {
      if (!std::isfinite(x)) continue;
      low = std::min(low, x);
      high = std::max(high, x);
    }
  }
  const Terminal output = terminal(path, 450);
  std::string script = output.line + look(title, output.title_size) + x_axis(low, high);
  script += "set grid xtics ytics linestyle 100\nset offsets 0, 0, graph 0.04, graph 0.04\nset rmargin 3\n";
  script += "set key below center horizontal Left reverse samplen 1.8 spacing 1.3 textcolor rgb '#333333'\n";
  script += "set xlabel " + label(x_label) + "\nset ylabel " + label(y_label) + "\n";

  // data first: x y low high
  bool legend = false;
  for (std::size_t i = 0; i < curves.size(); ++i) {
    const Curve& curve = curves[i];
    legend = legend || !curve.label.empty();
    script += formatted("$curve{} << END\n", i);
    for (std::size_t j = 0; j < curve.x.size(); ++j) {
      script += number(curve.x[j]) + " " + number(curve.y[j]);
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
    add(formatted(
        "$curve{} using 1:3:4 with filledcurves fillstyle transparent solid 0.18 noborder fillcolor rgb '{}' notitle",
        i, color_of(i)));
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    if (curves[i].x.empty()) continue;
    const std::size_t dash = 1 + i / kPalette.size() % 4;  // gnuplot has four good patterns
    const std::string style = curves[i].x.size() == 1 ? "with points pointtype 7 pointsize 0.9"
                                                      : formatted("with lines linewidth 2 dashtype {}", dash);
    const std::string name = curves[i].label.empty() ? "notitle" : "title " + label(curves[i].label);
    add(formatted("$curve{} using 1:2 {} linecolor rgb '{}' {}", i, style, color_of(i), name));
  }
  run_gnuplot(path, script + layers + "\n");
}

void plot_comparison(const std::filesystem::path& path, std::span<const Interval> policies, const std::string& title,
                     const std::string& x_label) {
  if (policies.empty()) {
    throw InvalidArgument(formatted("cannot plot {}: no policy to compare; pass at least one", path.string()));
  }
  for (const Interval& policy : policies) {
    if (!(std::isfinite(policy.middle) && std::isfinite(policy.low) && std::isfinite(policy.high) &&
          policy.low <= policy.high)) {
      throw InvalidArgument(formatted(
          "cannot plot {}: the interval of \"{}\" is {} [{}, {}]; give finite values with low <= high", path.string(),
          printable(policy.label), number(policy.middle), number(policy.low), number(policy.high)));
    }
  }

  // margins: on the left for the longest name, on the right for the value after an interval
  const std::size_t count = policies.size();
  double names = 0, low = policies[0].low, high = policies[0].high;
  for (const Interval& policy : policies) {
    names = std::max(names, text_width(shortened(policy.label, kLongRow), kCapital));
    low = std::min({low, policy.low, policy.middle});
    high = std::max({high, policy.high, policy.middle});
  }
  const double space = high > low ? high - low : std::max(1.0, std::abs(low) * 0.1);
  if (low > 0 && low < 0.5 * high) low = 0;  // then the axis starts at 0

  const Terminal output = terminal(path, 96 + 34 * static_cast<double>(count));
  std::string script = output.line + look(title, output.title_size) + x_axis(low - 0.02 * space, high + 0.03 * space);
  script += "set grid xtics linestyle 100\nset border 1\nunset key\n";
  script += "set lmargin at screen " + number((names + 24) / kWidth) + "\n";
  script += "set rmargin at screen " + number(1 - (text_width("0000.0", kCapital) + 16) / kWidth) + "\n";
  script += "set xlabel " + label(x_label, kLongTitle) + "\n";
  script += "set yrange [" + number(static_cast<double>(count) - 0.4) + ":-0.6]\nset ytics scale 0 (";
  for (std::size_t i = 0; i < count; ++i) {
    script += formatted("{}{} {}", i > 0 ? ", " : "", tick_label(policies[i].label, kLongRow), i);
  }
  script += ")\n$policies << END\n";
  for (std::size_t i = 0; i < count; ++i) {
    std::array<char, 32> value;
    std::snprintf(value.data(), value.size(), "%.5g", policies[i].middle);
    // row, middle, low, high, colour, written middle
    script += formatted("{} {} {} {} 0x{} {}\n", i, number(policies[i].middle), number(policies[i].low),
                        number(policies[i].high), color_of(i).substr(1), value.data());
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
