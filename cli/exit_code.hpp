// SPDX-License-Identifier: MIT
#pragma once

#include <souschef/error.hpp>

namespace souschef::cli {

// What the shell sees; documented in docs/user-guide.md. Scripts rely on these numbers.
enum class ExitCode : int {
  done = 0,
  failed = 1,
  usage = 2,
  partly = 3,     // frames failed, files missing
  not_found = 4,  // no such order, job, target or file
  no_production = 10,
  locked = 11,
  corrupt = 12,
  interrupted = 130
};

constexpr ExitCode exit_code_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage:
      return ExitCode::usage;
    case ErrorCode::missing:
      return ExitCode::partly;
    case ErrorCode::not_found:
      return ExitCode::not_found;
    case ErrorCode::no_production:
      return ExitCode::no_production;
    case ErrorCode::locked:
      return ExitCode::locked;
    case ErrorCode::corrupt:
      return ExitCode::corrupt;
    case ErrorCode::cancelled:
      return ExitCode::interrupted;
    default:
      return ExitCode::failed;
  }
}

}  // namespace souschef::cli
