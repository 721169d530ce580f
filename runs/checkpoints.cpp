#include "runs/checkpoints.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

#include "base/checkpoint.h"
#include "base/format.h"
#include "runs/run_folder.h"
#include "runs/training.h"

namespace ludus::runs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStepPrefix = "step_";
constexpr std::string_view kStepSuffix = ".safetensors";

// Returns the steps in a checkpoint's file name, or nothing for another file.
std::optional<std::int64_t> step_of(const fs::path& file) {
  const std::string name = file.filename().string();
  if (!name.starts_with(kStepPrefix) || !name.ends_with(kStepSuffix)) return {};
  const char* first = name.data() + kStepPrefix.size();
  const char* last = name.data() + name.size() - kStepSuffix.size();
  std::int64_t step = 0;
  const auto [end, error] = std::from_chars(first, last, step);
  if (error != std::errc{} || end != last) return {};
  return step;
}

}  // namespace

fs::path best_model_path(const fs::path& run) {
  return run / "best.safetensors";
}

fs::path checkpoint_path(const fs::path& run, std::int64_t step) {
  return checkpoints_folder(run) / formatted("{}{:012}{}", kStepPrefix, step, kStepSuffix);
}

std::vector<fs::path> checkpoints_in(const fs::path& run) {
  std::vector<std::pair<std::int64_t, fs::path>> by_step;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(checkpoints_folder(run), ignored)) {
    if (const auto step = step_of(entry.path())) by_step.emplace_back(*step, entry.path());
  }
  std::sort(by_step.begin(), by_step.end());
  std::vector<fs::path> files;
  for (auto& [step, file] : by_step) files.push_back(std::move(file));
  return files;
}

fs::path newest_checkpoint(const fs::path& run) {
  std::vector<fs::path> files = checkpoints_in(run);
  if (files.empty()) {
    throw RunFolderError(formatted("{}: holds no checkpoint (checkpoints/step_*.safetensors)", run.string()));
  }
  return std::move(files.back());
}

void resume_from_newest(const fs::path& run, const std::function<void(const fs::path&)>& load,
                        const std::function<void()>& accept_missing_rows,
                        const std::function<void(const std::string&)>& warn) {
  std::vector<fs::path> files = checkpoints_in(run);
  if (files.empty()) newest_checkpoint(run);  // throws
  std::reverse(files.begin(), files.end());
  std::exception_ptr fault;  // of the newest
  std::string sentence;
  for (const bool missing_rows : {false, true}) {
    for (const fs::path& file : files) {
      try {
        if (missing_rows) accept_missing_rows();
        load(file);
        if (!fault || !warn) return;
        warn(missing_rows ? formatted("{}; resuming from {} without the missing rows", sentence, file.string())
                          : formatted("{}; resuming from {}, the one before", sentence, file.string()));
        return;
      } catch (const CorruptCheckpoint& error) {
        if (!fault) fault = std::current_exception(), sentence = error.what();
      } catch (const FileError& error) {
        if (!fault) fault = std::current_exception(), sentence = error.what();
      }
    }
  }
  std::rethrow_exception(fault);
}

Checkpoints::Checkpoints(fs::path run, std::int64_t every, std::int64_t keep, std::int64_t seconds)
    : run_(std::move(run)),
      every_(every),
      keep_(static_cast<std::size_t>(std::max<std::int64_t>(keep, 1))),
      seconds_(static_cast<double>(seconds)) {}

void Checkpoints::on_start(Training& training) {
  last_time_ = training.seconds();
  if (every_ > 0 && checkpoints_in(run_).empty()) write(training);
}

void Checkpoints::on_step(Training& training) {
  if (every_ <= 0) return;
  const bool time_is_up = seconds_ > 0 && training.seconds() - last_time_ >= seconds_;
  if (time_is_up || training.progress().is_due(every_)) write(training);
}

void Checkpoints::on_end(Training& training) {
  write(training);
}

void Checkpoints::write(Training& training) {
  const fs::path written = checkpoint_path(run_, training.progress().step);
  training.save(written);
  last_time_ = training.seconds();

  // a file of a later step is not from this training, and must not displace its checkpoints
  const std::vector<fs::path> files = checkpoints_in(run_);
  const auto end = std::ranges::find(files, written);
  const auto older = static_cast<std::size_t>(std::distance(files.begin(), end)) + 1;
  std::error_code ignored;
  for (std::size_t i = 0; i + keep_ < older; ++i) fs::remove(files[i], ignored);
}

}  // namespace ludus::runs
