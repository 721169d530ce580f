// The family of errors that a user of ludus can meet.
//
// Every message is one clear sentence: what was given, what is allowed, and what to do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace ludus {

// The root of the family.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message), message_(message) {}

  const char* what() const noexcept override { return message_.c_str(); }

  // Says in front of the message where it happened, as the caller that knows it adds: "environment 3: …". The kind of
  // the error stays what it is.
  void prepend(const std::string& where) { message_ = where + ": " + message_; }

 private:
  std::string message_;
};

// What was given is wrong: a name, a value, a file. The program answers with exit code 2.
class InputError : public Error {
 public:
  using Error::Error;
};

// The input was right and the work failed all the same: a full disk, a lost network, a diverged
// training. The program answers with exit code 1.
class WorkError : public Error {
 public:
  using Error::Error;
};

// An argument lies outside what a function allows.
class InvalidArgument : public InputError {
 public:
  using InputError::InputError;
};

// A value has another type, shape or member than the reader asked for.
class TypeMismatch : public InputError {
 public:
  using InputError::InputError;
};

// A file is missing, unreadable, truncated or not of the format it claims to be.
class FileError : public InputError {
 public:
  using InputError::InputError;
};

}  // namespace ludus
