#include "nn/model/summary.h"

#include <algorithm>
#include <array>

#include "base/format.h"
#include "base/text.h"

namespace ludus::nn {
namespace {

// "21,139,528"
std::string with_separators(std::int64_t number) {
  std::string text = formatted("{}", number);
  for (std::size_t place = text.size(); place > 3; place -= 3) text.insert(place - 3, ",");
  return text;
}

std::string batch_shape(const Shape& example) {
  std::string text = "(N";
  for (const std::int64_t extent : example) text += extent == kFree ? ", -1" : formatted(", {}", extent);
  return text + ")";
}

}  // namespace

std::string Summary::to_string() const {
  constexpr std::size_t kColumns = 6;
  std::vector<std::array<std::string, kColumns>> cells{
      {"layer", "kind", "inputs", "output shape", "parameters", "frozen"}};
  for (const Row& row : rows) {
    cells.push_back({row.name, row.kind, joined(row.inputs), batch_shape(row.output), with_separators(row.parameters),
                     with_separators(row.frozen)});
    if (row.inputs.empty()) cells.back()[2] = "";
  }
  std::array<std::size_t, kColumns> widths{};
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < kColumns; ++c) widths[c] = std::max(widths[c], line[c].size());
  }

  std::string text = formatted("network \"{}\"\n", network);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (std::size_t c = 0; c < kColumns; ++c) {
      const bool number = c >= 4;
      text += number ? formatted("{:>{}}", cells[i][c], widths[c]) : formatted("{:<{}}", cells[i][c], widths[c]);
      text += c + 1 < kColumns ? "  " : "\n";
    }
    if (i > 0) continue;
    std::size_t total_width = 2 * (kColumns - 1);
    for (const std::size_t width : widths) total_width += width;
    text += std::string(total_width, '-') + "\n";
  }
  return text + formatted("parameters: {} total, {} trainable, {} frozen\n", with_separators(total),
                          with_separators(trainable), with_separators(frozen));
}

Summary summarize(const Description& description, const std::function<bool(std::string_view)>& trainable) {
  const NetworkShapes shapes = network_shapes(description);
  Summary summary{.network = description.name};
  for (const InputSpec& input : description.inputs) {
    summary.rows.push_back({.name = input.name, .kind = "input", .inputs = {}, .output = input.shape});
  }
  for (std::size_t i = 0; i < description.nodes.size(); ++i) {
    const Node& node = description.nodes[i];
    summary.rows.push_back({.name = node.name,
                            .kind = std::string(kind_of(node.layer)),
                            .inputs = node.inputs,
                            .output = shapes.nodes[i]});
  }
  for (const NetworkParameter& parameter : network_parameters(description)) {
    if (parameter.spec.buffer) continue;
    const auto count = static_cast<std::int64_t>(parameter.spec.shape.elements());
    Summary::Row& row = summary.rows[description.inputs.size() + parameter.node];
    row.parameters += count;
    summary.total += count;
    if (!trainable || trainable(parameter.name)) {
      summary.trainable += count;
    } else {
      row.frozen += count;
      summary.frozen += count;
    }
  }
  return summary;
}

}  // namespace ludus::nn
