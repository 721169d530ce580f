#include "apps/options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "agents/runner/run_config.h"
#include "base/format.h"

namespace ludus::apps {
namespace {

constexpr std::size_t kMaxSeeds = 1000;

template <class T>
bool reads_whole(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// Reads key=value into `values`.
void read_setting(std::string_view option, std::string_view text, Dict& values) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw UsageError(formatted("{}: takes key=value, got `{}`", option, text));
  }
  values[text.substr(0, equals)] = agents::parse_setting(text.substr(equals + 1));
}

// Splits at commas outside brackets and quotes.
std::vector<std::string_view> split_arguments(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  int depth = 0;   // of brackets
  char quote = 0;  // the open one
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.push_back(text.substr(begin, i - begin));
      begin = i + 1;
    }
  }
  parts.push_back(text.substr(begin));
  return parts;
}

// The largest double below 2^63.
constexpr double kLargestWhole = 9223372036854774784.0;

}  // namespace

std::int64_t parse_integer(std::string_view option, std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t value = 0;
  double real = 0;
  bool read = reads_whole(text, value);
  if (!read && reads_whole(text, real) && std::floor(real) == real && std::abs(real) <= kLargestWhole) {
    value = static_cast<std::int64_t>(real);
    read = true;
  }
  if (read && value >= low && value <= high) return value;
  const std::string range = high == kMaxInteger ? formatted("{} or more", low) : formatted("from {} to {}", low, high);
  throw UsageError(formatted("{}: takes an integer, {}, got `{}`", option, range, text));
}

double parse_number(std::string_view option, std::string_view text) {
  double value = 0;
  if (reads_whole(text, value) && std::isfinite(value)) return value;
  throw UsageError(formatted("{}: takes a number, got `{}`", option, text));
}

envs::WrapperSpec parse_wrapper(std::string_view option, std::string_view text) {
  const std::size_t colon = text.find(':');
  envs::WrapperSpec wrapper{std::string(text.substr(0, colon)), {}};
  if (wrapper.name.empty()) {
    throw UsageError(
        formatted("{}: takes the name of a wrapper, as in FrameStackObservation:stack_size=4, got `{}`", option, text));
  }
  if (colon == std::string_view::npos) return wrapper;
  for (const std::string_view part : split_arguments(text.substr(colon + 1))) {
    read_setting(std::string(option) + " " + wrapper.name, part, wrapper.kwargs);
  }
  return wrapper;
}

std::vector<std::uint64_t> parse_seeds(std::string_view text) {
  std::vector<std::uint64_t> seeds;
  const auto add = [&](std::string_view word) {
    seeds.push_back(static_cast<std::uint64_t>(parse_integer("--seeds", word, 0, kMaxInteger)));
  };
  if (const std::size_t dots = text.find(".."); dots != std::string_view::npos) {
    add(text.substr(0, dots));
    add(text.substr(dots + 2));
    const std::uint64_t first = seeds[0], last = seeds[1];
    if (last < first || last - first >= kMaxSeeds) {
      throw UsageError(formatted("--seeds: takes a range of 1 to {} seeds, as in 0..4, got `{}`", kMaxSeeds, text));
    }
    seeds.clear();
    for (std::uint64_t seed = first; seed < last; ++seed) seeds.push_back(seed);
    seeds.push_back(last);
    return seeds;
  }
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    add(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  std::vector<std::uint64_t> sorted = seeds;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end() || seeds.size() > kMaxSeeds) {
    throw UsageError(formatted("--seeds: takes up to {} seeds, each once, got `{}`", kMaxSeeds, text));
  }
  return seeds;
}

void add_text(CLI::App& command, const std::string& name, const std::string& type_name, std::string& value,
              const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [&value](const std::string& text) { value = text; }, help)
      ->type_name(type_name);
}

void add_text(CLI::App& command, const std::string& name, const std::string& type_name,
              std::optional<std::string>& value, const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [&value](const std::string& text) { value = text; }, help)
      ->type_name(type_name);
}

void add_texts(CLI::App& command, const std::string& name, const std::string& type_name,
               std::vector<std::string>& values, const std::string& help) {
  auto* option = command.add_option_function<std::vector<std::string>>(
      name, [&values](const std::vector<std::string>& texts) { values = texts; }, help);
  option->type_name(type_name);
  if (name.starts_with('-')) option->allow_extra_args(false);  // one value each time: the next word is another argument
}

void add_words(CLI::App& command, const std::string& name, const std::string& type_name,
               std::vector<std::string>& values, const std::string& help) {
  command
      .add_option_function<std::vector<std::string>>(
          name, [&values](const std::vector<std::string>& texts) { values = texts; }, help)
      ->type_name(type_name);
}

void add_settings(CLI::App& command, const std::string& name, Dict& values, const std::string& help) {
  auto* option = command.add_option_function<std::vector<std::string>>(
      name,
      [&values, name](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) read_setting(name, text, values);
      },
      help);
  option->type_name("KEY=VALUE")->allow_extra_args(false);
}

void add_wrappers(CLI::App& command, const std::string& name, std::optional<agents::Wrappers>& wrappers,
                  const std::string& help) {
  auto* option = command.add_option_function<std::vector<std::string>>(
      name,
      [&wrappers, name](const std::vector<std::string>& texts) {
        wrappers.emplace();
        if (texts == std::vector<std::string>{"none"}) return;
        for (const std::string& text : texts) wrappers->push_back(parse_wrapper(name, text));
      },
      help);
  option->type_name("NAME[:KEY=VALUE,...]")->allow_extra_args(false);
}

void add_integer(CLI::App& command, const std::string& name, std::optional<std::int64_t>& value, std::int64_t low,
                 std::int64_t high, const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [&value, name, low, high](const std::string& text) { value = parse_integer(name, text, low, high); },
          help)
      ->type_name("N");
}

void add_max_episode_steps(CLI::App& command, std::optional<std::int64_t>& value) {
  add_integer(command, "--max-episode-steps", value, 1, kMaxInteger,
              "steps after which an episode is truncated (default: the environment's limit)");
}

void add_number(CLI::App& command, const std::string& name, std::optional<double>& value, const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [&value, name](const std::string& text) { value = parse_number(name, text); }, help)
      ->type_name("X");
}

std::string option_of(std::string_view field) {
  std::string option = "--" + std::string(field);
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

void add_field(CLI::App& command, const FieldInfo& field, Dict& values) {
  const std::string name = option_of(field.name);
  if (field.default_value.is_bool()) {
    command.add_flag_callback(
        name, [&values, key = field.name] { values[key] = true; }, field.help);
    return;
  }
  if (field.default_value.is_list()) {
    const List& elements = field.default_value.as_list();
    const bool is_numbers = !elements.empty() && !elements[0].is_string();
    command
        .add_option_function<std::vector<std::string>>(
            name,
            [&values, name, is_numbers, key = field.name](const std::vector<std::string>& texts) {
              List list;
              for (const std::string& text : texts) {
                list.push_back(is_numbers ? Value(parse_number(name, text)) : Value(text));
              }
              values[key] = std::move(list);
            },
            field.help)
        ->type_name(is_numbers ? "X" : "TEXT");
    return;
  }
  const bool is_text = field.default_value.is_string();
  const auto integer = [](double bound) {
    return std::abs(bound) <= kLargestWhole ? static_cast<std::int64_t>(bound) : bound < 0 ? -kMaxInteger : kMaxInteger;
  };
  const std::int64_t low = integer(field.range.low()), high = integer(field.range.high());
  command
      .add_option_function<std::string>(
          name,
          [&values, name, low, high, is_text, is_integer = field.is_integer,
           key = field.name](const std::string& text) {
            if (is_text) {
              values[key] = text;
            } else if (is_integer) {
              values[key] = parse_integer(name, text, low, high);
            } else {
              values[key] = parse_number(name, text);
            }
          },
          field.help)
      ->type_name(is_text            ? "TEXT"
                  : field.is_integer ? "N"
                                     : "X");
}

void add_flag(CLI::App& command, const std::string& name, bool& value, const std::string& help) {
  command.add_flag_callback(
      name, [&value] { value = true; }, help);
}

}  // namespace ludus::apps
