// SPDX-License-Identifier: MIT
#include "cli/invocation.hpp"

#include <cstdlib>

#include "core/base/log.hpp"
#include "core/base/version.hpp"
#include "core/production/production.hpp"

namespace fs = std::filesystem;

namespace souschef::cli {

Invocation::Invocation(Terminal& terminal, std::string_view verb, std::vector<std::string> arguments)
    : terminal_(terminal), verb_(verb), arguments_(std::move(arguments)) {}

Invocation::~Invocation() = default;

Status Invocation::apply(const GlobalOptions& global) {
  global_ = global;
  terminal_.set_json(global.json);
  terminal_.set_quiet(global.quiet);
  terminal_.set_verbose(global.verbose);
  terminal_.set_color(global.color);
  const char* level = std::getenv("SOUSCHEF_LOG");
  std::string wanted = level == nullptr ? "" : level;
  if (wanted.empty() && !global_.log_file.empty()) wanted = "debug";
  SOUSCHEF_CHECK(core::log::start({wanted, global_.log_file, global_.trace_file}));
  std::string words;
  for (const std::string& word : arguments_) words += (words.empty() ? "" : " ") + word;
  core::log::debug("cli", verb_, {{"version", std::string(core::product_version())}, {"words", words}});
  return {};
}

fs::path Invocation::folder() const {
  std::error_code code;
  const fs::path here = fs::current_path(code);
  return global_.folder.empty() ? here : (here / global_.folder).lexically_normal();
}

fs::path Invocation::absolute(std::string_view name) const {
  fs::path path = (folder() / name).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

Result<core::Production*> Invocation::production() {
  if (production_ == nullptr) {
    core::OpenFlags flags;
    flags.config = global_.config;
    flags.rehash = rehash_;
    SOUSCHEF_TRY(production_, core::Production::open(folder(), flags));
  }
  return production_.get();
}

Result<core::Production*> Invocation::production_or_lone(std::string_view name) {
  const fs::path file = absolute(name);
  if (production_ == nullptr && core::Production::find_root(file.parent_path()).empty()) {
    SOUSCHEF_TRY(production_, core::Production::lone(file.parent_path()));
    return production_.get();
  }
  return production();
}

}  // namespace souschef::cli
