// SPDX-License-Identifier: MIT
#include "core/base/log.hpp"

#include <memory>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <souschef/file_name.hpp>

#include "store/scoped_timer.hpp"

namespace souschef::core::log {

namespace {

std::shared_ptr<spdlog::logger>& logger() {
  static std::shared_ptr<spdlog::logger> one;
  return one;
}

std::filesystem::path& times_file() {
  static std::filesystem::path file;
  return file;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

Result<spdlog::level::level_enum> level_named(const std::string& name) {
  if (name.empty() || name == "warning") return spdlog::level::warn;
  if (name == "debug") return spdlog::level::debug;
  if (name == "info") return spdlog::level::info;
  if (name == "error") return spdlog::level::err;
  if (name == "off") return spdlog::level::off;
  return Error(ErrorCode::usage, "no such level of the log: " + name)
      .next_step("SOUSCHEF_LOG=debug, or info, warning, error, off");
}

// As a value of a field: quoted where it would run into the next one.
std::string value_text(const std::string& value) {
  const std::string shown = escape_name(value);
  if (!shown.empty() && shown.find_first_of(" =\"") == std::string::npos) return shown;
  std::string quoted = "\"";
  for (const char c : shown) {
    if (c == '"') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace

Status start(const Options& options) {
  times_file() = options.times;
  if (!options.times.empty()) store::TimeRecord::start();
  SOUSCHEF_TRY(const spdlog::level::level_enum level, level_named(options.level));
  try {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (options.file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file.string());
    auto made = std::make_shared<spdlog::logger>("souschef", std::move(sink));
    made->set_level(level);
    made->flush_on(spdlog::level::debug);  // what a crash would take is what is looked for
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    logger() = std::move(made);
  } catch (const spdlog::spdlog_ex& failed) {
    return Error(ErrorCode::io, "cannot write the log " + escape_name(options.file.string()), failed.what());
  }
  return {};
}

Status finish() {
  return times_file().empty() ? Status() : store::TimeRecord::write(times_file());
}

bool wants(LogLevel level) {
  return logger() != nullptr && logger()->should_log(level_of(level));
}

void write(LogLevel level, std::string_view part, std::string_view what, Fields fields) {
  if (!wants(level)) return;
  std::string line = std::string(part) + ": " + escape_name(std::string(what));
  for (const auto& [name, value] : fields) line += " " + std::string(name) + "=" + value_text(value);
  logger()->log(level_of(level), "{}", line);
}

}  // namespace souschef::core::log
