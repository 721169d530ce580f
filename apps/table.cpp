#include "apps/table.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/value_io.h"

namespace ludus::apps {
namespace {

// Characters of UTF-8 text: bytes that do not continue one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

std::vector<std::size_t> widths_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& name : table.header) widths.push_back(width_of(name));
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  return widths;
}

std::string padded(const std::string& text, std::size_t width, bool right) {
  const std::string spaces(width - width_of(text), ' ');
  return right ? spaces + text : text + spaces;
}

}  // namespace

std::string to_text(const Table& table) {
  const std::vector<std::size_t> widths = widths_of(table);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i)
      text += (i ? "  " : "") + padded(cells[i], widths[i], table.right[i]);
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::size_t total = 2 * (widths.size() - 1);
  for (const std::size_t width : widths) total += width;
  std::string text = line(table.header) + std::string(total, '-') + "\n";
  for (const auto& row : table.rows) text += line(row);
  return text;
}

std::string to_markdown(const Table& table) {
  const std::vector<std::size_t> widths = widths_of(table);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text = "|";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      std::string cell = padded(cells[i], widths[i], table.right[i]);
      for (std::size_t bar = cell.find('|'); bar != std::string::npos; bar = cell.find('|', bar + 2))
        cell.insert(bar, "\\");
      text += " " + cell + " |";
    }
    return text + "\n";
  };
  std::string rule = "|";
  for (std::size_t i = 0; i < widths.size(); ++i) {
    rule += table.right[i] ? " " + std::string(std::max<std::size_t>(widths[i], 3) - 1, '-') + ": |"
                           : " " + std::string(std::max<std::size_t>(widths[i], 3), '-') + " |";
  }
  std::string text = line(table.header) + rule + "\n";
  for (const auto& row : table.rows) text += line(row);
  return text;
}

std::string to_csv(const Table& table) {
  const auto line = [](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) text += ",";
      if (cells[i].find_first_of(",\"\n\r") == std::string::npos) {
        text += cells[i];
        continue;
      }
      text += '"';
      for (const char letter : cells[i]) text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
      text += '"';
    }
    return text + "\n";
  };
  std::string text = line(table.header);
  for (const auto& row : table.rows) text += line(row);
  return text;
}

std::string fixed(double value, int digits) {
  if (!std::isfinite(value)) return "–";
  return formatted("{:.{}f}", value, digits);
}

std::vector<std::string> setting_row(const FieldInfo& field, const Value& default_value) {
  constexpr std::size_t kLongestRange = 60;
  if (field.range_text.size() <= kLongestRange) {
    return {field.name, to_json(default_value), field.range_text, field.help};
  }
  return {field.name, to_json(default_value), "", formatted("{}: {}", field.help, field.range_text)};
}

}  // namespace ludus::apps
