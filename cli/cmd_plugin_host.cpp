// SPDX-License-Identifier: MIT
// The program as the host of one shared library: started by itself, never by people.
#include "cli/command.hpp"
#include "core/plugin_host/plugin_server.hpp"

namespace souschef::cli {

Result<ExitCode> cmd_plugin_host(Invocation& invocation) {
  if (invocation.arguments().size() != 1)
    return Error(ErrorCode::usage, "this command is for the program itself").next_step("souschef help");
  SOUSCHEF_CHECK(core::serve_plugin(invocation.arguments().front()));
  return ExitCode::done;
}

}  // namespace souschef::cli
