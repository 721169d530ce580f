#include "nn/data/csv_source.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "base/format.h"
#include "nn/data/steps.h"
#include "nn/io/csv.h"

namespace ludus::data {
namespace {

using Kind = CsvField::Kind;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string shown(std::string_view text) {
  return formatted("\"{}\"{}", text.substr(0, 40), text.size() > 40 ? "…" : "");
}

// Writes a number as element i of `array`. Throws FileError if it is none, or none of this dtype.
void set_number(Array& array, std::size_t i, std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  dispatch(array.dtype(), [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_same_v<T, bool>) {
      const bool yes = text == "1" || text == "true" || text == "True" || text == "TRUE";
      const bool no = text == "0" || text == "false" || text == "False" || text == "FALSE";
      if (!yes && !no) throw FileError(formatted("{} is not a truth value (0, 1, true, false)", shown(text)));
      array.data<bool>()[i] = yes;
    } else {
      T number{};
      auto result = std::from_chars(text.data(), end, number);
      if constexpr (std::is_integral_v<T>) {
        // 3.0 and 1e3 are whole numbers too
        double real = 0;
        if (result.ec != std::errc() || result.ptr != end) {
          result = std::from_chars(text.data(), end, real);
          // 2^digits and above do not fit; for unsigned types nor does anything negative
          const double limit = std::ldexp(1.0, std::numeric_limits<T>::digits);
          if (result.ec == std::errc() &&
              (real != std::floor(real) || real >= limit || real < (std::is_signed_v<T> ? -limit : 0.0)))
            result.ec = std::errc::result_out_of_range;
          if (result.ec == std::errc()) number = static_cast<T>(real);
        }
      }
      if (text.empty() || result.ec != std::errc() || result.ptr != end) {
        throw FileError(formatted("{} is not a number of the dtype {}", shown(text), name_of(array.dtype())));
      }
      array.data<T>()[i] = number;
    }
  });
}

// "[1, 0, 1]", "(1; 0)" or "1 0 1"
Array parse_list(std::string_view text, DType dtype) {
  text = trimmed(text);
  for (const std::string_view brackets : {"[]", "()", "{}"}) {
    if (!text.starts_with(brackets[0])) continue;
    if (!text.ends_with(brackets[1]) || text.size() < 2)
      throw FileError(formatted("the list {} is not closed", shown(text)));
    text = trimmed(text.substr(1, text.size() - 2));
    break;
  }
  std::vector<std::string_view> items;
  const std::string_view separators = text.find(',') != std::string_view::npos   ? ","
                                      : text.find(';') != std::string_view::npos ? ";"
                                                                                 : " \t\r\n";
  const bool spaces = separators.front() == ' ';
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    const std::string_view item = trimmed(text.substr(0, end));
    if (!spaces || !item.empty()) items.push_back(item);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  Array list(dtype, Shape{static_cast<std::int64_t>(items.size())});
  for (std::size_t i = 0; i < items.size(); ++i) set_number(list, i, items[i]);
  return list;
}

// Makes examples of rows, by the columns of one file.
class RowConverter {
 public:
  RowConverter(const CsvOptions& options, const io::CsvReader& reader) : options_(options), fields_(options.fields) {
    if (fields_.empty()) {
      for (const std::string& column : reader.columns()) fields_.push_back({.name = column, .kind = Kind::kText});
    }
    for (const CsvField& field : fields_) {
      std::vector<std::size_t>& indices = columns_.emplace_back();
      if (field.columns.empty()) indices.push_back(reader.column(field.name));
      for (const std::string& column : field.columns) indices.push_back(reader.column(column));
    }
    columns_of_file_ = reader.columns();
  }

  Example operator()(const io::CsvRow& row) const {
    Example example;
    for (std::size_t i = 0; i < fields_.size(); ++i) example[fields_[i].name] = value_of(fields_[i], columns_[i], row);
    return example;
  }

 private:
  bool is_missing(const io::CsvCell& cell) const {
    if (cell.quoted) return false;
    const std::string_view text = trimmed(cell.text);
    const std::vector<std::string>& values = options_.missing_values;
    return text.empty() || std::find(values.begin(), values.end(), text) != values.end();
  }

  Value value_of(const CsvField& field, const std::vector<std::size_t>& columns, const io::CsvRow& row) const {
    if (field.kind == Kind::kText) return row.cells[columns.front()].text;
    if (field.kind == Kind::kList) {
      const io::CsvCell& cell = row.cells[columns.front()];
      return naming(columns.front(),
                    [&] { return parse_list(is_missing(cell) ? std::string_view() : cell.text, field.dtype); });
    }
    Array numbers(field.dtype, field.columns.size() > 1 ? Shape{static_cast<std::int64_t>(columns.size())} : Shape{});
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const io::CsvCell& cell = row.cells[columns[i]];
      naming(columns[i], [&] {
        if (!is_missing(cell)) {
          set_number(numbers, i, trimmed(cell.text));
        } else if (field.missing || is_floating(field.dtype)) {
          numbers.set(i, field.missing.value_or(std::numeric_limits<double>::quiet_NaN()));
        } else {
          throw FileError(formatted("the number is missing; set CsvField::missing of \"{}\"", field.name));
        }
      });
    }
    return numbers;
  }

  // Adds the column to an error.
  template <class Convert>
  std::invoke_result_t<Convert&> naming(std::size_t column, Convert&& convert) const {
    try {
      return convert();
    } catch (Error& error) {
      error.prepend(formatted("column \"{}\"", columns_of_file_[column]));
      throw;
    }
  }

  const CsvOptions& options_;
  std::vector<CsvField> fields_;
  std::vector<std::vector<std::size_t>> columns_;  // of every field
  std::vector<std::string> columns_of_file_;
};

class CsvStage final : public Stage {
 public:
  CsvStage(const std::filesystem::path& path, const CsvOptions& options)
      : reader_(path, {.delimiter = options.delimiter, .header = options.header}),
        convert_(options, reader_),
        broken_(options.broken),
        file_(std::make_shared<const std::string>(path.string())) {}

  bool next(Example& example) override { return advance(&example); }

  std::uint64_t skip(std::uint64_t count) override {
    // which rows are left out only their conversion tells
    const bool convert = broken_.action == BrokenRecords::Action::kSkip;
    Example ignored;
    std::uint64_t skipped = 0;
    while (skipped < count && advance(convert ? &ignored : nullptr)) ++skipped;
    return skipped;
  }

 private:
  // Reads up to the next row that is not broken, and converts it if `example` is not null.
  bool advance(Example* example) {
    while (true) {
      try {
        if (!reader_.next(row_)) return false;
      } catch (const io::CsvError& error) {
        rethrow_or_report(broken_, error);
        continue;
      }
      if (!example) return true;
      const Origin origin{.file = file_, .number = row_.line, .unit = Origin::Unit::kLine};
      try {
        *example = convert_(row_);
      } catch (FileError& error) {
        error.prepend(origin.text());
        rethrow_or_report(broken_, error);
        continue;
      }
      example->origin = origin;
      return true;
    }
  }

  io::CsvReader reader_;
  RowConverter convert_;
  const BrokenRecords& broken_;
  std::shared_ptr<const std::string> file_;
  io::CsvRow row_;
};

class CsvNode final : public Node {
 public:
  CsvNode(std::filesystem::path path, std::shared_ptr<const CsvOptions> options)
      : path_(std::move(path)), options_(std::move(options)) {
    CsvStage(path_, *options_);  // complain about the file and its columns now
  }
  StagePtr open(const Pass&) const override { return std::make_unique<CsvStage>(path_, *options_); }
  std::string order() const override {
    return options_->broken.action == BrokenRecords::Action::kSkip ? "csv skipping broken" : "csv";
  }
  std::string key() const override {
    std::string text = formatted("csv({}, delimiter {}, header {}, missing", file_key(path_.string()),
                                 options_->delimiter, options_->header);
    for (const std::string& value : options_->missing_values) text += formatted(" \"{}\"", value);
    for (const CsvField& field : options_->fields) {
      text += formatted(", {} {} {}", field.name, static_cast<int>(field.kind), name_of(field.dtype));
      for (const std::string& column : field.columns) text += formatted(" \"{}\"", column);
      if (field.missing) text += formatted(" missing {}", *field.missing);
    }
    return text + (options_->broken.action == BrokenRecords::Action::kSkip ? ", skipping broken)" : ")");
  }
  std::string varies() const override { return {}; }

 private:
  std::filesystem::path path_;
  std::shared_ptr<const CsvOptions> options_;
};

}  // namespace

Dataset from_csv(const std::vector<std::filesystem::path>& paths, CsvOptions options) {
  for (const CsvField& field : options.fields) {
    if (field.kind == Kind::kNumber || field.columns.size() <= 1) continue;
    throw InvalidArgument(formatted("from_csv: field \"{}\" is a list or a text and has one column, got {}", field.name,
                                    field.columns.size()));
  }
  const auto shared = std::make_shared<const CsvOptions>(std::move(options));
  std::vector<Dataset> datasets;
  for (const std::filesystem::path& path : paths) datasets.emplace_back(std::make_shared<CsvNode>(path, shared));
  return concatenate(datasets);
}

Dataset from_csv(const std::filesystem::path& path, CsvOptions options) {
  return from_csv(std::vector{path}, std::move(options));
}

}  // namespace ludus::data
