// SPDX-License-Identifier: MIT
#include "store/kernel_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "store/descriptor.hpp"

namespace souschef::store {

std::string read_kernel_file(const std::filesystem::path& file) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!descriptor) return text;
  std::array<char, 4096> buffer;
  for (;;) {
    const ssize_t count = ::read(descriptor.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;  // also where the process it tells of has ended meanwhile
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::string first_kernel_line(const std::filesystem::path& file) {
  std::string text = read_kernel_file(file);
  text.resize(std::min(text.find('\n'), text.size()));
  return text;
}

}  // namespace souschef::store
