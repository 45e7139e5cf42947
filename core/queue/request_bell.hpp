// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>

#include "core/base/event_loop.hpp"
#include "core/base/file_descriptor.hpp"

namespace souschef::core {

// Rings when something new lies in a folder. Only a help: where the system cannot tell (another machine put
// it there) it stays silent, and whoever waits looks by himself now and then. On the loop's thread.
class RequestBell {
 public:
  RequestBell(EventLoop& loop, const std::filesystem::path& folder, std::function<void()> ring);
  ~RequestBell();
  RequestBell(const RequestBell&) = delete;
  RequestBell& operator=(const RequestBell&) = delete;

 private:
  EventLoop& loop_;
  FileDescriptor inotify_;
};

}  // namespace souschef::core
