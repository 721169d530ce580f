// Options of the command line that several commands have, and how their values are read.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agents/runner/run_wrappers.h"
#include "base/value.h"

namespace CLI {
class App;
}

namespace ludus::apps {

// The command line is wrong.
class UsageError : public InputError {
 public:
  using InputError::InputError;
};

inline constexpr std::int64_t kMaxInteger = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t kMaxEpisodes = 10'000'000;

// Each adds one option to `command`; its value is left alone where the option is not given. `what` names the value in
// the help. Reading throws UsageError, which names the option, what was given and what is allowed.
void add_text(CLI::App& command, const std::string& name, const std::string& what, std::string& value,
              const std::string& help);
void add_text(CLI::App& command, const std::string& name, const std::string& what, std::optional<std::string>& value,
              const std::string& help);
// may be given again and again
void add_texts(CLI::App& command, const std::string& name, const std::string& what, std::vector<std::string>& values,
               const std::string& help);
// key=value, again and again; values as TOML has them
void add_settings(CLI::App& command, const std::string& name, Dict& values, const std::string& help);
void add_integer(CLI::App& command, const std::string& name, std::optional<std::int64_t>& value, std::int64_t low,
                 std::int64_t high, const std::string& help);
void add_number(CLI::App& command, const std::string& name, std::optional<double>& value, const std::string& help);
void add_flag(CLI::App& command, const std::string& name, bool& value, const std::string& help);

// NAME or NAME:key=value,key=value, again and again; see parse_wrapper. Left alone where the option is not given; no
// wrappers at all for the one word `none`.
void add_wrappers(CLI::App& command, const std::string& name, std::optional<agents::Wrappers>& wrappers,
                  const std::string& help);

// "50000", or "5e4" where it is whole. Throws UsageError unless it lies in [low, high].
std::int64_t parse_integer(std::string_view option, std::string_view text, std::int64_t low, std::int64_t high);
// Throws UsageError unless it is a finite number.
double parse_number(std::string_view option, std::string_view text);

// "ResizeObservation:shape=[84,84]": commas within brackets or quotes belong to a value, and values are as those of
// add_settings. Throws UsageError if it is not of that form.
envs::WrapperSpec parse_wrapper(std::string_view option, std::string_view text);

// "0..4" or "3,5,8", in the order given; throws UsageError for anything else, more than 1000 or one twice.
std::vector<std::uint64_t> parse_seeds(std::string_view text);

}  // namespace ludus::apps
