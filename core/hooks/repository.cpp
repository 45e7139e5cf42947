// SPDX-License-Identifier: MIT
#include "core/hooks/repository.hpp"

#include "core/hooks/git_repository.hpp"
#include "core/hooks/hg_repository.hpp"

namespace fs = std::filesystem;

namespace souschef::core {

Result<std::unique_ptr<Repository>> Repository::find(const fs::path& folder, std::string_view system) {
  std::error_code code;
  fs::path at = fs::canonical(folder, code);
  if (code) return Error(ErrorCode::not_found, "there is no folder " + folder.string(), code.message());
  while (true) {
    if (system != "hg" && fs::exists(at / ".git", code)) return GitRepository::open(at);
    if (system != "git" && fs::is_directory(at / ".hg", code)) return HgRepository::open(at);
    if (at == at.root_path()) return std::unique_ptr<Repository>();
    at = at.parent_path();
  }
}

Result<std::string> Repository::link_target(const std::string& id, const FileAt& link) {
  std::string target;
  bool whole = false;
  FileSink sink;
  sink.piece = [&](std::size_t, std::span<const std::byte> piece) -> Status {
    if (target.size() + piece.size() > 4096) return Error(ErrorCode::bad_input, "a link that is too long");
    target.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
  sink.end = [&](std::size_t) -> Status {
    whole = true;
    return {};
  };
  SOUSCHEF_CHECK(read(id, {link}, sink));
  if (!whole) return Error(ErrorCode::not_found, "cannot read the link " + link.path);
  return target;
}

}  // namespace souschef::core
