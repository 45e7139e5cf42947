// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <souschef/result.hpp>

#include "core/base/process.hpp"

namespace souschef::core {

struct RunLimits {
  std::chrono::milliseconds time = std::chrono::minutes(1);  // in all
  std::chrono::milliseconds silence{0};                      // without a byte of output; 0: no limit
  std::size_t output = std::size_t{16} << 20;  // bytes kept of output and of errors, the first ones
};

struct RunResult {
  ProcessEnd end;
  std::string output, errors;
};

// Called with what the program prints, in pieces as they come.
using PieceFunction = std::function<void(std::string_view)>;

struct RunOptions {
  RunLimits limits;
  std::string input;  // given to the program, then its input is closed
  PieceFunction on_output, on_errors;
  std::function<bool()> cancelled;  // asked some times a second
};

// Runs a program to its end and keeps what it printed. `process.output` and `process.errors` are piped,
// whatever they say, except Stream::output for errors. A program that does not succeed is not an error here:
// see RunResult::end. Errors: those of Process::start; timed_out, cancelled (the program has been ended).
Result<RunResult> run_program(ProcessOptions process, const RunOptions& options = {});

}  // namespace souschef::core
