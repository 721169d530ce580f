/// @file
/// Options of the command line that several commands share, and how their values are read.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runner/run_wrappers.h"
#include "base/fields.h"
#include "base/value.h"

namespace CLI {
class App;
}

namespace ludus::apps {

/// The command line is wrong.
class UsageError : public InputError {
 public:
  using InputError::InputError;
};

inline constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kMaxEpisodes = 10'000'000;

/// Each add_… adds one option to `command`; its value is unchanged where the option is absent. `type_name` stands for
/// the value in the help. Reading throws UsageError, which names the option, the value given and the values allowed.
void add_text(CLI::App& command, const std::string& name, const std::string& type_name, std::string& value,
              const std::string& help);
void add_text(CLI::App& command, const std::string& name, const std::string& type_name,
              std::optional<std::string>& value, const std::string& help);
/// Repeatable.
void add_texts(CLI::App& command, const std::string& name, const std::string& type_name,
               std::vector<std::string>& values, const std::string& help);
/// One or more words behind the option; repeatable.
void add_words(CLI::App& command, const std::string& name, const std::string& type_name,
               std::vector<std::string>& values, const std::string& help);
/// key=value with the values of TOML; repeatable.
void add_settings(CLI::App& command, const std::string& name, Dict& values, const std::string& help);
void add_integer(CLI::App& command, const std::string& name, std::optional<std::int64_t>& value, std::int64_t low,
                 std::int64_t high, const std::string& help);
void add_number(CLI::App& command, const std::string& name, std::optional<double>& value, const std::string& help);
/// "--eval-every" for the field "eval_every".
std::string option_of(std::string_view field);
/// Adds the option of a field, whose value is stored in `values` under the field's name. Integers and numbers are read
/// as those of add_integer and add_number, within the field's range; a boolean is a flag that sets it to true, a list
/// is read as by add_words.
void add_field(CLI::App& command, const FieldInfo& field, Dict& values);
void add_flag(CLI::App& command, const std::string& name, bool& value, const std::string& help);

/// --max-episode-steps N.
void add_max_episode_steps(CLI::App& command, std::optional<std::int64_t>& value);

/// NAME or NAME:key=value,key=value (see parse_wrapper); repeatable. The one word `none` gives an empty list.
void add_wrappers(CLI::App& command, const std::string& name, std::optional<agents::Wrappers>& wrappers,
                  const std::string& help);

/// Reads "50000", or "5e4" if it is whole. Throws UsageError unless it is in [low, high].
std::int64_t parse_integer(std::string_view option, std::string_view text, std::int64_t low, std::int64_t high);
/// Throws UsageError unless it is a finite number.
double parse_number(std::string_view option, std::string_view text);

/// Reads "ResizeObservation:shape=[84,84]": commas within brackets or quotes belong to a value, and values are as those
/// of add_settings. Throws UsageError for any other form.
envs::WrapperSpec parse_wrapper(std::string_view option, std::string_view text);

/// Reads "0..4" or "3,5,8", in that order. Throws UsageError for any other form, more than 1000 seeds or one twice.
std::vector<std::uint64_t> parse_seeds(std::string_view text);

}  // namespace ludus::apps
