#include "apps/model_runs.h"

#include "apps/console.h"
#include "apps/table.h"
#include "base/format.h"

namespace ludus::apps {

namespace fs = std::filesystem;

std::string absolute_data_file(const std::string& word) {
  const auto absolute = [](const std::string& path) { return fs::absolute(path).lexically_normal().string(); };
  if (fs::exists(word)) return absolute(word);
  if (word.find_first_not_of("0123456789.e-+") == std::string::npos) return word;
  const std::size_t equals = word.find('=');
  if (equals == std::string::npos || word.find('/') < equals) return absolute(word);
  return word.substr(0, equals + 1) + absolute(word.substr(equals + 1));
}

nn::FitRunOptions model_run_options(const fs::path& folder) {
  return {.folder = folder,
          .interrupted = interrupted,
          .on_ready = [](const std::string& line) { print_status(line); },
          .warn = [](const std::string& line) { print_status("warning: " + line); },
          .terminal = stderr_is_terminal(),
          .write = [](const std::string& text) { write_stderr(text); }};
}

std::string metrics_text(const runs::Metrics& metrics) {
  std::string text;
  for (const auto& [tag, value] : metrics) text += formatted("{}{} {}", text.empty() ? "" : ", ", tag, fixed(value, 4));
  return text;
}

}  // namespace ludus::apps
