// SPDX-License-Identifier: MIT
#include "tests/support/blender.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace fs = std::filesystem;

namespace souschef::test {

std::string blender_program() {
  const char* path = std::getenv("PATH");
  const std::string folders = path != nullptr ? path : "";
  for (std::size_t at = 0; at < folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    const std::string candidate = folders.substr(at, end - at) + "/blender";
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    at = end + 1;
  }
  return {};
}

fs::path blender_scenes() {
  const fs::path folder = fs::path(SOUSCHEF_BINARY_FOLDER) / "test-scenes" / "prod";
  fs::create_directories(folder);
  // Several tests run at once, each in a process of its own: one makes the scenes, the others wait.
  const int lock = ::open((folder.parent_path() / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock < 0 || ::flock(lock, LOCK_EX) != 0) throw std::runtime_error("cannot lock " + folder.string());
  const fs::path script = fs::path(SOUSCHEF_SOURCE_FOLDER) / "tests/data/blender/make_scenes.py";
  const fs::path complete = folder / "complete";
  if (!fs::exists(complete) || fs::last_write_time(complete) < fs::last_write_time(script)) {
    const std::string command =
        "'" + blender_program() + "' -b --factory-startup --python-exit-code 3 --python '" + script.string() +
        "' -- '" + folder.string() + "' >'" + (folder.parent_path() / "log").string() + "' 2>&1";
    if (std::system(command.c_str()) != 0) throw std::runtime_error("cannot make the scenes: " + command);
  }
  ::close(lock);
  return folder;
}

std::string pixels_of(const fs::path& image) {
  const std::string command =
      "ffmpeg -v error -i '" + image.string() + "' -f rawvideo -pix_fmt rgba64le - 2>/dev/null";
  std::string bytes;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  char piece[4096];
  for (std::size_t got = 0; (got = std::fread(piece, 1, sizeof piece, pipe)) > 0;) bytes.append(piece, got);
  return ::pclose(pipe) == 0 ? bytes : std::string();
}

}  // namespace souschef::test
