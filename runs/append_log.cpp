#include "runs/append_log.h"

#include <limits>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/format.h"

namespace ludus::runs {

AppendLog::AppendLog(std::filesystem::path path, std::string_view header, Measure measure)
    : path_(std::move(path)), measure_(std::move(measure)) {
  const std::string text = std::filesystem::exists(path_) ? read_text(path_) : std::string();
  const Extent whole = text.empty() ? Extent{} : measure_(text, std::numeric_limits<std::int64_t>::max());
  rows_ = whole.rows;
  if (whole.bytes == 0) {
    write_atomically(path_, header);
  } else if (whole.bytes < text.size()) {
    write_atomically(path_, std::string_view(text).substr(0, whole.bytes));
  }
}

void AppendLog::append_bytes(std::string_view row) {
  pending_.append(row);
  ++rows_;
}

void AppendLog::flush() {
  if (pending_.empty()) return;
  append_to_file(path_, pending_);
  pending_.clear();
  synced_ = false;
}

void AppendLog::sync() {
  flush();
  if (synced_) return;
  sync_file(path_);
  synced_ = true;
}

void AppendLog::require_rows(std::int64_t rows) const {
  if (rows_ >= rows || accepts_missing_rows_) return;
  throw FileError(formatted("{}: must have the {} rows that the checkpoint counted, has {}; it was changed since",
                            path_.string(), rows, rows_));
}

void AppendLog::truncate_to(std::int64_t rows) {
  flush();
  const std::string text = read_text(path_);
  const Extent kept = measure_(text, rows);
  rows_ = kept.rows;
  require_rows(rows);
  write_atomically(path_, std::string_view(text).substr(0, kept.bytes));
  synced_ = true;
}

}  // namespace ludus::runs
