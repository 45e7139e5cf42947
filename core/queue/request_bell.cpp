// SPDX-License-Identifier: MIT
#include "core/queue/request_bell.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace souschef::core {

RequestBell::RequestBell(EventLoop& loop, const std::filesystem::path& folder, std::function<void()> ring)
    : loop_(loop), inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) return;
  if (::inotify_add_watch(inotify_.get(), folder.c_str(), IN_CREATE | IN_MOVED_TO) < 0) return;
  loop_.watch(inotify_.get(), EventLoop::Ready::readable, [this, ring = std::move(ring)] {
    std::array<char, 4096> events;  // which ones does not matter
    while (::read(inotify_.get(), events.data(), events.size()) > 0) {
    }
    ring();
  });
}

RequestBell::~RequestBell() {
  if (inotify_) loop_.unwatch(inotify_.get());
}

}  // namespace souschef::core
