#include "envs/vector/vector_env_base.h"

namespace ludus::envs {
namespace {

// Returns an empty batch entry for n values like `sample`: an array for numbers, a Dict for dictionaries, else a list
// of nulls.
Value empty_batch(const Value& sample, std::size_t n) {
  const auto extent = static_cast<std::int64_t>(n);
  if (sample.is_bool()) return Array(DType::kBool, Shape{extent});
  if (sample.is_int()) return Array(DType::kInt64, Shape{extent});
  if (sample.is_double()) return Array(DType::kFloat64, Shape{extent});
  if (sample.is_array()) return Array(sample.as_array().dtype(), sample.as_array().shape().prepended(extent));
  if (sample.is_dict()) return Dict();
  return List(n);
}

}  // namespace

void rethrow_from_slot(std::size_t n, std::size_t slot, const std::exception_ptr& error) {
  const std::string where = n > 1 ? formatted("environment {}", slot) : "the environment";
  try {
    std::rethrow_exception(error);
  } catch (Error& known) {
    if (n > 1) known.prepend(where);
    throw;
  } catch (const std::exception& foreign) {
    throw WorkError(formatted("{} failed: {}", where, foreign.what()));
  } catch (...) {
    throw WorkError(formatted("{} failed: it threw an object that is not a std::exception", where));
  }
}

void place_info_row(Array& batch, std::size_t n, std::size_t i, const Array& row, const std::string& key) {
  const auto numbers = row.bytes();
  if (batch.dtype() != row.dtype() || batch.bytes().size() != n * numbers.size()) {
    throw TypeMismatch(formatted(
        "info \"{}\" must have one type and shape in all environments: that of environment {} is {}, the batch {}", key,
        i, Value(row).describe(), Value(batch).describe()));
  }
  std::copy(numbers.begin(), numbers.end(), batch.bytes().subspan(i * numbers.size()).begin());
}

void add_slot_info(Dict& batch, std::size_t n, std::size_t i, const Dict& info) {
  for (const auto& [key, value] : info) {
    if (!batch.contains(key)) batch[key] = empty_batch(value, n);
    Value& entry = batch[key];
    if (entry.is_dict() && value.is_dict()) {
      add_slot_info(entry.as_dict(), n, i, value.as_dict());
    } else if (entry.is_list()) {
      entry.as_list().at(i) = value;
    } else if (value.is_array()) {
      place_info_row(entry.as_array(), n, i, value.as_array(), key);
    } else {
      entry.as_array().set(i, value.is_bool() ? static_cast<double>(value.as_bool()) : value.as_double());
    }

    const std::string mask_key = "_" + key;
    if (!batch.contains(mask_key)) batch[mask_key] = Array(DType::kBool, Shape{static_cast<std::int64_t>(n)});
    batch[mask_key].as_array().data<bool>()[i] = true;
  }
}

}  // namespace ludus::envs
