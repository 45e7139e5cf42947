// SPDX-License-Identifier: MIT
#include "tests/support/temp_folder.hpp"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

namespace fs = std::filesystem;

namespace souschef::test {

namespace {

// In memory where there is plenty: durability is tested with a fake disk, and thousands of real syncs would make
// the tests wait for the machine's other work. TMPDIR decides if it is set.
fs::path base_folder() {
  constexpr std::uintmax_t kPlenty = 4ULL << 30;
  std::error_code failed;
  if (std::getenv("TMPDIR") == nullptr) {
    const fs::space_info space = fs::space("/dev/shm", failed);
    if (!failed && space.available >= kPlenty && ::access("/dev/shm", W_OK | X_OK) == 0) return "/dev/shm";
  }
  return fs::temp_directory_path();
}

}  // namespace

TempFolder::TempFolder() {
  std::string name = (base_folder() / "souschef-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a folder like " + name);
  path_ = fs::canonical(name);
}

TempFolder::~TempFolder() {
  std::error_code ignored;
  for (auto it =
           fs::recursive_directory_iterator(path_, fs::directory_options::skip_permission_denied, ignored);
       it != fs::recursive_directory_iterator(); it.increment(ignored)) {
    if (ignored) break;
    if (it->is_directory(ignored) && !it->is_symlink(ignored))
      fs::permissions(it->path(), fs::perms::owner_all, fs::perm_options::add, ignored);
  }
  fs::remove_all(path_, ignored);
}

fs::path TempFolder::write(const fs::path& name, std::string_view content) const {
  const fs::path target = path_ / name;
  fs::create_directories(target.parent_path());
  std::ofstream out(target, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + target.string());
  return target;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

}  // namespace souschef::test
