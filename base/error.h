// Base classes of the exceptions that ludus throws.
//
// Every message is one sentence that states the invalid value, the allowed values and the remedy.
#pragma once

#include <stdexcept>
#include <string>

namespace ludus {

/// Base class of all ludus exceptions.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message), message_(message) {}

  const char* what() const noexcept override { return message_.c_str(); }

  /// Adds a location in front of the message, such as "environment 3: …". The exception type stays the same.
  void prepend(const std::string& where) { message_ = where + ": " + message_; }

 private:
  std::string message_;
};

/// The input is invalid: a name, a value or a file. The program exits with code 2.
class InputError : public Error {
 public:
  using Error::Error;
};

/// The input is valid but the operation failed: a full disk, a lost connection, a diverged training run. The program
/// exits with code 1.
class WorkError : public Error {
 public:
  using Error::Error;
};

/// An argument is outside the allowed range.
class InvalidArgument : public InputError {
 public:
  using InputError::InputError;
};

/// A value has an unexpected type, shape or member.
class TypeMismatch : public InputError {
 public:
  using InputError::InputError;
};

/// A file is missing, unreadable, truncated or not in the expected format.
class FileError : public InputError {
 public:
  using InputError::InputError;
};

}  // namespace ludus
